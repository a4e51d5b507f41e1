"""Podium: the fastest way of running a trained model on this machine that is still right.

    best = podium.optimize(module, data, max_drop=0.01)
    best(x)

    podium.load("best")(x)
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from podium.errors import (
    BadInput,
    Cancelled,
    CheckFailed,
    Failed,
    FileRefused,
    NoWinner,
    OutOfMemory,
    PodiumError,
    TimedOut,
    Unavailable,
    Unsupported,
    WrongUse,
)
from podium.model import Model, TensorSpec, load

if TYPE_CHECKING:
    from podium.report import Report
    from podium.search import Progress, optimize

__all__ = [
    "BadInput",
    "Cancelled",
    "CheckFailed",
    "Failed",
    "FileRefused",
    "Model",
    "NoWinner",
    "OutOfMemory",
    "PodiumError",
    "Progress",
    "Report",
    "TensorSpec",
    "TimedOut",
    "Unavailable",
    "Unsupported",
    "WrongUse",
    "load",
    "optimize",
]

# What measures is imported when it is asked for: a program that runs an artefact does without.
_OF_THE_SEARCH = {"optimize": "podium.search", "Progress": "podium.search", "Report": "podium.report"}


def __getattr__(name: str) -> Any:
    if name not in _OF_THE_SEARCH:
        raise AttributeError(f"module 'podium' has no attribute '{name}'")
    import importlib

    return getattr(importlib.import_module(_OF_THE_SEARCH[name]), name)


def __dir__() -> list[str]:
    return sorted(__all__)
