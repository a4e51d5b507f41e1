"""Finds a function of the user's by MODULE:FUNCTION, in the folder that Podium was started in, and on PYTHONPATH."""

from __future__ import annotations

import importlib
import os
import sys
from collections.abc import Callable


def load(spec: str) -> Callable:
    """Ends the program with a sentence where there is no such function: Podium shows it to the user."""
    module_name, _, function_name = spec.partition(":")
    folder = os.getcwd()
    if folder not in sys.path:
        sys.path.insert(0, folder)
    try:
        module = importlib.import_module(module_name)
    except ModuleNotFoundError as error:
        raise SystemExit(f"{error}; start podium in the folder that holds it, or add that to PYTHONPATH") from error
    function = getattr(module, function_name, None)
    if not callable(function):
        raise SystemExit(f"{module_name} has no function '{function_name}'")
    return function
