"""Many runs as a history: each cell through time, with its change points."""

import csv
import json
import re
import subprocess
from pathlib import Path

import pytest

from conftest import Shell, assert_one_error
from histories import run_at, write_runs

ONE, TWO = "fake/fp32/b1/cpu/latency-us=1000", "fake/fp32/b1/cpu/latency-us=2000"


@pytest.fixture
def run(measured: Path) -> dict:
    return json.loads((measured / "r.json").read_text(encoding="utf-8"))


def noise(day: int) -> float:
    """Of five days on end none at all."""
    return (0.996, 1.002, 1.0, 1.004, 0.998)[day % 5]


def printed_by(done: subprocess.CompletedProcess[str]) -> str:
    """Its sentences, as they were before the lines were broken."""
    return " ".join(done.stdout.split())


def history_of(run: dict, factors: list[float]) -> list[dict]:
    """A run a day: the first cell at 1 ms throughout, the second at 2 ms times that day's factor."""
    return [run_at(run, day, {ONE: noise(day), TWO: 2 * factor * noise(day)}) for day, factor in enumerate(factors)]


def found_in(shell: Shell, names: list[str], *arguments: str) -> dict:
    done = shell.run("compare", *names, "--json", "history.json", *arguments)
    assert done.returncode in (0, 1), done.stderr
    document = json.loads((shell.folder / "history.json").read_text(encoding="utf-8"))
    assert document["schema"] == "podium.history/1"
    return document | {"lines": {cell["id"]: cell for cell in document["cells"]}}


def test_nothing_changes_and_that_is_said(shell: Shell, run: dict) -> None:
    names = write_runs(shell.folder, history_of(run, [1.0] * 8))
    done = shell.run("compare", *names, "--fail-above", "3%")
    assert (done.returncode, done.stderr) == (0, "")
    assert "2 cells without change" in printed_by(done) and "8 runs, 2026-03-01 to 2026-03-08" in printed_by(done)
    lines = found_in(shell, names)["lines"]
    assert {line["course"] for line in lines.values()} == {"steady"}
    assert [len(line["levels"]) for line in lines.values()] == [1, 1]


def test_step_is_found_with_what_changed_then_and_the_other_cell_is_left_alone(shell: Shell, run: dict) -> None:
    documents = history_of(run, [1.0] * 5 + [1.1] * 5)
    for document in documents[5:]:
        document["environment"]["versions"]["fake"] = "9.9"
    names = write_runs(shell.folder, documents)
    found = found_in(shell, names)
    assert [run["started"][:10] for run in found["runs"]] == [f"2026-03-{day:02}" for day in range(1, 11)]
    assert found["lines"][ONE]["course"] == "steady"
    line = found["lines"][TWO]
    assert (line["course"], line["drift"]) == ("changed", None)
    change, = line["changes"]
    assert (change["run"], change["run_before"], change["change"]) == (5, 4, "slower")
    assert change["ratio"] == pytest.approx(1.1, rel=1e-3) and change["ratio_corrected"][0] > 1.05
    assert {"what": "fake", "before": documents[0]["environment"]["versions"]["fake"], "after": "9.9"} in change["what_changed"]
    before, after = line["levels"]
    assert (before["runs"], after["runs"]) == (5, 5) and after["ms"] == pytest.approx(2.2, rel=1e-3)
    assert before["ci95"][0] < before["ms"] < before["ci95"][1]
    printed = printed_by(shell.run("compare", *names))
    assert "10.0 % slower since 2026-03-06" in printed and "run05.json" in printed and "→ 9.9" in printed and "│" in printed


def test_two_steps_are_two_changes_and_coming_back_is_faster(shell: Shell, run: dict) -> None:
    line = found_in(shell, write_runs(shell.folder, history_of(run, [1.0] * 6 + [1.2] * 6 + [1.0] * 6)))["lines"][TWO]
    assert [(change["run"], change["change"]) for change in line["changes"]] == [(6, "slower"), (12, "faster")]


def test_one_slow_run_stands_alone_and_is_no_change(shell: Shell, run: dict) -> None:
    names = write_runs(shell.folder, history_of(run, [1.0] * 5 + [1.5] + [1.0] * 5))
    line = found_in(shell, names)["lines"][TWO]
    assert (line["course"], line["levels"][0]["runs"]) == ("steady", 10)
    assert [point["run"] for point in line["points"] if point["stands_alone"]] == [5]
    assert "Runs that stand alone" in shell.run("compare", *names).stdout


def test_drift_is_a_drift(shell: Shell, run: dict) -> None:
    names = write_runs(shell.folder, history_of(run, [1.2 ** (day / 19) for day in range(20)]))
    line = found_in(shell, names)["lines"][TWO]
    assert (line["course"], line["changes"]) == ("drifts", [])
    assert line["drift"]["value"] == pytest.approx(1.2, rel=0.02)
    done = shell.run("compare", *names, "--fail-above", "10%")
    assert done.returncode == 1 and "drifts:" in done.stdout and "% slower, over --fail-above 10%" in done.stderr


