"""Small float models, their ranges by ONNX Runtime, and the tool that quantizes them. Named by the operator that each is about."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
from onnx import TensorProto, helper, numpy_helper

TOOL = os.environ.get("PODIUM_INT8_TOOL", "")
FLOAT = TensorProto.FLOAT


class Graph:
    """Nodes in a row; weights are drawn from a fixed seed."""

    def __init__(self, shape: list, opset: int = 17):
        self.nodes, self.weights, self.random, self.opset = [], [], np.random.default_rng(1), opset
        self.inputs = [helper.make_tensor_value_info("x", FLOAT, shape)]

    def weight(self, *shape: int, scale: float = 0.3) -> str:
        return self.constant(self.random.standard_normal(shape).astype(np.float32) * np.float32(scale))

    def constant(self, values: np.ndarray) -> str:
        name = f"w{len(self.weights)}"
        self.weights.append(numpy_helper.from_array(np.asarray(values), name))
        return name

    def __call__(self, kind: str, *inputs: str, outputs: int = 1, **attributes):
        names = [f"{kind}{len(self.nodes)}_{i}" for i in range(outputs)]
        self.nodes.append(helper.make_node(kind, list(inputs), names, name=f"{kind}{len(self.nodes)}", **attributes))
        return names[0] if outputs == 1 else names

    def conv(self, x: str, channels: int, to: int, size: int = 1, bias: bool = True, **attributes) -> str:
        weight = self.weight(to, channels // attributes.get("group", 1), size, size)
        return self("Conv", x, weight, *([self.weight(to)] if bias else []), **attributes)

    def model(self, output: str) -> onnx.ModelProto:
        out = [helper.make_tensor_value_info(output, FLOAT, None)]
        graph = helper.make_graph(self.nodes, "g", self.inputs, out, self.weights)
        model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", self.opset)], ir_version=8)
        return onnx.shape_inference.infer_shapes(model, strict_mode=True, data_prop=True)


def image() -> Graph:
    return Graph(["batch", 8, 8, 8])


def between_convolutions(kind: str, *more: np.ndarray, channels: int = 8, **attributes) -> onnx.ModelProto:
    """Convolution, the operator, convolution."""
    g = image()
    inner = g(kind, g.conv("x", 8, 8), *[g.constant(values) for values in more], **attributes)
    return g.model(g.conv(inner, channels, 8))


def two_branches(kind: str, channels: int = 8, **attributes) -> onnx.ModelProto:
    g = image()
    joined = g(kind, g.conv("x", 8, 8), g.conv("x", 8, 8), **attributes)
    return g.model(g.conv(joined, channels, 8))


def residual() -> onnx.ModelProto:
    g = image()
    first = g("Relu", g.conv("x", 8, 8, 3, pads=[1, 1, 1, 1]))
    second = g.conv(first, 8, 8, 3, pads=[1, 1, 1, 1])
    return g.model(g.conv(g("Relu", g("Add", second, first)), 8, 8))


def squeeze_and_excite() -> onnx.ModelProto:
    g = image()
    wide = g("Relu", g.conv("x", 8, 8))
    gate = g("Sigmoid", g.conv(g("Relu", g.conv(g("GlobalAveragePool", wide), 8, 4)), 4, 8))
    return g.model(g.conv(g("Mul", wide, gate), 8, 8))


def swish() -> onnx.ModelProto:
    g = image()
    inner = g.conv("x", 8, 8)
    return g.model(g.conv(g("Mul", inner, g("Sigmoid", inner)), 8, 8))


def classifier() -> onnx.ModelProto:
    g = image()
    pooled = g("Flatten", g("GlobalAveragePool", g("Relu", g.conv("x", 8, 16))))
    return g.model(g("Gemm", pooled, g.weight(10, 16), g.weight(10), transB=1))


def attention() -> onnx.ModelProto:
    g = Graph(["batch", 6, 16])
    query, key, value = (g("Add", g("MatMul", "x", g.weight(16, 16)), g.weight(16)) for _ in range(3))
    scores = g("MatMul", query, g("Transpose", key, perm=[0, 2, 1]))
    return g.model(g("MatMul", g("Softmax", scores, axis=-1), value))


def matrix(kind: str, weight: tuple[int, ...], bias: bool, **attributes) -> onnx.ModelProto:
    g = Graph(["batch", 16])
    return g.model(g(kind, "x", g.weight(*weight), *([g.weight(12)] if bias else []), **attributes))


def transposed_convolution(group: int) -> onnx.ModelProto:
    g = image()
    return g.model(g("ConvTranspose", "x", g.weight(8, 6, 2, 2), g.weight(6 * group), strides=[2, 2], group=group))


def lstm() -> onnx.ModelProto:
    g = Graph([5, "batch", 8])
    y = g("LSTM", "x", g.weight(2, 24, 8), g.weight(2, 24, 6), g.weight(2, 48), outputs=3, hidden_size=6, direction="bidirectional")
    return g.model(y[0])


def split() -> onnx.ModelProto:
    g = image()
    a, b = g("Split", g.conv("x", 8, 8), g.constant(np.array([3, 5])), outputs=2, axis=1)
    return g.model(g("Add", g.conv(a, 3, 4), g.conv(b, 5, 4)))


def old_opset() -> onnx.ModelProto:
    g = Graph(["batch", 8, 8, 8], opset=9)
    return g.model(g("Relu", g.conv("x", 8, 8)))


ones = np.array([1, 1], dtype=np.int64)
MODELS = {
    "Conv": lambda: (lambda g: g.model(g.conv("x", 8, 8, 3, pads=[1, 1, 1, 1])))(image()),
    "Conv depthwise": lambda: (lambda g: g.model(g.conv("x", 8, 8, 3, group=8)))(image()),
    "Conv without bias": lambda: (lambda g: g.model(g.conv("x", 8, 8, bias=False)))(image()),
    "ConvTranspose": lambda: transposed_convolution(1),
    "ConvTranspose in groups": lambda: transposed_convolution(2),
    "Gemm": lambda: matrix("Gemm", (16, 12), True),
    "Gemm transB": lambda: matrix("Gemm", (12, 16), True, transB=1),
    "Gemm alpha and beta": lambda: matrix("Gemm", (12, 16), True, transB=1, alpha=0.5, beta=2.0),
    "MatMul": lambda: matrix("MatMul", (16, 12), False),
    "Relu": lambda: between_convolutions("Relu"),
    "Clip": lambda: between_convolutions("Clip", np.float32(0), np.float32(1)),
    "LeakyRelu": lambda: between_convolutions("LeakyRelu", alpha=0.1),
    "PRelu": lambda: between_convolutions("PRelu", np.full((8, 1, 1), 0.2, np.float32)),
    "Elu": lambda: between_convolutions("Elu"),
    "Sigmoid": lambda: between_convolutions("Sigmoid"),
    "HardSigmoid": lambda: between_convolutions("HardSigmoid"),
    "HardSwish": lambda: between_convolutions("HardSwish"),
    "Tanh": lambda: between_convolutions("Tanh"),
    "Swish": swish,
    "Add": lambda: two_branches("Add"),
    "Mul": lambda: two_branches("Mul"),
    "Concat": lambda: two_branches("Concat", 16, axis=1),
    "Residual": residual,
    "Squeeze and excite": squeeze_and_excite,
    "MaxPool": lambda: between_convolutions("MaxPool", kernel_shape=[2, 2]),
    "AveragePool": lambda: between_convolutions("AveragePool", kernel_shape=[2, 2]),
    "GlobalAveragePool": lambda: between_convolutions("GlobalAveragePool"),
    "GlobalMaxPool": lambda: between_convolutions("GlobalMaxPool"),
    "ReduceMean": lambda: between_convolutions("ReduceMean", axes=[2, 3]),
    "Resize nearest": lambda: between_convolutions("Resize", np.zeros(0, np.float32), np.array([1, 1, 2, 2], np.float32), mode="nearest"),
    "Resize linear": lambda: between_convolutions("Resize", np.zeros(0, np.float32), np.array([1, 1, 2, 2], np.float32), mode="linear"),
    "Pad": lambda: between_convolutions("Pad", np.array([0, 0, 0, 0, 0, 0, 1, 1])),
    "Transpose": lambda: between_convolutions("Transpose", perm=[0, 1, 3, 2]),
    "Reshape": lambda: between_convolutions("Reshape", np.array([-1, 4, 16, 8]), channels=4),
    "Slice": lambda: between_convolutions("Slice", np.array([0]), np.array([4]), np.array([2])),
    "Gather": lambda: between_convolutions("Gather", np.array([0, 2]), axis=1, channels=2),
    "DepthToSpace": lambda: between_convolutions("DepthToSpace", blocksize=2, channels=2),
    "Split": split,
    "Classifier": classifier,
    "Attention": attention,
    "Operator set 9": old_opset,
}


def session(model: onnx.ModelProto | Path, **options) -> onnxruntime.InferenceSession:
    settings = onnxruntime.SessionOptions()
    settings.intra_op_num_threads, settings.log_severity_level = 1, 3
    for name, value in options.items():
        setattr(settings, name, value)
    source = str(model) if isinstance(model, Path) else model.SerializeToString()
    return onnxruntime.InferenceSession(source, settings, providers=["CPUExecutionProvider"])


def run(model: onnx.ModelProto | Path, x: np.ndarray) -> np.ndarray:
    runner = session(model)
    return runner.run(None, {runner.get_inputs()[0].name: x})[0]


def example(model: onnx.ModelProto, seed: int = 0) -> np.ndarray:
    shape = [d.dim_value or 16 for d in model.graph.input[0].type.tensor_type.shape.dim]
    return np.random.default_rng(seed).standard_normal(shape).astype(np.float32)


def tool(command: str, model: Path, settings: dict, out: Path | None = None) -> dict:
    file = model.with_suffix(".settings.json")
    file.write_text(json.dumps(settings))
    done = subprocess.run([TOOL, command, model, file, *([out] if out else [])], capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(done.stderr)
    return json.loads(done.stdout or "{}")


def find_ranges(model: onnx.ModelProto, values: list[str], batches: list[dict]) -> dict:
    """Minimum and maximum of each value over all batches; weights outside the model (none here) would be left out."""
    wider = onnx.ModelProto()
    wider.CopyFrom(model)
    inputs = {value.name for value in wider.graph.input}
    del wider.graph.output[:]
    made = [value for value in values if value not in inputs]
    wider.graph.output.extend(helper.make_tensor_value_info(value, FLOAT, None) for value in made)
    ranges = {}
    runner = session(wider) if made else None
    for batch in batches:
        found = dict(zip(made, runner.run(made, batch))) if made else {}
        for value in values:
            numbers = found[value] if value in found else batch[value]
            low, high = ranges.get(value, (np.inf, -np.inf))
            ranges[value] = (min(low, float(numbers.min())), max(high, float(numbers.max())))
    return ranges


def quantize(model: onnx.ModelProto, folder: Path, profile: dict, batches: list[dict], exclude: list[str] = ()) -> tuple[Path, dict]:
    """The quantized model's file, and the plan."""
    source, out = folder / "float.onnx", folder / "int8.onnx"
    onnx.save(model, source)
    settings = {"profile": profile, "exclude": list(exclude)}
    plan = tool("plan", source, settings)
    settings["ranges"] = find_ranges(model, plan["activations"], batches)
    tool("static", source, settings, out)
    return out, plan


def sqnr_db(expected: np.ndarray, got: np.ndarray) -> float:
    """Signal to noise with the mean output taken away."""
    signal = expected - expected.mean(axis=0, keepdims=True)
    noise = float(((got - expected) ** 2).sum())
    return float("inf") if noise == 0 else 10 * float(np.log10((signal**2).sum() / noise))
