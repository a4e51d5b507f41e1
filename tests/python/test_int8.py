"""Static int8: quantized from calibration data by the exporter, run by torch-compile and as an AOTInductor package."""

from __future__ import annotations

import numpy
import pytest
from exporting import ExportRefused, aoti_request

from running import expected, float_batches, sqnr

pytestmark = pytest.mark.usefixtures("torch")
SHAPE = [1, 3, 16, 16]


@pytest.fixture
def calibration(tmp_path):
    def write(shape=(8, 3, 16, 16), name="x"):
        file = tmp_path / "calibration.npz"
        numpy.savez(file, **{name: numpy.random.default_rng(1).standard_normal(shape, numpy.float32)})
        return file

    return write


def request_for(calibration, shape=None) -> dict:
    inputs = [{"name": "x", "type": "float32", "shape": shape or SHAPE}]
    return {"inputs": inputs, "calibration": str(calibration), "threads": 1}


@pytest.fixture
def quantized(export, source, calibration, tmp_path):
    """The source of a quantized residual block."""
    described = export("describe", source("residual"), tmp_path / "described")
    return export("quantize", described / "source.json", tmp_path / "quantized", request_for(calibration())) / "source.json"


def test_a_residual_block_runs_in_int8_and_stays_near_fp32(quantized, worker, models, torch):
    tensors, batches = float_batches(torch, tuple(SHAPE))
    client = worker("torch-compile", batches)
    client.load(quantized, precision="int8-static")
    want = [value for tensor in expected(torch, models, "residual", tensors) for value in tensor.flatten().tolist()]
    got = [value for answers in client.floats([0, 1, 2]) for value in answers["output"]]
    assert 20 < sqnr(want, got) < 60
    audit = client.ask("audit")
    assert audit["int8_share"] == 1.0
    assert audit["fallback_share"] == 0.0
    assert audit["other_precision"] == ""


def test_a_model_of_which_nothing_became_int8_is_told(export, source, calibration, worker, tmp_path, torch):
    described = export("describe", source("thin_convolution"), tmp_path / "described")
    request = request_for(calibration((8, 1, 16)), [1, 1, 16])
    quantized = export("quantize", described / "source.json", tmp_path / "quantized", request) / "source.json"
    _, batches = float_batches(torch, (1, 1, 16))
    client = worker("torch-compile", batches)
    client.load(quantized, precision="int8-static")
    audit = client.ask("audit")
    assert audit["int8_share"] == 0.0
    assert "another precision than int8-static: of 1 convolutions" in audit["other_precision"]


def test_batch_normalization_is_folded_and_no_relu_stands_between_quantized_values(quantized, torch):
    from podium_torch.sources import build_model

    graph = build_model(quantized).module.graph
    names = [node.target.__name__ for node in graph.nodes if node.op == "call_function"]
    assert not [name for name in names if "norm" in name]
    for node in graph.nodes:
        if node.op == "call_function" and "relu" in node.target.__name__:
            assert all("dequantize" not in source.target.__name__ for source in node.all_input_nodes)


def test_a_batch_is_filled_up_from_the_first_samples(calibration, torch):
    from podium_torch.int8.calibration import CalibrationData

    data = CalibrationData(calibration((5, 3, 16, 16)), {"x": torch.zeros(2, 3, 16, 16)})
    batches = [batch[0] for batch in data.batches()]
    assert [tuple(batch.shape) for batch in batches] == [(2, 3, 16, 16)] * 3
    assert torch.equal(batches[2][1], batches[0][0])


@pytest.mark.parametrize(
    ("data", "part"),
    [
        ({"name": "y"}, "no array 'x'"),
        ({"shape": (8, 3, 8, 8)}, "wanted are samples of [3, 16, 16]"),
        ({"shape": (0, 3, 16, 16)}, "at least one"),
    ],
)
def test_calibration_data_that_does_not_fit_is_bad_input(export, source, calibration, tmp_path, data, part):
    described = export("describe", source("residual"), tmp_path / "described")
    with pytest.raises(ExportRefused) as refused:
        export("quantize", described / "source.json", tmp_path / "out", request_for(calibration(**data)))
    assert refused.value.code == "bad_input"
    assert part in refused.value.message


def test_a_file_that_is_no_npz_is_bad_input(export, source, tmp_path):
    described = export("describe", source("residual"), tmp_path / "described")
    (tmp_path / "photos.npz").write_bytes(b"no archive")
    with pytest.raises(ExportRefused) as refused:
        export("quantize", described / "source.json", tmp_path / "out", request_for(tmp_path / "photos.npz"))
    assert refused.value.code == "bad_input"


def test_a_model_with_nothing_to_quantize_is_unsupported(export, source, calibration, tmp_path):
    described = export("describe", source("only_sums"), tmp_path / "described")
    with pytest.raises(ExportRefused) as refused:
        export("quantize", described / "source.json", tmp_path / "out", request_for(calibration((8, 4)), [1, 4]))
    assert refused.value.code == "unsupported"
    assert "no convolution and no linear layer" in refused.value.message


def test_a_model_without_linear_layers_becomes_no_package_in_dynamic_int8(export, source, tmp_path):
    described = export("describe", source("only_convolution"), tmp_path / "described")
    with pytest.raises(ExportRefused) as refused:
        export("aoti", described / "source.json", tmp_path / "aoti", aoti_request([1, 3, 8, 8], "int8-dynamic"))
    assert refused.value.code == "unsupported"


def test_dynamic_int8_in_a_package(export, source, models, tmp_path, torch):
    described = export("describe", source("linear"), tmp_path / "described")
    out = export("aoti", described / "source.json", tmp_path / "aoti", aoti_request([1, 4], "int8-dynamic", freezing=True))
    tensors, _ = float_batches(torch, (1, 4), count=1)
    want = expected(torch, models, "linear", tensors)[0]
    answer = torch._inductor.aoti_load_package(str(out / "model.pt2"))(tensors[0])
    assert 25 < sqnr(want.flatten().tolist(), answer.flatten().tolist()) < 60
