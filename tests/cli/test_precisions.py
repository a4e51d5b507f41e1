"""`podium bench` with precisions that Podium's converter makes, on real engines: what they run, how it is judged, what is told where it cannot be."""

import importlib.util
import json
import os
import re
import subprocess
from dataclasses import dataclass
from pathlib import Path

import onnx
import pytest
from onnx import TensorProto, helper

from conftest import Shell, assert_one_error, shell_in
from models import classifier, write_inputs

ENGINES = ["onnxruntime", "openvino"]
TORCH_MODEL = '''
import torch
from torch import nn


class Residual(nn.Module):
    def __init__(self):
        super().__init__()
        self.first = nn.Sequential(nn.Conv2d(3, 16, 3, padding=1, bias=False), nn.BatchNorm2d(16), nn.ReLU())
        self.second = nn.Sequential(nn.Conv2d(16, 16, 3, padding=1, bias=False), nn.BatchNorm2d(16))
        self.scores = nn.Linear(16, 10)

    def forward(self, image):
        image = self.first(image)
        image = torch.relu(self.second(image) + image)
        return self.scores(image.mean((2, 3)))


def residual():
    torch.manual_seed(0)
    return Residual().eval(), torch.zeros(1, 3, 16, 16)
'''
needs_torch = pytest.mark.skipif(any(importlib.util.find_spec(name) is None for name in ("torch", "torchao")), reason="PyTorch or torchao is not installed in this Python")
QUICK = ["--launches", "1", "--warm-up", "50ms", "--budget", "600ms", "--json", "r.json"]
STATIC_INT8 = ["--backends", "onnxruntime", "--precisions", "fp32,int8-static"]


def furnish(shell: Shell) -> Shell:
    onnx.save(classifier(), shell.folder / "classifier.onnx")
    write_inputs(shell.folder / "plenty.npz", 96, seed=1, image=(3, 16, 16))
    write_inputs(shell.folder / "few.npz", 20, seed=2, image=(3, 16, 16))
    return shell


@pytest.fixture
def workshop(shell: Shell) -> Shell:
    return furnish(shell)


def bench(shell: Shell, *arguments: str, model: str = "classifier.onnx", status: int | None = 0, **options) -> tuple[dict, subprocess.CompletedProcess[str]]:
    done = shell.run("bench", model, *QUICK, *arguments, **options)
    assert status in (done.returncode, None), f"{done.stdout}\n{done.stderr}"
    return json.loads((shell.folder / "r.json").read_text(encoding="utf-8")), done


@dataclass
class Measured:
    """A run that several tests look at, and where it was made."""

    shell: Shell
    results: dict
    done: subprocess.CompletedProcess[str]


def measured(folder: Path, *arguments: str) -> Measured:
    with shell_in(folder) as shell:
        results, done = bench(furnish(shell), *arguments)
    return Measured(shell, results, done)


@pytest.fixture(scope="module")
def both_engines(tmp_path_factory: pytest.TempPathFactory) -> dict:
    """The results of every precision on both."""
    folder = tmp_path_factory.mktemp("both_engines")
    return measured(folder, "--backends", ",".join(ENGINES), "--precisions", "fp32,fp16,int8-dynamic,int8-static", "--data", "plenty.npz").results


@pytest.fixture(scope="module")
def kept_back(tmp_path_factory: pytest.TempPathFactory) -> Measured:
    """Calibrated with some of the inputs, judged by the others."""
    return measured(tmp_path_factory.mktemp("kept_back"), *STATIC_INT8, "--data", "few.npz")


@pytest.fixture(scope="module")
def calibrated_apart(tmp_path_factory: pytest.TempPathFactory) -> Measured:
    """Calibrated with inputs of their own."""
    return measured(tmp_path_factory.mktemp("calibrated_apart"), *STATIC_INT8, "--data", "few.npz", "--calibrate", "plenty.npz", "--method", "mse")


def by_name(results: dict) -> dict[tuple[str, str], dict]:
    return {(cell["backend"], cell["precision"]): cell for cell in results["cells"]}


