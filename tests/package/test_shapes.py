"""Several sizes of a free axis: what `shapes` takes, and what comes of it."""

import json
from pathlib import Path
from typing import Any

import numpy
import onnx
import pytest
from conftest import ENGINE, QUICK
from onnx import TensorProto, helper, numpy_helper

import podium

WEIGHT = numpy.random.default_rng(1).standard_normal((8, 8)).astype("float32")


@pytest.fixture(scope="module")
def rows(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """y = x × WEIGHT over rows whose number is free, as the tokens of a text are."""
    graph = helper.make_graph([helper.make_node("MatMul", ["x", "weight"], ["y"])], "rows",
                              [helper.make_tensor_value_info("x", TensorProto.FLOAT, ["batch", "length", 8])],
                              [helper.make_tensor_value_info("y", TensorProto.FLOAT, ["batch", "length", 8])], [numpy_helper.from_array(WEIGHT, "weight")])
    file = tmp_path_factory.mktemp("rows") / "rows.onnx"
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9), file)
    return file


@pytest.mark.parametrize(("shape", "measured"), [
    ((1, (4, 16, 64), 8), [16, 4, 64]),
    ([1, [4, 16], 8], [16, 4]),
    ((1, numpy.int64(4), 8), [4]),
])
def test_each_size_gets_a_variant_the_middle_one_first(rows: Path, shape: Any, measured: list[int]) -> None:
    best = podium.optimize(rows, shapes={"x": shape}, **ENGINE)
    assert [variant["inputs"][0]["shape"][1] for variant in best.manifest["variants"]] == measured
    assert best.report is not None
    assert [more["shapes"]["x"][1] for more in best.report.search["more_shapes"]] == measured[1:]
    for length in (1, 16, 100):
        x = numpy.random.default_rng(length).standard_normal((1, length, 8)).astype("float32")
        numpy.testing.assert_allclose(best(x), x @ WEIGHT, atol=1e-4)


@pytest.mark.parametrize(("shapes", "told"), [
    ({"x": (1, (16, 4), 8)}, "do not grow"),
    ({"x": (1, (4, 16), (8, 9, 10))}, "different numbers of sizes"),
    ({"x": (1, (4, 16), 8), "y": (1, (4, 16, 64))}, "another input"),
    ({"x": (1, (), 8)}, "has no size"),
    ({"x": (1, 0, 8)}, "less than 1"),
])
def test_sizes_that_do_not_go_together_are_refused(rows: Path, shapes: Any, told: str) -> None:
    with pytest.raises(podium.WrongUse) as caught:
        podium.optimize(rows, shapes=shapes, **ENGINE)
    assert told in str(caught.value) and "shapes= x=" in caught.value.message.replace("y=", "x=") and "--" not in str(caught.value)


def test_interrupted_search_goes_on_where_it_ended(rows: Path, tmp_path: Path) -> None:
    stopped = {"shapes": {"x": (1, 16, 8)}, "json": tmp_path / "r.json", "backends": ["fake"], "options": {"fake.latency-us": [2000, 3000]}} | QUICK | {"budget": 6.0}

    def stop(now: podium.Progress) -> None:
        if now.stage == "measure" and (tmp_path / "r.json.journal").read_text().count('"kind":"block"') >= 4:
            raise RuntimeError("stopped")

    with pytest.raises(RuntimeError, match="stopped"):
        podium.optimize(rows, progress=stop, **stopped)
    before = (tmp_path / "r.json.journal").read_text().count('"kind":"block"')
    with pytest.raises(podium.PodiumError) as caught:
        podium.optimize(rows, **stopped)
    assert "resume=" in str(caught.value) and "overwrite=" in str(caught.value)
    best = podium.optimize(rows, resume=True, **stopped)
    assert best.report is not None
    blocks = [block for cell in json.loads((tmp_path / "r.json").read_text())["cells"] for block in cell["blocks"]]
    assert len(blocks) > before >= 4
    assert podium.optimize(rows, overwrite=True, **stopped).report is not None
