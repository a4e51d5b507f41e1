"""Small models with what a converter meets in real ones, and inputs for them."""

from pathlib import Path

import numpy
import onnx
from onnx import TensorProto, helper, numpy_helper

OPSET = 17


def weight(name: str, *shape: int, seed: int = 0) -> onnx.TensorProto:
    fan_in = int(numpy.prod(shape[1:])) if len(shape) > 1 else 1
    values = numpy.random.default_rng([seed, *name.encode()]).standard_normal(shape) / numpy.sqrt(fan_in)
    return numpy_helper.from_array(values.astype("float32"), name)


def made(nodes: list[onnx.NodeProto], inputs: list[onnx.ValueInfoProto], outputs: list[onnx.ValueInfoProto],
         weights: list[onnx.TensorProto]) -> onnx.ModelProto:
    model = helper.make_model(helper.make_graph(nodes, "small", inputs, outputs, weights), opset_imports=[helper.make_opsetid("", OPSET)], ir_version=9)
    onnx.checker.check_model(model, full_check=True)
    return model


def classifier() -> onnx.ModelProto:
    """Convolutions with batch norm and ReLU, a residual add, pooling, a softmax behind a Gemm."""
    def norm(name: str) -> list[onnx.TensorProto]:
        random = numpy.random.default_rng([1, *name.encode()])
        values = {"scale": random.uniform(0.5, 2, 8), "shift": random.standard_normal(8), "mean": 0.1 * random.standard_normal(8), "variance": random.uniform(0.5, 2, 8)}
        return [numpy_helper.from_array(value.astype("float32"), f"{name}.{kind}") for kind, value in values.items()]

    nodes = [
        helper.make_node("Conv", ["image", "w1"], ["c1"], name="first", kernel_shape=[3, 3], pads=[1, 1, 1, 1]),
        helper.make_node("BatchNormalization", ["c1", *(t.name for t in norm("n1"))], ["b1"], name="norm1"),
        helper.make_node("Relu", ["b1"], ["r1"], name="relu1"),
        helper.make_node("Conv", ["r1", "w2"], ["c2"], name="second", kernel_shape=[3, 3], pads=[1, 1, 1, 1]),
        helper.make_node("BatchNormalization", ["c2", *(t.name for t in norm("n2"))], ["b2"], name="norm2"),
        helper.make_node("Add", ["b2", "r1"], ["sum"], name="residual"),
        helper.make_node("Relu", ["sum"], ["r2"], name="relu2"),
        helper.make_node("GlobalAveragePool", ["r2"], ["pooled"], name="pool"),
        helper.make_node("Flatten", ["pooled"], ["features"], name="flatten"),
        helper.make_node("Gemm", ["features", "w3", "b3"], ["scores"], name="scores", transB=1),
        helper.make_node("Softmax", ["scores"], ["shares"], name="softmax", axis=-1),
    ]
    return made(nodes, [helper.make_tensor_value_info("image", TensorProto.FLOAT, ["batch", 3, 16, 16])],
                [helper.make_tensor_value_info("shares", TensorProto.FLOAT, ["batch", 10])],
                [weight("w1", 8, 3, 3, 3), weight("w2", 8, 8, 3, 3), *norm("n1"), *norm("n2"), weight("w3", 10, 8), weight("b3", 10)])


def rows_of_any_length() -> onnx.ModelProto:
    """Two layers on each row of a sequence whose length is free, as batch and length of a text are."""
    nodes = [
        helper.make_node("MatMul", ["x", "w1"], ["hidden"], name="first"),
        helper.make_node("Relu", ["hidden"], ["kept"], name="relu"),
        helper.make_node("MatMul", ["kept", "w2"], ["y"], name="second"),
    ]
    return made(nodes, [helper.make_tensor_value_info("x", TensorProto.FLOAT, ["batch", "length", 8])],
                [helper.make_tensor_value_info("y", TensorProto.FLOAT, ["batch", "length", 8])], [weight("w1", 8, 32), weight("w2", 32, 8)])


def tokens() -> onnx.ModelProto:
    """The mean of a table's rows that six whole numbers name, as of a text."""
    nodes = [helper.make_node("Gather", ["table", "input_ids"], ["rows"], name="rows"), helper.make_node("ReduceMean", ["rows"], ["y"], name="mean", axes=[1], keepdims=0)]
    return made(nodes, [helper.make_tensor_value_info("input_ids", TensorProto.INT64, ["batch", 6])],
                [helper.make_tensor_value_info("y", TensorProto.FLOAT, ["batch", 8])], [weight("table", 10, 8)])


