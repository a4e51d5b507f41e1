"""What the worker does for a GPU, with a stand-in for one: calls are waited for, inputs are placed once, and both clocks are asked."""

from __future__ import annotations

import json
import os
from array import array

import pytest

from running import expected, float_batches

pytestmark = pytest.mark.usefixtures("torch")


@pytest.fixture
def stand_in(torch, monkeypatch):
    """A GPU whose memory is the host's. It counts what is asked of it."""
    from contextlib import nullcontext

    from podium_torch import device

    class StandIn(device.Gpu):
        def __init__(self) -> None:
            self.name, self.torch = "cuda:0", torch.device("cpu")
            self.waits = self.placings = self.clocked = 0

        def context(self):
            return nullcontext()

        def wait(self) -> None:
            self.waits += 1

        def synchronize(self) -> None:
            pass

        def place(self, batches, boundary):
            self.placings += 1
            return super().place(batches, boundary)

        def own_ns(self, run, batch):
            run(*batch)
            self.clocked += 1
            return 1000.0 * self.clocked

    gpu = StandIn()
    monkeypatch.setattr(device, "open_device", lambda name, engine: gpu)
    return gpu


class InProcess:
    """The service without a worker around it."""

    def __init__(self, batches: dict, backend: str = "torch-eager") -> None:
        from podium_torch.service import Service
        from podium_torch.shared_memory import Arena, InputMemory

        self.inputs, self.arena = os.memfd_create("inputs"), os.memfd_create("arena")
        self.layout, offset = [], 0
        for name, (type_name, shape, contents) in batches.items():
            offsets = []
            for content in contents:
                offsets.append(offset)
                os.pwrite(self.inputs, content, offset)
                offset = -(-(offset + len(content)) // 64) * 64
            self.layout.append({"name": name, "type": type_name, "shape": list(shape), "offsets": offsets})
        self.service = Service(backend, InputMemory(self.inputs), Arena(self.arena))

    def ask(self, op: str, **fields) -> dict:
        reply = self.service.reply({"op": op, **fields})
        assert reply["ok"], reply["error"]
        return reply

    def load(self, model, boundary: str, **more) -> dict:
        request = {"model": str(model), "precision": "fp32", "device": "cuda:0", "timing_boundary": boundary, "threads": 1}
        return self.ask("load", **request, inputs=self.layout, **more)

    def answers(self, batches: list[int]) -> list[list[float]]:
        reply = self.ask("answers", batches=batches)
        return [list(array("f", os.pread(self.arena, out["bytes"], out["offset"]))) for (out,) in reply["batches"]]


@pytest.fixture
def in_process():
    made = []

    def make(batches: dict, backend: str = "torch-eager") -> InProcess:
        made.append(InProcess(batches, backend))
        return made[-1]

    yield make
    for one in made:
        os.close(one.inputs)
        os.close(one.arena)


def measure(worker: InProcess, samples: int) -> dict:
    return worker.ask("measure", duration_ns=0, minimum_samples=samples, maximum_samples=samples, iterations_per_sample=1)


@pytest.mark.parametrize("boundary", ["device", "host"])
def test_every_call_is_waited_for_and_answers_as_the_model_does(stand_in, in_process, source, models, torch, boundary):
    tensors, batches = float_batches(torch, (1, 4))
    worker = in_process(batches)
    worker.load(source("linear"), boundary)
    want = [value.flatten().tolist() for value in expected(torch, models, "linear", tensors)]
    assert worker.answers([0, 1, 2]) == [pytest.approx(values, abs=1e-6) for values in want]
    assert stand_in.waits == 3
    measure(worker, 7)
    assert stand_in.waits == 10


def test_inputs_are_placed_once_at_the_boundary_device(stand_in, in_process, source, torch):
    _, batches = float_batches(torch, (1, 4))
    worker = in_process(batches)
    worker.load(source("linear"), "device")
    os.pwrite(worker.inputs, bytes(16), worker.layout[0]["offsets"][0])  # no call looks there any more
    assert worker.answers([0]) != [pytest.approx(worker.answers([1])[0])]
    measure(worker, 5)
    assert stand_in.placings == 1


def test_the_devices_clock_is_read_behind_the_samples_and_goes_on_with_the_batches(stand_in, in_process, source, torch):
    _, batches = float_batches(torch, (1, 4))
    worker = in_process(batches)
    worker.load(source("linear"), "device")
    clock = measure(worker, 30)["device_clock"]
    assert clock["calls"] == 3 and stand_in.clocked == 3
    assert clock["device_ms"] == pytest.approx(0.002)
    assert clock["host_ms"] > 0
    assert measure(worker, 1)["device_clock"]["calls"] == 1
    assert measure(worker, 500)["device_clock"]["calls"] == 10


def test_at_the_boundary_host_the_devices_clock_is_not_read(stand_in, in_process, source, torch):
    _, batches = float_batches(torch, (1, 4))
    worker = in_process(batches)
    worker.load(source("linear"), "host")
    assert measure(worker, 30)["device_clock"] is None
    assert stand_in.clocked == 0


def test_a_model_that_writes_to_placed_inputs_gets_copies(stand_in, in_process, source, torch):
    tensors, batches = float_batches(torch, (1, 4), count=2)
    worker = in_process(batches)
    worker.load(source("writes_its_input"), "device")
    want = [pytest.approx(((value + 1) * 2).flatten().tolist(), abs=1e-5) for value in tensors]
    assert worker.answers([0, 1]) == want
    measure(worker, 5)
    assert worker.answers([0, 1]) == want


def test_several_outputs_come_to_the_host(torch):
    from podium_torch.device import to_host

    outputs = {"a": torch.ones(2), "b": (torch.zeros(1), "no tensor")}
    moved = to_host(outputs)
    assert torch.equal(moved["a"], outputs["a"]) and moved["b"][1] == "no tensor"


def test_the_cpu_has_no_boundary_device(worker, source, torch):
    from worker_client import Refused

    _, batches = float_batches(torch, (1, 4), count=1)
    with pytest.raises(Refused) as refused:
        worker("torch-eager", batches).load(source("linear"), boundary="device")
    assert refused.value.code == "unsupported"
    assert "--timing-boundary host" in refused.value.remedy


def test_a_device_that_is_not_there_is_refused_by_name_and_those_that_are_are_named(worker, source, torch):
    from worker_client import Refused

    _, batches = float_batches(torch, (1, 4), count=1)
    with pytest.raises(Refused) as refused:
        worker("torch-eager", batches).load(source("linear"), device="cuda:99", boundary="device")
    assert refused.value.code == "unsupported"
    assert "cuda:99" in refused.value.message and "cpu" in refused.value.message
    assert "--device" in refused.value.remedy


def test_the_probe_names_every_device(torch):
    from podium_torch.device import present

    assert present()[0] == "cpu"
    assert len(present()) == 1 + (torch.cuda.device_count() if torch.cuda.is_available() else 0)


@pytest.mark.parametrize("options", [{"cuda-graph": True}, {"cudnn-benchmark": True}], ids=lambda options: ",".join(options))
def test_what_concerns_gpus_only_is_refused_on_the_cpu(worker, source, torch, options):
    from worker_client import Refused

    _, batches = float_batches(torch, (1, 4), count=1)
    with pytest.raises(Refused) as refused:
        worker("torch-eager", batches).load(source("linear"), options=options)
    assert refused.value.code == "unsupported"
    assert next(iter(options)) in refused.value.message


def test_fp32_on_a_gpu_has_no_tf32_in_it_and_tf32_has(torch):
    from podium_torch.precision import adapt

    kept = torch.get_float32_matmul_precision(), torch.backends.cudnn.allow_tf32
    try:
        adapt(torch.nn.Linear(2, 2), "tf32", False, "weights", "cuda")
        assert torch.get_float32_matmul_precision() == "high" and torch.backends.cudnn.allow_tf32
        adapt(torch.nn.Linear(2, 2), "fp32", False, "weights", "cuda")
        assert torch.get_float32_matmul_precision() == "highest" and not torch.backends.cudnn.allow_tf32
    finally:
        torch.set_float32_matmul_precision(kept[0])
        torch.backends.cudnn.allow_tf32 = kept[1]


@pytest.mark.parametrize(("precision", "device_type"), [("tf32", "cpu"), ("int8-dynamic", "cuda"), ("int8-static", "cuda")])
def test_a_precision_that_the_device_has_not_is_unsupported(torch, precision, device_type):
    from podium_torch.errors import PodiumError
    from podium_torch.precision import adapt

    with pytest.raises(PodiumError) as refused:
        adapt(torch.nn.Linear(2, 2), precision, False, "weights", device_type)
    assert refused.value.code == "unsupported" and "--precisions" in refused.value.remedy


def test_a_gpus_fault_is_no_missing_operator_at_any_precision(stand_in, in_process, models, torch, tmp_path):
    (models / "faulty.py").write_text(
        "import torch\nclass M(torch.nn.Module):\n    def forward(self, x):\n"
        "        raise RuntimeError('CUDA error: an illegal memory access was encountered')\n"
        "def make():\n    return M(), torch.randn(1, 4)\n"
    )
    file = tmp_path / "faulty.json"
    file.write_text(json.dumps({"kind": "python", "function": "faulty:make", "directory": str(models)}))
    _, batches = float_batches(torch, (1, 4), count=1)
    worker = in_process(batches)
    worker.load(file, "device")
    worker.service._session.request.__dict__["precision"] = "fp16"
    reply = worker.service.reply({"op": "answers", "batches": [0]})
    assert reply["error"]["code"] == "failed"
    assert "the GPU stopped with a fault" in reply["error"]["message"]


def test_want_of_a_gpus_memory_is_told_apart(torch):
    from podium_torch.errors import from_exception

    refused = from_exception(torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2.00 GiB"), "running the model")
    assert refused.code == "out_of_memory" and "--batch" in refused.remedy
    assert from_exception(RuntimeError("CUDA error: CUBLAS_STATUS_ALLOC_FAILED when calling cublasCreate"), "x").code == "out_of_memory"


def test_requests_cannot_share_a_cuda_graph(stand_in, in_process, source, torch):
    _, batches = float_batches(torch, (1, 4))
    worker = in_process(batches)
    worker.load(source("linear"), "device", requests=2)
    worker.service._session.request.options["cuda-graph"] = True
    reply = worker.service.reply({"op": "throughput", "duration_ns": 0, "requests": 2})
    assert reply["error"]["code"] == "unsupported" and "CUDA graph" in reply["error"]["message"]
