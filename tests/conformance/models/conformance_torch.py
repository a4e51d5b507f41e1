"""The conformance suite's models as PyTorch modules. Each function returns a module and its inputs, as `podium bench python:…` takes them."""

from __future__ import annotations

import conformance_weights as weights
import numpy as np
import torch
from torch import nn
from torch.nn import functional


def _constant(array: np.ndarray) -> nn.Parameter:
    return nn.Parameter(torch.from_numpy(array.copy()), requires_grad=False)


class Picture(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        for name, array in weights.picture().items():
            setattr(self, name, _constant(array))

    def forward(self, pixels: torch.Tensor) -> torch.Tensor:
        small = functional.max_pool2d(functional.relu(functional.conv2d(pixels, self.first, self.first_bias, padding=1)), 2)
        smaller = functional.relu(functional.conv2d(small, self.second, self.second_bias, stride=2, padding=1))
        return functional.linear(smaller.mean((2, 3)), self.classes, self.classes_bias)


class Types(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.words = _constant(weights.words())

    def forward(self, ids: torch.Tensor, mask: torch.Tensor, amount: torch.Tensor):
        total = (self.words[ids] * mask.to(torch.float32).unsqueeze(2)).sum(1)
        return total, total.argmax(1), total > 0, amount * 2


class Wide(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.wide = _constant(weights.wide())

    def forward(self, values: torch.Tensor) -> torch.Tensor:
        return values @ self.wide


def _tensors(inputs: dict[str, np.ndarray]) -> tuple[torch.Tensor, ...]:
    return tuple(torch.from_numpy(array) for array in inputs.values())


def picture():
    return Picture(), _tensors(weights.picture_inputs(1, 0))


def types():
    return Types(), _tensors(weights.types_inputs(2, 0))


def wide():
    return Wide(), _tensors(weights.wide_inputs(1, 0))
