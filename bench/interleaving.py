"""Rivals measured in turn, as Podium does it: blocks of changing order, the waiting ones stopped."""

from __future__ import annotations

import random
import sys
from typing import Protocol

LEAD_IN = 3  # calls after a switch that run slower: caches, clocks, woken pools


class Rival(Protocol):
    def measure(self, seconds: float) -> list[int]: ...
    def pause(self) -> None: ...
    def resume(self) -> None: ...


def alternate(rivals: dict[str, Rival], pairs: int, seconds: float) -> dict[str, list[list[int]]]:
    """Blocks of each rival, its lead-in calls left out."""
    blocks: dict[str, list[list[int]]] = {name: [] for name in rivals}
    generator = random.Random(1)
    for rival in rivals.values():
        rival.measure(seconds)  # warm-up
        rival.pause()
    for pair in range(pairs):
        for name in generator.sample(list(rivals), len(rivals)):
            rivals[name].resume()
            samples = rivals[name].measure(seconds)
            rivals[name].pause()
            blocks[name].append(samples[LEAD_IN:] or samples[-1:])
        if sys.stderr.isatty():
            print(f"\r{pair + 1} of {pairs} pairs of blocks", end="\n" if pair + 1 == pairs else "", file=sys.stderr, flush=True)
    return blocks
