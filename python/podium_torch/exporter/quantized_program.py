"""A PyTorch model quantized for int8-static at one shape: torch-compile and aotinductor both read what is written here."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Iterator

import torch

from podium_torch.exporter.capture import capture, example_inputs, run_once
from podium_torch.exporter.progress import say
from podium_torch.int8.calibration import CalibrationData
from podium_torch.int8.static import quantize
from podium_torch.sources import build_model

PROGRAM_FILE = "quantized.pt2"
SOURCE_FILE = "source.json"


def _told(data: CalibrationData) -> Iterator[tuple[torch.Tensor, ...]]:
    done = 0
    for batch in data.batches():
        yield batch
        done = min(done + len(batch[0]), data.samples)
        say(f"calibrating: {done} of {data.samples} samples")


def export_quantized(source_file: Path, out: Path, request: dict) -> None:
    """Writes quantized.pt2 and source.json, which describes it as the source of a model."""
    torch.set_num_threads(int(request["threads"]))
    say("building the model")
    model = build_model(source_file)
    inputs = example_inputs(request, model.inputs)
    arguments = tuple(inputs.values())
    data = CalibrationData(Path(request["calibration"]), inputs)
    with torch.no_grad():
        outputs = run_once(model.module, arguments, model.output_names, "fp32")
        say("capturing the graph")
        quantized = quantize(capture(model.module, arguments), _told(data))
        torch.export.save(capture(quantized, arguments), out / PROGRAM_FILE)
    source = {"kind": "quantized", "program": PROGRAM_FILE, "inputs": list(inputs), "outputs": [name for name, _ in outputs]}
    (out / SOURCE_FILE).write_text(json.dumps(source, indent=2) + "\n")
