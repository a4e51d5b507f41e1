"""What was recorded on GPUs, held against what the docs promise of it: that int8 really ran in int8, and how many layers only reformat."""

import json
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
RECORDED = sorted([*(ROOT / "docs/article").glob("*/*.json"), *(ROOT / "docs/gpu").glob("*.json")])
# A careless choice of Q/DQ shows in these: arithmetic that stays in float, layers that bring numbers into another order and back.
LEAST_INT8 = 0.95
MOST_REFORMATS = 0.15


def tensorrt_cells(file: Path) -> list[dict]:
    cells = json.loads(file.read_text(encoding="utf-8"))["cells"]
    return [cell for cell in cells if cell["backend"] == "tensorrt" and cell["status"] == "ok"]


def test_int8_was_recorded_at_small_and_at_large_batch_sizes() -> None:
    assert {1, 8, 128} <= {cell["batch"] for file in RECORDED for cell in tensorrt_cells(file) if cell["precision"] == "int8-static"}


@pytest.mark.parametrize("file", RECORDED, ids=lambda file: f"{file.parent.name}-{file.stem}")
def test_int8_ran_in_int8_and_few_layers_only_reformat(file: Path) -> None:
    for cell in tensorrt_cells(file):
        audit = cell["audit"]
        layers = sum(audit["providers"].values())
        if cell["precision"] not in ("fp32", "tf32"):  # there the graph is the model's own, and orders of numbers are TensorRT's choice alone
            assert audit["providers"].get("reformat", 0) <= MOST_REFORMATS * layers, cell["id"]
        assert audit["fallback_share"] == 0.0, cell["id"]
        if cell["precision"] == "int8-static":
            assert audit["int8_share"] >= LEAST_INT8, cell["id"]
            assert audit["compute_types"]["int8"] >= LEAST_INT8 * (layers - audit["providers"].get("reformat", 0)), cell["id"]
