"""A metric of your own: the mean reciprocal rank of the right class. More is better, as Podium takes it.

usage: podium bench MODEL --data DATA --metric "command:python3 reciprocal_rank.py"
Podium puts a folder behind the arguments. In it: outputs_0.npy, outputs_1.npy, … (float32, a row a sample) and labels.npy. What is printed, one
number a sample, gets an interval and is compared with the baseline's, sample by sample.
"""

import sys
from pathlib import Path

import numpy


def reciprocal_ranks(scores: numpy.ndarray, labels: numpy.ndarray) -> numpy.ndarray:
    """1 where the right class has the highest score, 1/2 where it is the second, and so on."""
    of_label = numpy.take_along_axis(scores, labels[:, None].astype(int), axis=1)
    return 1.0 / (1 + (scores > of_label).sum(axis=1))


if __name__ == "__main__":
    folder = Path(sys.argv[1])
    outputs = numpy.load(folder / "outputs_0.npy")
    for value in reciprocal_ranks(outputs.reshape(len(outputs), -1), numpy.load(folder / "labels.npy")):
        print(value)