def test_log_has_a_line_for_each_step_of_a_conversion_not_for_each_batch(calibrated_apart: Measured) -> None:
    lines = calibrated_apart.done.stderr.splitlines()
    steps = [line.split(maxsplit=1)[1] for line in lines if " build " in line]
    assert sum(step.endswith(": calibrating") for step in steps) == 1, steps
    assert not [step for step in steps if re.search(r"\d+/\d+", step)] and len(set(steps)) == len(steps)


def test_int8_runs_beside_fp32_on_both_engines(both_engines: dict) -> None:
    results, cells = both_engines, by_name(both_engines)
    assert cells["onnxruntime", "fp32"]["is_baseline"]
    for engine in ENGINES:
        static = cells[engine, "int8-static"]
        assert static["status"] == "ok", static["reason"]
        assert static["output_error"]["verdict"] == "agrees" and static["output_error"]["samples"] == 32
        assert static["audit"]["int8_share"] > 0.2
        assert static["build_s"] > 0 and static["artifact_bytes"] > 0
        assert static["variant_sha256"] != cells[engine, "fp32"]["variant_sha256"]
        assert cells[engine, "int8-dynamic"]["status"] in ("ok", "unsupported"), cells[engine, "int8-dynamic"]["reason"]
    assert cells["onnxruntime", "int8-dynamic"]["status"] == "ok", cells["onnxruntime", "int8-dynamic"]["reason"]
    assert results["settings"]["method"] == "percentile" and len(results["settings"]["calibration_sha256"]) == 64
    assert not any("random inputs" in warning for warning in results["environment"]["warnings"])


@needs_torch
@pytest.mark.usefixtures("compiler_files")
def test_static_int8_of_compiled_pytorch_is_measured_and_audited_and_eager_says_why_it_has_none(workshop: Shell) -> None:
    (workshop.folder / "small_models.py").write_text(TORCH_MODEL, encoding="utf-8")
    environment = {name: os.environ[name] for name in ("PODIUM_PYTHON",) if name in os.environ}
    results, _ = bench(workshop, "--backends", "torch-eager,torch-compile,aotinductor", "--precisions", "fp32,int8-dynamic,int8-static", "--data", "plenty.npz",
                       model="python:small_models:residual", env=environment, timeout=500)
    cells = by_name(results)
    assert cells["torch-eager", "fp32"]["is_baseline"]
    for engine in ("torch-compile", "aotinductor"):
        static = cells[engine, "int8-static"]
        assert static["status"] == "ok", static["reason"]
        assert static["latency_ms"]["median"] > 0
        assert static["output_error"]["verdict"] == "agrees" and static["output_error"]["sqnr_db"] < 60, "int8 leaves its mark on the answers"
        assert static["audit"]["int8_share"] > 0.9 and {"int8", "uint8"} & set(static["audit"]["compute_types"])
    for engine in ("torch-eager", "torch-compile", "aotinductor"):
        dynamic = cells[engine, "int8-dynamic"]
        assert dynamic["status"] == "ok", dynamic["reason"]
        assert 0 < dynamic["audit"]["int8_share"] < 0.9, "the linear layer alone"
    refused = cells["torch-eager", "int8-static"]
    assert refused["status"] == "unsupported" and "does not compute in int8-static" in refused["reason"]


def test_half_precision_is_converted_or_refused_with_the_reason(both_engines: dict) -> None:
    for engine in ENGINES:
        cell = by_name(both_engines)[engine, "fp16"]
        assert cell["status"] in ("ok", "unsupported"), cell["reason"]
        assert cell["status"] == "ok" or cell["reason"]


def test_second_run_takes_the_model_from_the_cache_and_another_method_makes_one_anew(workshop: Shell) -> None:
    arguments = [*STATIC_INT8, "--data", "plenty.npz"]
    variants = []
    for more, cached in (([], False), ([], True), (["--method", "min-max"], False)):
        cell = by_name(bench(workshop, *arguments, *more)[0])["onnxruntime", "int8-static"]
        assert cell["build_cached"] == cached
        variants.append(cell["variant_sha256"])
    assert variants[0] == variants[1] != variants[2]


