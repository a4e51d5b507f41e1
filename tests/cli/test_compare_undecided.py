"""What two runs cannot decide, and throughput beside latency."""

import copy

import pytest

from compared import FAST, SLOW, changed, comparison, printed_by, run, write  # noqa: F401: run is a fixture
from conftest import Shell, assert_one_error


def restless(document: dict, factor: float, *cells: str) -> dict:
    """Every second launch takes so many times as long."""
    other = copy.deepcopy(document)
    for cell in other["cells"]:
        for block in cell["blocks"]:
            if cell["id"] in (cells or (FAST, SLOW)) and block["launch"] % 2:
                block["samples_ns"] = [round(sample * factor) for sample in block["samples_ns"]]
    return other


def test_two_restless_launches_a_side_decide_nothing_and_that_is_no_pass(shell: Shell, run: dict) -> None:
    two = restless(changed(run, launches=2), 1.02)
    write(shell, a=two, b=two)
    done = shell.run("compare", "a.json", "b.json", "--fail-above", "3%")
    assert done.returncode == 4, done.stderr
    for cell in (FAST, SLOW):
        assert f"podium: {cell} is undecided: its noise (2 launches before, 2 after) would hide a change of " in done.stderr
    assert "--fail-above asks for 3%" in done.stderr and "--allow-undecided" in done.stderr
    allowed = shell.run("compare", "a.json", "b.json", "--fail-above", "3%", "--allow-undecided")
    assert allowed.returncode == 0 and "is undecided" in allowed.stderr
    assert shell.run("compare", "a.json", "b.json", "--fail-above", "100%").returncode == 0, "that much would have been seen"
    plain = shell.run("compare", "a.json", "b.json")
    assert (plain.returncode, plain.stderr) == (0, "")
    assert_one_error(shell.run("compare", "a.json", "b.json", "--allow-undecided"), 2, "--allow-undecided", "--fail-above")


def test_cell_that_is_surely_slower_fails_beside_an_undecided_one(shell: Shell, run: dict) -> None:
    write(shell, a=restless(run, 1.5, FAST), b=restless(changed(run, 1.2), 1.5, FAST))
    done = shell.run("compare", "a.json", "b.json", "--fail-above", "3%")
    assert done.returncode == 1
    assert f"podium: {SLOW} is 20.0 % slower" in done.stderr and f"podium: {FAST} is undecided" in done.stderr


def with_throughput(run: dict, per_s: dict[str, int], requests: int = 2) -> dict:
    """In three launches of two blocks of a second each, with 0.1 % between launches."""
    document = copy.deepcopy(run)
    for cell in document["cells"]:
        if cell["id"] not in per_s:
            continue
        rate = per_s[cell["id"]]
        cell["throughput"] = {"per_s": rate, "ci95": None, "requests": requests, "tried": {str(requests): rate}, "blocks_set_aside": 0,
                              "warm_up": None}
        cell["throughput_per_s"] = rate
        cell["throughput_blocks"] = [
            {"requests": requests, "launch": launch, "start_ns": 1, "elapsed_ns": 1_000_000_000, "calls": round(rate * (1 + 0.001 * launch)), "load": {}, "set_aside": False, "evidence": ""}
            for launch in range(3) for _ in range(2)]
    return document


def test_throughput_that_both_sides_have_is_compared_too(shell: Shell, run: dict) -> None:
    write(shell, a=with_throughput(run, {FAST: 10_000, SLOW: 5_000}), b=with_throughput(changed(run), {FAST: 10_000, SLOW: 4_000}, requests=4))
    done = shell.run("compare", "a.json", "b.json", "--fail-above", "3%", "--markdown", "c.md", "--html", "c.html")
    assert done.returncode == 1
    assert f"podium: {SLOW} has a throughput that is 20.0 % less, over --fail-above 3%" in done.stderr and FAST not in done.stderr
    assert "throughput of fake fp32 (latency-us=2000) at batch 1 is 20.0 % less; 2 tied" in printed_by(done)
    assert "Batch 1, several requests in flight" in done.stdout and "@2" in done.stdout and "@4" in done.stdout
    for name in ("c.md", "c.html"):
        assert "20.0 % less" in (shell.folder / name).read_text(encoding="utf-8"), name
    cells = comparison(shell, "a.json", "b.json")
    assert cells[SLOW]["change"] == "tied" and cells[FAST]["throughput"]["change"] == "tied"
    found = cells[SLOW]["throughput"]
    assert (found["change"], found["basis"], found["units_before"], found["requests_before"], found["requests_after"]) == ("slower", "launches", 3, 2, 4)
    assert found["ratio"] == pytest.approx(0.8, rel=1e-3) and found["ratio_corrected"][0] < 0.8 < found["ratio_corrected"][1] < 0.85
    assert comparison(shell, "b.json", "a.json")[SLOW]["throughput"]["change"] == "faster"
    assert shell.run("compare", "a.json", "b.json", "--fail-above", "21%").returncode == 0


def test_throughput_that_is_new_is_told_and_not_compared(shell: Shell, run: dict) -> None:
    write(shell, a=changed(run), b=with_throughput(run, {FAST: 10_000}))
    done = shell.run("compare", "a.json", "b.json", "--fail-above", "3%")
    assert done.returncode == 0, done.stderr
    assert "throughput of 1 cell was not measured before" in printed_by(done)
    cell = comparison(shell, "a.json", "b.json")[FAST]
    assert (cell["throughput"], cell["throughput_missing_now"], cell["reason"]) == (None, False, None)


def test_throughput_that_vanished_is_no_pass_unless_allowed(shell: Shell, run: dict) -> None:
    crashed = with_throughput(changed(run), {FAST: 10_000})
    crashed["cells"][1]["missing"]["throughput"] = "with 2 requests in flight: the worker ended by signal 11"
    assert crashed["cells"][1]["id"] == SLOW
    write(shell, a=with_throughput(run, {FAST: 10_000, SLOW: 5_000}), b=crashed)
    for flags in ([], ["--fail-above", "3%"]):
        done = shell.run("compare", "a.json", "b.json", *flags)
        assert done.returncode == 1
        assert f"podium: {SLOW} has no throughput now, though it had one before" in done.stderr and "--allow-missing" in done.stderr
        assert FAST not in done.stderr
        assert "throughput of 1 cell was measured before and is missing now; 2 tied" in printed_by(done)
        assert "(5000 a second) and is not there after: with 2 requests in flight: the worker ended by signal 11" in printed_by(done)
        done = shell.run("compare", "a.json", "b.json", *flags, "--allow-missing")
        assert (done.returncode, done.stderr) == (0, "") and "missing now" in done.stdout
    cell = comparison(shell, "a.json", "b.json")[SLOW]
    assert (cell["change"], cell["missing_now"], cell["throughput_missing_now"], cell["throughput"]) == ("tied", False, True, None)


def test_slower_cell_whose_throughput_vanished_fails_though_missing_is_allowed(shell: Shell, run: dict) -> None:
    write(shell, a=with_throughput(run, {SLOW: 5_000}), b=changed(run, 1.2))
    done = shell.run("compare", "a.json", "b.json", "--fail-above", "3%", "--allow-missing")
    assert done.returncode == 1 and f"podium: {SLOW} is 20.0 % slower, over --fail-above 3%" in done.stderr
