"""A folder in which the examples' names mean something, and the built program on the PATH."""

import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import numpy
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"
BUILD = Path(os.environ["PODIUM_TEST_BUILD"])
#: A run that is over at once; the fake backend needs no engine.
QUICK = ("--backends", "fake", "--precisions", "fp32", "--batch", "1,2", "--budget", "300ms", "--launches", "2", "--warm-up", "50ms")


def linear_model(width: int, classes: int = 3, layers: int = 1) -> onnx.ModelProto:
    random = numpy.random.default_rng(0)
    sizes = [width] * layers + [classes]
    weights = [numpy_helper.from_array((random.standard_normal(shape) / numpy.sqrt(width)).astype("float32"), f"w{i}") for i, shape in enumerate(zip(sizes, sizes[1:], strict=False))]
    names = ["features", *(f"h{i}" for i in range(1, layers)), "scores"]
    nodes = [helper.make_node("MatMul", [names[i], f"w{i}"], [names[i + 1]]) for i in range(layers)]
    graph = helper.make_graph(nodes, "linear", [helper.make_tensor_value_info("features", TensorProto.FLOAT, ["batch", width])],
                              [helper.make_tensor_value_info("scores", TensorProto.FLOAT, ["batch", classes])], weights)
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9)


class Place:
    """A folder with model.onnx."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.environment = {name: value for name, value in os.environ.items() if not name.startswith("PODIUM_")} | {
            "PATH": f"{BUILD}:{Path(sys.executable).parent}:{os.environ['PATH']}", "XDG_CACHE_HOME": str(folder / "cache"), "PODIUM_LOCK_DIR": str(folder)}
        onnx.save(linear_model(4), folder / "model.onnx")

    def run(self, *command: str | Path, env: dict[str, str] | None = None) -> subprocess.CompletedProcess[str]:
        return subprocess.run([str(part) for part in command], cwd=self.folder, env=self.environment | (env or {}), stdin=subprocess.DEVNULL,
                              capture_output=True, text=True, timeout=300, check=False)

    def bench(self, *flags: str, quick: Sequence[str] = QUICK) -> None:
        done = self.run("podium", "bench", "model.onnx", *quick, "--json", "results.json", *flags)
        assert done.returncode == 0, done.stderr


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(tmp_path)
