"""What a run that is taken up makes of engines that were upgraded, cells that had failed, and a command that is another."""

import json
from collections.abc import Callable

import pytest

from conftest import Shell, assert_one_error, wait_until
from resumed import bench, edit_journal, journal_blocks, result_blocks, resume, start_and_kill, upgrade_engine, warnings_of


def test_cells_whose_engine_was_upgraded_are_measured_again_and_the_versions_named(shell: Shell) -> None:
    cells = ("--json", "r.json", "--set", "fake.latency-us=1000,2000")
    assert shell.bench(*cells).returncode == 0
    before = journal_blocks(shell)
    upgrade_engine(shell)
    done = shell.bench(*cells, "--resume")
    assert done.returncode == 0, done.stderr
    told = [warning for warning in warnings_of(shell) if "fake is " in warning and "now, was 0.0.1: 2 cells are measured again" in warning]
    assert len(told) == 1 and told[0] in done.stderr, warnings_of(shell)
    anew = result_blocks(shell)
    assert {block[0] for block in anew} == {block[0] for block in before} and not set(anew) & set(before)
    again = shell.bench(*cells, "--resume")
    assert again.returncode == 0 and "measured again" not in again.stderr
    assert sorted(result_blocks(shell)) == sorted(anew)
    assert [warning for warning in warnings_of(shell) if "now, was 0.0.1" in warning] == [f"earlier in this run: {told[0]}"]


def test_memory_that_a_kernel_tells_a_little_otherwise_is_the_same_and_half_of_it_is_not(shell: Shell) -> None:
    assert shell.bench("--json", "r.json").returncode == 0
    before = result_blocks(shell)

    def scale_memory(factor: float) -> Callable[[dict], None]:
        def edit(line: dict) -> None:
            if line["kind"] == "head":
                memory = line["run"]["environment"]["memory"]
                memory["total_bytes"] = int(memory["total_bytes"] * factor)
        return edit

    edit_journal(shell, scale_memory(1.01))
    assert shell.bench("--json", "r.json", "--resume").returncode == 0
    assert result_blocks(shell) == before
    edit_journal(shell, scale_memory(0.5))
    done = shell.bench("--json", "r.json", "--resume")
    assert done.returncode == 0, done.stderr
    assert "memory is " in done.stderr and "1 cell is measured again" in done.stderr
    assert not set(result_blocks(shell)) & set(before), "what was measured beside less memory is not this machine's"


def test_run_may_go_on_by_another_stopping_rule_which_the_results_then_name(shell: Shell) -> None:
    assert shell.bench("--json", "r.json", "--interval-target", "20%").returncode == 0
    before = result_blocks(shell)
    done = shell.bench("--json", "r.json", "--interval-target", "5%", "--rebuilds", "0", "--resume")
    assert done.returncode == 0, done.stderr
    settings = json.loads((shell.folder / "r.json").read_text(encoding="utf-8"))["settings"]
    assert (settings["interval_target"], settings["rebuilds"], settings["mode"]) == (0.05, 0, "latency")
    assert result_blocks(shell) == before, "its cells were done"


def test_cell_that_timed_out_is_tried_again(shell: Shell) -> None:
    cells = ("--json", "r.json", "--set", "fake.load-us=0,6000000")
    assert shell.bench(*cells, "--load-timeout", "3s").returncode == 1
    before = journal_blocks(shell)
    done = shell.bench(*cells, "--load-timeout", "60s", "--resume")
    assert done.returncode == 0 and "1 cell is tried again" in done.stderr, done.stderr
    document = json.loads((shell.folder / "r.json").read_text(encoding="utf-8"))
    assert [cell["status"] for cell in document["cells"]] == ["ok", "ok"]
    assert journal_blocks(shell)[:len(before)] == before


@pytest.mark.parametrize(("at_load", "status", "said"), [("error-at", 1, "told to fail at load"), ("refuse-at", 0, "told to refuse at load")],
                         ids=["failed", "unsupported with a remedy"])
