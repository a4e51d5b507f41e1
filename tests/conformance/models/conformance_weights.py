"""Weights and inputs of the conformance suite's models, drawn from fixed seeds, so that the ONNX files, the PyTorch modules and the reference agree."""

from __future__ import annotations

import numpy as np

PICTURE_CHANNELS, PICTURE_SIZE, PICTURE_CLASSES = 3, 16, 10
WORDS, WORD_SIZE, SENTENCE = 20, 8, 6
WIDE_IN, WIDE_OUT = 512, 16384


def _normal(seed: int, *shape: int) -> np.ndarray:
    return np.random.default_rng(seed).normal(size=shape).astype(np.float32)


def picture() -> dict[str, np.ndarray]:
    return {
        "first": _normal(1, 8, PICTURE_CHANNELS, 3, 3) * 0.3,
        "first_bias": _normal(2, 8) * 0.1,
        "second": _normal(3, 16, 8, 3, 3) * 0.2,
        "second_bias": _normal(4, 16) * 0.1,
        "classes": _normal(5, PICTURE_CLASSES, 16) * 0.5,
        "classes_bias": _normal(6, PICTURE_CLASSES) * 0.1,
    }


def words() -> np.ndarray:
    return _normal(7, WORDS, WORD_SIZE)


def wide() -> np.ndarray:
    return _normal(8, WIDE_IN, WIDE_OUT) * 0.05


def picture_inputs(batch: int, number: int) -> dict[str, np.ndarray]:
    return {"pixels": _normal(100 + 10 * number + batch, batch, PICTURE_CHANNELS, PICTURE_SIZE, PICTURE_SIZE)}


def types_inputs(batch: int, number: int) -> dict[str, np.ndarray]:
    random = np.random.default_rng(200 + 10 * number + batch)
    return {
        "ids": random.integers(0, WORDS, (batch, SENTENCE), dtype=np.int64),
        "mask": random.integers(0, 2, (batch, SENTENCE)).astype(np.bool_),
        "amount": random.normal(size=(batch, 4)),
    }


def wide_inputs(batch: int, number: int) -> dict[str, np.ndarray]:
    return {"values": _normal(300 + 10 * number + batch, batch, WIDE_IN)}
