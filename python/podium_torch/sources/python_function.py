"""python:package.module:function, where the function returns a module and its inputs."""

from __future__ import annotations

import hashlib
import importlib
import inspect
import site
import sys
import sysconfig
from pathlib import Path
from typing import Any

import torch

from podium_torch.errors import PodiumError, first_line
from podium_torch.sources.built import BuiltModel, for_inference
from podium_torch.sources.seeded import SEED

_CONTRACT = "the function returns (module, inputs): a torch.nn.Module, and a tensor, a tuple of tensors or a dictionary of tensors"


class ByName(torch.nn.Module):
    """A module that takes its inputs by name, called by position."""

    def __init__(self, inner: torch.nn.Module, names: list[str]) -> None:
        super().__init__()
        self.inner = inner
        self.names = names

    def forward(self, *inputs: torch.Tensor) -> Any:
        return self.inner(**dict(zip(self.names, inputs)))


def _function(spec: str, folder: str):
    module_name, _, function_name = spec.partition(":")
    if not module_name or not function_name:
        raise PodiumError("wrong_use", f"'python:{spec}' names no function", "write python:package.module:function")
    if folder not in sys.path:
        sys.path.insert(0, folder)
    try:
        module = importlib.import_module(module_name)
    except ModuleNotFoundError as error:
        message = f"python:{spec}: {first_line(error)}"
        raise PodiumError(
            "bad_input", message, f"run podium in the folder that holds it (now {folder}), or add that to PYTHONPATH"
        ) from error
    except Exception as error:
        raise PodiumError("bad_input", f"python:{spec}: importing it failed: {type(error).__name__}: {first_line(error)}") from error
    function = getattr(module, function_name, None)
    if not callable(function):
        known = [name for name, value in vars(module).items() if inspect.isfunction(value) and value.__module__ == module_name]
        raise PodiumError(
            "wrong_use",
            f"python:{spec}: {module_name} has no function '{function_name}'",
            f"its functions are: {', '.join(known) or 'none'}",
        )
    return function


def _argument_names(module: torch.nn.Module, count: int) -> list[str]:
    try:
        parameters = inspect.signature(module.forward).parameters.values()
    except (TypeError, ValueError):
        return [f"input_{i}" for i in range(count)]
    positional = [p.name for p in parameters if p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD)]
    return positional[:count] if len(positional) >= count else [f"input_{i}" for i in range(count)]


def _named_inputs(spec: str, module: torch.nn.Module, inputs: Any) -> dict[str, torch.Tensor]:
    if isinstance(inputs, torch.Tensor):
        inputs = (inputs,)
    if isinstance(inputs, dict):
        named = dict(inputs)
    elif isinstance(inputs, (tuple, list)):
        named = dict(zip(_argument_names(module, len(inputs)), inputs))
    else:
        raise PodiumError("bad_input", f"python:{spec}: its inputs are {type(inputs).__name__}", _CONTRACT)
    strange = [name for name, value in named.items() if not isinstance(value, torch.Tensor)]
    if strange or not named:
        raise PodiumError(
            "bad_input",
            f"python:{spec}: input '{strange[0]}' is no tensor" if strange else f"python:{spec}: it returns no inputs",
            _CONTRACT,
        )
    return {str(name): value.detach().cpu().contiguous() for name, value in named.items()}


def _users_code() -> list[str]:
    """Hashes of imported code of the user's own: installed packages change with their versions, which are part of every key."""
    installed = {Path(path).resolve() for path in (*sysconfig.get_paths().values(), *site.getsitepackages(), Path(__file__).parents[2])}
    lines = []
    for name, module in sorted(sys.modules.items()):
        file = getattr(module, "__file__", None)
        path = Path(file).resolve() if file else None
        if path and path.is_file() and not installed.intersection(path.parents):
            lines.append(f"{name} {hashlib.sha256(path.read_bytes()).hexdigest()}")
    return lines


def _resized(example: torch.Tensor, shape: list[int], generator: torch.Generator) -> torch.Tensor:
    """An input of another shape with values of the same kind."""
    if example.is_floating_point():
        return torch.randn(shape, generator=generator).to(example.dtype)
    values = example.flatten()
    if values.numel() == 0:
        return torch.zeros(shape, dtype=example.dtype)
    return values[torch.randint(values.numel(), shape, generator=generator)]


def build(source: dict) -> BuiltModel:
    spec, folder = source["function"], source["directory"]
    torch.manual_seed(SEED)  # so that weights drawn by the function are the same in every process
    function = _function(spec, folder)
    try:
        returned = function()
    except PodiumError:
        raise
    except Exception as error:
        raise PodiumError("bad_input", f"python:{spec}: calling it failed: {type(error).__name__}: {first_line(error)}") from error
    if not isinstance(returned, tuple) or len(returned) != 2 or not isinstance(returned[0], torch.nn.Module):
        raise PodiumError("bad_input", f"python:{spec}: it does not return a module and its inputs", _CONTRACT)
    module, inputs = returned
    module = for_inference(module.cpu())
    named = _named_inputs(spec, module, inputs)
    generator = torch.Generator().manual_seed(SEED)
    for name, shape in source.get("shapes", {}).items():
        if name in named:
            named[name] = _resized(named[name], shape, generator)
    if isinstance(inputs, dict):
        module = ByName(module, list(named))
    return BuiltModel(module, named, [f"python:{spec}", *_users_code()], keep_state=True)
