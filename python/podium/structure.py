"""What a model returns, taken apart into named tensors and put together again."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator, Mapping
from typing import Any

#: The key of a child in its container: a place, a name, a dictionary's key.
Key = Any


@dataclasses.dataclass(frozen=True)
class Leaf:
    """A tensor."""

    def build(self, tensors: Iterator[Any]) -> Any:
        return next(tensors)


@dataclasses.dataclass(frozen=True)
class Constant:
    """What is no tensor (None, a number), kept as it was."""

    value: Any

    def build(self, _: Iterator[Any]) -> Any:
        return self.value


@dataclasses.dataclass(frozen=True)
class Container:
    """Of a class, with its parts in order; `way` says how one of the class is made of others, in WAYS."""

    kind: type
    way: str
    keys: tuple[Key, ...]
    parts: tuple[Part, ...]

    def build(self, tensors: Iterator[Any]) -> Any:
        return WAYS[self.way](self.kind, dict(zip(self.keys, [part.build(tensors) for part in self.parts])))


Part = Leaf | Constant | Container

WAYS: dict[str, Callable[[type, dict[Key, Any]], Any]] = {
    "keywords": lambda kind, built: kind(**built),  # dataclasses, which outputs of Hugging Face are besides being mappings
    "mapping": lambda kind, built: built if kind is dict else kind(built),
    "places": lambda kind, built: kind(*built.values()),  # named tuples
    "sequence": lambda kind, built: kind(built.values()),
}


@dataclasses.dataclass(frozen=True)
class Structure:
    """A tensor, or tuples, lists, dictionaries and dataclasses of them."""

    names: tuple[str, ...]  # of its tensors, in order
    whole: Part

    def rebuild(self, tensors: Mapping[str, Any]) -> Any:
        return self.whole.build(iter([tensors[name] for name in self.names]))


def take_apart(value: Any, is_tensor: Callable[[Any], bool]) -> tuple[dict[str, Any], Structure]:
    """The tensors of `value` by names made of where they are ("logits", "output_0", "state.hidden"), and how they go together."""
    leaves: list[tuple[str, Any]] = []
    whole = _part(value, (), is_tensor, leaves)
    if len(leaves) == 1 and (not leaves[0][0] or leaves[0][0].startswith("output_")):
        leaves = [("output", leaves[0][1])]
    named = dict(leaves)
    if len(named) != len(leaves):  # "a.b" is a key, and "b" is one of the dictionary at "a"
        named = {f"output_{place}": leaf for place, (_, leaf) in enumerate(leaves)}
    return named, Structure(tuple(named), whole)


def _part(value: Any, path: tuple[str, ...], is_tensor: Callable[[Any], bool], leaves: list[tuple[str, Any]]) -> Part:
    if is_tensor(value):
        leaves.append((_name(path), value))
        return Leaf()
    apart = _children(value)
    if apart is None:
        return Constant(value)
    way, children = apart
    parts = tuple(_part(child, (*path, str(key)), is_tensor, leaves) for key, child in children.items())
    return Container(type(value), way, tuple(children), parts)


def _name(path: tuple[str, ...]) -> str:
    name = ".".join(path)
    return f"output_{name}" if name[:1].isdigit() else name


def _children(value: Any) -> tuple[str, dict[Key, Any]] | None:
    """The way to make a container, and its children; None of anything else."""
    if isinstance(value, Mapping):
        return "keywords" if dataclasses.is_dataclass(value) else "mapping", dict(value)
    if isinstance(value, (tuple, list)):
        return "places" if hasattr(value, "_fields") else "sequence", dict(enumerate(value))
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return "keywords", {field.name: getattr(value, field.name) for field in dataclasses.fields(value) if field.init}
    return None
