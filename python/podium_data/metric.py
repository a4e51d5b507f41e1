"""Calls a metric of the user's: FUNCTION(outputs, labels) gets a list of arrays, each [samples, values], and the labels or None. What it
returns, a number for all samples or one for each, is printed, a line each.

usage: python -m podium_data.metric MODULE:FUNCTION FOLDER
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy

from podium_data.functions import load, told


def read(folder: Path) -> tuple[list[numpy.ndarray], numpy.ndarray | None]:
    files = sorted(folder.glob("outputs_*.npy"), key=lambda file: int(file.stem.partition("_")[2]))
    labels = folder / "labels.npy"
    return [numpy.load(file) for file in files], numpy.load(labels) if labels.exists() else None


def main() -> None:
    spec, folder = sys.argv[1:]
    function = load(spec)
    with told(spec):
        numbers = numpy.atleast_1d(numpy.asarray(function(*read(Path(folder))), dtype="float64"))
    if numbers.ndim != 1:
        raise SystemExit(f"{spec} returned an array of {numbers.ndim} axes; return a number, or one for each sample")
    for number in numbers:
        print(repr(float(number)))


if __name__ == "__main__":
    main()
