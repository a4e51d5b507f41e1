"""`podium convert` to float16 and bfloat16, where numbers go beyond what they hold."""

import numpy
import onnx
import pytest

from conftest import Shell, assert_one_error
from converted import answers, centred_sqnr, convert, workshop  # noqa: F401: workshop is a fixture
from models import classifier, write_inputs


def lifted_between_layers() -> onnx.ModelProto:
    """Between two layers 2000 is added and taken away again: there float16 has steps of 1, and bfloat16 of 8."""
    make, random = onnx.helper, numpy.random.default_rng(4)
    weights = {"first.weight": random.standard_normal((16, 16)) / 4, "last.weight": random.standard_normal((16, 16)) / 4, "height": numpy.float32(2000)}
    nodes = [make.make_node("MatMul", ["x", "first.weight"], ["a"], name="first"), make.make_node("Add", ["a", "height"], ["b"], name="lift"),
             make.make_node("Sub", ["b", "height"], ["c"], name="drop"), make.make_node("Relu", ["c"], ["d"], name="relu"),
             make.make_node("MatMul", ["d", "last.weight"], ["y"], name="last")]
    values = [make.make_tensor_value_info(name, onnx.TensorProto.FLOAT, ["batch", 16]) for name in ("x", "y")]
    stored = [onnx.numpy_helper.from_array(numpy.asarray(value, "float32"), name) for name, value in weights.items()]
    return make.make_model(make.make_graph(nodes, "lifted", values[:1], values[1:], stored), opset_imports=[make.make_opsetid("", 17)], ir_version=9)


@pytest.fixture
def lifted(shell: Shell) -> Shell:
    onnx.save(lifted_between_layers(), shell.folder / "lifted.onnx")
    write_inputs(shell.folder / "seen.npz", 64, seed=1, x=(16,))
    write_inputs(shell.folder / "unseen.npz", 24, seed=2, x=(16,))
    return shell


@pytest.mark.parametrize("precision", ["fp16", "bf16"])
def test_nodes_that_half_precision_loses_the_answers_at_are_named(lifted: Shell, precision: str) -> None:
    report = convert(lifted, "--to", precision, "--calibrate", "seen.npz", model="lifted.onnx")
    assert report["output_error"]["verdict"] == "disagrees"
    lost_at = [note for note in report["notes"] if note.startswith("lost at ")]
    assert {note.split()[2] for note in lost_at} >= {"'lift'", "'drop'"}, report["notes"]
    assert "rounding alone does it" in lost_at[0]


@pytest.mark.parametrize(("precision", "bound"), [("fp16", 50), ("bf16", 30)])
def test_nodes_that_half_precision_cannot_do_without_go_back_to_float(lifted: Shell, precision: str, bound: int) -> None:
    report = convert(lifted, "--to", precision, "--calibrate", "seen.npz", "--data", "unseen.npz", "--min-sqnr", str(bound), model="lifted.onnx")
    assert report["bound_holds"] and report["output_error"]["sqnr_db"] >= bound
    assert {node for node, reason in report["left_wide"].items() if "given back" in reason} >= {"lift", "drop"}
    weights = {tensor.name: tensor.data_type for tensor in onnx.load(lifted.folder / "out.onnx").graph.initializer}
    half = onnx.TensorProto.FLOAT16 if precision == "fp16" else onnx.TensorProto.BFLOAT16
    assert weights["first.weight"] == weights["last.weight"] == half
    if precision == "fp16":
        inputs = dict(numpy.load(lifted.folder / "unseen.npz"))
        assert centred_sqnr(answers(lifted.folder / "lifted.onnx", inputs), answers(lifted.folder / "out.onnx", inputs)) >= bound


def test_numbers_that_only_inputs_show_to_be_too_large_are_told(workshop: Shell) -> None:
    model = classifier()
    for tensor in model.graph.initializer:  # what the first layer makes is too large for float16, and the second makes it small again
        if tensor.name in ("w1", "w2"):
            values = onnx.numpy_helper.to_array(tensor) * numpy.float32(1e5 if tensor.name == "w1" else 1e-5)
            tensor.CopyFrom(onnx.numpy_helper.from_array(values, tensor.name))
    onnx.save(model, workshop.folder / "classifier.onnx")
    report = convert(workshop, "--to", "fp16", "--data", "unseen.npz")
    assert report["output_error"]["verdict"] == "disagrees" and report["output_error"]["sqnr_db"] is None
    assert any("--calibrate DATA keeps them wide" in note for note in report["notes"]), report["notes"]
    assert_one_error(workshop.run("convert", "classifier.onnx", "--to", "fp16", "--calibrate", "seen.npz", "-o", "out.onnx"), 3, "fp16", "another precision")
