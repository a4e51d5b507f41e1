"""Two runs beside each other. One real run of the fake backend is made; its samples are then set by hand, so that nothing depends on time."""

import copy
import json

import pytest

from compared import FAST, SLOW, changed, comparison, printed_by, run, write  # noqa: F401: run is a fixture
from conftest import Shell, assert_one_error


def test_same_speed_is_a_tie(shell: Shell, run: dict) -> None:
    write(shell, a=run, b=changed(run))
    done = shell.run("compare", "a.json", "b.json", "--fail-above", "3%")
    assert (done.returncode, done.stderr) == (0, "")
    assert "no change beyond noise and ±1 %: 2 tied" in done.stdout
    assert "What changed" not in done.stdout


def test_slower_cell_is_found_and_the_other_is_left_alone(shell: Shell, run: dict) -> None:
    write(shell, a=run, b=changed(run, 1.2))
    done = shell.run("compare", "a.json", "b.json", "--json", "c.json", "--markdown", "c.md")
    assert done.returncode == 0, done.stderr
    assert "fake fp32 (latency-us=2000) at batch 1 is 20.0 % slower; 1 tied" in done.stdout
    cells = comparison(shell, "a.json", "b.json")
    assert (cells[FAST]["change"], cells[SLOW]["change"]) == ("tied", "slower")
    assert cells[SLOW]["ratio"] == pytest.approx(1.2, rel=1e-3)
    assert cells[SLOW]["basis"] == "launches"
    assert cells[SLOW]["ratio_corrected"][0] > 1.15
    assert "20.0 % slower" in (shell.folder / "c.md").read_text(encoding="utf-8")


def test_faster_cell_is_found(shell: Shell, run: dict) -> None:
    write(shell, a=run, b=changed(run, 0.8))
    assert comparison(shell, "a.json", "b.json")[SLOW]["change"] == "faster"


@pytest.mark.parametrize(("limit", "status"), [("3%", 1), ("19%", 1), ("21%", 0), ("0%", 1)])
def test_fail_above_is_a_limit(shell: Shell, run: dict, limit: str, status: int) -> None:
    write(shell, a=run, b=changed(run, 1.2))
    done = shell.run("compare", "a.json", "b.json", "--fail-above", limit)
    assert done.returncode == status
    assert ("is 20.0 % slower, over --fail-above" in done.stderr) == bool(status)


def test_difference_that_noise_covers_does_not_fail(shell: Shell, run: dict) -> None:
    noisy = changed(run, 1.05)
    for cell in noisy["cells"]:
        for number, block in enumerate(cell["blocks"]):
            block["samples_ns"] = [round(sample * (0.7 if block["launch"] % 2 else 1.3)) for sample in block["samples_ns"]]
    write(shell, a=run, b=noisy)
    assert shell.run("compare", "a.json", "b.json", "--fail-above", "3%", "--allow-undecided").returncode == 0


def test_one_launch_is_said_to_be_weak_evidence(shell: Shell, run: dict) -> None:
    write(shell, a=changed(run, launches=1), b=changed(run, launches=1))
    assert comparison(shell, "a.json", "b.json")[FAST]["basis"] == "rounds"
    assert "one launch" in shell.run("compare", "a.json", "b.json").stdout


def test_several_runs_on_each_side_are_the_units(shell: Shell, run: dict) -> None:
    write(shell, a1=changed(run, 1.0), a2=changed(run, 1.002), b1=changed(run, 1.2), b2=changed(run, 1.203), b3=changed(run, 1.201))
    cell = comparison(shell, "a1.json,a2.json", "b1.json,b2.json,b3.json")[SLOW]
    assert (cell["basis"], cell["units_before"], cell["units_after"], cell["change"]) == ("runs", 2, 3, "slower")


def test_runs_that_differ_among_themselves_hide_a_change_that_one_pair_would_show(shell: Shell, run: dict) -> None:
    write(shell, a1=changed(run, 1.0), a2=changed(run, 1.2), b1=changed(run, 1.1), b2=changed(run, 1.3))
    assert comparison(shell, "a1.json", "b1.json")[SLOW]["change"] == "slower"
    assert comparison(shell, "a1.json,a2.json", "b1.json,b2.json")[SLOW]["change"] == "tied"