@pytest.mark.parametrize(("factors", "limit", "status"), [
    ([1.0] * 5 + [1.1] * 5, "3%", 1),
    ([1.0] * 5 + [1.1] * 5, "11%", 0),
    ([1.0] * 5 + [1.1] * 5 + [1.0] * 5, "3%", 0),
    ([1.1] * 5 + [1.0] * 5, "3%", 0),
])
def test_fail_above_looks_at_the_newest_level(shell: Shell, run: dict, factors: list[float], limit: str, status: int) -> None:
    done = shell.run("compare", *write_runs(shell.folder, history_of(run, factors)), "--fail-above", limit)
    assert done.returncode == status, done.stderr
    assert ("is 10.0 % slower, over --fail-above" in done.stderr) == bool(status)


def test_few_runs_tell_no_change_and_say_so(shell: Shell, run: dict) -> None:
    names = write_runs(shell.folder, history_of(run, [1.0, 1.0, 1.5]))
    assert found_in(shell, names)["lines"][TWO]["course"] == "too_few_runs"
    assert "from 6 runs of a cell on" in printed_by(shell.run("compare", *names))


def test_machines_are_not_joined_in_one_line_unless_allowed_and_then_it_is_told(shell: Shell, run: dict) -> None:
    documents = history_of(run, [1.0] * 6 + [1.3] * 6)
    for document in documents[6:]:
        document["environment"]["cpu"] = "Another Processor"
    names = write_runs(shell.folder, documents)
    apart = found_in(shell, names)
    assert len(apart["setups"]) == 2 and len(apart["cells"]) == 4
    assert all(cell["course"] == "steady" and len(cell["points"]) == 6 for cell in apart["cells"])
    assert apart["setups"][1]["against_first"][0]["what"] == "processor"
    printed = printed_by(shell.run("compare", *names))
    assert "setup B: Another Processor" in printed and "--allow-different joins them" in printed
    joined = found_in(shell, names, "--allow-different", "machine")
    assert len(joined["setups"]) == 1
    line = joined["lines"][TWO]
    assert line["changes"][0]["run"] == 6 and line["changes"][0]["what_changed"][0]["what"] == "processor"
    assert "lines join runs that differ in processor" in joined["notes"][0]


def test_cell_that_breaks_in_the_newest_run_fails_without_any_limit(shell: Shell, run: dict) -> None:
    documents = history_of(run, [1.0] * 7)
    documents[-1]["cells"][1] |= {"status": "failed", "reason": "it crashed", "blocks": []}
    names = write_runs(shell.folder, documents)
    done = shell.run("compare", *names)
    assert done.returncode == 1
    assert "does not run any more" in done.stderr
    assert "broken now" in done.stdout and "failed in run 7: it crashed" in printed_by(done) and "×" in done.stdout
    assert found_in(shell, names)["lines"][documents[-1]["cells"][1]["id"]]["breaks_now"]
    documents[-1], documents[-2] = documents[-2] | {"started": documents[-1]["started"]}, documents[-1] | {"started": documents[-2]["started"]}
    assert shell.run("compare", *write_runs(shell.folder, documents)).returncode == 0, "it runs again"


def test_gate_that_cannot_see_a_change_is_no_pass_unless_allowed(shell: Shell, run: dict) -> None:
    noisy = write_runs(shell.folder, history_of(run, [1.0, 1.04] * 5))
    done = shell.run("compare", *noisy, "--fail-above", "3%")
    assert done.returncode == 4, done.stdout + done.stderr
    assert f"podium: {TWO} is undecided: the noise from run to run would hide a change of " in done.stderr and "--allow-undecided" in done.stderr
    assert found_in(shell, noisy)["lines"][TWO]["hidden"] > 0.03
    assert shell.run("compare", *noisy, "--fail-above", "3%", "--allow-undecided").returncode == 0
    assert shell.run("compare", *noisy).returncode == 0, "nothing was asked of it"
    few = write_runs(shell.folder, history_of(run, [1.0] * 4))
    done = shell.run("compare", *few, "--fail-above", "3%")
    assert done.returncode == 4 and "a change can be told from 6 runs on" in done.stderr, done.stderr
    assert found_in(shell, few)["lines"][TWO]["hidden"] is None


def test_cell_that_is_missing_from_the_newest_run_is_no_pass_unless_allowed(shell: Shell, run: dict) -> None:
    documents = history_of(run, [1.0] * 7)
    documents[-1]["cells"] = [cell for cell in documents[-1]["cells"] if cell["id"] != TWO]
    names = write_runs(shell.folder, documents)
    done = shell.run("compare", *names, "--fail-above", "3%")
    assert done.returncode == 1
    assert "was measured before and is not there now" in done.stderr and "--allow-missing" in done.stderr
    assert "missing now" in done.stdout and "1 cell is missing from the newest run" in printed_by(done)
    assert shell.run("compare", *names, "--allow-missing").returncode == 0
    lines = found_in(shell, names)["lines"]
    assert (lines[ONE]["missing_now"], lines[TWO]["missing_now"]) == (False, True)
    documents[-2]["cells"] = documents[-1]["cells"]
    assert shell.run("compare", *write_runs(shell.folder, documents)).returncode == 0, "it was given up a run ago, and told then"


