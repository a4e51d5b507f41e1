"""A program that the exporter quantized, for the shapes that it was quantized at."""

from __future__ import annotations

from pathlib import Path

import torch

from podium_torch.errors import PodiumError, first_line
from podium_torch.int8.static import register_kernels
from podium_torch.sources.built import BuiltModel, for_inference


def build(source: dict) -> BuiltModel:
    register_kernels()  # brings the operators that the file names, too
    file = Path(source["folder"]) / source["program"]
    try:
        program = torch.export.load(file)
    except MemoryError:
        raise
    except Exception as error:
        message = f"{file}: the quantized program cannot be read: {first_line(error)}"
        raise PodiumError("bad_input", message, "remove the file's folder from Podium's cache") from error
    inputs = dict(zip(source["inputs"], program.example_inputs[0]))
    module = for_inference(program.module(check_guards=False))
    return BuiltModel(module, inputs, ["quantized"], quantized=True)
