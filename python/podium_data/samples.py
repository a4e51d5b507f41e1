"""Writes what a function of the user's yields, sample by sample, into one .npz, as Podium reads it.

A sample is an array (of a model with one input), a tuple of arrays in the order of the model's inputs, or a dictionary by their names, which
may hold 'labels' too. Axes are those of the input without its batch. Samples of one axis and different lengths (tokens) go one behind the
other, with their lengths.

usage: python -m podium_data.samples MODULE:FUNCTION --inputs NAME… --most N --most-labelled N --out FILE
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator

import numpy

from podium_data.functions import load, told

LABELS = "labels"


def by_name(sample, inputs: list[str], place: int) -> dict[str, numpy.ndarray]:
    if isinstance(sample, dict):
        named = sample
    else:
        parts = sample if isinstance(sample, (tuple, list)) else [sample]
        if len(parts) != len(inputs):
            raise SystemExit(f"sample {place} has {len(parts)} arrays, and the model the inputs {', '.join(inputs)}; yield a dictionary by their names")
        named = dict(zip(inputs, parts))
    missing = [name for name in inputs if name not in named]
    if missing and "input_ids" not in named:
        raise SystemExit(f"sample {place} has no '{missing[0]}'; its keys are {', '.join(map(str, named))}")
    return {name: numpy.asarray(value) for name, value in named.items() if name in inputs or name == LABELS}


def read(samples: Iterator, inputs: list[str], most: int, most_labelled: int) -> dict[str, list[numpy.ndarray]]:
    columns: dict[str, list[numpy.ndarray]] = {}
    for place, sample in enumerate(samples, 1):
        named = by_name(sample, inputs, place)
        if place > (most_labelled if LABELS in named else most):
            break
        if columns and columns.keys() != named.keys():
            raise SystemExit(f"sample {place} has the keys {', '.join(named)}, those before {', '.join(columns)}")
        for name, value in named.items():
            columns.setdefault(name, []).append(value)
    if not columns:
        raise SystemExit("it yielded no sample")
    return columns


def lengths_of(values: list[numpy.ndarray]) -> list[int]:
    return [len(value) if value.ndim == 1 else -1 for value in values]


def joined(columns: dict[str, list[numpy.ndarray]]) -> dict[str, numpy.ndarray]:
    """Each column as one array."""
    differ = [name for name, values in columns.items() if len({value.shape for value in values}) > 1]
    if not differ:
        return {name: numpy.stack(values) for name, values in columns.items()}
    lengths = lengths_of(columns[differ[0]])
    odd = [name for name, values in columns.items() if name != LABELS and lengths_of(values) != lengths]
    if odd or -1 in lengths:
        raise SystemExit(f"the samples of '{(odd or differ)[0]}' differ in shape; only those of one axis, tokens of a text, may differ in length")
    arrays = {name: numpy.stack(values) if name == LABELS else numpy.concatenate(values) for name, values in columns.items()}
    return arrays | {"lengths": numpy.array(lengths, "int64")}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("function")
    parser.add_argument("--inputs", nargs="+", required=True)
    parser.add_argument("--most", type=int, required=True)
    parser.add_argument("--most-labelled", type=int, required=True)
    parser.add_argument("--out", required=True)
    arguments = parser.parse_args()
    function = load(arguments.function)
    with told(arguments.function):
        columns = read(iter(function()), arguments.inputs, arguments.most, arguments.most_labelled)
    numpy.savez(arguments.out, **joined(columns))


if __name__ == "__main__":
    main()
