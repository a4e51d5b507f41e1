"""Finds a function of the user's by MODULE:FUNCTION, in the folder that Podium was started in, and on PYTHONPATH."""

from __future__ import annotations

import contextlib
import importlib
import os
import sys
import traceback
from collections.abc import Callable, Iterator
from pathlib import Path


@contextlib.contextmanager
def told(spec: str) -> Iterator[None]:
    """What the user's code raises inside, in a sentence with the line of his that raised it."""
    try:
        yield
    except Exception as error:
        last = traceback.extract_tb(error.__traceback__)[-1]
        raise SystemExit(f"{spec}: {type(error).__name__} in {Path(last.filename).name}, line {last.lineno}: {error}") from None


def load(spec: str) -> Callable:
    """Ends the program with a sentence where there is no such function: Podium shows it to the user."""
    module_name, _, function_name = spec.partition(":")
    folder = os.getcwd()
    if folder not in sys.path:
        sys.path.insert(0, folder)
    try:
        module = importlib.import_module(module_name)
    except ModuleNotFoundError as error:
        raise SystemExit(f"{error}; start podium in the folder that holds it, or add that to PYTHONPATH") from None
    except Exception as error:
        raise SystemExit(f"importing {module_name} failed: {type(error).__name__}: {error}") from None
    function = getattr(module, function_name, None)
    if not callable(function):
        raise SystemExit(f"{module_name} has no function '{function_name}'")
    return function
