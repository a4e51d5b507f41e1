"""Answers the requests of docs/worker-protocol.md."""

from __future__ import annotations

import gc
import importlib
import os
import time
from pathlib import Path
from statistics import median
from typing import Any, Callable

from podium_torch import protocol
from podium_torch.descriptors import DESCRIPTORS, with_defaults
from podium_torch.errors import INSTALL_REMEDY, PodiumError, from_exception
from podium_torch.shared_memory import Arena, InputMemory, aligned
from podium_torch.timing import LoopRequest, timed_loop

_SAMPLE_BYTES = 8
_MOST_REQUESTS = 4096
_SAMPLES_A_CLOCK_CALL = 10
_MOST_CLOCK_CALLS = 10
_LOADERS = {"torch-eager": "podium_torch.eager", "torch-compile": "podium_torch.compiled"}


def _requests_in(request: dict, default: int | None) -> int:
    requests = int(request["requests"] if default is None else request.get("requests", default))
    if not 1 <= requests <= _MOST_REQUESTS:
        raise PodiumError("wrong_use", f"cannot keep {requests} requests in flight; 1 to {_MOST_REQUESTS} can be")
    return requests


class Service:
    """One backend, at most one loaded model."""

    def __init__(self, backend: str, inputs: InputMemory, arena: Arena) -> None:
        self._backend = backend
        self._inputs = inputs
        self._arena = arena
        self._session: Any = None
        self._device: Any = None
        self._boundary = "host"
        self._specs: list[Any] = []
        self._layout: list[dict] = []
        self._batches: list[tuple[Any, ...]] = []
        self._next_batch = 0
        self._has_run = False
        self._known: list[Any] = []  # answers to compare with, each given alone
        self._answer_bytes = 0
        self._operations: dict[str, Callable[[dict], dict]] = {
            "hello": self._hello,
            "probe": self._probe,
            "load": self._load,
            "answers": self._answers,
            "measure": self._measure,
            "throughput": self._throughput,
            "audit": self._audit,
            "quit": lambda request: {},
        }

    def reply(self, request: dict) -> dict:
        """Whatever happens, an answer."""
        operation = self._operations.get(str(request.get("op")))
        try:
            if operation is None:
                raise PodiumError("wrong_use", f"there is no request '{request.get('op')}'", f"requests are: {', '.join(self._operations)}")
            return {"ok": True} | operation(request)
        except KeyError as error:
            refusal = PodiumError("wrong_use", f"the request '{request.get('op')}' lacks {error}")
        except Exception as error:
            refusal = from_exception(error, f"{self._backend}: {request.get('op')}")
        return {"ok": False, "error": refusal.as_json()}

    def _hello(self, request: dict) -> dict:
        return {"protocol": protocol.VERSION, "pid": os.getpid()}

    def _probe(self, request: dict) -> dict:
        try:
            import torch
        except Exception as error:  # a broken installation fails in many ways
            reason = f"PyTorch cannot be imported: {error}"
            return {"available": False, "version": "", "devices": [], "reason": reason, "remedy": INSTALL_REMEDY}
        from podium_torch.device import present

        return {"available": True, "version": torch.__version__, "devices": present(), "reason": "", "remedy": "", "place": str(Path(torch.__file__).parent)}

    def _load(self, request: dict) -> dict:
        self._session, self._batches = None, []
        gc.collect()
        self._import_torch()
        from podium_torch import device
        from podium_torch.session import InputSpec, LoadRequest
        from podium_torch.dtypes import dtype_of

        before = time.monotonic_ns()
        self._device = device.open_device(request.get("device", "cpu"), DESCRIPTORS[self._backend]["engine"])
        self._boundary = request.get("timing_boundary", "host")
        self._layout = request["inputs"]
        self._specs = [InputSpec(item["name"], dtype_of(item["type"]), tuple(item["shape"])) for item in self._layout]
        self._batches = self._map_batches()
        load_request = LoadRequest(
            model=Path(request["model"]),
            precision=request["precision"],
            threads=int(request["threads"]),
            options=with_defaults(self._backend, request.get("options", {})),
            inputs=self._specs,
            cache=Path(request["cache"]) if request.get("cache") else None,
            requests=_requests_in(request, 1),
            example=self._batches[0] if self._batches else (),
            device=self._device,
            boundary=self._boundary,
        )
        self._session = importlib.import_module(_LOADERS[self._backend]).load(load_request)
        self._next_batch, self._has_run, self._known = 0, False, []
        gc.collect()
        gc.freeze()  # what a loaded model holds is not looked through again
        total = time.monotonic_ns() - before
        build = self._session.build_ns
        return {"load_ns": total - (build or 0), "build_ns": build}

    def _import_torch(self) -> None:
        probed = self._probe({})
        if not probed["available"]:
            raise PodiumError("unavailable", probed["reason"], probed["remedy"])

    def _map_batches(self) -> list[tuple[Any, ...]]:
        """Every batch as tensors over the shared inputs, or placed on the device where the timing boundary is there."""
        memory = self._inputs.map()
        count = min((len(item["offsets"]) for item in self._layout), default=0)
        if count == 0:
            raise PodiumError("wrong_use", "the request 'load' gives no batch of inputs")
        import torch

        with torch.inference_mode(False):  # a tensor made in inference mode would not count who writes to it
            batches = [
                tuple(self._tensor(memory, item, spec, batch) for item, spec in zip(self._layout, self._specs)) for batch in range(count)
            ]
            return self._device.place(batches, self._boundary)

    @staticmethod
    def _tensor(memory: memoryview, item: dict, spec: Any, batch: int) -> Any:
        import torch

        elements = 1
        for size in spec.shape:
            elements *= size
        offset = item["offsets"][batch]
        if offset < 0 or offset + elements * spec.dtype.itemsize > len(memory):
            raise PodiumError("wrong_use", f"batch {batch} of input '{spec.name}' lies outside the inputs' memory")
        if elements == 0:
            return torch.empty(spec.shape, dtype=spec.dtype)
        return torch.frombuffer(memory, dtype=spec.dtype, count=elements, offset=offset).reshape(spec.shape)

    def _loaded(self) -> Any:
        if self._session is None:
            raise PodiumError("wrong_use", "no model is loaded", "send 'load' first")
        return self._session

    def _run_once(self, index: int) -> Any:
        """One call outside any measurement.

        A model that writes to its inputs is found out here: its inputs are restored, and copied from then on.
        """
        session = self._loaded()
        if not 0 <= index < len(self._batches):
            raise PodiumError("wrong_use", f"there is no batch {index}; batches are 0 to {len(self._batches) - 1}")
        batch = self._batches[index]
        versions = [value._version for value in batch]
        try:
            outputs = session.call(*batch)
            if [value._version for value in batch] != versions:
                session.copy_inputs()
                self._batches = self._map_batches()
                outputs = session.call(*self._batches[index])
        except Exception as error:
            raise session.refusal(error) from error
        return outputs

    def _answers(self, request: dict) -> dict:
        session = self._loaded()
        first_ns, end, batches = None, 0, []
        with session.context():
            for index in request["batches"]:
                before = time.monotonic_ns()
                outputs = self._run_once(index)
                if not self._has_run:
                    first_ns, self._has_run = time.monotonic_ns() - before, True
                described, end = self._keep(outputs, end)
                batches.append(described)
        self._answer_bytes = end
        return {"first_inference_ns": first_ns, "batches": batches}

    def _keep(self, outputs: Any, end: int) -> tuple[list[dict], int]:
        """Writes the outputs of one call to the arena behind `end`."""
        import torch
        from podium_torch.dtypes import carried_name_of
        from podium_torch.outputs import named_outputs

        described = []
        for name, tensor in named_outputs(outputs, self._session.output_names):
            type_name = carried_name_of(tensor.dtype, f"output '{name}'")
            offset, count = aligned(end), tensor.numel()
            end = offset + count * tensor.element_size()
            memory = self._arena.reserve(end)
            if count:
                torch.frombuffer(memory, dtype=tensor.dtype, count=count, offset=offset).reshape(tensor.shape).copy_(tensor)
            described.append({"name": name, "type": type_name, "shape": list(tensor.shape), "offset": offset, "bytes": end - offset})
        return described, end

    def _measure(self, request: dict) -> dict:
        session = self._loaded()
        loop = LoopRequest(
            duration_ns=int(request["duration_ns"]),
            minimum_samples=int(request["minimum_samples"]),
            maximum_samples=int(request["maximum_samples"]),
            iterations_per_sample=int(request["iterations_per_sample"]),
        )
        if loop.maximum_samples < 1 or loop.iterations_per_sample < 1:
            raise PodiumError("wrong_use", "a measurement needs at least one sample of one iteration")
        offset = aligned(self._answer_bytes)
        end = offset + loop.maximum_samples * _SAMPLE_BYTES
        samples = self._arena.reserve(end)[offset:end].cast("Q")
        with session.context():
            if not self._has_run:
                self._run_once(self._next_batch)
                self._has_run = True
            try:
                figures = timed_loop(session.call, self._batches, self._next_batch, loop, samples)
                self._next_batch = figures.next_batch
                clock = self._ask_both_clocks(figures.samples)
            except Exception as error:
                raise session.refusal(error) from error
        return {
            "start_ns": figures.start_ns,
            "elapsed_ns": figures.elapsed_ns,
            "samples": figures.samples,
            "offset": offset,
            "user_ns": figures.user_ns,
            "device_clock": clock,
        }

    def _ask_both_clocks(self, samples: int) -> dict | None:
        """A few calls behind the samples, so that reading the device's clock costs none of them."""
        if self._boundary != "device":
            return None
        device_ns, host_ns = [], []
        for _ in range(min(max(samples // _SAMPLES_A_CLOCK_CALL, 1), _MOST_CLOCK_CALLS)):
            batch = self._batches[self._next_batch]
            self._next_batch = (self._next_batch + 1) % len(self._batches)
            before = time.monotonic_ns()
            device_ns.append(self._device.own_ns(self._session.run, batch))
            host_ns.append(time.monotonic_ns() - before)
        return {"device_ms": median(device_ns) * 1e-6, "host_ms": median(host_ns) * 1e-6, "calls": len(device_ns)}

    def _throughput(self, request: dict) -> dict:
        from podium_torch.requests_in_flight import KnownAnswer, measure

        session = self._loaded()
        requests = _requests_in(request, None)
        if requests > session.request.requests:
            loaded_for = session.request.requests
            raise PodiumError("wrong_use", f"the model was loaded for {loaded_for} requests in flight, not for {requests}")
        if requests > 1 and session.one_at_a_time():
            raise PodiumError("unsupported", session.one_at_a_time())
        with session.context():
            for index in range(len(self._known), len(self._batches)):
                self._known.append(KnownAnswer(self._run_once(index), session.request.precision))
        self._device.synchronize()  # other threads read them from streams of their own
        self._has_run = True
        return measure(session, self._batches, self._known, int(request["duration_ns"]), requests)

    def _audit(self, request: dict) -> dict:
        session = self._loaded()
        with session.context():
            return session.audit(self._batches[self._next_batch])