def test_cell_that_breaks_now_fails_without_any_limit(shell: Shell, run: dict) -> None:
    broken = changed(run)
    broken["cells"][1] |= {"status": "failed", "reason": "it crashed", "blocks": []}
    write(shell, a=run, b=broken)
    done = shell.run("compare", "a.json", "b.json")
    assert done.returncode == 1
    assert "broken now" in done.stdout and "failed after: it crashed" in done.stdout
    assert "does not run any more" in done.stderr
    assert shell.run("compare", "b.json", "a.json").returncode == 0, "it runs again"


def test_cell_that_is_missing_now_is_no_pass_unless_allowed(shell: Shell, run: dict) -> None:
    fewer = changed(run)
    del fewer["cells"][1]
    write(shell, a=run, b=fewer)
    for flags in ([], ["--fail-above", "3%"]):
        done = shell.run("compare", "a.json", "b.json", *flags)
        assert done.returncode == 1
        assert "missing now" in done.stdout and "measured before, and not there after" in done.stdout
        assert f"podium: {SLOW} was measured before and is not there now" in done.stderr and "--allow-missing" in done.stderr
        done = shell.run("compare", "a.json", "b.json", *flags, "--allow-missing")
        assert (done.returncode, done.stderr) == (0, "") and "missing now" in done.stdout
    cell = comparison(shell, "a.json", "b.json")[SLOW]
    assert (cell["change"], cell["missing_now"], cell["breaks_now"]) == ("only_before", True, False)
    assert shell.run("compare", "b.json", "a.json", "--fail-above", "3%").returncode == 0, "a new cell is no regression"
    cell = comparison(shell, "b.json", "a.json")[SLOW]
    assert (cell["change"], cell["missing_now"]) == ("only_after", False)


def test_cell_that_was_begun_but_not_measured_after_is_missing(shell: Shell, run: dict) -> None:
    stopped = changed(run)
    stopped["cells"][1] |= {"status": "partial", "blocks": []}
    write(shell, a=run, b=stopped)
    assert shell.run("compare", "a.json", "b.json").returncode == 1
    cell = comparison(shell, "a.json", "b.json")[SLOW]
    assert (cell["missing_now"], cell["reason"]) == (True, "measured before, and begun but not measured after")


def test_cell_that_never_ran_may_be_missing(shell: Shell, run: dict) -> None:
    fewer = changed(run)
    run["cells"][1] |= {"status": "unsupported", "reason": "no such engine", "blocks": []}
    del fewer["cells"][1]
    write(shell, a=run, b=fewer)
    assert shell.run("compare", "a.json", "b.json", "--fail-above", "3%").returncode == 0


def test_cell_that_failed_now_and_then_before_and_never_runs_now_is_broken(shell: Shell, run: dict) -> None:
    broken = changed(run)
    broken["cells"][1] |= {"status": "failed", "reason": "it crashed", "blocks": []}
    write(shell, a1=run, a2=broken, b1=broken, b2=broken, c1=run, c2=broken)
    done = shell.run("compare", "a1.json,a2.json", "b1.json,b2.json")
    assert done.returncode == 1 and "does not run any more" in done.stderr
    assert shell.run("compare", "a1.json,a2.json", "c1.json,c2.json").returncode == 0, "it fails now and then, as before"


