"""Ctrl-C ends the run within moments and keeps what was measured; no worker outlives the program, however it ends."""

import json
import os
import signal
import subprocess
from pathlib import Path

import pytest

from conftest import Shell, assert_one_error, wait_until


def start_long_run(shell: Shell, *more: str, latencies: str = "2000,3000", budget: str = "10m") -> subprocess.Popen:
    return shell.start("bench", "model.onnx", "--backends", "fake", "--precisions", "fp32", "--warm-up", "50ms", "--budget", budget,
                       "--set", f"fake.latency-us={latencies}", "--json", "r.json", *more)


def blocks_in(journal: Path) -> int:
    return journal.read_text(encoding="utf-8").count('"kind":"block"') if journal.exists() else 0


def finish(process: subprocess.Popen) -> tuple[str, str]:
    try:
        return process.communicate(timeout=30)
    except subprocess.TimeoutExpired:
        process.kill()
        raise


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_signal_keeps_what_was_measured(shell: Shell, number: signal.Signals) -> None:
    with start_long_run(shell, "--csv", "r.csv") as process:
        assert wait_until(lambda: blocks_in(shell.folder / "r.json.journal") >= 6)
        process.send_signal(number)
        out, err = finish(process)
    assert process.returncode == 130, err
    assert "stopped: what was measured so far is in the table above and in r.json" in err
    assert "Batch 1" in out and "partial" in out
    cells = json.loads((shell.folder / "r.json").read_text(encoding="utf-8"))["cells"]
    assert [cell["status"] for cell in cells] == ["partial", "partial"]
    assert all(cell["latency_ms"]["n"] > 0 and cell["rank"] is None for cell in cells)
    assert (shell.folder / "r.csv").read_text(encoding="utf-8").count("partial") >= 2


def test_stopped_run_calls_no_cell_that_was_beaten_early_the_fastest(shell: Shell) -> None:
    with start_long_run(shell, "--markdown", "r.md", latencies="1000,2000,20000", budget="1m") as process:
        journal = shell.folder / "r.json.journal"
        assert wait_until(lambda: journal.exists() and '"status":"ok"' in journal.read_text(encoding="utf-8"))
        process.send_signal(signal.SIGINT)
        out, err = finish(process)
    assert process.returncode == 130, err
    document = json.loads((shell.folder / "r.json").read_text(encoding="utf-8"))
    assert sorted(cell["status"] for cell in document["cells"]) == ["ok", "partial", "partial"]
    assert all(cell["rank"] is None and cell["ratio_to_best"] is None and not cell["tied_with"] for cell in document["cells"])
    for told in (out, (shell.folder / "r.md").read_text(encoding="utf-8")):
        assert "no ranking: the run was stopped before it was done" in told and "fastest:" not in told
    assert_one_error(shell.run("pack", "r.json", "-o", "best", "--quiet"), 2, "batch 1 was stopped before it was done", "--resume")


def test_signal_before_anything_was_measured(shell: Shell) -> None:
    with start_long_run(shell, "--set", "fake.hang-at=load") as process:
        assert wait_until(lambda: len(shell.processes()) > 1)
        process.send_signal(signal.SIGINT)
        _, err = finish(process)
    assert process.returncode == 130
    assert "nothing had been measured yet" in err or "podium: error:" in err


def test_second_signal_ends_at_once(shell: Shell) -> None:
    with start_long_run(shell) as process:
        assert wait_until(lambda: blocks_in(shell.folder / "r.json.journal") >= 2)
        process.send_signal(signal.SIGINT)
        process.send_signal(signal.SIGTERM)
        _, err = finish(process)
    assert process.returncode == 130
    assert "ended at once" in err
    assert wait_until(lambda: not shell.processes(), 10)


def test_hangup_is_passed_over_where_nohup_asks_for_it(shell: Shell) -> None:
    process = shell.start("bench", "model.onnx", "--backends", "fake", "--precisions", "fp32", "--warm-up", "50ms", "--budget", "2s",
                          "--json", "r.json", preexec_fn=lambda: signal.signal(signal.SIGHUP, signal.SIG_IGN))
    with process:
        assert wait_until(lambda: blocks_in(shell.folder / "r.json.journal") >= 1)
        process.send_signal(signal.SIGHUP)
        finish(process)
    assert process.returncode == 0


def test_killed_supervisor_leaves_no_worker_and_a_journal_that_reads(shell: Shell) -> None:
    with start_long_run(shell, "--set", "fake.children=2") as process:
        assert wait_until(lambda: blocks_in(shell.folder / "r.json.journal") >= 4)
        assert len(shell.processes()) > 1
        os.kill(process.pid, signal.SIGKILL)
        finish(process)
    assert wait_until(lambda: not shell.processes(), 10), "a worker outlived its supervisor"
    lines = (shell.folder / "r.json.journal").read_text(encoding="utf-8").splitlines()
    whole = [json.loads(line) for line in lines[:-1]]
    assert sum(line["kind"] == "block" for line in whole) >= 3
