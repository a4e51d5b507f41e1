"""The package of the build folder, a model of two layers, and artefacts of it."""

import os
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

ROOT = Path(__file__).resolve().parents[2]
BUILD = Path(os.environ["PODIUM_TEST_BUILD"])
sys.path.insert(0, str(BUILD / "python"))

import podium  # noqa: E402

WEIGHT = numpy.random.default_rng(0).standard_normal((4, 3)).astype("float32")
#: Of a search that is over soon. ONNX Runtime's options are settled, so that its defaults are all that is tried.
QUICK = {"budget": 4.0, "warm_up": 0.05, "speed_only": True, "precisions": ["fp32"]}
ENGINE = QUICK | {"backends": ["onnxruntime"], "options": {"onnxruntime.graph-optimization": "all"}}


def small_model() -> onnx.ModelProto:
    """scores = features × WEIGHT, and doubled = 2 × features; the batch is free."""
    nodes = [helper.make_node("MatMul", ["features", "weight"], ["scores"]), helper.make_node("Add", ["features", "features"], ["doubled"])]
    graph = helper.make_graph(nodes, "small", [helper.make_tensor_value_info("features", TensorProto.FLOAT, ["batch", 4])],
                              [helper.make_tensor_value_info("scores", TensorProto.FLOAT, ["batch", 3]),
                               helper.make_tensor_value_info("doubled", TensorProto.FLOAT, ["batch", 4])], [numpy_helper.from_array(WEIGHT, "weight")])
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9)


@pytest.fixture(scope="session", autouse=True)
def own_place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """A cache of the tests' own, and no waiting for a measurement elsewhere on this machine."""
    folder = tmp_path_factory.mktemp("place")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", str(folder / "cache"))
        patch.setenv("PODIUM_LOCK_DIR", str(folder))
        yield


@pytest.fixture(scope="session")
def model_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("model") / "model.onnx"
    onnx.save(small_model(), file)
    return file


@pytest.fixture(scope="session")
def artefact(model_file: Path) -> Path:
    """Of ONNX Runtime, found by a search."""
    if not (BUILD / "backends/podium-backend-onnxruntime.so").exists():
        pytest.skip("ONNX Runtime is not built in (scripts/setup)")
    folder = model_file.parent / "best"
    podium.optimize(model_file, output=folder, **ENGINE)
    return folder
