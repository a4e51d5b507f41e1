"""int8 models by `podium convert` and by the quantizers that it is measured against, and what ONNX Runtime answers with them."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import numpy

HERE = Path(__file__).resolve().parent


def run(command: list, **options) -> None:
    done = subprocess.run([str(word) for word in command], capture_output=True, text=True, **options)
    if done.returncode != 0:
        raise RuntimeError(f"{' '.join(map(str, command))}\n{done.stdout}\n{done.stderr}")


def podium_convert(build: Path, model: str | Path, out: Path, *flags: str | Path) -> None:
    """The python: models of this folder are found too."""
    paths = os.pathsep.join(filter(None, [str(HERE), os.environ.get("PYTHONPATH")]))
    run([build.resolve() / "podium", "convert", model, "-o", out, "-q", *flags], env=os.environ | {"PYTHONPATH": paths})


def other_quantizer(quantizer: str, model: Path, data: Path, out: Path, method: str = "min-max", python: str | Path = sys.executable) -> None:
    # In the folder of the models: ONNX Runtime's leaves files where it is started.
    files = [path.resolve() for path in (model, data, out)]
    run([python, HERE / "other_quantizers.py", quantizer, *files, method], cwd=out.parent)


def refusal(error: RuntimeError) -> str:
    """What a quantizer that failed said, in one line."""
    lines = [line for line in str(error).splitlines() if "error:" in line.lower()]
    return (lines or str(error).splitlines())[-1]


class Answers:
    """The first output of a model for one sample at a time, each of its own length."""

    def __init__(self, model: Path):
        import onnxruntime

        self.session = onnxruntime.InferenceSession(model, providers=["CPUExecutionProvider"])
        self.names = [value.name for value in self.session.get_inputs()]

    def __call__(self, *inputs: numpy.ndarray) -> numpy.ndarray:
        return self.session.run(None, dict(zip(self.names, inputs)))[0]
