"""Where a PyTorch model comes from: one file for each kind of source.

A source is a JSON object, {"kind": …, …}, in a file. `describe` completes it: it adds the inputs, the names of the outputs and the file
that holds the weights, so that every process that builds the model later has the same one.
"""

from __future__ import annotations

import importlib
import json
from pathlib import Path

from podium_torch.errors import PodiumError
from podium_torch.sources.built import BuiltModel, load_state

# Imported when they are needed: each needs a library that the others do not.
_KINDS = {
    "torchvision": "podium_torch.sources.torchvision_model",
    "hugging_face": "podium_torch.sources.hugging_face_model",
    "python": "podium_torch.sources.python_function",
    "program": "podium_torch.sources.exported_program",
    "onnx": "podium_torch.sources.onnx_file",
    "quantized": "podium_torch.sources.quantized_program",
}


def read_source(file: Path) -> dict:
    try:
        source = json.loads(file.read_text())
    except (OSError, ValueError) as error:
        raise PodiumError("bad_input", f"{file}: not the description of a PyTorch model: {error}") from error
    if not isinstance(source, dict) or source.get("kind") not in _KINDS:
        raise PodiumError("bad_input", f"{file}: not the description of a PyTorch model: its kind is none of {', '.join(_KINDS)}")
    return source


def build_model(source_file: Path, device: str = "cpu") -> BuiltModel:
    """The model of a source file, ready to be called: in evaluation mode, without gradients.

    It is on the CPU. Where its code names devices (an exported program), it names `device` instead.
    """
    source = read_source(source_file) | {"folder": str(source_file.parent), "device": device}
    model = importlib.import_module(_KINDS[source["kind"]]).build(source)
    if source.get("state"):
        load_state(model.module, source_file.parent / source["state"])
    if source.get("outputs"):
        model.output_names = source["outputs"]
    return model
