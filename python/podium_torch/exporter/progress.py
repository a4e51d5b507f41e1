"""Lines for the person who waits; everything else on standard output is PyTorch's own."""

from __future__ import annotations

MARK = "podium: "


def say(what: str) -> None:
    print(MARK + what, flush=True)
