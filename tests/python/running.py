"""Inputs for a worker, and the answers to expect."""

from __future__ import annotations

import math
import sys
from array import array


def float_batches(torch, shape, count=3, name="x"):
    generator = torch.Generator().manual_seed(7)
    tensors = [torch.randn(shape, generator=generator) for _ in range(count)]
    return tensors, {name: ("float32", shape, [array("f", value.flatten().tolist()).tobytes() for value in tensors])}


def expected(torch, models, function, tensors, seed=0):
    """What the model answers in this process, its weights drawn as the worker draws them."""
    sys.path.insert(0, str(models))
    try:
        import tiny
    finally:
        sys.path.pop(0)
    torch.manual_seed(seed)
    module = getattr(tiny, function)()[0].eval()
    with torch.no_grad():
        return [module(value.clone()) for value in tensors]


def sqnr(expected, answers) -> float:
    """Of lists of numbers, in dB."""
    signal = sum(value * value for value in expected)
    noise = sum((value - answer) ** 2 for value, answer in zip(expected, answers, strict=True))
    return 10 * math.log10(signal / noise) if noise else math.inf
