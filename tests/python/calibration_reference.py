"""Calibrators in plain NumPy, by the book and in memory that does not matter: what the streaming ones are held against."""

from __future__ import annotations

import math

import numpy as np

BINS = 8192  # on each side of zero


def histogram(values: np.ndarray) -> tuple[np.ndarray, np.ndarray, float]:
    """Counts of magnitudes above and below zero, and their width: the smallest power of two under which BINS bins hold them all."""
    values = values.astype(np.float64)
    largest = np.abs(values).max(initial=0.0)
    if largest == 0.0:
        return np.zeros(0), np.zeros(0), 0.0
    exponent = max(math.frexp(largest)[1], -100)
    width = 2.0**exponent / BINS
    sides = []
    for side in (values[values > 0], -values[values < 0]):
        counts = np.bincount((side / width).astype(np.int64), minlength=1)
        sides.append(counts.astype(np.float64) if side.size else np.zeros(0))
    return sides[0], sides[1], width


class Entropy:
    """Divergence of a cut: `below` and `above` bins next to zero are kept."""

    def __init__(self, values: np.ndarray, symmetric: bool, levels: int):
        above, below, self.width = histogram(values)
        if symmetric:
            longest = max(len(above), len(below))
            above = np.pad(above, (0, longest - len(above))) + np.pad(below, (0, longest - len(below)))
            below = np.zeros(0)
        self.levels = levels // 2 if symmetric else levels
        self.above, self.below = above, below

    def __call__(self, below: int, above: int) -> float:
        whole = np.concatenate([self.below[::-1], self.above])
        first, last = len(self.below) - below, len(self.below) + above
        inside = whole[first:last]
        if inside.sum() == 0:
            return math.inf
        real = inside.copy()
        real[0] += whole[:first].sum()
        real[-1] += whole[last:].sum()
        groups = min(self.levels, len(real))
        starts = np.arange(groups) * len(real) // groups
        group_of = np.repeat(np.arange(groups), np.diff(np.append(starts, len(real))))
        seen = real > 0
        spread = np.add.reduceat(inside, starts) / np.maximum(np.add.reduceat(seen.astype(np.float64), starts), 1)
        quantized = spread[group_of]
        if (quantized[seen] == 0).any():
            return math.inf
        p, q = real[seen] / real.sum(), quantized[seen] / quantized[seen].sum()
        noise = (inside > 0).sum() - (np.add.reduceat(inside, starts) > 0).sum()
        return float((p * np.log(p / q)).sum()) - noise / (2 * real.sum())

    def cut_of(self, low: float, high: float) -> tuple[int, int]:
        """The cut that a range came from. A range ends at the last number where the cut is the whole side, so inside the last bin."""
        below, above = math.ceil(-low / self.width - 1e-6), math.ceil(high / self.width - 1e-6)
        return (len(self.below) if below >= len(self.below) - 1 else below), (len(self.above) if above >= len(self.above) - 1 else above)

    def least(self) -> float:
        """Over a grid of cuts."""
        def ends(count: int, steps: int) -> list[int]:
            return sorted({round(count * 0.5 ** (i * 10 / steps)) for i in range(steps)} - {0}) if count else [0]
        steps = 20 if len(self.below) and len(self.above) else 200
        cuts = [(below, above) for below in ends(len(self.below), steps) for above in ends(len(self.above), steps) if below + above >= self.levels]
        return min([self(below, above) for below, above in cuts] + [self(len(self.below), len(self.above))])


def square_error(values: np.ndarray, low: float, high: float, symmetric: bool, levels: int) -> float:
    """Of quantizing to evenly spaced levels, the first and the last of which lie at the ends of the range, relative to the mean square."""
    values = values.astype(np.float64)
    values = values[values != 0]
    if symmetric:
        values, low, levels = np.abs(values), 0.0, levels // 2
    step = (high - low) / (levels - 1)
    nearest = np.clip(np.round((values - low) / step), 0, levels - 1) * step + low
    return float(((values - nearest) ** 2).sum() / (values**2).sum())


def least_square_error(values: np.ndarray, symmetric: bool, levels: int) -> float:
    lowest, highest = min(values.min(), 0.0), max(values.max(), 0.0)
    if symmetric:
        largest = max(-lowest, highest)
        return min(square_error(values, -x, x, True, levels) for x in largest * np.geomspace(0.002, 1, 100))
    lows = lowest * np.geomspace(0.01, 1, 14) if lowest < 0 else [0.0]
    highs = highest * np.geomspace(0.01, 1, 14 if lowest < 0 else 100) if highest > 0 else [0.0]
    return min(square_error(values, low, high, False, levels) for low in lows for high in highs)
