"""A loaded model, as the service uses it; what torch-eager and torch-compile share."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Callable, ContextManager

import torch

from podium_torch.device import Cpu, Gpu
from podium_torch.dtypes import name_of
from podium_torch.errors import PodiumError, from_exception, is_device_fault
from podium_torch.memory import keep_freed_memory
from podium_torch.precision import CopyingInputs, adapt, check_quantized
from podium_torch.sources import build_model


@dataclass(frozen=True)
class InputSpec:
    name: str
    dtype: torch.dtype
    shape: tuple[int, ...]


@dataclass(frozen=True)
class LoadRequest:
    model: Path
    precision: str
    threads: int
    options: dict[str, Any]
    inputs: list[InputSpec]
    cache: Path | None
    requests: int  # in flight at once; they share `threads`
    example: tuple[torch.Tensor, ...]  # the first batch, where a call finds it
    device: Cpu | Gpu = field(default_factory=Cpu)
    boundary: str = "host"


class Session:
    """Calls the model through `run`, a plain callable, so that on the CPU the timed loop pays for nothing else."""

    def __init__(self, request: LoadRequest) -> None:
        self.request = request
        options = request.options
        if options["keep-memory"]:
            keep_freed_memory()
        _set_threads(request)
        torch.set_flush_denormal(options["flush-denormals"])
        torch.backends.mkldnn.enabled = options["onednn"]
        _check_options(request)
        torch.backends.cudnn.benchmark = options["cudnn-benchmark"]
        built = build_model(request.model, request.device.name)
        _check_inputs(built.inputs, request.inputs)
        self.output_names = built.output_names
        check_quantized(built.quantized, request.precision)
        self.module = adapt(built.module, request.precision, options["channels-last"], options["half-by"], request.device.torch.type)
        if request.device.is_gpu:
            self.module.to(request.device.torch)
            request.device.synchronize()
        self.run: Any = self.module
        self.build_ns: int | None = None

    def context(self) -> ContextManager:
        """What the model runs under; entered once around many calls."""
        entered = contextlib.ExitStack()
        entered.enter_context(torch.inference_mode() if self.request.options["inference-mode"] else torch.no_grad())
        entered.enter_context(self.request.device.context())
        return entered

    @property
    def call(self) -> Callable[..., Any]:
        """What is timed: `run` with what the device and the timing boundary add to it."""
        return self.request.device.call(self.run, self.request.boundary)

    def one_at_a_time(self) -> str:
        """Why no two requests can be in flight; empty where they can."""
        return ""

    def on_device(self, inputs: tuple[torch.Tensor, ...]) -> tuple[torch.Tensor, ...]:
        return tuple(value.to(self.request.device.torch) for value in inputs)

    def copy_inputs(self) -> None:
        """From now on the model gets a copy of each input: it writes to them."""
        self.run = CopyingInputs(self.run)

    def refusal(self, error: Exception) -> PodiumError:
        """An exception of the model as a reply. At a lower precision, operators that do not take it are expected."""
        known = from_exception(error, "running the model")
        if is_device_fault(error):
            return known
        if known.code == "failed" and self.request.precision not in ("fp32", "tf32") and isinstance(error, (RuntimeError, TypeError)):
            return PodiumError("unsupported", f"the model cannot run at {self.request.precision}: {known.message}")
        return known

    def audit(self, inputs: tuple[torch.Tensor, ...]) -> dict:
        raise NotImplementedError


def _check_options(request: LoadRequest) -> None:
    """What concerns GPUs only is refused elsewhere: taken in silence, it would be a candidate that is no other."""
    for option in ("cuda-graph", "cudnn-benchmark"):
        if request.options.get(option) and not request.device.is_gpu:
            raise PodiumError("unsupported", f"{option} is for NVIDIA GPUs, and this is the {request.device.name}", "use --device cuda:0")


def _set_threads(request: LoadRequest) -> None:
    if request.options["threads-policy"] == "podium":
        torch.set_num_threads(max(1, request.threads // request.requests))
    if torch.get_num_interop_threads() != 1:
        try:
            torch.set_num_interop_threads(1)
        except RuntimeError:
            pass  # too late once PyTorch has worked in parallel: the pool of an earlier load stays, unused


def _check_inputs(known: dict[str, torch.Tensor], given: list[InputSpec]) -> None:
    """Inputs of a cell against those of the model; a model from ONNX knows only the number."""
    if not known:
        return
    names = [spec.name for spec in given]
    if names != list(known):
        raise PodiumError("bad_input", f"the model takes the inputs {', '.join(known)}; given were {', '.join(names) or 'none'}")
    for spec in given:
        expected = known[spec.name]
        if spec.dtype != expected.dtype:
            raise PodiumError("bad_input", f"input '{spec.name}' is {name_of(expected.dtype)}; given was {name_of(spec.dtype)}")
        if len(spec.shape) != expected.dim():
            raise PodiumError("bad_input", f"input '{spec.name}' has {expected.dim()} axes; given were {len(spec.shape)}")
