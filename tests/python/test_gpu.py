"""PyTorch on a real GPU, through the worker. Skipped, with the reason, where there is none."""

from __future__ import annotations

import json

import pytest

from running import expected, float_batches, sqnr
from worker_client import Refused

BACKENDS = ["torch-eager", "torch-compile"]
LEAST_DB = {"fp32": 100.0, "tf32": 55.0, "fp16": 45.0, "bf16": 28.0}


@pytest.fixture(autouse=True)
def gpu(torch):
    if not torch.cuda.is_available():
        pytest.skip(f"PyTorch {torch.__version__} finds no GPU here")


def load(worker, source, backend, torch, boundary="device", function="convolution", shape=(4, 3, 8, 8), **more):
    tensors, batches = float_batches(torch, shape)
    client = worker(backend, batches)
    client.load(source(function), device="cuda:0", boundary=boundary, **more)
    return client, tensors


def flat(values) -> list[list[float]]:
    return [value.flatten().tolist() for value in values]


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("boundary", ["device", "host"])
@pytest.mark.parametrize("precision", LEAST_DB)
def test_answers_are_those_of_the_cpu_within_the_precision(worker, source, models, torch, backend, boundary, precision):
    client, tensors = load(worker, source, backend, torch, boundary, precision=precision)
    wanted = flat(expected(torch, models, "convolution", tensors))
    for _ in range(2):
        for want, answer in zip(wanted, client.floats([0, 1, 2])):
            assert sqnr(want, answer["output"]) > LEAST_DB[precision]
        client.ask("measure", duration_ns=0, minimum_samples=9, maximum_samples=9, iterations_per_sample=2)


@pytest.mark.parametrize(
    ("backend", "options"),
    [
        ("torch-eager", {"cuda-graph": True}),
        ("torch-eager", {"cuda-graph": True, "channels-last": True}),
        ("torch-eager", {"cuda-graph": True, "inference-mode": False}),
        ("torch-eager", {"cudnn-benchmark": True}),
        ("torch-compile", {"mode": "reduce-overhead"}),
        ("torch-compile", {"mode": "reduce-overhead", "freezing": True, "channels-last": True}),
        ("torch-compile", {"mode": "reduce-overhead", "inference-mode": False}),
        ("torch-compile", {"mode": "max-autotune"}),
        ("torch-compile", {"mode": "max-autotune-no-cudagraphs"}),
        ("torch-compile", {"freezing": True}),
        ("torch-compile", {"dynamic": True}),
        ("torch-compile", {"cpp-wrapper": True}),
    ],
    ids=str,
)
@pytest.mark.parametrize("boundary", ["device", "host"])
def test_options_change_no_answer(worker, source, models, torch, tmp_path, backend, options, boundary):
    client, tensors = load(worker, source, backend, torch, boundary, options=options, cache=tmp_path / "cache")
    wanted = flat(expected(torch, models, "convolution", tensors))
    for order in ([0, 1, 2], [2, 0]):
        for index, answer in zip(order, client.floats(order)):
            assert sqnr(wanted[index], answer["output"]) > LEAST_DB["fp32"]
        client.ask("measure", duration_ns=0, minimum_samples=5, maximum_samples=5, iterations_per_sample=1)


@pytest.mark.parametrize("backend", BACKENDS)
def test_the_gpus_clock_does_not_contradict_the_hosts(worker, source, torch, backend):
    client, _ = load(worker, source, backend, torch)
    reply = client.ask("measure", duration_ns=20_000_000, minimum_samples=20, maximum_samples=1000, iterations_per_sample=1)
    clock = reply["device_clock"]
    assert 0 < clock["device_ms"] <= clock["host_ms"] * 1.05 + 0.01
    assert clock["calls"] >= 2


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize(("precision", "type_name"), [("fp32", "float32"), ("tf32", "float32"), ("fp16", "float16")])
def test_the_audit_shows_what_ran(worker, source, torch, backend, precision, type_name):
    client, _ = load(worker, source, backend, torch, precision=precision)
    client.floats([0])
    audit = client.ask("audit")
    assert audit["compute_types"].get(type_name, 0) > 0
    assert audit["other_precision"] == audit["fallback_reason"] == ""


@pytest.mark.parametrize("backend", BACKENDS)
def test_requests_in_flight_answer_as_one_alone_does(worker, source, torch, backend):
    tensors, batches = float_batches(torch, (4, 3, 8, 8))
    client = worker(backend, batches)
    request = {"model": str(source("convolution")), "precision": "fp32", "device": "cuda:0", "timing_boundary": "device", "threads": 2}
    client.ask("load", **request, options={}, cache="", inputs=client.layout, requests=2)
    reply = client.ask("throughput", duration_ns=50_000_000, requests=2)
    assert reply["mismatch"] == "" and reply["calls"] >= 2


def test_a_graph_that_cannot_be_captured_is_unsupported_with_the_way_out(start, models, torch, tmp_path):
    client = faulty(start, models, torch, tmp_path, "        return x * float(x.sum().item())\n")
    with pytest.raises(Refused) as refused:
        client.load(tmp_path / "faulty.json", device="cuda:0", boundary="device", options={"cuda-graph": True})
    assert refused.value.code == "unsupported" and "cuda-graph=off" in refused.value.remedy


def faulty(start, models, torch, tmp_path, body: str):
    (models / "faulty_on_gpu.py").write_text(
        f"import torch\nclass M(torch.nn.Module):\n    def forward(self, x):\n{body}def make():\n    return M(), torch.randn(1, 4)\n"
    )
    (tmp_path / "faulty.json").write_text(json.dumps({"kind": "python", "function": "faulty_on_gpu:make", "directory": str(models)}))
    _, batches = float_batches(torch, (1, 4), count=1)
    return start("torch-eager", batches)


@pytest.mark.parametrize("precision", ["fp32", "fp16"])
@pytest.mark.parametrize(
    ("body", "code"),
    [
        ("        return x + torch.empty(1 << 46, dtype=torch.uint8, device=x.device)[:4]\n", "out_of_memory"),
        ("        return x.flatten()[torch.tensor([1 << 20], device=x.device)]\n", "failed"),
    ],
    ids=["memory", "fault"],
)
def test_faults_of_the_gpu_are_told_apart(start, models, torch, tmp_path, precision, body, code):
    client = faulty(start, models, torch, tmp_path, body)
    with pytest.raises(Refused) as refused:
        client.load(tmp_path / "faulty.json", precision=precision, device="cuda:0", boundary="device")
        client.ask("answers", batches=[0])
    assert refused.value.code == code, refused.value.message
