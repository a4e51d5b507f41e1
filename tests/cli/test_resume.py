"""What a killed run leaves behind, and how the next one takes it up."""

import json
import os
import random
import signal
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from conftest import Shell, assert_one_error, shell_in
from resumed import bench, journal_blocks, result_blocks, resume, start_and_kill


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


def throughput_blocks(cells: list[tuple[str, dict]]) -> list[tuple]:
    return [(cell, block["requests"], block["launch"], block["start_ns"], block["calls"]) for cell, block in cells]


def test_run_killed_while_throughput_is_measured_loses_no_block_and_doubles_none(shell: Shell) -> None:
    moments = random.Random(4)
    both = ("--mode", "both", "--threads", "1", "--budget", "600ms", "--launches", "1")

    def journalled() -> list[tuple]:
        lines = [json.loads(line) for line in (shell.folder / "r.json.journal").read_bytes().split(b"\n")[:-1]]
        return throughput_blocks([(line["cell"], line["block"]) for line in lines if line["kind"] == "throughput_block"])

    for kill in range(6):
        start_and_kill(shell, moments.uniform(0.0, 2.0), *both, kind=b"throughput_block")
        kept, latency = journalled(), journal_blocks(shell)
        done = resume(shell, *both)
        assert done.returncode == 0, f"kill {kill}: {done.stderr}"
        after = journalled()
        assert after[:len(kept)] == kept, f"kill {kill}: a block that was synced is gone"
        assert len({block[:4] for block in after}) == len(after), f"kill {kill}: a block was measured twice"
        assert journal_blocks(shell) == latency, f"kill {kill}: latency was known, and was measured again"
        document = json.loads((shell.folder / "r.json").read_text(encoding="utf-8"))
        told = throughput_blocks([(cell["id"], block) for cell in document["cells"] for block in cell["throughput_blocks"]])
        assert sorted(told) == sorted(after), f"kill {kill}: the results file differs from the journal"
        assert all(cell["throughput"] for cell in document["cells"]), f"kill {kill}"
        for cell in document["cells"]:
            for number in cell["throughput"]["tried"]:
                launches = {block["launch"] for block in cell["throughput_blocks"] if block["requests"] == int(number)}
                assert 3 <= len(launches) <= 5, f"kill {kill}: {cell['id']} with {number} requests"
        for file in shell.folder.glob("r.json*"):
            if file.is_file():
                file.unlink()


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
    versions = json.loads((shell.folder / "r.json").read_text(encoding="utf-8"))["environment"]["versions"]
    assert versions.get("fake"), "which engine was measured is not forgotten"


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


def test_interrupted_run_is_not_overwritten_unless_asked_for(shell: Shell) -> None:
    start_and_kill(shell, 0.3, "--budget", "5s", "--launches", "3")
    kept = journal_blocks(shell)
    before = (shell.folder / "r.json.journal").read_bytes()
    for command in (bench, lambda shell, *more: shell.run("optimize", "model.onnx", "--backends", "fake", "--json", "r.json", *more)):
        assert_one_error(command(shell, "--quiet"), 2, f"'r.json.journal' holds {len(kept)} blocks of a run that was interrupted", "--resume goes on with it, --overwrite begins anew")
    assert (shell.folder / "r.json.journal").read_bytes() == before
    assert bench(shell, "--overwrite", "--budget", "600ms", "--launches", "1").returncode == 0
    assert not set(journal_blocks(shell)) & set(kept)
    assert bench(shell, "--budget", "600ms", "--launches", "1").returncode == 0, "a run that ended by itself is overwritten, as its results file is"


def test_replay_overwrites_no_interrupted_run(shell: Shell) -> None:
    assert shell.bench("--json", "done.json").returncode == 0
    start_and_kill(shell, 0.1, "--budget", "5s", "--launches", "3")
    before = (shell.folder / "r.json.journal").read_bytes()
    assert_one_error(shell.run("replay", "done.json", "--json", "r.json", "--quiet"), 2, "a run that was interrupted", "give --json another file")
    assert (shell.folder / "r.json.journal").read_bytes() == before


def test_resumed_run_still_names_who_disturbed_it_and_when(shell: Shell) -> None:
    start_and_kill(shell, 0.3, "--budget", "2s", "--launches", "3")
    journal = shell.folder / "r.json.journal"
    lines = [json.loads(line) for line in journal.read_text(encoding="utf-8").splitlines()]
    blocks = [line for line in lines if line["kind"] == "block"]
    assert all(0 <= line["at_s"] < 60 for line in blocks), "each tells when it began"
    for line in blocks:
        line["block"] |= {"set_aside": False, "evidence": ""}
        line["block"]["load"]["foreign_share"] = 0.0
    disturbed = blocks[-1]
    disturbed["block"] |= {"set_aside": True, "evidence": "a foreign load took 83 % of the CPUs"}
    disturbed["block"]["load"]["foreign_share"] = 0.83
    disturbed["block"]["samples_ns"] = [40_000_000] * 5
    disturbed["at_s"] = 83.0
    disturbed["block"]["start_ns"] = 5  # since another boot: the clock tells nothing of the first run
    lines = [line for line in lines if line["kind"] != "seen"]  # who really disturbed this test
    seen = [{"kind": "seen", "batch": 1, "processes": [{"pid": 99999999, "name": "hog", "cpus": 1.7}]}] * 99  # shares are meaned over scans
    other = {"kind": "seen", "batch": 8, "processes": [{"pid": 99999998, "name": "elsewhere", "cpus": 1.9}]}
    journal.write_text("".join(json.dumps(line, separators=(",", ":")) + "\n" for line in [*lines, *seen, other]), encoding="utf-8")
    done = resume(shell, "--budget", "2s", "--launches", "3")
    assert done.returncode == 0, done.stderr
    warnings = json.loads((shell.folder / "r.json").read_text(encoding="utf-8"))["environment"]["warnings"]
    told = [warning for warning in warnings if "foreign load" in warning]
    assert len(told) == 1 and "hog (99999999, " in told[0] and "elsewhere" not in told[0], warnings
    assert "from 01:23 on" in told[0], "what was measured after it began later"


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
