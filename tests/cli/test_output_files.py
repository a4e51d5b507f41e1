"""Files that cannot be written are found out before anything is measured; what the disk refuses later is one clear error."""

import json
import os
import resource
import subprocess

import pytest

from conftest import Shell, assert_one_error

FLAGS = ["--json", "--csv", "--markdown"]


@pytest.mark.parametrize("flag", FLAGS)
def test_folder_that_is_not_there(shell: Shell, flag: str) -> None:
    assert_one_error(shell.bench(flag, "nowhere/out"), 2, flag, "nowhere/out", "mkdir -p nowhere")


@pytest.mark.parametrize("flag", FLAGS)
def test_folder_in_place_of_a_file(shell: Shell, flag: str) -> None:
    (shell.folder / "out").mkdir()
    assert_one_error(shell.bench(flag, "out"), 2, flag, "is a folder")


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
@pytest.mark.parametrize("flag", FLAGS)
def test_folder_that_is_not_ours(shell: Shell, flag: str) -> None:
    (shell.folder / "locked").mkdir(mode=0o500)
    assert_one_error(shell.bench(flag, "locked/out"), 2, flag, "Permission denied")


@pytest.mark.parametrize("flag", FLAGS)
def test_model_is_not_overwritten(shell: Shell, flag: str) -> None:
    before = (shell.folder / "model.onnx").read_bytes()
    assert_one_error(shell.bench(flag, "./model.onnx"), 2, flag, "the model itself")
    assert (shell.folder / "model.onnx").read_bytes() == before


@pytest.mark.parametrize("read", ["--data", "--labels", "--preprocess", "--weights"])
def test_what_another_flag_reads_is_not_overwritten(shell: Shell, read: str) -> None:
    (shell.folder / "mine").write_text("mine")
    assert_one_error(shell.bench(read, "mine", "--markdown", "./mine"), 2, "--markdown", f"is what {read} reads")
    assert (shell.folder / "mine").read_text() == "mine"


def test_two_flags_with_one_file(shell: Shell) -> None:
    assert_one_error(shell.bench("--csv", "out", "--markdown", "./out"), 2, "--markdown", "--csv")


def test_results_file_must_be_a_file(shell: Shell) -> None:
    assert_one_error(shell.bench("--json", "/dev/null"), 2, "--json", "no regular file")


def test_check_leaves_nothing_behind(shell: Shell) -> None:
    shell.bench("--csv", "fine.csv", "--markdown", "nowhere/out")
    assert sorted(file.name for file in shell.folder.iterdir() if file.name != "cache") == ["model.onnx"]


def test_existing_file_is_replaced_only_at_the_end(shell: Shell) -> None:
    (shell.folder / "old.csv").write_text("old")
    assert_one_error(shell.bench("--csv", "old.csv", "--set", "fake.nosuch=1"), 2)
    assert (shell.folder / "old.csv").read_text() == "old"


def test_table_that_cannot_be_printed_is_an_error(shell: Shell) -> None:
    with open("/dev/full", "w", encoding="utf-8") as full:
        done = shell.run("doctor", "--options", stdout=full)
    assert done.returncode == 3
    assert "podium: error: cannot write to standard output: No space left on device\n  try: " in done.stderr


def test_full_disk_behind_one_file_costs_neither_the_table_nor_the_others(shell: Shell) -> None:
    done = shell.bench("--csv", "/dev/full", "--markdown", "fine.md")
    assert done.returncode == 3
    assert "podium: error: cannot write '/dev/full': No space left on device\n  try: " in done.stderr
    assert "fake" in done.stdout
    assert "fake" in (shell.folder / "fine.md").read_text(encoding="utf-8")


def test_full_disk_behind_the_journal_ends_the_run(shell: Shell) -> None:
    (shell.folder / "r.json.journal").symlink_to("/dev/full")
    assert_one_error(shell.bench("--json", "r.json"), 3, "r.json.journal", "No space left on device", "--json")


def test_disk_that_fills_up_while_it_measures_ends_the_run(shell: Shell) -> None:
    limit = 150_000  # a journal of many blocks is larger; what engines keep in memory files here is smaller
    done = shell.run("bench", "model.onnx", "--backends", "fake", "--precisions", "fp32", "--warm-up", "50ms", "--budget", "60s", "--json", "r.json",
                     preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit)), restore_signals=False)
    assert_one_error(done, 3, "r.json", "File too large", "--json")


def test_closed_pipe_does_not_cost_the_files(shell: Shell) -> None:
    with shell.start("bench", "model.onnx", "--backends", "fake", "--precisions", "fp32", "--launches", "1", "--warm-up", "50ms", "--budget", "300ms",
                     "--csv", "out.csv", "--json", "r.json",
                     stderr=subprocess.DEVNULL) as process:
        assert process.stdout is not None
        process.stdout.close()
        process.wait(timeout=120)
    assert (shell.folder / "out.csv").read_text(encoding="utf-8").startswith("id,backend,")
    assert json.loads((shell.folder / "r.json").read_text(encoding="utf-8"))["cells"][0]["status"] == "ok"
