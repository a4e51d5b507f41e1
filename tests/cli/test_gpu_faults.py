"""A real GPU that refuses or faults costs the cell where it did, and the run goes on. Skipped, with the reason, where there is none."""

import json

import pytest
from conftest import Shell

# A module that answers in float32 only: with its weight in float16 it reads beyond its input, in bfloat16 it wants more memory than any GPU has.
MODEL = """
import torch

class Faulty(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.scale = torch.nn.Linear(4, 4)

    def forward(self, x):
        kind = self.scale.weight.dtype
        y = self.scale(x)
        if kind == torch.float16:
            return y.flatten()[torch.full((4,), 1 << 24, device=y.device)].unsqueeze(0)
        if kind == torch.bfloat16:
            return y + torch.empty(1 << 46, dtype=torch.uint8, device=y.device)[:4]
        return y

def make():
    return Faulty(), torch.ones(1, 4)
"""


@pytest.fixture(autouse=True)
def gpu() -> None:
    torch = pytest.importorskip("torch")
    if not torch.cuda.is_available():
        pytest.skip(f"PyTorch {torch.__version__} finds no GPU here")


def test_a_fault_of_the_gpu_and_memory_that_it_refuses_cost_their_cell_alone(shell: Shell) -> None:
    (shell.folder / "faulty_model.py").write_text(MODEL, encoding="utf-8")
    options = ["--device", "cuda:0", "--backends", "torch-eager", "--precisions", "fp32,fp16,bf16,tf32"]
    done = shell.run("bench", "python:faulty_model:make", *options, "--launches", "1", "--budget", "2s", "--json", "r.json")
    assert done.returncode == 1, done.stderr
    cells = json.loads((shell.folder / "r.json").read_text(encoding="utf-8"))["cells"]
    found = {cell["precision"]: cell for cell in cells}
    statuses = {precision: cell["status"] for precision, cell in found.items()}
    assert statuses == {"fp32": "ok", "fp16": "failed", "bf16": "out_of_memory", "tf32": "ok"}, [cell["reason"] for cell in cells]
    assert all(found[precision]["latency_ms"]["median"] > 0 for precision in ("fp32", "tf32"))
    assert "CUDA" in found["fp16"]["reason"] or "assert" in found["fp16"]["reason"]
