"""Every operator that is quantized gives its float result again, within what 8 bits allow, and runs in int8 where an engine has a kernel."""

from __future__ import annotations

import collections
import json
import os
from pathlib import Path

import numpy as np
import onnx
import pytest

from int8_models import Graph, MODELS, example, image, lstm, matrix, quantize, run, session, sqnr_db, tool

BACKENDS = Path(os.environ["PODIUM_BACKENDS"])


def profile_of(backend: str) -> dict:
    """That of a processor without dot products, which every processor runs."""
    file = BACKENDS / f"{backend}.json"
    profiles = json.loads(file.read_text()).get("quantization", []) if file.exists() else []
    if not profiles:
        pytest.skip(f"backend {backend} was not built")
    return profiles[-1]


def check(model: onnx.ModelProto, folder: Path, profile: dict, at_least_db: float = 20) -> tuple[Path, dict]:
    x = example(model)
    out, plan = quantize(model, folder, profile, [{"x": x}])
    onnx.checker.check_model(str(out), full_check=True)
    assert sqnr_db(run(model, x), run(out, x)) > at_least_db
    return out, plan


def types_that_run(model: Path, folder: Path) -> collections.Counter:
    optimized = folder / "optimized.onnx"
    session(model, optimized_model_filepath=str(optimized))
    return collections.Counter(node.op_type for node in onnx.load(optimized).graph.node)


def float_products(types: collections.Counter) -> int:
    return sum(types[kind] for kind in ("Conv", "FusedConv", "Gemm", "FusedGemm", "MatMul", "FusedMatMul"))


def compiled_by_openvino(model: Path) -> tuple[object, collections.Counter]:
    """The compiled model, and the arithmetic of its convolutions and products."""
    openvino = pytest.importorskip("openvino")
    core = openvino.Core()
    compiled = core.compile_model(core.read_model(model), "CPU", {"INFERENCE_PRECISION_HINT": "f32"})
    info = [node.get_rt_info() for node in compiled.get_runtime_model().get_ops()]
    return compiled, collections.Counter(it["runtimePrecision"].value for it in info if it["layerType"].value in ("Convolution", "FullyConnected"))


@pytest.mark.parametrize("name", ["Conv", "Conv depthwise", "Gemm", "MatMul"])
def test_one_file_for_any_engine_runs_in_int8_on_both(name, tmp_path):
    out, _ = check(MODELS[name](), tmp_path, {"reduced_range_weights": True})
    assert float_products(types_that_run(out, tmp_path)) == 0
    _, types = compiled_by_openvino(out)
    assert types["u8"] + types["i8"] > 0, types


@pytest.mark.parametrize("name", MODELS)
def test_any_engine(name, tmp_path):
    check(MODELS[name](), tmp_path, {"reduced_range_weights": True})


@pytest.mark.parametrize("name", MODELS)
def test_onnxruntime_runs_what_was_quantized_in_int8(name, tmp_path):
    out, plan = check(MODELS[name](), tmp_path, profile_of("onnxruntime"))
    types = types_that_run(out, tmp_path)
    assert float_products(types) == sum(name.rstrip("0123456789") in ("Conv", "Gemm", "MatMul") for name in plan["left_wide"]), types


@pytest.mark.parametrize("name", MODELS)
def test_openvino_runs_what_was_quantized_in_int8(name, tmp_path):
    out, _ = check(MODELS[name](), tmp_path, profile_of("openvino"))
    compiled, types = compiled_by_openvino(out)
    if types:
        assert types["u8"] + types["i8"] > 0, types
    x = example(MODELS[name]())
    assert sqnr_db(run(out, x), next(iter(compiled(x).values()))) > 20


@pytest.mark.parametrize("name", ["Gemm", "Gemm transB", "Gemm alpha and beta", "MatMul", "Attention", "Conv", "Conv depthwise"])
def test_dynamic(name, tmp_path):
    model = MODELS[name]()
    onnx.save(model, tmp_path / "float.onnx")
    settings = {"operators": ["MatMul", "Gemm", "Attention", "Conv"], "profile": {"reduced_range_weights": True}}
    report = tool("dynamic", tmp_path / "float.onnx", settings, tmp_path / "int8.onnx")
    onnx.checker.check_model(str(tmp_path / "int8.onnx"), full_check=True)
    assert report["converted"] > 0 and report["left_wide"] == {}
    x = example(model)
    assert sqnr_db(run(model, x), run(tmp_path / "int8.onnx", x)) > 20
    types = types_that_run(tmp_path / "int8.onnx", tmp_path)
    assert float_products(types) == 0, types


