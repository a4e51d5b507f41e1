"""A real GPU that refuses or faults costs the cell where it did, and the run goes on. Skipped, with the reason, where there is none."""

import json

import pytest
from conftest import Shell

# A module that answers at batch 1 only: at 2 it reads beyond its input, at 4 it wants more memory than any GPU has.
MODEL = """
import torch

class Faulty(torch.nn.Module):
    def forward(self, x):
        batch = x.shape[0]
        beyond = torch.full((batch,), (1 << 24) if batch == 2 else 0, device=x.device)
        vast = torch.empty((1 << 46) if batch == 4 else 4, dtype=torch.uint8, device=x.device)
        return (x.flatten()[beyond] + vast[:1].float() * 0).unsqueeze(1)

def make():
    return Faulty(), torch.zeros(1, 4)
"""


@pytest.fixture(autouse=True)
def gpu() -> None:
    torch = pytest.importorskip("torch")
    if not torch.cuda.is_available():
        pytest.skip(f"PyTorch {torch.__version__} finds no GPU here")


def test_a_fault_of_the_gpu_and_memory_that_it_refuses_cost_their_cell_alone(shell: Shell) -> None:
    (shell.folder / "faulty_model.py").write_text(MODEL, encoding="utf-8")
    options = ["--device", "cuda:0", "--backends", "torch-eager", "--precisions", "fp32,fp16", "--batch", "1,2,4"]
    done = shell.run("bench", "python:faulty_model:make", *options, "--launches", "1", "--budget", "2s", "--json", "r.json")
    assert done.returncode == 1, done.stderr
    cells = json.loads((shell.folder / "r.json").read_text(encoding="utf-8"))["cells"]
    found = {(cell["batch"], cell["precision"]): cell for cell in cells}
    for precision in ("fp32", "fp16"):
        statuses = [found[batch, precision]["status"] for batch in (1, 2, 4)]
        assert statuses == ["ok", "failed", "out_of_memory"], [found[batch, precision]["reason"] for batch in (1, 2, 4)]
        assert found[1, precision]["latency_ms"]["median"] > 0
        assert "CUDA" in found[2, precision]["reason"] or "assert" in found[2, precision]["reason"]
