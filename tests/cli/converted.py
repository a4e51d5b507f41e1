"""Models that are converted, and what their answers are worth."""

import json
from pathlib import Path

import numpy
import onnx
import onnxruntime
import pytest

from conftest import Shell
from models import classifier, write_inputs

IMAGE = {"image": (3, 16, 16)}


@pytest.fixture
def workshop(shell: Shell) -> Shell:
    onnx.save(classifier(), shell.folder / "classifier.onnx")
    write_inputs(shell.folder / "seen.npz", 64, seed=1, **IMAGE)
    write_inputs(shell.folder / "unseen.npz", 24, seed=2, **IMAGE)
    return shell


def answers(model: Path, inputs: dict[str, numpy.ndarray]) -> numpy.ndarray:
    """Of ONNX Runtime, sample by sample."""
    session = onnxruntime.InferenceSession(model, providers=["CPUExecutionProvider"])
    count = len(next(iter(inputs.values())))
    return numpy.concatenate([session.run(None, {name: values[i:i + 1] for name, values in inputs.items()})[0] for i in range(count)])


def centred_sqnr(expected: numpy.ndarray, given: numpy.ndarray) -> float:
    signal_power = ((expected - expected.mean(axis=0)) ** 2).sum()
    return float(10 * numpy.log10(signal_power / ((given - expected) ** 2).sum()))


def convert(shell: Shell, *arguments: str, status: int = 0, model: str = "classifier.onnx", out: str = "out.onnx") -> dict:
    done = shell.run("convert", model, "-o", out, "--json", "report.json", *arguments)
    assert done.returncode == status, f"{done.stdout}\n{done.stderr}"
    return json.loads((shell.folder / "report.json").read_text(encoding="utf-8"))