def test_cell_that_was_tried_again_in_vain_costs_the_others_no_block(shell: Shell, at_load: str, status: int, said: str) -> None:
    cells = ("--json", "r.json", "--set", f"fake.{at_load}=never,load")
    assert shell.bench(*cells).returncode == status
    before = journal_blocks(shell)
    done = shell.bench(*cells, "--resume")
    assert done.returncode == status and "1 cell is tried again" in done.stderr, done.stderr
    assert journal_blocks(shell) == before
    assert said in done.stdout


def test_unsupported_cell_without_a_remedy_stays_so(shell: Shell) -> None:
    cells = ("--json", "r.json", "--set", "fake.refuse-at=never,load")
    assert shell.bench(*cells).returncode == 0

    def forget_remedy(line: dict) -> None:
        if line["kind"] == "cell":
            line["cell"]["remedy"] = ""

    edit_journal(shell, forget_remedy)
    done = shell.bench(*cells, "--resume")
    assert done.returncode == 0 and "tried again" not in done.stderr, done.stderr
    assert "told to refuse at load" in done.stdout


def cells_in_results(shell: Shell) -> dict[str, dict]:
    document = json.loads((shell.folder / "r.json").read_text(encoding="utf-8"))
    return {cell["id"].removeprefix("fake/fp32/"): cell for cell in document["cells"]}


def test_cells_that_a_shorter_command_does_not_name_stay_in_the_results_with_their_ranks(shell: Shell) -> None:
    assert shell.bench("--json", "r.json", "--batch", "1,4", "--set", "fake.latency-us=1000,2000").returncode == 0
    before, blocks = cells_in_results(shell), sorted(result_blocks(shell))
    assert len(before) == 4
    done = shell.bench("--json", "r.json", "--batch", "1", "--set", "fake.latency-us=2000", "--resume")
    assert done.returncode == 0, done.stderr
    assert "3 cells are not asked for by this command, and kept as measured" in done.stderr
    after = cells_in_results(shell)
    assert {name: cell["rank"] for name, cell in after.items()} == {name: cell["rank"] for name, cell in before.items()}
    assert sorted(result_blocks(shell)) == blocks
    for batch in (1, 4):
        assert [cell["is_baseline"] for cell in after.values() if cell["batch"] == batch].count(True) == 1


def test_cells_that_a_shorter_command_does_not_name_and_whose_engine_was_upgraded_are_left_out_with_a_warning(shell: Shell) -> None:
    assert shell.bench("--json", "r.json", "--batch", "1,4").returncode == 0
    upgrade_engine(shell)
    kept = journal_blocks(shell)
    assert shell.bench("--json", "r.json", "--batch", "1", "--resume").returncode == 0
    assert [cell["batch"] for cell in cells_in_results(shell).values()] == [1]
    assert any("now, was 0.0.1: 1 cell is left out, since this command does not ask for it" in warning for warning in warnings_of(shell))
    assert journal_blocks(shell)[:len(kept)] == kept


def test_cell_that_was_not_done_and_is_not_named_any_more_keeps_the_others_from_no_rank(shell: Shell) -> None:
    start_and_kill(shell, 0.3, "--budget", "2s", "--launches", "3")
    done = shell.run("bench", "model.onnx", "--backends", "fake", "--precisions", "fp32", "--set", "fake.latency-us=1000,2000", "--warm-up", "20ms",
                     "--budget", "2s", "--launches", "3", "--json", "r.json", "--resume")
    after = cells_in_results(shell)
    assert [after[f"b1/cpu/latency-us={us}"]["rank"] is None for us in (1000, 2000, 3000)] == [False, False, True], done.stderr
    assert after["b1/cpu/latency-us=3000"]["status"] == "partial" and after["b1/cpu/latency-us=3000"]["blocks"]
    assert_one_error(shell.run("bench", "model.onnx", "--backends", "fake", "--json", "r.json", "--quiet"), 2, "a run that was interrupted")
    assert resume(shell, "--budget", "4s", "--launches", "3").returncode == 0
    assert all(cell["rank"] and cell["status"] == "ok" for cell in cells_in_results(shell).values())


