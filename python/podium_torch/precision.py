"""Arithmetic and layout of a model, as one module around it."""

from __future__ import annotations

from typing import Any

import torch
from torch.utils import _pytree as pytree

from podium_torch.errors import PodiumError

_ARITHMETIC = {"fp32": None, "bf16": torch.bfloat16}


def _channels_last(tensor: torch.Tensor) -> torch.Tensor:
    if tensor.dim() == 4:
        return tensor.contiguous(memory_format=torch.channels_last)
    if tensor.dim() == 5:
        return tensor.contiguous(memory_format=torch.channels_last_3d)
    return tensor


class Adapted(torch.nn.Module):
    """A model in another arithmetic or layout whose callers notice neither: what comes in and goes out keeps its type."""

    def __init__(self, inner: torch.nn.Module, arithmetic: torch.dtype | None, channels_last: bool) -> None:
        super().__init__()
        self.inner = inner
        self.arithmetic = arithmetic
        self.channels_last = channels_last

    def _take_in(self, value: torch.Tensor) -> torch.Tensor:
        if self.arithmetic is not None and value.dtype == torch.float32:
            value = value.to(self.arithmetic)
        return _channels_last(value) if self.channels_last else value

    def _hand_out(self, value: Any) -> Any:
        if self.arithmetic is not None and isinstance(value, torch.Tensor) and value.dtype == self.arithmetic:
            return value.to(torch.float32)
        return value

    def forward(self, *inputs: torch.Tensor) -> Any:
        outputs = self.inner(*[self._take_in(value) for value in inputs])
        if self.arithmetic is None:
            return outputs
        if isinstance(outputs, torch.Tensor):  # the common case, without the cost of walking a tree
            return self._hand_out(outputs)
        return pytree.tree_map(self._hand_out, outputs)


class CopyingInputs(torch.nn.Module):
    """A model that writes to its inputs, given copies of them."""

    def __init__(self, inner: torch.nn.Module) -> None:
        super().__init__()
        self.inner = inner

    def forward(self, *inputs: torch.Tensor) -> Any:
        return self.inner(*[value.clone() for value in inputs])


def adapt(module: torch.nn.Module, precision: str, channels_last: bool) -> torch.nn.Module:
    """The module in the arithmetic and layout asked for; the module itself where nothing is to be done."""
    if precision not in _ARITHMETIC:
        raise PodiumError("unsupported", f"PyTorch on the CPU is not asked for {precision} here", "choose --precisions fp32,bf16")
    # fp32 means fp32: no reduced arithmetic inside a float32 matrix product or convolution.
    torch.set_float32_matmul_precision("highest")
    arithmetic = _ARITHMETIC[precision]
    if arithmetic is not None:
        module = module.to(arithmetic)
    if channels_last:
        _weights_channels_last(module)
    return Adapted(module, arithmetic, channels_last) if arithmetic is not None or channels_last else module


def _weights_channels_last(module: torch.nn.Module) -> None:
    for parameter in module.parameters():
        parameter.data = _channels_last(parameter.data)
