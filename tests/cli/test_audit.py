"""A cell that does not run what its name says is rejected on real engines, with the flag that lets it pass; with the flag it is measured."""

import importlib.util
import json
import os

import pytest

from conftest import Shell

MODELS = '''
import torch
from torch import nn


class Broken(nn.Module):
    def __init__(self):
        super().__init__()
        self.first, self.second = nn.Linear(8, 16), nn.Linear(16, 8)

    def forward(self, x):
        x = self.first(x)
        torch._dynamo.graph_break()
        return self.second(x)


class Narrowing(nn.Module):
    def __init__(self):
        super().__init__()
        self.inner = nn.Linear(8, 8)

    def forward(self, x):
        with torch.autocast("cpu", dtype=torch.bfloat16):
            return self.inner(x).float()


def broken():
    return Broken(), torch.randn(4, 8)


def narrowing():
    return Narrowing(), torch.randn(4, 8)
'''

needs_torch = pytest.mark.skipif(importlib.util.find_spec("torch") is None, reason="PyTorch is not installed in this Python")


def measured(shell: Shell, *arguments: str) -> tuple[dict, str, int]:
    """The cell that is not the baseline, or the only one; what was printed; the exit status."""
    environment = {name: os.environ[name] for name in ("PODIUM_PYTHON",) if name in os.environ}
    done = shell.run("bench", *arguments, "--precisions", "fp32", "--budget", "600ms", "--launches", "1", "--warm-up", "50ms", "--json", "r.json", env=environment)
    assert (shell.folder / "r.json").exists(), done.stderr
    cells = json.loads((shell.folder / "r.json").read_text(encoding="utf-8"))["cells"]
    others = [cell for cell in cells if not cell["is_baseline"]] or cells
    assert len(others) == 1, [cell["id"] for cell in cells]
    return others[0], done.stdout, done.returncode


def assert_rejected(cell: dict, shown: str, failure_class: str, flag: str, *reasons: str) -> None:
    assert cell["status"] == "rejected", cell["reason"]
    assert cell["failure"]["class"] == failure_class
    assert cell["rank"] is None and cell["latency_ms"] is None, "no time is spent on it"
    assert flag in cell["remedy"]
    for reason in reasons:
        assert reason in cell["reason"]
    assert "rejected" in shown and flag in shown


def assert_allowed(cell: dict, shown: str, reason: str) -> None:
    assert cell["status"] == "ok", cell["reason"]
    assert cell["latency_ms"]["median"] > 0
    assert "(allowed)" in shown and reason in " ".join(shown.split())


def onnxruntime_on_another_provider(shell: Shell, *more: str) -> tuple[dict, str, int]:
    cell, shown, status = measured(shell, "model.onnx", "--backends", "onnxruntime", "--set", "onnxruntime.provider=cpu,azure", *more)
    if cell["status"] == "unsupported":
        pytest.skip("this build of ONNX Runtime has no second provider: " + cell["reason"])
    return cell, shown, status


def test_nodes_that_fell_back_to_another_provider_reject_the_cell(shell: Shell) -> None:
    cell, shown, status = onnxruntime_on_another_provider(shell)
    assert_rejected(cell, shown, "fallback", "--allow-fallback", "CPUExecutionProvider", "AzureExecutionProvider", "MatMul (1)")
    assert status == 1


def test_nodes_that_fell_back_are_measured_where_that_is_allowed(shell: Shell) -> None:
    cell, shown, status = onnxruntime_on_another_provider(shell, "--allow-fallback")
    assert_allowed(cell, shown, "not on the AzureExecutionProvider")
    assert cell["audit"]["fallback_share"] == 1.0
    assert status == 0


def test_a_provider_that_the_library_lacks_is_unsupported_and_the_others_are_listed(shell: Shell) -> None:
    cell, _, _ = measured(shell, "model.onnx", "--backends", "onnxruntime", "--set", "onnxruntime.provider=cpu,bizarre")
    assert cell["status"] == "unsupported"
    assert "'bizarre'" in cell["reason"] and "it has: cpu" in cell["reason"]


def openvino_in_bf16(shell: Shell, policy: str, *more: str) -> tuple[dict, str, int]:
    arguments = ("model.onnx", "--backends", "onnxruntime,openvino", "--set", f"openvino.precision-policy={policy}")
    cell, shown, status = measured(shell, *arguments, *more)
    if cell["status"] == "unsupported":
        pytest.skip(cell["reason"])
    if policy == "engine" and cell["audit"] and not cell["audit"]["other_precision"]:
        pytest.skip("OpenVINO's own choice is float32 on this processor")
    return cell, shown, status


@pytest.mark.parametrize("policy", ["bf16", "engine"])
def test_bf16_of_openvino_under_an_fp32_name_rejects_the_cell(shell: Shell, policy: str) -> None:
    cell, shown, status = openvino_in_bf16(shell, policy)
    assert_rejected(cell, shown, "wrong_precision", "--allow-other-precision", "bfloat16")
    assert status == 1


def test_bf16_of_openvino_under_an_fp32_name_is_measured_where_that_is_allowed(shell: Shell) -> None:
    cell, shown, _ = openvino_in_bf16(shell, "bf16", "--allow-other-precision")
    assert_allowed(cell, shown, "in bfloat16")


def torch_cell(shell: Shell, backend: str, function: str, *more: str) -> tuple[dict, str, int]:
    (shell.folder / "odd_models.py").write_text(MODELS, encoding="utf-8")
    return measured(shell, f"python:odd_models:{function}", "--backends", backend, *more)


@needs_torch
@pytest.mark.usefixtures("compiler_files")
def test_a_graph_break_rejects_the_cell(shell: Shell) -> None:
    cell, shown, _ = torch_cell(shell, "torch-eager,torch-compile", "broken")
    assert_rejected(cell, shown, "fallback", "--allow-fallback", "Python interpreter", "graph_break")
    assert cell["audit"]["graph_breaks"] == 1


@needs_torch
@pytest.mark.usefixtures("compiler_files")
def test_a_graph_break_is_measured_where_that_is_allowed(shell: Shell) -> None:
    cell, shown, _ = torch_cell(shell, "torch-eager,torch-compile", "broken", "--allow-fallback")
    assert_allowed(cell, shown, "handed back to the Python interpreter once")


@needs_torch
def test_bf16_inside_a_model_under_an_fp32_name_rejects_the_cell(shell: Shell) -> None:
    cell, shown, _ = torch_cell(shell, "torch-eager", "narrowing")
    assert_rejected(cell, shown, "wrong_precision", "--allow-other-precision", "in bfloat16")
