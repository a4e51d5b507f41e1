"""A structure as JSON, to be kept in an artefact, and read where its classes may not be."""

from __future__ import annotations

import dataclasses
import importlib
import sys
from collections.abc import Mapping
from typing import Any

from podium.errors import BadInput
from podium.structure import WAYS, Constant, Container, Leaf, Part, Structure

_PLAIN = (str, int, float, bool, type(None))
#: What stands for a class that is not here.
_INSTEAD: dict[str, type] = {"keywords": dict, "mapping": dict, "places": tuple, "sequence": tuple}


def to_json(structure: Structure) -> dict[str, Any] | None:
    """None where it holds what JSON has not: a constant or a key that is an object."""
    try:
        return {"names": list(structure.names), "whole": _described(structure.whole)}
    except TypeError:
        return None


def _described(part: Part) -> dict[str, Any]:
    if isinstance(part, Leaf):
        return {"tensor": True}
    if isinstance(part, Constant):
        return {"value": _plain(part.value)}
    of_class = f"{part.kind.__module__}:{part.kind.__qualname__}"
    return {"class": of_class, "way": part.way, "keys": [_plain(key) for key in part.keys], "parts": [_described(one) for one in part.parts]}


def _plain(value: Any) -> Any:
    if type(value) not in _PLAIN:
        raise TypeError
    return value


def from_json(kept: Any, outputs: set[str]) -> Structure:
    """Of a model with these outputs. A class is looked for in packages that the program has imported, so that an artefact starts no code; one
    that is not there, or that no value of this kind can be of, becomes a dictionary or a tuple.

    Raises:
        BadInput: where it is no structure of these outputs.
    """
    try:
        names = tuple(kept["names"])
        whole = _part_of(kept["whole"])
        if not set(names) <= outputs or _leaves(whole) != len(names):
            raise ValueError
    except (KeyError, TypeError, ValueError, RecursionError):
        message = "the artefact does not say rightly how its outputs go together"
        raise BadInput(message, "make the artefact again, or use Model.run(), which answers by name") from None
    return Structure(names, whole)


def _part_of(kept: Any) -> Part:
    if "tensor" in kept:
        return Leaf()
    if "value" in kept:
        return Constant(kept["value"])
    way, keys, parts = kept["way"], tuple(kept["keys"]), tuple(_part_of(one) for one in kept["parts"])
    if way not in WAYS or len(keys) != len(parts) or len(set(keys)) != len(keys):
        raise ValueError
    kind = _class_named(kept["class"], way) or _INSTEAD[way]
    if kind is _INSTEAD[way]:  # which is made of its parts in its own way
        way = "mapping" if kind is dict else "sequence"
    return Container(kind, way, keys, parts)


def _class_named(name: str, way: str) -> type | None:
    module, _, qualified = name.partition(":")
    if module.partition(".")[0] not in sys.modules:
        return None
    try:
        found: Any = sys.modules.get(module) or importlib.import_module(module)
        for step in qualified.split("."):
            found = getattr(found, step)
    except (ImportError, AttributeError):
        return None
    return found if isinstance(found, type) and _can_be_made(found, way) else None


def _can_be_made(kind: type, way: str) -> bool:
    """Whether a container of the model's could have been of this class: nothing else is called."""
    if way == "keywords":
        return dataclasses.is_dataclass(kind)
    if way == "mapping":
        return issubclass(kind, Mapping)
    return issubclass(kind, tuple if way == "places" else (tuple, list)) and (way != "places" or hasattr(kind, "_fields"))


def _leaves(part: Part) -> int:
    return sum(_leaves(one) for one in part.parts) if isinstance(part, Container) else int(isinstance(part, Leaf))