def test_where_all_inputs_would_be_judged_by_some_are_kept_back_to_calibrate_with(kept_back: Measured) -> None:
    results, done = kept_back.results, kept_back.done
    cells = by_name(results)
    assert cells["onnxruntime", "int8-static"]["output_error"]["samples"] == cells["onnxruntime", "fp32"]["output_error"]["samples"] == 12
    assert cells["onnxruntime", "int8-static"]["output_error"]["verdict"] == "agrees"
    assert results["data"].startswith("12 of 20 samples") and "8 of 20 samples" in done.stderr
    assert not any("random inputs" in warning for warning in results["environment"]["warnings"])


def replayed(measured: Measured, cell: str) -> dict:
    done = measured.shell.run("replay", "r.json", "--cell", cell, "--json", "again.json")
    assert done.returncode in (0, 1), done.stderr
    return json.loads((measured.shell.folder / "again.json").read_text(encoding="utf-8"))


def test_replay_of_a_cell_without_ranges_judges_by_the_same_inputs(kept_back: Measured) -> None:
    again = replayed(kept_back, "onnxruntime/fp32/b1/cpu")
    assert [(cell["precision"], cell["output_error"]["samples"]) for cell in again["cells"]] == [("fp32", 12)]


def test_with_too_few_inputs_static_int8_is_unsupported_and_the_rest_runs(workshop: Shell) -> None:
    write_inputs(workshop.folder / "ten.npz", 10, seed=3, image=(3, 16, 16))
    results, _ = bench(workshop, "--backends", "onnxruntime", "--precisions", "fp32,int8-dynamic,int8-static", "--data", "ten.npz")
    cells = by_name(results)
    assert cells["onnxruntime", "fp32"]["status"] == cells["onnxruntime", "int8-dynamic"]["status"] == "ok"
    refused = cells["onnxruntime", "int8-static"]
    assert refused["status"] == "unsupported" and "hold 10" in refused["reason"] and "--calibrate" in refused["reason"]


def test_without_data_ranges_come_from_random_inputs_with_a_warning(workshop: Shell) -> None:
    results, done = bench(workshop, *STATIC_INT8, status=None)
    assert any("random inputs" in warning and "--calibrate" in warning for warning in results["environment"]["warnings"])
    assert "random inputs" in done.stderr


def test_calibration_inputs_of_their_own(calibrated_apart: Measured) -> None:
    results = calibrated_apart.results
    assert by_name(results)["onnxruntime", "int8-static"]["status"] == "ok"
    assert results["settings"]["calibration"] == str(calibrated_apart.shell.folder / "plenty.npz")
    assert not any("random inputs" in warning for warning in results["environment"]["warnings"])


def test_inputs_in_both_sets_are_refused(workshop: Shell) -> None:
    done = workshop.run("bench", "classifier.onnx", "--backends", "onnxruntime", "--precisions", "int8-static", "--data", "few.npz", "--calibrate", "few.npz")
    assert_one_error(done, 2, "also calibrated with")


def test_model_that_has_nothing_to_convert_is_unsupported_with_the_reason(shell: Shell) -> None:
    graph = helper.make_graph([helper.make_node("Sin", ["x"], ["y"], name="sine")], "sine",
                              [helper.make_tensor_value_info("x", TensorProto.FLOAT, ["batch", 4])],
                              [helper.make_tensor_value_info("y", TensorProto.FLOAT, ["batch", 4])])
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9), shell.folder / "sine.onnx")
    results, _ = bench(shell, "--backends", "onnxruntime", "--precisions", "fp32,int8-dynamic,int8-static", model="sine.onnx")
    for precision in ("int8-dynamic", "int8-static"):
        cell = by_name(results)["onnxruntime", precision]
        assert cell["status"] == "unsupported" and "no node of the model" in cell["reason"]


def test_replay_repeats_an_int8_cell(calibrated_apart: Measured) -> None:
    again = by_name(replayed(calibrated_apart, "onnxruntime/int8-static/b1/cpu"))
    assert again["onnxruntime", "int8-static"]["variant_sha256"] == by_name(calibrated_apart.results)["onnxruntime", "int8-static"]["variant_sha256"]
