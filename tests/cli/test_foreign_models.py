"""Models of unknown origin: broken or hostile files end each command with one error, and models of any operator set are converted."""

import os
from collections.abc import Callable
from pathlib import Path

import numpy
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

from conftest import Shell, assert_one_error
from models import classifier, write_inputs
from test_convert import answers, centred_sqnr, convert

BYTES_OF_W1 = 8 * 3 * 3 * 3 * 4
Spoil = Callable[[onnx.ModelProto], None]


def stored_in(location: str, offset: object = 0, length: object = BYTES_OF_W1) -> Spoil:
    """The first weight lies in a data file."""
    def spoil(model: onnx.ModelProto) -> None:
        tensor = model.graph.initializer[0]
        tensor.ClearField("raw_data")
        tensor.data_location = TensorProto.EXTERNAL
        for key, value in (("location", location), ("offset", offset), ("length", length)):
            tensor.external_data.add(key=key, value=str(value))
    return spoil


def of_huge_size(model: onnx.ModelProto) -> None:
    model.graph.initializer[0].dims[0] = 1 << 40


def in_a_circle(model: onnx.ModelProto) -> None:
    model.graph.node[0].input[0] = model.graph.node[4].output[0]


def with_a_name_made_twice(model: onnx.ModelProto) -> None:
    model.graph.node.append(helper.make_node("GlobalAveragePool", ["image"], [model.graph.node[0].output[0]], name="again"))


def reading_nothing(model: onnx.ModelProto) -> None:
    model.graph.node[3].input[0] = "nobody makes this"


@pytest.fixture
def hostile(shell: Shell) -> Shell:
    (shell.folder / "secret.bin").write_bytes(bytes(4096))
    folder = shell.folder / "model"
    folder.mkdir()
    (folder / "short.bin").write_bytes(bytes(8))
    os.symlink("../secret.bin", folder / "link.bin")
    os.symlink("..", folder / "up")
    return shell


def write_spoilt(shell: Shell, spoil: Spoil) -> str:
    model = classifier()
    spoil(model)
    (shell.folder / "model/spoilt.onnx").write_bytes(model.SerializeToString())
    return "model/spoilt.onnx"


@pytest.mark.parametrize("command", ["inspect", "convert", "bench"])
@pytest.mark.parametrize(("spoil", "told"), [
    (stored_in("../secret.bin"), "outside its own folder: '../secret.bin'"),
    (stored_in("/etc/passwd"), "outside its own folder: '/etc/passwd'"),
    (stored_in("a/../../secret.bin"), "outside its own folder"),
    (stored_in("link.bin"), "'link.bin' is a link that leaves the model's folder"),
    (stored_in("up/secret.bin"), "is a link that leaves the model's folder"),
    (stored_in("missing.bin"), "'missing.bin' is missing"),
    (stored_in("short.bin"), "'short.bin' has 8 bytes, but tensor 'w1' takes 864"),
    (stored_in("short.bin", offset=1 << 62), "'short.bin' has 8 bytes"),
    (stored_in("short.bin", offset=-4), "'-4', which is no number of bytes"),
    (of_huge_size, "'w1' holds 864 bytes"),
], ids=["above", "absolute", "above from below", "link", "folder link", "missing", "short", "far offset", "negative offset", "huge"])
def test_weight_that_is_not_where_it_should_be_is_one_error(hostile: Shell, command: str, spoil: Spoil, told: str) -> None:
    more = {"inspect": [], "convert": ["--to", "fp16", "-o", "out.onnx"], "bench": ["--backends", "fake", "--precisions", "fp32"]}[command]
    assert_one_error(hostile.run(command, write_spoilt(hostile, spoil), *more, timeout=30), 2, told)
    assert not (hostile.folder / "out.onnx").exists()


@pytest.mark.parametrize(("spoil", "told"), [
    (in_a_circle, "lies on a cycle"),
    (with_a_name_made_twice, "'c1' is made twice"),
    (reading_nothing, "node 'second' (Conv) reads 'nobody makes this', which nothing in it makes"),
], ids=["circle", "made twice", "made never"])
def test_graph_that_is_none_is_not_converted(hostile: Shell, spoil: Spoil, told: str) -> None:
    assert_one_error(hostile.run("convert", write_spoilt(hostile, spoil), "--to", "fp16", "-o", "out.onnx", timeout=30), 2, told)
    assert not (hostile.folder / "out.onnx").exists()


def test_file_that_was_cut_off_is_one_error(hostile: Shell) -> None:
    whole = classifier().SerializeToString()
    for length in (1, 100, len(whole) // 2, len(whole) - 1):
        (hostile.folder / "cut.onnx").write_bytes(whole[:length])
        assert_one_error(hostile.run("convert", "cut.onnx", "--to", "fp16", "-o", "out.onnx", timeout=30), 2, "cut.onnx")


def test_terabytes_that_a_few_bytes_ask_for_are_not_made(hostile: Shell) -> None:
    """A constant is computed before the conversion only where it stays small; this one would take four terabytes."""
    model = classifier()
    model.graph.initializer.append(numpy_helper.from_array(numpy.array([1 << 20, 1 << 20]), "size"))
    model.graph.node.insert(0, helper.make_node("ConstantOfShape", ["size"], ["zeros"], name="endless"))
    model.graph.node.append(helper.make_node("ReduceMax", ["zeros"], ["most"], name="most", keepdims=0))
    model.graph.output.append(helper.make_tensor_value_info("most", TensorProto.FLOAT, []))
    onnx.save(model, hostile.folder / "endless.onnx")
    done = hostile.run("convert", "endless.onnx", "--to", "fp16", "-o", "out.onnx", "-q", timeout=60)
    assert done.returncode == 0, done.stderr
    assert (hostile.folder / "out.onnx").stat().st_size < 100_000


@pytest.mark.parametrize("opset", [9, 11, 13, 22, 24])
def test_model_of_any_operator_set_is_converted_for_an_engine_that_reads_others(shell: Shell, opset: int) -> None:
    model = classifier()  # its operators have meant the same since operator set 9, but for Softmax, whose axis was counted from the front
    model.opset_import[0].version = opset
    model.graph.node[-1].attribute[0].i = 1
    onnx.checker.check_model(model, full_check=True)
    onnx.save(model, shell.folder / "classifier.onnx")
    write_inputs(shell.folder / "seen.npz", 64, seed=1, image=(3, 16, 16))
    report = convert(shell, "--to", "int8-static", "--target", "tensorrt", "--calibrate", "seen.npz")
    assert report["output_error"]["verdict"] == "agrees", report["output_error"]
    made = onnx.load(shell.folder / "out.onnx")
    onnx.checker.check_model(made, full_check=True)
    assert 13 <= made.opset_import[0].version <= 20, "int8 with an axis came with 13; TensorRT reads 20 at most"
    inputs = dict(numpy.load(shell.folder / "seen.npz"))
    assert centred_sqnr(answers(shell.folder / "classifier.onnx", inputs), answers(shell.folder / "out.onnx", inputs)) > 10
