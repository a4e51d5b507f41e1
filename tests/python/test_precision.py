"""Half precision, whole and by autocast, and dynamic int8: answers, audits, and what is refused."""

from __future__ import annotations

import pytest

from running import expected, float_batches, sqnr
from worker_client import Refused

pytestmark = pytest.mark.usefixtures("torch")
BACKENDS = ["torch-eager", "torch-compile"]


def answer(client) -> list[float]:
    return client.floats([0])[0]["output"]


@pytest.mark.parametrize("backend", BACKENDS)
def test_fp16_computes_in_fp16_and_gives_float32(worker, source, models, torch, backend):
    tensors, batches = float_batches(torch, (1, 3, 8, 8))
    client = worker(backend, batches)
    client.load(source("convolution"), precision="fp16")
    reply = client.ask("answers", batches=[0])
    assert reply["batches"][0][0]["type"] == "float32"
    want = expected(torch, models, "convolution", tensors[:1])[0].flatten().tolist()
    assert 45 < sqnr(want, answer(client)) < 110
    audit = client.ask("audit")
    assert set(audit["compute_types"]) == {"float16"}
    assert audit["other_precision"] == ""


@pytest.mark.parametrize(
    ("backend", "precision", "half"),
    [("torch-eager", "bf16", "bfloat16"), ("torch-eager", "fp16", "float16"), ("torch-compile", "bf16", "bfloat16")],
)
def test_autocast_leaves_what_is_not_safe_in_float32(worker, source, models, torch, backend, precision, half):
    tensors, batches = float_batches(torch, (1, 8, 32))
    client = worker(backend, batches)
    client.load(source("transformer"), precision=precision, options={"half-by": "autocast"})
    audit = client.ask("audit")
    assert audit["compute_types"][half] >= 6
    assert audit["compute_types"]["float32"] > 0
    assert audit["other_precision"] == ""
    if backend == "torch-eager":
        client.load(source("transformer"), precision=precision)
        assert set(client.ask("audit")["compute_types"]) == {half}


@pytest.mark.parametrize(("backend", "options"), [("torch-eager", {}), ("torch-compile", {"freezing": True})])
def test_dynamic_int8_computes_linear_layers_in_int8(worker, source, models, torch, backend, options):
    tensors, batches = float_batches(torch, (1, 8, 32))
    client = worker(backend, batches)
    client.load(source("transformer"), precision="int8-dynamic", options=options)
    want = expected(torch, models, "transformer", tensors[:1])[0].flatten().tolist()
    assert 25 < sqnr(want, answer(client)) < 60
    assert client.ask("audit")["int8_share"] >= 0.6  # six linear layers; attention stays as it is


@pytest.mark.parametrize("backend", BACKENDS)
def test_a_model_without_linear_layers_has_no_dynamic_int8(worker, source, torch, backend):
    _, batches = float_batches(torch, (1, 3, 8, 8), name="input")
    with pytest.raises(Refused) as refused:
        worker(backend, batches).load(source("only_convolution"), precision="int8-dynamic")
    assert refused.value.code == "unsupported"
    assert "Linear" in refused.value.message


def test_eager_mode_refuses_static_int8(worker, source, torch):
    _, batches = float_batches(torch, (1, 3, 16, 16))
    with pytest.raises(Refused) as refused:
        worker("torch-eager", batches).load(source("residual"), precision="int8-static")
    assert refused.value.code == "unsupported"
    assert "torch-compile" in refused.value.remedy


def test_static_int8_of_a_model_that_was_not_quantized_is_refused(worker, source, torch):
    _, batches = float_batches(torch, (1, 3, 16, 16))
    with pytest.raises(Refused) as refused:
        worker("torch-compile", batches).load(source("residual"), precision="int8-static")
    assert refused.value.code == "unsupported"
    assert "--calibration" in refused.value.remedy


@pytest.mark.parametrize(
    ("precision", "arithmetic", "told"),
    [
        ("int8-static", {"float32": 2}, "of 2 convolutions, matrix products and the like, none in 8-bit integers"),
        ("int8-dynamic", {"float32": 1}, "none in 8-bit integers"),
        ("int8-static", {"float32": 9, "uint8": 1}, ""),  # one is enough, and the share is told beside it
        ("int8-dynamic", {"float32": 9, "int8": 1}, ""),
        ("int8-static", {}, ""),  # nothing was seen to compute
        ("fp32", {"float32": 1, "uint8": 1}, ""),  # a model that is quantized itself
        ("bf16", {"bfloat16": 1, "float32": 2}, "2 in float32"),
    ],
)
def test_arithmetic_in_another_precision_is_told_as_the_engines_of_cpp_tell_it(precision, arithmetic, told):
    from collections import Counter

    from podium_torch.audit_words import other_precision

    said = other_precision(precision, Counter(arithmetic))
    assert said.startswith(f"it computes in another precision than {precision}: ") and told in said if told else said == ""
