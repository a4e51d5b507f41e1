"""A module of PyTorch, or a function of tensors, as a program that every engine can have."""

from __future__ import annotations

import dataclasses
import functools
import inspect
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from podium import _search
from podium.arrays import as_numpy, is_torch
from podium.errors import Unavailable, WrongUse
from podium.samples import Batch, Naming
from podium.structure import Structure, take_apart


@dataclasses.dataclass(frozen=True)
class Program:
    """What is searched in place of the module."""

    file: Path
    structure: Structure  # of what the module returns
    has_batch_axis: bool


def own_packages() -> None:
    """Makes podium_torch importable: it lies where the programs of Podium look for it, not among this environment's packages."""
    folder = _search.python_folder()
    if folder not in sys.path:
        sys.path.append(folder)


def naming_of(model: Callable[..., Any]) -> Naming:
    """By the arguments that the module takes; where it would take one array more or less, whole numbers of one axis are labels."""
    call = getattr(model, "forward", model)
    try:
        parameters = list(inspect.signature(call).parameters.values())
    except (TypeError, ValueError):
        parameters = []
    known = [p for p in parameters if p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD)]
    least = sum(p.default is p.empty for p in known)
    any_number = not parameters or any(p.kind is p.VAR_POSITIONAL for p in parameters)

    def naming(arrays: tuple[Any, ...]) -> tuple[list[str], bool]:
        has_labels = len(arrays) > max(1, least) and _looks_like_labels(arrays[-1])
        if not any_number and len(arrays) > len(known):
            has_labels = True
        count = len(arrays) - has_labels
        if not any_number and not least <= count <= len(known):
            message = f"a batch of data has {len(arrays)} arrays, and the model takes {', '.join(p.name for p in known)}"
            raise WrongUse(message, "give an array for each, in this order, and labels behind them; or a dictionary by their names")
        names = [p.name for p in known[:count]]
        return names + [f"input_{place}" for place in range(len(names), count)], has_labels

    return naming


def _looks_like_labels(array: Any) -> bool:
    return len(array.shape) == 1 and "int" in str(array.dtype)


def as_program(model: Callable[..., Any], first: Batch, file: Path, axes: dict[str, dict[int, str]] | None = None) -> Program:
    """Exports the model, called with the first batch: by name where that was a dictionary. `axes` are free besides the batch, by name.

    Raises:
        Unsupported: where PyTorch cannot capture it as one graph.
        BadInput: where it refuses the batch, or returns no tensor.
    """
    try:
        import torch
    except ImportError as error:
        raise Unavailable("a function or module needs PyTorch, which is not here", "pip install torch, or give the path of an ONNX file") from error
    own_packages()
    from podium_torch.exporter.module_program import save_program

    structures: list[Structure] = []

    def tensors_of(value: Any) -> dict[str, Any]:
        named, structure = take_apart(value, is_torch)
        structures.append(structure)
        return named

    inputs = {name: value.detach() if is_torch(value) else torch.from_numpy(as_numpy(value)) for name, value in first.inputs.items()}
    module = model if isinstance(model, torch.nn.Module) else _as_module(model)
    has_batch_axis = _told(functools.partial(save_program, module, inputs, first.by_name, tensors_of, axes or {}, file))
    return Program(file, structures[0], has_batch_axis)


def _as_module(function: Callable[..., Any]) -> Any:
    """A function as a module that owns what it is a method of, so that the weights are found."""
    import torch

    class Function(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            owner = getattr(function, "__self__", None)
            if isinstance(owner, torch.nn.Module):
                self.owner = owner

        def forward(self, *inputs: Any, **named: Any) -> Any:
            return function(*inputs, **named)

    return Function()


def _told(export: Callable[[], bool]) -> bool:
    """What podium_torch raises, as an exception of this package."""
    from podium_torch.errors import PodiumError as TorchError

    from podium import errors

    classes = {cls.code: cls for cls in vars(errors).values() if isinstance(cls, type) and issubclass(cls, errors.PodiumError)}
    classes |= {"failed": errors.Failed, "check_failed": errors.CheckFailed}
    try:
        return export()
    except TorchError as error:
        raise classes.get(error.code, errors.Failed)(error.message, error.remedy) from error
