"""What a killed run leaves behind, and how the next one takes it up."""

import json
import os
import random
import signal
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from conftest import Shell, assert_one_error, shell_in, wait_until

CELLS = ("--set", "fake.latency-us=1000,2000,3000", "--warm-up", "20ms")


def journal_blocks(shell: Shell) -> list[tuple]:
    """Every whole block line, as (cell, launch, round, start, samples)."""
    text = (shell.folder / "r.json.journal").read_bytes()
    lines = [json.loads(line) for line in text.split(b"\n")[:-1]]
    return [identity(line["cell"], line["block"]) for line in lines if line["kind"] == "block"]


def identity(cell: str, block: dict) -> tuple:
    return (cell, block["launch"], block["round"], block["start_ns"], tuple(block["samples_ns"]))


def result_blocks(shell: Shell) -> list[tuple]:
    document = json.loads((shell.folder / "r.json").read_text(encoding="utf-8"))
    return [identity(cell["id"], block) for cell in document["cells"] for block in cell["blocks"]]


def start_and_kill(shell: Shell, after_first_block: float, *arguments: str) -> None:
    journal = shell.folder / "r.json.journal"
    with shell.start("bench", "model.onnx", "--backends", "fake", "--precisions", "fp32", *CELLS, "--json", "r.json", *arguments) as process:
        assert wait_until(lambda: journal.exists() and b'"kind":"block"' in journal.read_bytes())
        time.sleep(after_first_block)
        process.kill()
        process.wait()
    assert wait_until(lambda: not shell.processes())


def resume(shell: Shell, *arguments: str):
    return shell.run("bench", "model.onnx", "--backends", "fake", "--precisions", "fp32", *CELLS, "--json", "r.json", "--resume", *arguments)


def kill_and_resume(folder: Path, moment: float) -> None:
    budget = ("--budget", "600ms", "--launches", "2")
    folder.mkdir()
    with shell_in(folder) as shell:
        start_and_kill(shell, moment, *budget)
        kept = journal_blocks(shell)
        assert kept, f"{moment}: nothing was kept"
        done = resume(shell, *budget)
        assert done.returncode == 0, f"{moment}: {done.stderr}"
        after = journal_blocks(shell)
        assert after[:len(kept)] == kept, f"{moment}: a block that was synced is gone"
        assert len({block[:3] for block in after}) == len(after), f"{moment}: a block was measured twice"
        assert sorted(result_blocks(shell)) == sorted(after), f"{moment}: the results file differs from the journal"


def test_run_killed_at_twenty_random_moments_loses_no_block_and_doubles_none(tmp_path: Path) -> None:
    """Four at a time: the fake sleeps most of the time."""
    chosen = random.Random(4)
    moments = [chosen.uniform(0.0, 1.2) for _ in range(20)]
    with ThreadPoolExecutor(max_workers=4) as pool:
        list(pool.map(kill_and_resume, [tmp_path / str(number) for number in range(20)], moments))


def test_resumed_run_ranks_every_cell(shell: Shell) -> None:
    start_and_kill(shell, 0.3, "--budget", "2s", "--launches", "3")
    done = resume(shell, "--budget", "2s", "--launches", "3")
    assert done.returncode == 0, done.stderr
    document = json.loads((shell.folder / "r.json").read_text(encoding="utf-8"))
    assert sorted(cell["rank"] for cell in document["cells"]) == [1, 2, 3]


def test_finished_run_is_not_measured_again(shell: Shell) -> None:
    assert shell.bench("--json", "r.json", "--set", "fake.latency-us=1000,2000").returncode == 0
    before = journal_blocks(shell)
    done = shell.bench("--json", "r.json", "--set", "fake.latency-us=1000,2000", "--resume")
    assert done.returncode == 0, done.stderr
    assert journal_blocks(shell) == before
    assert "latency-us=2000" in done.stdout


def test_what_was_added_to_the_command_is_measured_beside_the_baseline(shell: Shell) -> None:
    assert shell.bench("--json", "r.json", "--set", "fake.latency-us=1000").returncode == 0
    before = journal_blocks(shell)
    done = shell.bench("--json", "r.json", "--set", "fake.latency-us=1000,4000", "--resume")
    assert done.returncode == 0, done.stderr
    added = journal_blocks(shell)[len(before):]
    assert {block[0] for block in added} == {"fake/fp32/b1/cpu/latency-us=1000", "fake/fp32/b1/cpu/latency-us=4000"}


def test_resume_without_an_earlier_run_starts_at_the_beginning(shell: Shell) -> None:
    done = shell.bench("--json", "r.json", "--resume")
    assert done.returncode == 0 and "starts at the beginning" in done.stderr


def test_resume_wants_a_results_file(shell: Shell) -> None:
    assert_one_error(shell.bench("--resume"), 2, "--resume", "--json")


def test_another_model_is_not_resumed(shell: Shell) -> None:
    assert shell.bench("--json", "r.json").returncode == 0
    model = (shell.folder / "model.onnx").read_bytes()
    import onnx
    from conftest import small_model
    other = small_model()
    other.graph.initializer[0].raw_data = bytes(len(other.graph.initializer[0].raw_data))
    onnx.save(other, shell.folder / "model.onnx")
    assert (shell.folder / "model.onnx").read_bytes() != model
    before = journal_blocks(shell)
    assert_one_error(shell.bench("--json", "r.json", "--resume", "--quiet"), 2, "--resume", "the model", "not this run's")
    assert journal_blocks(shell) == before


def test_torn_last_line_is_cut_off(shell: Shell) -> None:
    assert shell.bench("--json", "r.json").returncode == 0
    journal: Path = shell.folder / "r.json.journal"
    whole = journal.read_bytes()
    journal.write_bytes(whole + b'{"kind":"block","cell":"fake/fp32/b1/cpu","block":{"round":7,"samp')
    assert shell.bench("--json", "r.json", "--resume").returncode == 0
    assert journal.read_bytes().startswith(whole)
    assert b'"samp\n' not in journal.read_bytes() and b'"samp{' not in journal.read_bytes()


def test_full_disk_stops_the_run_with_one_error_and_loses_nothing(shell: Shell) -> None:
    def limited() -> None:
        import resource
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)  # as a full disk: the write fails
        resource.setrlimit(resource.RLIMIT_FSIZE, (120_000, 120_000))

    done = shell.run("bench", "model.onnx", "--backends", "fake", "--precisions", "fp32", "--set", "fake.latency-us=0,100", "--warm-up", "20ms",
                     "--launches", "20", "--budget", "20s", "--json", "r.json", "--quiet", preexec_fn=limited)
    assert_one_error(done, 3, "r.json", "free some space")
    kept = journal_blocks(shell)
    assert kept
    text = (shell.folder / "r.json.journal").read_bytes()
    assert text.endswith(b"\n"), "half a line was left"
    os.stat(shell.folder / "r.json")
    assert shell.run("bench", "model.onnx", "--backends", "fake", "--precisions", "fp32", "--set", "fake.latency-us=0,100", "--warm-up", "20ms",
                     "--launches", "20", "--budget", "1s", "--json", "r.json", "--quiet", "--resume").returncode == 0
    assert journal_blocks(shell)[:len(kept)] == kept
