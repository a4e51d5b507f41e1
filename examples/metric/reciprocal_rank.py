"""A metric of your own: the mean reciprocal rank of the right class. More is better, as Podium takes it.

usage: podium bench MODEL --data DATA --metric python:reciprocal_rank:metric
   or: podium bench MODEL --data DATA --metric "command:python3 reciprocal_rank.py"
The first calls the function below; the second runs this file as it would any program, with a folder behind the arguments, in which are outputs_0.npy,
outputs_1.npy, … (float32, a row a sample) and labels.npy. One number a sample gets an interval, and is compared with the baseline's of that sample.
"""

import sys
from pathlib import Path

import numpy


def reciprocal_ranks(scores: numpy.ndarray, labels: numpy.ndarray) -> numpy.ndarray:
    """1 where the right class has the highest score, 1/2 where it is the second, and so on."""
    of_label = numpy.take_along_axis(scores, labels[:, None].astype(int), axis=1)
    return 1.0 / (1 + (scores > of_label).sum(axis=1))


def metric(outputs: list[numpy.ndarray], labels: numpy.ndarray) -> numpy.ndarray:
    """`outputs`: an array for each output of the model, a row a sample."""
    return reciprocal_ranks(outputs[0].reshape(len(labels), -1), labels)


if __name__ == "__main__":
    folder = Path(sys.argv[1])
    for value in metric([numpy.load(folder / "outputs_0.npy")], numpy.load(folder / "labels.npy")):
        print(value)
