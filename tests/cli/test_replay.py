"""A measurement is made again from its file. The recorded samples are set by hand: wide apart where it must agree, far off where it must not."""

import json
import shutil
from pathlib import Path

import pytest

from conftest import Shell, assert_one_error

FAST, SLOW = "fake/fp32/b1/cpu/latency-us=1000", "fake/fp32/b1/cpu/latency-us=2000"


@pytest.fixture
def recorded(shell: Shell, measured: Path) -> dict:
    """The one run, as if it had been made of this test's model."""
    document = json.loads((measured / "r.json").read_text(encoding="utf-8"))
    document["settings"]["model"] = str(shell.folder / "model.onnx")
    undisturb(document)
    write(shell, document)
    return document


def write(shell: Shell, document: dict, name: str = "r.json") -> None:
    (shell.folder / name).write_text(json.dumps(document), encoding="utf-8")


def undisturb(document: dict) -> None:
    """Four launches a cell, none of their rounds set aside, and as many to make now: what else this machine does then leaves enough to compare."""
    document["settings"] |= {"launches": 4, "budget_s": 1.0}
    for cell in document["cells"]:
        quiet = cell["blocks"][0] | {"set_aside": False, "evidence": ""}
        cell["blocks"] = [quiet | {"launch": launch, "round": number} for launch in range(4) for number in range(3)]


def scale(document: dict, *factors: float, only: str = "") -> None:
    """Every cell's launches, by each factor in turn."""
    for cell in document["cells"]:
        for block in cell["blocks"]:
            if only in cell["id"]:
                block["samples_ns"] = [round(sample * factors[block["launch"] % len(factors)]) for sample in block["samples_ns"]]


def spread(document: dict) -> None:
    """A recorded time that is uncertain by a factor, and the ratio to the baseline too."""
    scale(document, 0.1, 10.0, only="1000")
    scale(document, 10.0, 0.1, only="2000")


def test_recorded_figure_within_its_interval_agrees(shell: Shell, recorded: dict) -> None:
    spread(recorded)
    write(shell, recorded)
    done = shell.run("replay", "r.json", "--cell", SLOW, "--json", "again.json")
    assert done.returncode == 0, done.stdout + done.stderr
    assert f"{SLOW} agrees:" in done.stdout and "ratio to the baseline agrees" in done.stdout
    again = json.loads((shell.folder / "again.json").read_text(encoding="utf-8"))
    assert sorted(cell["id"] for cell in again["cells"]) == [FAST, SLOW]
    assert again["settings"]["data_sha256"] == recorded["settings"]["data_sha256"]


def test_load_on_the_recorded_run_is_told(shell: Shell, recorded: dict) -> None:
    spread(recorded)
    recorded["cells"][1]["blocks"][0]["evidence"] = "a foreign load took 43 % of the CPUs"
    write(shell, recorded)
    printed = " ".join(shell.run("replay", "r.json", "--cell", SLOW, "--quiet").stdout.split())
    blocks = sum(len(cell["blocks"]) for cell in recorded["cells"])
    assert f"the recorded run: 1 of {blocks} blocks" in printed and "were measured under load (of the first: a foreign load took 43 % of the CPUs)" in printed


def test_recorded_figure_that_is_far_off_does_not_agree(shell: Shell, recorded: dict) -> None:
    scale(recorded, 0.01, 0.0101, only="2000")
    write(shell, recorded)
    done = shell.run("replay", "r.json", "--cell", SLOW, "--quiet")
    assert done.returncode == 1, done.stdout + done.stderr
    assert f"{SLOW} does not agree" in done.stdout
    assert done.stderr == ""


def test_one_recorded_round_is_too_few_to_judge_by(shell: Shell, recorded: dict) -> None:
    for cell in recorded["cells"]:
        del cell["blocks"][1:]
    write(shell, recorded)
    done = shell.run("replay", "r.json", "--cell", SLOW, "--quiet")
    assert done.returncode == 1, done.stdout + done.stderr
    assert f"{SLOW} cannot be judged:" in done.stdout and "its ratio to the baseline cannot be judged" in done.stdout
    assert "too few rounds for an interval" in done.stdout and "agree:" not in done.stdout


def test_fastest_cell_is_the_default_and_may_be_the_baseline(shell: Shell, recorded: dict) -> None:
    spread(recorded)
    write(shell, recorded)
    done = shell.run("replay", "r.json")
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.startswith(FAST) and "ratio" not in done.stdout


def test_it_measures_as_the_recorded_run_was_told_to_and_throughput_where_that_was_measured(shell: Shell) -> None:
    how = ("--mode", "both", "--threads", "1", "--rebuilds", "3", "--interval-target", "5%")
    assert shell.bench("--set", "fake.latency-us=1000", *how, "--json", "r.json").returncode == 0
    recorded = json.loads((shell.folder / "r.json").read_text(encoding="utf-8"))
    undisturb(recorded)
    scale(recorded, 0.1, 10.0)
    elapsed = [block["elapsed_ns"] for block in recorded["cells"][0]["throughput_blocks"]]
    for block in recorded["cells"][0]["throughput_blocks"]:
        block["elapsed_ns"] = round(block["elapsed_ns"] * (0.1, 10.0)[block["launch"] % 2])
    write(shell, recorded)
    done = shell.run("replay", "r.json", "--json", "again.json")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "its throughput agrees: " in done.stdout and " a second now, " in done.stdout
    again = json.loads((shell.folder / "again.json").read_text(encoding="utf-8"))
    for key, value in {"mode": "both", "rebuilds": 3, "interval_target": 0.05}.items():
        assert again["settings"][key] == recorded["settings"][key] == value
    assert again["cells"][0]["throughput"]["warm_up"]["trace_ms"]
    for block, was in zip(recorded["cells"][0]["throughput_blocks"], elapsed, strict=True):
        block["elapsed_ns"] = 100 * was
    write(shell, recorded)
    done = shell.run("replay", "r.json", "--quiet")
    assert done.returncode == 1, done.stdout + done.stderr
    assert "does not agree: " in done.stdout and "its throughput does not agree: " in done.stdout