def disturbed(run: dict, set_aside: bool, count: int) -> dict:
    document = changed(run)
    blocks = [block for cell in document["cells"] for block in cell["blocks"]]
    for block in blocks[::len(blocks) // count][:count]:
        block |= {"set_aside": set_aside, "evidence": "a foreign load took 43 % of the CPUs"}
    return document


@pytest.mark.parametrize(("set_aside", "told"), [
    (True, "b.json (after): 6 of 24 blocks (25 %) were set aside on evidence of a disturbance (of the first: a foreign load took 43 % of the CPUs)"),
    (False, "b.json (after): 6 of 24 blocks (25 %) were measured under load (of the first: a foreign load took 43 % of the CPUs) and scored"),
])
def test_disturbed_run_is_named_with_its_share_everywhere(shell: Shell, run: dict, set_aside: bool, told: str) -> None:
    write(shell, a=run, b=disturbed(run, set_aside, 6))
    done = shell.run("compare", "a.json", "b.json", "--json", "c.json", "--markdown", "c.md", "--html", "c.html")
    assert done.returncode == 0, done.stderr
    assert told in printed_by(done) and "a.json (before)" not in printed_by(done)
    assert ("b.json was measured under load" in printed_by(done)) != set_aside, "the headline tells what is scored"
    for name in ("c.md", "c.html"):
        assert told in (shell.folder / name).read_text(encoding="utf-8").replace("\\", ""), name
    document = json.loads((shell.folder / "c.json").read_text(encoding="utf-8"))
    assert any(note.startswith(told) for note in document["notes"])
    before, after = document["runs"]
    assert (before["side"], before["file"], before["blocks"], before["set_aside"], before["scored_under_load"], before["evidence"]) == ("before", "a.json", 24, 0, 0, None)
    assert (after["set_aside"], after["scored_under_load"], after["blocks"]) == ((6, 0, 24) if set_aside else (0, 6, 24))
    assert after["evidence"] == "a foreign load took 43 % of the CPUs"


def test_run_compared_with_itself_or_given_twice_is_refused(shell: Shell, run: dict) -> None:
    write(shell, a=run, b=changed(run))
    (shell.folder / "copy.json").write_text((shell.folder / "a.json").read_text(encoding="utf-8"), encoding="utf-8")
    assert_one_error(shell.run("compare", "a.json", "a.json", "--fail-above", "3%"), 2, "'a.json' and 'a.json' hold the same run", "give each run once")
    assert_one_error(shell.run("compare", "a.json", "copy.json"), 2, "'a.json' and 'copy.json' hold the same run")
    assert_one_error(shell.run("compare", "a.json,copy.json", "b.json"), 2, "hold the same run")


def test_versions_may_differ_and_are_told(shell: Shell, run: dict) -> None:
    newer = changed(run)
    newer["environment"]["versions"]["fake"] = "9.9"
    newer["environment"]["podium_version"] = "8.8"
    write(shell, a=run, b=newer)
    done = shell.run("compare", "a.json", "b.json")
    assert done.returncode == 0
    assert "What changed" in done.stdout and "→ 9.9" in done.stdout and "→ 8.8" in done.stdout


def test_another_priority_of_the_workers_is_told(shell: Shell, run: dict) -> None:
    beside = changed(run)
    run["environment"]["preflight"]["priority"] = "workers before other programs (nice -20)"
    beside["environment"]["preflight"]["priority"] = "workers beside other programs, as asked"
    write(shell, a=run, b=beside)
    done = shell.run("compare", "a.json", "b.json")
    assert done.returncode == 0
    assert "(nice -20) → workers beside other programs, as asked" in printed_by(done)


@pytest.mark.parametrize(("edit", "what", "flag"), [
    ({"environment": {"cpu": "Another Processor"}}, "processor", "machine"),
    ({"environment": {"cores": 4096}}, "usable CPUs", "machine"),
    ({"environment": {"os": "Another, Linux 1.0"}}, "operating system", "machine"),
    ({"environment": {"governor": "another"}}, "governor", "machine"),
    ({"environment": {"memory": {"total_bytes": 1}}}, "memory", "machine"),
    ({"environment": {"isa": ["abacus"]}}, "instruction sets", "machine"),
    ({"model": {"sha256": "0" * 64}}, "model", "model"),
    ({"settings": {"shapes": {"features": [1, 5]}}}, "shapes", "model"),
])
def test_what_changes_times_is_refused_unless_allowed(shell: Shell, run: dict, edit: dict, what: str, flag: str) -> None:
    other = changed(run)
    for part, facts in edit.items():
        other[part] |= facts
    write(shell, a=run, b=other)
    assert_one_error(shell.run("compare", "a.json", "b.json"), 2, what, f"--allow-different {flag}")
    done = shell.run("compare", "a.json", "b.json", "--allow-different", flag)
    assert done.returncode == 0, done.stderr
    assert "What changed" in done.stdout and what in done.stdout


def test_timing_boundary_is_refused_unless_allowed(shell: Shell, run: dict) -> None:
    other = changed(run)
    for cell in other["cells"]:
        cell["timing_boundary"] = "device"
    other["environment"]["cpu"] = "Another Processor"
    write(shell, a=run, b=other)
    assert_one_error(shell.run("compare", "a.json", "b.json"), 2, "timing boundary", "processor", "--allow-different boundary,machine")
    assert_one_error(shell.run("compare", "a.json", "b.json", "--allow-different", "machine"), 2, "--allow-different boundary")
    assert shell.run("compare", "a.json", "b.json", "--allow-different", "machine,boundary").returncode == 0


def test_runs_without_a_common_cell_are_no_pass(shell: Shell, run: dict) -> None:
    one, other = changed(run), changed(run)
    del one["cells"][1], other["cells"][0]
    write(shell, a=one, b=other)
    assert_one_error(shell.run("compare", "a.json", "b.json", "--fail-above", "3%"), 2, "no cell in common")


def test_journal_of_an_unfinished_run_may_be_what_was_before(shell: Shell, run: dict) -> None:
    write(shell, b=run)
    assert shell.run("compare", "r.json.journal", "b.json").returncode == 0
    assert_one_error(shell.run("compare", "r.json", "r.json.journal"), 2, "AFTER r.json.journal", "not finished", "podium bench")


@pytest.mark.parametrize("limit", ["3", "three%", "-1%", "nan%", "inf%", "%"])
def test_limit_must_be_a_percentage(shell: Shell, limit: str) -> None:
    assert_one_error(shell.run("compare", "a.json", "b.json", f"--fail-above={limit}"), 2, "--fail-above", "is no percentage", "3%")


def test_limit_beyond_reason_is_refused(shell: Shell) -> None:
    assert_one_error(shell.run("compare", "a.json", "b.json", "--fail-above", "1e9%"), 2, "--fail-above", "is not from 0% to 1000%")


def test_wrong_use_is_told(shell: Shell, run: dict) -> None:
    write(shell, a=run)
    (shell.folder / "no.json").write_text("{}", encoding="utf-8")
    assert_one_error(shell.run("compare"), 2, "no BEFORE was given", "podium compare before.json after.json")
    assert_one_error(shell.run("compare", "a.json"), 2, "no AFTER was given")
    assert_one_error(shell.run("compare", "a.json", "a.json", "a.json"), 2, "hold the same run")
    assert_one_error(shell.run("compare", "a.json", "none.json"), 2, "none.json", "No such file")
    assert_one_error(shell.run("compare", "a.json,none.json", "a.json"), 2, "none.json")
    assert_one_error(shell.run("compare", "a.json", "no.json"), 2, "no.json", "not a results file")
    assert_one_error(shell.run("compare", "a.json", "model.onnx"), 2, "model.onnx")
    assert_one_error(shell.run("compare", "a.json,,a.json", "a.json"), 2, "empty name")
    assert_one_error(shell.run("compare", "a.json", ""), 2)
    assert_one_error(shell.run("compare", "a.json", "a.json", "--allow-different", "machne"), 2, "did you mean 'machine'?")
    assert_one_error(shell.run("compare", "a.json", "a.json", "--json", "./a.json"), 2, "--json", "one of the runs")


def test_quiet_prints_nothing(shell: Shell, run: dict) -> None:
    write(shell, a=run, b=changed(run, 1.2))
    done = shell.run("compare", "a.json", "b.json", "--fail-above", "3%", "-q")
    assert (done.returncode, done.stdout, done.stderr) == (1, "", "")


def test_hostile_names_drive_no_terminal_and_no_page(shell: Shell, run: dict) -> None:
    hostile = "\x1b[2J|<script>"
    one, other = changed(run), changed(run, 1.2)
    for document in (one, other):
        document["model"]["name"] = hostile
        for cell in document["cells"]:
            cell["backend"] = hostile
            cell["options"]["note"] = hostile
            cell["id"] += "/note=" + hostile
    other["environment"]["versions"][hostile] = "2"
    one["environment"]["versions"][hostile] = "1"
    other["cells"][1] |= {"status": "failed", "reason": hostile, "blocks": []}
    write(shell, a=one, b=other)
    done = shell.run("compare", "a.json", "b.json", "--markdown", "c.md")
    page = (shell.folder / "c.md").read_text(encoding="utf-8")
    assert done.returncode == 1
    assert "\x1b" not in done.stdout + done.stderr + page
    assert "<script>" not in page


def test_cell_that_runs_on_neither_side_is_told_once(shell: Shell, run: dict) -> None:
    run["cells"][1] |= {"status": "unsupported", "reason": "no such engine", "blocks": []}
    write(shell, a=run, b=run)
    done = shell.run("compare", "a.json", "b.json")
    assert done.returncode == 0
    assert "unsupported on both sides: no such engine" in done.stdout
