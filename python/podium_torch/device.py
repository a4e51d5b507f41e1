"""Where a model runs: on the CPU, or on an NVIDIA GPU, where each thread that calls has a stream of its own."""

from __future__ import annotations

import contextlib
import threading
from typing import Any, Callable, ContextManager

import torch
from torch.utils import _pytree as pytree

from podium_torch.errors import PodiumError

Batch = tuple[torch.Tensor, ...]
CUDA_REMEDY = "pip install torch (the build for CUDA), or use --device cpu"


def present() -> list[str]:
    """The devices that this PyTorch can compute on."""
    count = torch.cuda.device_count() if torch.cuda.is_available() else 0
    return ["cpu", *(f"cuda:{index}" for index in range(count))]


class Cpu:
    """Operators are finished when they return, and compute in the caller's memory."""

    name = "cpu"
    is_gpu = False
    torch = torch.device("cpu")

    def context(self) -> ContextManager:
        return contextlib.nullcontext()

    def place(self, batches: list[Batch], boundary: str) -> list[Batch]:
        if boundary == "device":
            message = "on the CPU, PyTorch computes in the caller's memory, so it has no timing boundary 'device'"
            raise PodiumError("unsupported", message, "use --timing-boundary host")
        return batches

    def call(self, run: Callable[..., Any], boundary: str) -> Callable[..., Any]:
        return run

    def synchronize(self) -> None:
        pass

    def own_ns(self, run: Callable[..., Any], batch: Batch) -> float | None:
        return None


class Gpu:
    """One GPU. Work is queued: a call is finished when its stream is."""

    is_gpu = True

    def __init__(self, name: str) -> None:
        self.name = name
        self.torch = torch.device(name)
        self._streams = threading.local()
        torch.cuda.set_device(self.torch)

    def stream(self) -> Any:
        """The calling thread's own: a new one for each context would keep memory of its own each time."""
        if not hasattr(self._streams, "own"):
            self._streams.own = torch.cuda.Stream(self.torch)
        return self._streams.own

    def context(self) -> ContextManager:
        return torch.cuda.stream(self.stream())

    def place(self, batches: list[Batch], boundary: str) -> list[Batch]:
        """At the boundary 'device' inputs are copied once, before anything is timed."""
        if boundary == "host":
            return batches
        placed = [tuple(value.to(self.torch, copy=True) for value in batch) for batch in batches]
        self.synchronize()
        return placed

    def call(self, run: Callable[..., Any], boundary: str) -> Callable[..., Any]:
        """What is timed: the model and the wait for it, and at the boundary 'host' the copies too."""
        target, wait = self.torch, self.wait

        def placed(*inputs: torch.Tensor) -> Any:
            outputs = run(*inputs)
            wait()
            return outputs

        def from_host(*inputs: torch.Tensor) -> Any:
            outputs = to_host(run(*[value.to(target, non_blocking=True) for value in inputs]))
            wait()
            return outputs

        return placed if boundary == "device" else from_host

    def wait(self) -> None:
        """For what the calling thread has queued."""
        torch.cuda.current_stream(self.torch).synchronize()

    def synchronize(self) -> None:
        torch.cuda.synchronize(self.torch)

    def own_ns(self, run: Callable[..., Any], batch: Batch) -> float | None:
        """One call on placed inputs by the GPU's clock."""
        start, end = torch.cuda.Event(enable_timing=True), torch.cuda.Event(enable_timing=True)
        start.record()
        run(*batch)
        end.record()
        end.synchronize()
        return start.elapsed_time(end) * 1e6


def to_host(outputs: Any) -> Any:
    """Outputs in the caller's memory."""
    if isinstance(outputs, torch.Tensor):  # the common case, without the cost of walking a tree
        return outputs.cpu()
    return pytree.tree_map(lambda value: value.cpu() if isinstance(value, torch.Tensor) else value, outputs)


def open_device(name: str, engine: str) -> Cpu | Gpu:
    devices = present()
    if name not in devices:
        why = "" if torch.version.cuda or torch.version.hip else f": this PyTorch ({torch.__version__}) is built without CUDA"
        remedy = "use --device " + devices[-1] if len(devices) > 1 else CUDA_REMEDY
        raise PodiumError("unsupported", f"{engine} does not run on '{name}' here, but on {', '.join(devices)}{why}", remedy)
    return Gpu(name) if name != "cpu" else Cpu()