def test_disturbed_runs_are_named(shell: Shell, run: dict) -> None:
    documents = history_of(run, [1.0] * 8)
    for document in documents[1:]:
        document["cells"][0]["blocks"][0] |= {"set_aside": True, "evidence": "a foreign load took 43 % of the CPUs"}
    documents[0]["cells"][1]["blocks"][0]["evidence"] = "the hypervisor took 9 % of the CPUs"
    names = write_runs(shell.folder, documents)
    printed = printed_by(shell.run("compare", *names))
    assert "run00.json: 1 of 24 blocks (4 %) were measured under load (of the first: the hypervisor took 9 % of the CPUs)" in printed
    assert "run01.json: 1 of 24 blocks (4 %) were set aside" in printed and "3 more runs were disturbed" in printed
    told = {entry["file"]: (entry["blocks"], entry["set_aside"], entry["scored_under_load"]) for entry in found_in(shell, names)["runs"]}
    assert told["run00.json"] == (24, 0, 1) and told["run07.json"] == (24, 1, 0)


def test_same_run_given_twice_is_refused(shell: Shell, run: dict) -> None:
    names = write_runs(shell.folder, history_of(run, [1.0] * 3))
    (shell.folder / "again.json").write_text((shell.folder / names[0]).read_text(encoding="utf-8"), encoding="utf-8")
    assert_one_error(shell.run("compare", *names, "again.json"), 2, "hold the same run", "give each run once")


def test_lists_with_commas_are_more_files(shell: Shell, run: dict) -> None:
    names = write_runs(shell.folder, history_of(run, [1.0] * 4))
    assert len(found_in(shell, [",".join(names[:2]), *names[2:]])["runs"]) == 4


def test_report_draws_a_history_in_every_format(shell: Shell, run: dict) -> None:
    names = write_runs(shell.folder, history_of(run, [1.0] * 5 + [1.1] * 5))
    for ending in ("html", "md", "csv", "json"):
        done = shell.run("report", *names, "-o", f"h.{ending}")
        assert (done.returncode, done.stdout) == (0, ""), done.stderr
    with (shell.folder / "h.csv").open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 20 and [(row["run"], row["id"]) for row in rows if row["begins_level"] == "true"] == [("6", TWO)]
    assert "10.0 % slower since" in (shell.folder / "h.md").read_text(encoding="utf-8")
    assert json.loads((shell.folder / "h.json").read_text(encoding="utf-8"))["schema"] == "podium.history/1"
    assert_one_error(shell.run("report", *names, "-o", names[0]), 2, "is the results file itself")


def test_report_draws_a_history_as_an_image(shell: Shell, run: dict) -> None:
    names = write_runs(shell.folder, history_of(run, [1.0] * 5 + [1.1] * 5))
    for file, begins in (("h.svg", b"<svg"), ("h.png", b"\x89PNG")):
        done = shell.run("report", *names, "-o", file)
        assert (done.returncode, done.stdout) == (0, ""), done.stderr
        assert (shell.folder / file).read_bytes().startswith(begins)
    texts = re.findall(r"<text[^>]*>([^<]+)</text>", (shell.folder / "h.svg").read_text(encoding="utf-8"))
    assert "10.0 % slower" in texts  # beside the rule of the change
    assert any(text.startswith("All cells against their first level") for text in texts)
    assert sum(text.startswith("fake fp32") and text.endswith("at batch 1") for text in texts) == 2  # a chart of each cell


def test_narrow_terminal_keeps_the_verdict(shell: Shell, run: dict) -> None:
    names = write_runs(shell.folder, history_of(run, [1.0] * 5 + [1.1] * 5))
    printed = shell.run("compare", *names, env={"COLUMNS": "60", "LC_ALL": "C"}).stdout
    assert max(len(line) for line in printed.splitlines()) <= 60
    assert "10.0 % slower since 2026-03-06" in printed and printed.isascii()


def test_hostile_names_drive_no_terminal_and_no_page(shell: Shell, run: dict) -> None:
    hostile = "\x1b[2J|<script>"
    documents = history_of(run, [1.0] * 4 + [1.2] * 4)
    for document in documents:
        document["model"]["name"] = hostile
        document["started"] = hostile + document["started"]
        for cell in document["cells"]:
            cell["backend"] = hostile
    for document in documents[4:]:
        document["environment"]["versions"]["fake"] = hostile
    names = write_runs(shell.folder, documents)
    done = shell.run("compare", *names, "--markdown", "h.md", "--html", "h.html")
    assert done.returncode == 0, done.stderr
    pages = [(shell.folder / name).read_text(encoding="utf-8") for name in ("h.md", "h.html")]
    assert "\x1b" not in done.stdout + done.stderr + "".join(pages)
    assert "<script>" not in pages[0] and "|<script>" not in pages[1]
