"""Arithmetic and layout of a model, as one module around it."""

from __future__ import annotations

from typing import Any

import torch
from torch.utils import _pytree as pytree

from podium_torch.errors import PodiumError
from podium_torch.int8.dynamic import quantize_linears

_HALVES = {"bf16": torch.bfloat16, "fp16": torch.float16}


def _channels_last(tensor: torch.Tensor) -> torch.Tensor:
    if tensor.dim() == 4:
        return tensor.contiguous(memory_format=torch.channels_last)
    if tensor.dim() == 5:
        return tensor.contiguous(memory_format=torch.channels_last_3d)
    return tensor


class Adapted(torch.nn.Module):
    """A model in another arithmetic or layout whose callers notice neither: what comes in and goes out keeps its type."""

    def __init__(self, inner: torch.nn.Module, half: torch.dtype | None, channels_last: bool) -> None:
        super().__init__()
        self.inner = inner
        self.half = half
        self.channels_last = channels_last

    def _take_in(self, value: torch.Tensor) -> torch.Tensor:
        if self.half is not None and value.dtype == torch.float32:
            value = value.to(self.half)
        return _channels_last(value) if self.channels_last else value

    def forward(self, *inputs: torch.Tensor) -> Any:
        outputs = self.inner(*[self._take_in(value) for value in inputs])
        return outputs if self.half is None else _as_float32(outputs, self.half)


class Autocast(torch.nn.Module):
    """A model with float32 weights whose operators PyTorch casts to a half type where it takes them for safe."""

    def __init__(self, inner: torch.nn.Module, half: torch.dtype, device_type: str) -> None:
        super().__init__()
        self.inner = inner
        self.half = half
        self.device_type = device_type

    def forward(self, *inputs: torch.Tensor) -> Any:
        with torch.autocast(self.device_type, dtype=self.half):
            outputs = self.inner(*inputs)
        return _as_float32(outputs, self.half)


def _as_float32(outputs: Any, half: torch.dtype) -> Any:
    def widened(value: Any) -> Any:
        return value.to(torch.float32) if isinstance(value, torch.Tensor) and value.dtype == half else value

    if isinstance(outputs, torch.Tensor):  # the common case, without the cost of walking a tree
        return widened(outputs)
    return pytree.tree_map(widened, outputs)


class CopyingInputs(torch.nn.Module):
    """A model that writes to its inputs, given copies of them."""

    def __init__(self, inner: torch.nn.Module) -> None:
        super().__init__()
        self.inner = inner

    def forward(self, *inputs: torch.Tensor) -> Any:
        return self.inner(*[value.clone() for value in inputs])


def check_quantized(quantized: bool, precision: str) -> None:
    """A model is computed in static int8 where the exporter has quantized it, and only then."""
    if precision == "int8-static" and not quantized:
        raise PodiumError("unsupported", "the model has not been quantized: int8-static needs calibration data", "give --calibration FILE")
    if quantized and precision != "int8-static":
        raise PodiumError("bad_input", f"the model has been quantized for int8-static, not for {precision}")


def _check_precision(precision: str, device_type: str) -> None:
    on_gpu = device_type == "cuda"
    if precision in ("int8-dynamic", "int8-static") and on_gpu:
        message = f"what Podium has of {precision} for PyTorch is for the CPU"
        raise PodiumError("unsupported", message, "choose --precisions fp32,tf32,bf16,fp16")
    known = (*_HALVES, "fp32", "int8-dynamic", "int8-static", *(["tf32"] if on_gpu else []))
    if precision not in known:
        place = "a GPU" if on_gpu else "the CPU"
        raise PodiumError("unsupported", f"PyTorch on {place} has no {precision}", "choose --precisions fp32,bf16")


def _allow_tf32(allowed: bool) -> None:
    """fp32 means fp32: no reduced arithmetic inside a float32 matrix product or convolution, which cuDNN has as its default."""
    torch.set_float32_matmul_precision("high" if allowed else "highest")
    torch.backends.cudnn.allow_tf32 = allowed


def adapt(
    module: torch.nn.Module, precision: str, channels_last: bool, half_by: str = "weights", device_type: str = "cpu"
) -> torch.nn.Module:
    """The module in the arithmetic and layout asked for; the module itself where nothing is to be done.

    half_by: "weights" turns weights and activations to the half type, "autocast" leaves the choice to PyTorch for each operator.
    A model for int8-static is quantized already (exporter/quantized_program.py).
    """
    _check_precision(precision, device_type)
    _allow_tf32(precision == "tf32")
    half = _HALVES.get(precision)
    if precision == "int8-dynamic":
        module = quantize_linears(module)
    if half is not None and half_by == "autocast":
        module, half = Autocast(module, half, device_type), None
    elif half is not None:
        module = module.to(half)
    if channels_last:
        _weights_channels_last(module)
    return Adapted(module, half, channels_last) if half is not None or channels_last else module


def _weights_channels_last(module: torch.nn.Module) -> None:
    for parameter in module.parameters():
        if parameter.dim() > 3:
            parameter.data = _channels_last(parameter.data)