def test_run_that_takes_up_another_and_is_killed_leaves_a_results_file_with_all_that_was_known(shell: Shell) -> None:
    assert shell.bench("--json", "r.json", "--batch", "1,4", "--set", "fake.latency-us=1000,2000").returncode == 0
    before = cells_in_results(shell)
    with shell.start("bench", "model.onnx", "--backends", "fake", "--precisions", "fp32", "--warm-up", "20ms", "--batch", "1,4",
                     "--set", "fake.latency-us=1000,2000,4000", "--budget", "10m", "--json", "r.json", "--resume") as process:
        assert wait_until(lambda: any(block[0].endswith("=4000") for block in journal_blocks(shell)))
        process.kill()
        process.wait()
    after = cells_in_results(shell)
    assert {name: (cell["rank"], cell["latency_ms"]["median"]) for name, cell in after.items()} == {
        name: (cell["rank"], cell["latency_ms"]["median"]) for name, cell in before.items()}
    assert wait_until(lambda: not shell.processes())


def test_figures_of_the_first_launch_are_not_those_of_the_run_that_took_it_up(shell: Shell) -> None:
    assert shell.bench("--json", "r.json", "--set", "fake.latency-us=1000").returncode == 0

    def mark(line: dict) -> None:
        if line["kind"] == "cell" and line["cell"]["load_s"] is not None:
            line["cell"] |= {"load_s": 77.0, "first_inference_ms": 78.0, "build_s": 79.0}
            line["cell"]["memory"]["idle_bytes"] = 80
            line["cell"]["missing"].pop("build_s", None)

    edit_journal(shell, mark)
    before = len(journal_blocks(shell))
    assert shell.bench("--json", "r.json", "--set", "fake.latency-us=1000,4000", "--resume").returncode == 0
    assert len(journal_blocks(shell)) > before
    first, added = (cells_in_results(shell)[f"b1/cpu/latency-us={us}"] for us in (1000, 4000))
    assert (first["load_s"], first["first_inference_ms"], first["build_s"], first["memory"]["idle_bytes"]) == (77.0, 78.0, 79.0, 80)
    assert added["load_s"] < 77.0 and added["memory"]["idle_bytes"] != 80


def test_warnings_of_the_machine_as_it_was_are_kept(shell: Shell) -> None:
    assert shell.bench("--json", "r.json").returncode == 0

    def warn(line: dict) -> None:
        if line["kind"] == "head":
            line["run"]["environment"]["warnings"] = ["the machine was on fire; put it out.", *line["run"]["environment"]["warnings"]]

    edit_journal(shell, warn)
    for _ in range(2):
        assert shell.bench("--json", "r.json", "--resume").returncode == 0
        warnings = warnings_of(shell)
        assert [warning for warning in warnings if "on fire" in warning] == ["earlier in this run: the machine was on fire; put it out."]
        assert len(set(warnings)) == len(warnings)


def test_time_that_an_earlier_run_measured_counts(shell: Shell) -> None:
    assert shell.bench("--json", "r.json", "--budget", "400ms").returncode == 0
    assert shell.bench("--json", "r.json", "--budget", "400ms", "--resume").returncode == 0
    document = json.loads((shell.folder / "r.json").read_text(encoding="utf-8"))
    blocks = [block for cell in document["cells"] for block in cell["blocks"]]
    spent = sum(sum(block["lead_in_ns"]) + sum(block["samples_ns"]) for block in blocks) / 1e9
    assert abs(document["measured_s"] - spent) < 0.01 * spent, "nothing else was measured"