def test_onnxruntime_runs_a_dynamic_product_as_one_node(tmp_path):
    onnx.save(matrix("MatMul", (16, 12), False), tmp_path / "float.onnx")
    tool("dynamic", tmp_path / "float.onnx", {}, tmp_path / "int8.onnx")
    assert types_that_run(tmp_path / "int8.onnx", tmp_path) == {"DynamicQuantizeMatMul": 1}


@pytest.mark.parametrize("opset", [11, 17, 18, 20])
def test_a_word_with_large_numbers_leaves_the_others_their_own(opset, tmp_path):
    """One scale for all would round the other words away."""
    g = Graph(["batch", "words", 16], opset)
    model = g.model(g("MatMul", "x", g.weight(16, 12)))
    onnx.save(model, tmp_path / "float.onnx")
    assert tool("dynamic", tmp_path / "float.onnx", {}, tmp_path / "int8.onnx")["converted"] == 1
    onnx.checker.check_model(str(tmp_path / "int8.onnx"), full_check=True)
    x = np.random.default_rng(2).standard_normal((2, 7, 16)).astype(np.float32)
    x[:, 3] *= 1e4
    x[1, 5] = 0
    wanted, given = run(model, x), run(tmp_path / "int8.onnx", x)
    assert not given[1, 5].any()
    words = [(sample, word) for sample in range(2) for word in range(7) if (sample, word) != (1, 5)]
    assert min(sqnr_db(wanted[place], given[place]) for place in words) > 25


def test_dynamic_lstm(tmp_path):
    model = lstm()
    onnx.save(model, tmp_path / "float.onnx")
    profile = profile_of("onnxruntime")
    report = tool("dynamic", tmp_path / "float.onnx", {"profile": profile}, tmp_path / "int8.onnx")
    assert report["converted"] == 1
    x = example(model)
    assert sqnr_db(run(model, x), run(tmp_path / "int8.onnx", x)) > 20


def test_weights_alone(tmp_path):
    model = matrix("MatMul", (16, 12), False)
    onnx.save(model, tmp_path / "float.onnx")
    tool("dynamic", tmp_path / "float.onnx", {"profile": {"dynamic_weights_only": True}}, tmp_path / "int8.onnx")
    x = example(model)
    assert sqnr_db(run(model, x), run(tmp_path / "int8.onnx", x)) > 35


def test_symmetric_int8_for_engines_that_take_no_zero_point(tmp_path):
    """As TensorRT reads it: no zero point but 0, weights and biases in float, one input of a residual Add."""
    profile = {"activation_type": "int8", "reduced_range_weights": True, "symmetric_activations": True, "quantize_bias": False, "quantize_residual_adds": False, "store_int8_weights": False,
               "quantize_behind_moves": False, "float_outputs": ["Conv", "Gemm", "MatMul"], "newest_opset": 17}
    for name in ("Residual", "Classifier", "Attention"):
        out, _ = check(MODELS[name](), tmp_path, profile, 20)
        zero_points = [it for it in onnx.load(out).graph.initializer if it.name.endswith("_zero_point")]
        assert zero_points and not any(onnx.numpy_helper.to_array(it).any() for it in zero_points)


def test_a_model_that_is_quantized_already_is_refused(tmp_path):
    out, _ = quantize(MODELS["Conv"](), tmp_path, {}, [{"x": example(MODELS["Conv"]())}])
    with pytest.raises(RuntimeError, match="quantized already"):
        tool("plan", out, {})


@pytest.mark.parametrize("backend", ["onnxruntime", "openvino"])
def test_pairs_of_the_largest_products_do_not_overflow(backend, tmp_path):
    """Without dot products a processor adds pairs of 8-bit products up in 16 bits, which 255 × 127 twice would pass."""
    g = image()
    model = g.model(g("Conv", "x", g.constant(np.full((8, 8, 3, 3), 0.3, np.float32))))
    x = np.ones((16, 8, 8, 8), np.float32)
    out, _ = quantize(model, tmp_path, profile_of(backend), [{"x": x}])
    if backend == "openvino":
        openvino = pytest.importorskip("openvino")
        compiled = openvino.Core().compile_model(str(out), "CPU", {"INFERENCE_PRECISION_HINT": "f32"})
        got = next(iter(compiled(x).values()))
    else:
        got = run(out, x)
    np.testing.assert_allclose(got, run(model, x), rtol=0.02)


def test_degenerate_inputs_stay_finite(tmp_path):
    """A value that was 0 in all of calibration, and one whose range does not hold 0."""
    model = MODELS["Relu"]()
    for x in (np.zeros((16, 8, 8, 8), np.float32), np.full((16, 8, 8, 8), 7, np.float32)):
        out, _ = quantize(model, tmp_path, {"reduced_range_weights": True}, [{"x": x}])
        assert np.isfinite(run(out, x)).all()
        np.testing.assert_allclose(run(out, x), run(model, x), rtol=0.05, atol=0.1)
