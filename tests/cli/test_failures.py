"""A cell that goes wrong costs only itself: the others' figures are there, the reason is told, and the exit status is 1."""

import json

import pytest

from conftest import Shell

MOMENTS = ["load", "answers", "measure"]


def run_beside_a_good_cell(shell: Shell, option: str, bad: str, good: str = "never", *more: str) -> tuple[int, dict, dict, str]:
    done = shell.bench("--set", f"fake.{option}={good},{bad}", "--json", "r.json", *more)
    cells = json.loads((shell.folder / "r.json").read_text(encoding="utf-8"))["cells"]
    healthy, = (cell for cell in cells if cell["options"][option] == good)
    broken, = (cell for cell in cells if cell["options"][option] == bad)
    assert healthy["status"] == "ok" and healthy["rank"] == 1 and healthy["latency_ms"]["n"] > 0, done.stderr
    assert broken["rank"] is None
    return done.returncode, healthy, broken, done.stdout


@pytest.mark.parametrize("moment", MOMENTS)
def test_crash_is_told_with_its_signal(shell: Shell, moment: str) -> None:
    status, _, broken, table = run_beside_a_good_cell(shell, "crash-at", moment)
    assert (status, broken["status"]) == (1, "failed")
    assert broken["failure"]["class"] == "crash" and broken["failure"]["signal"] == 11
    assert "fake: crashing" in broken["failure"]["log_tail"]
    assert "crash-at=" + moment in table.split("Did not run, or not to the end")[1]


@pytest.mark.parametrize("moment", MOMENTS)
def test_hang_is_ended_by_its_limit(shell: Shell, moment: str) -> None:
    status, _, broken, _ = run_beside_a_good_cell(shell, "hang-at", moment, "never", "--load-timeout", "2s", "--run-timeout", "1s")
    assert (status, broken["status"]) == (1, "timeout")
    assert broken["failure"]["class"] == "timeout"
    assert ("--load-timeout" if moment == "load" else "--run-timeout") in broken["remedy"]


@pytest.mark.parametrize("moment", MOMENTS)
def test_memory_hog_is_ended_by_its_limit(shell: Shell, moment: str) -> None:
    status, _, broken, _ = run_beside_a_good_cell(shell, "eat-memory-at", moment, "never", "--memory-limit", "400M")
    assert (status, broken["status"]) == (1, "out_of_memory")
    assert broken["failure"]["class"] == "out_of_memory"
    assert "--memory-limit" in broken["remedy"]


@pytest.mark.parametrize("moment", MOMENTS)
def test_error_is_told_in_its_own_words(shell: Shell, moment: str) -> None:
    status, _, broken, _ = run_beside_a_good_cell(shell, "error-at", moment)
    assert (status, broken["status"]) == (1, "failed")
    assert f"told to fail at {moment}" in broken["reason"]


@pytest.mark.parametrize("moment", MOMENTS)
def test_exception_ends_one_cell(shell: Shell, moment: str) -> None:
    status, _, broken, _ = run_beside_a_good_cell(shell, "throw-at", moment)
    assert (status, broken["status"]) == (1, "failed")
    assert f"told to throw at {moment}" in broken["reason"]


def test_what_an_engine_does_not_support_is_no_failure(shell: Shell) -> None:
    status, _, broken, table = run_beside_a_good_cell(shell, "refuse-at", "load")
    assert (status, broken["status"]) == (0, "unsupported")
    assert "told to refuse" in table and "leave out --set fake.refuse-at" in table


@pytest.mark.parametrize("answer", ["constant", "swapped", "nan"])
def test_wrong_answers_are_rejected_and_never_ranked(shell: Shell, answer: str) -> None:
    status, _, broken, table = run_beside_a_good_cell(shell, "output", answer, "correct")
    assert (status, broken["status"]) == (1, "rejected")
    assert broken["output_error"]["verdict"] == "disagrees"
    assert broken["latency_ms"] is None and broken["missing"]["latency_ms"]
    assert "rejected" in table


def test_answers_of_the_wrong_size_are_rejected(shell: Shell) -> None:
    status, _, broken, _ = run_beside_a_good_cell(shell, "output-shape", "one-row-less", "honest")
    assert (status, broken["status"]) == (1, "rejected")


def test_run_in_which_every_cell_broke_is_no_success(shell: Shell) -> None:
    done = shell.bench("--set", "fake.crash-at=load")
    assert done.returncode == 3
    assert "SIGSEGV" in done.stdout or "signal 11" in done.stdout
