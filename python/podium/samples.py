"""Inputs of a model, in whatever form they are handed in, as the one .npz file that Podium reads."""

from __future__ import annotations

import dataclasses
import itertools
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy

from podium.arrays import as_numpy, is_array
from podium.errors import BadInput, WrongUse

LABELS = "labels"
_FORMS = "give an array, a tuple of arrays in the order of the inputs, a dictionary of arrays by their names, or an iterable of such batches"


@dataclasses.dataclass(frozen=True)
class Batch:
    """Some samples, along axis 0."""

    inputs: dict[str, Any]
    labels: Any = None
    by_name: bool = False  # it was a dictionary


#: Names for so many arrays that came without; the last is no input where it is labels.
Naming = Callable[[tuple[Any, ...]], tuple[list[str], bool]]


def named_by(names: list[str]) -> Naming:
    """For a model with the inputs `names`: one array more than that is labels."""

    def naming(arrays: tuple[Any, ...]) -> tuple[list[str], bool]:
        if len(arrays) not in (len(names), len(names) + 1):
            message = f"a batch of data has {len(arrays)} arrays, and the model the inputs {', '.join(names)}"
            raise WrongUse(message, "give an array for each input, in this order, and labels behind them; or a dictionary by their names")
        return names, len(arrays) > len(names)

    return naming


def is_iterable_of_batches(data: Any) -> bool:
    return not is_array(data) and not isinstance(data, (Mapping, tuple, str, bytes)) and isinstance(data, Iterable)


def read_batches(data: Any, naming: Naming) -> Iterator[Batch]:
    """The batches of `data`: of an iterable (a DataLoader) what it yields; anything else is one batch that holds all samples."""
    found = False
    for item in data if is_iterable_of_batches(data) else [data]:
        found = True
        yield _batch_of(item, naming)
    if not found:
        raise BadInput("the data hold no batch", _FORMS)


def _batch_of(item: Any, naming: Naming) -> Batch:
    if isinstance(item, Mapping):
        inputs = {str(name): value for name, value in item.items() if name != LABELS}
        return Batch(inputs, item.get(LABELS), by_name=True)
    arrays = tuple(item) if isinstance(item, (tuple, list)) else (item,)
    if not arrays or not all(is_array(array) for array in arrays):
        kinds = ", ".join(type(array).__name__ for array in arrays) or "nothing"
        raise BadInput(f"a batch of the data is {type(item).__name__} of {kinds}, and not of arrays", _FORMS)
    names, has_labels = naming(arrays)
    return Batch(dict(zip(names, arrays)), arrays[-1] if has_labels else None)


def _rows(batch: Batch, has_batch_axis: bool) -> dict[str, numpy.ndarray[Any, Any]]:
    columns = {name: as_numpy(value) for name, value in batch.inputs.items()}
    if not has_batch_axis:
        columns = {name: value[numpy.newaxis] for name, value in columns.items()}
    if batch.labels is not None:
        columns[LABELS] = numpy.atleast_1d(as_numpy(batch.labels))
    return columns


def write_samples(
    batches: Iterable[Batch], file: Path, most: int, has_batch_axis: bool = True, put_together: Callable[[dict[str, Any]], dict[str, Any]] | None = None
) -> None:
    """At most about `most` samples; an iterable is asked for no more. `put_together` makes of the arrays what is written."""
    columns: dict[str, list[numpy.ndarray[Any, Any]]] = {}
    count = 0
    for place, batch in enumerate(batches, 1):
        rows = _rows(batch, has_batch_axis)
        if columns and columns.keys() != rows.keys():
            raise BadInput(f"batch {place} of the data holds {', '.join(rows)}, those before {', '.join(columns)}", "let every batch hold the same")
        for name, values in rows.items():
            columns.setdefault(name, []).append(values)
        count += next(len(values) for values in rows.values())
        if count >= most:
            break
    arrays: dict[str, Any] = {name: _joined(name, parts) for name, parts in columns.items()}
    numpy.savez(file, allow_pickle=False, **(put_together(arrays) if put_together else arrays))


def _joined(name: str, parts: list[numpy.ndarray[Any, Any]]) -> numpy.ndarray[Any, Any]:
    try:
        return numpy.concatenate(parts)
    except ValueError as error:
        shapes = sorted({part.shape[1:] for part in parts})
        raise BadInput(f"batches of '{name}' differ in shape: {', '.join(map(str, shapes))}", "fill the samples up to one shape") from error


def first_and_all(batches: Iterator[Batch]) -> tuple[Batch, Iterator[Batch]]:
    """The first batch, which tells how the model is called, and all of them."""
    first = next(batches)
    return first, itertools.chain([first], batches)