def depthwise() -> onnx.ModelProto:
    """A depthwise convolution between two others, whose channels differ in size a hundredfold and are evened out behind it."""
    sizes = numpy.geomspace(0.1, 10, 8).astype("float32").reshape(8, 1, 1, 1)
    spread = numpy_helper.from_array(numpy_helper.to_array(weight("w2", 8, 1, 3, 3)) * sizes, "w2")
    even = numpy_helper.from_array(numpy_helper.to_array(weight("w3", 10, 8, 1, 1)) / sizes.reshape(1, 8, 1, 1), "w3")
    nodes = [
        helper.make_node("Conv", ["image", "w1", "b1"], ["c1"], name="first", kernel_shape=[3, 3], pads=[1, 1, 1, 1]),
        helper.make_node("Relu", ["c1"], ["r1"], name="relu1"),
        helper.make_node("Conv", ["r1", "w2", "b2"], ["c2"], name="depthwise", kernel_shape=[3, 3], group=8),
        helper.make_node("Conv", ["c2", "w3", "b3"], ["c3"], name="last", kernel_shape=[1, 1]),
        helper.make_node("GlobalAveragePool", ["c3"], ["pooled"], name="pool"),
        helper.make_node("Flatten", ["pooled"], ["scores"], name="flatten"),
    ]
    return made(nodes, [helper.make_tensor_value_info("image", TensorProto.FLOAT, ["batch", 3, 16, 16])],
                [helper.make_tensor_value_info("scores", TensorProto.FLOAT, ["batch", 10])],
                [weight("w1", 8, 3, 3, 3), weight("b1", 8), spread, weight("b2", 8), even, weight("b3", 10)])


def attention() -> onnx.ModelProto:
    """One head of self-attention over words of a free number."""
    nodes = [
        helper.make_node("MatMul", ["words", "wq"], ["q"], name="query"),
        helper.make_node("MatMul", ["words", "wk"], ["k"], name="key"),
        helper.make_node("MatMul", ["words", "wv"], ["v"], name="value"),
        helper.make_node("Transpose", ["k"], ["kt"], name="transpose", perm=[0, 2, 1]),
        helper.make_node("MatMul", ["q", "kt"], ["products"], name="products"),
        helper.make_node("Mul", ["products", "scale"], ["scaled"], name="scale_products"),
        helper.make_node("Softmax", ["scaled"], ["shares"], name="softmax", axis=-1),
        helper.make_node("MatMul", ["shares", "v"], ["mixed"], name="mix"),
        helper.make_node("MatMul", ["mixed", "wo"], ["out"], name="project"),
    ]
    weights = [weight(name, 16, 16) for name in ("wq", "wk", "wv", "wo")]
    return made(nodes, [helper.make_tensor_value_info("words", TensorProto.FLOAT, ["batch", "length", 16])],
                [helper.make_tensor_value_info("out", TensorProto.FLOAT, ["batch", "length", 16])],
                [*weights, numpy_helper.from_array(numpy.float32(0.25), "scale")])


def lstm_in_branches() -> onnx.ModelProto:
    """An LSTM whose output goes one way or the other, by its own sign: values read from inside an If."""
    then = helper.make_graph([helper.make_node("MatMul", ["last", "w_then"], ["chosen"], name="then_product")], "then", [],
                             [helper.make_tensor_value_info("chosen", TensorProto.FLOAT, None)])
    otherwise = helper.make_graph([helper.make_node("Neg", ["last"], ["other"], name="negate")], "else", [],
                                  [helper.make_tensor_value_info("other", TensorProto.FLOAT, None)])
    nodes = [
        helper.make_node("LSTM", ["sound", "w", "r", "b"], ["states", "", ""], name="lstm", hidden_size=8),
        helper.make_node("ReduceMean", ["states"], ["last"], name="mean", axes=[0, 1], keepdims=0),
        helper.make_node("ReduceSum", ["last", "axes"], ["total"], name="total", keepdims=0),
        helper.make_node("Greater", ["total", "zero"], ["positive"], name="is_positive"),
        helper.make_node("If", ["positive"], ["decided"], name="decide", then_branch=then, else_branch=otherwise),
        helper.make_node("MatMul", ["decided", "w_out"], ["speech"], name="speech"),
    ]
    weights = [weight("w", 1, 32, 4), weight("r", 1, 32, 8), weight("b", 1, 64), weight("w_then", 8, 8), weight("w_out", 8, 3),
               numpy_helper.from_array(numpy.array([0, 1], "int64"), "axes"), numpy_helper.from_array(numpy.float32(0), "zero")]
    return made(nodes, [helper.make_tensor_value_info("sound", TensorProto.FLOAT, [12, 1, 4])],
                [helper.make_tensor_value_info("speech", TensorProto.FLOAT, [1, 3])], weights)


def write_inputs(file: Path, count: int, seed: int = 0, **shapes: tuple[int, ...]) -> None:
    """An .npz with `count` samples of each input, spread over different means and sizes, as real data are."""
    random = numpy.random.default_rng(seed)
    size = random.uniform(0.3, 2, count)
    arrays = {}
    for name, shape in shapes.items():
        values = random.standard_normal((count, *shape)) + random.standard_normal((count, *([1] * len(shape))))
        arrays[name] = (values * size.reshape(count, *([1] * len(shape)))).astype("float32")
    numpy.savez(file, **arrays)
