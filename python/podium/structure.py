"""What a model returns, taken apart into named tensors and put together again."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator, Mapping
from typing import Any

#: Takes the next tensors and gives what they are a part of.
Build = Callable[[Iterator[Any]], Any]


@dataclasses.dataclass(frozen=True)
class Structure:
    """A tensor, or tuples, lists, dictionaries and dataclasses of them. What is no tensor (None, a number) is kept as it was."""

    names: tuple[str, ...]  # of its tensors, in order
    build: Build

    def rebuild(self, tensors: Mapping[str, Any]) -> Any:
        return self.build(iter([tensors[name] for name in self.names]))


def take_apart(value: Any, is_tensor: Callable[[Any], bool]) -> tuple[dict[str, Any], Structure]:
    """The tensors of `value` by names made of where they are ("logits", "output_0", "state.hidden"), and how they go together."""
    leaves: list[tuple[str, Any]] = []
    build = _plan(value, (), is_tensor, leaves)
    if len(leaves) == 1 and (not leaves[0][0] or leaves[0][0].startswith("output_")):
        leaves = [("output", leaves[0][1])]
    named = dict(leaves)
    if len(named) != len(leaves):  # "a.b" is a key, and "b" is one of the dictionary at "a"
        named = {f"output_{place}": leaf for place, (_, leaf) in enumerate(leaves)}
    return named, Structure(tuple(named), build)


def _plan(value: Any, path: tuple[str, ...], is_tensor: Callable[[Any], bool], leaves: list[tuple[str, Any]]) -> Build:
    if is_tensor(value):
        leaves.append((_name(path), value))
        return next
    parts = _parts(value)
    if parts is None:
        return lambda _: value
    children, together = parts
    plans = {key: _plan(child, (*path, str(key)), is_tensor, leaves) for key, child in children.items()}
    return lambda tensors: together({key: plan(tensors) for key, plan in plans.items()})


def _name(path: tuple[str, ...]) -> str:
    name = ".".join(path)
    return f"output_{name}" if name[:1].isdigit() else name


def _parts(value: Any) -> tuple[dict[Any, Any], Callable[[dict[Any, Any]], Any]] | None:
    """The children of a container, and how one of its kind is made of others; None of anything else."""
    kind = type(value)
    if isinstance(value, Mapping):  # outputs of Hugging Face are mappings and dataclasses at once, and take keywords
        return dict(value), (lambda built: kind(**built)) if dataclasses.is_dataclass(value) else (lambda built: _mapping(kind, built))
    if isinstance(value, (tuple, list)):
        children = dict(enumerate(value))
        if hasattr(value, "_fields"):
            return children, lambda built: kind(*built.values())
        return children, lambda built: kind(built.values())
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        names = [field.name for field in dataclasses.fields(value) if field.init]
        return {name: getattr(value, name) for name in names}, lambda built: kind(**built)
    return None


def _mapping(kind: type, built: dict[Any, Any]) -> Any:
    return built if kind is dict else kind(built)
