"""Whatever a model returns, as named tensors in a fixed order."""

from __future__ import annotations

from typing import Any

import torch
from torch.utils import _pytree as pytree

from podium_torch.errors import PodiumError


def _key_name(key: Any) -> str:
    for attribute in ("key", "name", "idx"):
        if hasattr(key, attribute):
            return str(getattr(key, attribute))
    return str(key)


def _name(path: tuple[Any, ...]) -> str:
    name = ".".join(_key_name(key) for key in path)
    return f"output_{name}" if name[:1].isdigit() else name


def named_outputs(value: Any, names: list[str] | None = None) -> list[tuple[str, torch.Tensor]]:
    """The tensors of `value`; `names` go before names made from keys where there are as many."""
    if isinstance(value, torch.Tensor):
        return [((names or ["output"])[0], value)]
    leaves, _ = pytree.tree_flatten_with_path(value)
    tensors = [(_name(path), leaf) for path, leaf in leaves if isinstance(leaf, torch.Tensor)]
    if not tensors:
        raise PodiumError("unsupported", f"the model returns {type(value).__name__}, which holds no tensor")
    if len(tensors) == 1 and tensors[0][0].startswith("output_"):
        tensors = [("output", tensors[0][1])]
    if names and len(names) == len(tensors):
        return [(name, tensor) for name, (_, tensor) in zip(names, tensors)]
    return tensors
