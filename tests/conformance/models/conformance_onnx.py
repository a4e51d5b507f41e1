"""The conformance suite's models as ONNX files, written operator by operator: no exporter stands between the reference and the engines."""

from __future__ import annotations

import conformance_weights as weights
import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

_OPSET, _IR_VERSION = 18, 9


def _model(name: str, nodes: list, inputs: list, outputs: list, constants: dict[str, np.ndarray]) -> onnx.ModelProto:
    initializers = [numpy_helper.from_array(array, key) for key, array in constants.items()]
    graph = helper.make_graph(nodes, name, inputs, outputs, initializers)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", _OPSET)], ir_version=_IR_VERSION)
    onnx.checker.check_model(model, full_check=True)
    return model


def picture() -> onnx.ModelProto:
    size = weights.PICTURE_SIZE
    nodes = [
        helper.make_node("Conv", ["pixels", "first", "first_bias"], ["first_conv"], pads=[1, 1, 1, 1]),
        helper.make_node("Relu", ["first_conv"], ["first_relu"]),
        helper.make_node("MaxPool", ["first_relu"], ["small"], kernel_shape=[2, 2], strides=[2, 2]),
        helper.make_node("Conv", ["small", "second", "second_bias"], ["second_conv"], pads=[1, 1, 1, 1], strides=[2, 2]),
        helper.make_node("Relu", ["second_conv"], ["smaller"]),
        helper.make_node("GlobalAveragePool", ["smaller"], ["mean"]),
        helper.make_node("Flatten", ["mean"], ["features"]),
        helper.make_node("Gemm", ["features", "classes", "classes_bias"], ["logits"], transB=1),
    ]
    pixels = helper.make_tensor_value_info("pixels", TensorProto.FLOAT, ["batch", weights.PICTURE_CHANNELS, size, size])
    logits = helper.make_tensor_value_info("logits", TensorProto.FLOAT, ["batch", weights.PICTURE_CLASSES])
    return _model("picture", nodes, [pixels], [logits], weights.picture())


def types() -> onnx.ModelProto:
    nodes = [
        helper.make_node("Gather", ["words", "ids"], ["found"]),
        helper.make_node("Cast", ["mask"], ["weight"], to=TensorProto.FLOAT),
        helper.make_node("Unsqueeze", ["weight", "last_axis"], ["wide_weight"]),
        helper.make_node("Mul", ["found", "wide_weight"], ["kept"]),
        helper.make_node("ReduceSum", ["kept", "sentence_axis"], ["total"], keepdims=0),
        helper.make_node("ArgMax", ["total"], ["best"], axis=1, keepdims=0),
        helper.make_node("Greater", ["total", "zero"], ["positive"]),
        helper.make_node("Mul", ["amount", "two"], ["doubled"]),
    ]
    inputs = [
        helper.make_tensor_value_info("ids", TensorProto.INT64, ["batch", weights.SENTENCE]),
        helper.make_tensor_value_info("mask", TensorProto.BOOL, ["batch", weights.SENTENCE]),
        helper.make_tensor_value_info("amount", TensorProto.DOUBLE, ["batch", 4]),
    ]
    outputs = [
        helper.make_tensor_value_info("total", TensorProto.FLOAT, ["batch", weights.WORD_SIZE]),
        helper.make_tensor_value_info("best", TensorProto.INT64, ["batch"]),
        helper.make_tensor_value_info("positive", TensorProto.BOOL, ["batch", weights.WORD_SIZE]),
        helper.make_tensor_value_info("doubled", TensorProto.DOUBLE, ["batch", 4]),
    ]
    constants = {
        "words": weights.words(),
        "last_axis": np.array([2], np.int64),
        "sentence_axis": np.array([1], np.int64),
        "zero": np.float32(0),
        "two": np.float64(2),
    }
    return _model("types", nodes, inputs, outputs, constants)


def wide() -> onnx.ModelProto:
    nodes = [helper.make_node("MatMul", ["values", "wide"], ["product"])]
    values = helper.make_tensor_value_info("values", TensorProto.FLOAT, ["batch", weights.WIDE_IN])
    product = helper.make_tensor_value_info("product", TensorProto.FLOAT, ["batch", weights.WIDE_OUT])
    return _model("wide", nodes, [values], [product], {"wide": weights.wide()})