def test_several_cells_are_repeated_one_by_one(shell: Shell, recorded: dict) -> None:
    spread(recorded)
    write(shell, recorded)
    done = shell.run("replay", "r.json", "--cell", FAST, "--cell", SLOW)
    outcomes = [line for line in done.stdout.splitlines() if not line.startswith(" ")]  # what is indented tells of one of them
    assert [line.split()[0] for line in outcomes] == [FAST, SLOW]
    assert_one_error(shell.run("replay", "r.json", "--cell", FAST, "--cell", SLOW, "--json", "x.json"), 2, "--json", "one --cell")


def test_settings_are_kept_so_that_another_folder_will_do(shell: Shell, measured: Path, recorded: dict) -> None:
    assert json.loads((measured / "r.json").read_text(encoding="utf-8"))["settings"]["model"] == str(measured / "model.onnx")
    spread(recorded)
    (shell.folder / "elsewhere").mkdir()
    write(shell, recorded, "elsewhere/r.json")
    assert shell.run("replay", "r.json", cwd=shell.folder / "elsewhere").returncode == 0


def test_unknown_cell_names_the_nearest(shell: Shell, recorded: dict) -> None:
    assert_one_error(shell.run("replay", "r.json", "--cell", FAST[:-1]), 2, "--cell", f"did you mean '{FAST}'?", f"choose from {FAST}, {SLOW}")


def test_cell_that_did_not_run_cannot_be_repeated(shell: Shell, recorded: dict) -> None:
    recorded["cells"][1] |= {"status": "failed", "reason": "it crashed"}
    write(shell, recorded)
    name = recorded["cells"][1]["id"]
    assert_one_error(shell.run("replay", "r.json", "--cell", name), 2, name, "no figure to repeat", "failed")


def test_other_machine_is_refused_unless_allowed(shell: Shell, recorded: dict) -> None:
    spread(recorded)
    recorded["environment"]["cpu"] = "Another Processor"
    write(shell, recorded)
    assert_one_error(shell.run("replay", "r.json"), 2, "Another Processor", "--allow-different machine")
    done = shell.run("replay", "r.json", "--allow-different", "machine")
    assert done.returncode == 0 and "processor was Another Processor" in done.stdout


def test_model_that_changed_is_named(shell: Shell, recorded: dict) -> None:
    recorded["model"]["sha256"] = "0" * 64
    write(shell, recorded)
    done = shell.run("replay", "r.json", "--quiet")
    assert_one_error(done, 2, "model.onnx", "not the one that was measured", "000000000000")


def test_model_that_is_gone_is_named(shell: Shell, recorded: dict) -> None:
    (shell.folder / "model.onnx").unlink()
    assert_one_error(shell.run("replay", "r.json", "--quiet"), 2, "model.onnx")


def test_data_that_changed_or_is_gone_is_named(shell: Shell) -> None:
    import numpy

    numpy.save(shell.folder / "data.npy", numpy.random.default_rng(0).standard_normal((20, 4)).astype("float32"))
    assert shell.bench("--data", "data.npy", "--json", "r.json").returncode == 0
    numpy.save(shell.folder / "data.npy", numpy.zeros((20, 4), dtype="float32"))
    assert_one_error(shell.run("replay", "r.json", "--quiet"), 2, "data.npy", "not those that were measured with")
    (shell.folder / "data.npy").unlink()
    assert_one_error(shell.run("replay", "r.json", "--quiet"), 2, "data.npy")


def test_file_without_settings_is_told_to_be_older(shell: Shell, recorded: dict) -> None:
    del recorded["settings"]
    write(shell, recorded)
    assert_one_error(shell.run("replay", "r.json"), 2, "older", "podium bench --json")
    (shell.folder / "b.json").write_text(json.dumps(recorded | {"started": "2026-03-01T03:15:00Z"}), encoding="utf-8")
    assert shell.run("compare", "r.json", "b.json").returncode == 0, "it can be compared all the same"


def test_wrong_use_is_told(shell: Shell, recorded: dict) -> None:
    assert_one_error(shell.run("replay"), 2, "no FILE was given", "podium replay results.json")
    assert_one_error(shell.run("replay", "none.json"), 2, "none.json", "No such file")
    assert_one_error(shell.run("replay", "model.onnx"), 2, "model.onnx")
    assert_one_error(shell.run("replay", "r.json", "--budget", "soon"), 2, "--budget")
    assert_one_error(shell.run("replay", "r.json", "--json", "./r.json"), 2, "--json", "recorded run itself")
    assert_one_error(shell.run("replay", "r.json", "--allow-different", "model"), 2, "--allow-different", "machine")
