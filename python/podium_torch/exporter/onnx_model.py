"""A PyTorch model as ONNX, with a free batch axis where the model has one."""

from __future__ import annotations

import json
import logging
from pathlib import Path

import torch

from podium_torch.errors import PodiumError, first_line
from podium_torch.exporter.describe import FACTS_FILE
from podium_torch.exporter.progress import say
from podium_torch.sources import build_model

MODEL_FILE = "model.onnx"
NOTES_FILE = "notes.json"
# A protobuf message ends at 2 GiB; weights beyond that lie in a file beside the model.
_LARGEST_SINGLE_FILE = 1_900_000_000


def _dynamic_shapes(facts: dict, infer: bool = False) -> tuple[dict[int, torch.export.Dim], ...] | None:
    """The free axes by position; axes of one name are one size. `infer` leaves it to PyTorch what holds for all but the batch: a model may
    have a limit on them."""
    dims: dict[str, torch.export.Dim] = {}
    shapes = []
    for item in facts["inputs"]:
        free = {i: axis["name"] for i, axis in enumerate(item["dimensions"]) if axis["size"] < 0}
        named = {i: dims.setdefault(name, torch.export.Dim(name, min=1)) for i, name in free.items()}
        shapes.append({i: torch.export.Dim.AUTO if infer and name != "batch" else named[i] for i, name in free.items()})
    return tuple(shapes) if dims else None


def _has_free_axes_besides_the_batch(facts: dict) -> bool:
    return any(axis["size"] < 0 and axis["name"] != "batch" for item in facts["inputs"] for axis in item["dimensions"])


def _at_batch_two(inputs: tuple[torch.Tensor, ...], facts: dict) -> tuple[torch.Tensor, ...]:
    """Batch 1 would be taken for a constant while the graph is traced."""
    free = [item["dimensions"] and item["dimensions"][0]["size"] < 0 for item in facts["inputs"]]
    return tuple(torch.cat([value, value]) if is_free and value.shape[0] == 1 else value for value, is_free in zip(inputs, free))


def _export(module: torch.nn.Module, inputs: tuple[torch.Tensor, ...], facts: dict, shapes: tuple | None, file: Path) -> None:
    module.training = False  # an exported program keeps the flag of its first day, and the exporter would warn of it
    weights = sum(value.numel() * value.element_size() for value in module.state_dict().values() if isinstance(value, torch.Tensor))
    with torch.no_grad():
        torch.onnx.export(
            module,
            inputs,
            file,
            dynamo=True,
            verbose=False,
            input_names=[item["name"] for item in facts["inputs"]],
            output_names=[item["name"] for item in facts["outputs"]],
            dynamic_shapes=(shapes,) if shapes is not None and _takes_any(module) else shapes,
            external_data=weights > _LARGEST_SINGLE_FILE,
        )


def _export_free(module: torch.nn.Module, inputs: tuple[torch.Tensor, ...], facts: dict, shapes: tuple | None, file: Path) -> None:
    """With every axis free that the model leaves free."""
    if shapes is None:
        _export(module, inputs, facts, None, file)
        return
    inputs = _at_batch_two(inputs, facts)
    try:
        _export(module, inputs, facts, shapes, file)
    except Exception:
        if not _has_free_axes_besides_the_batch(facts):
            raise
        _export(module, inputs, facts, _dynamic_shapes(facts, infer=True), file)


def _takes_any(module: torch.nn.Module) -> bool:
    """Whether forward() is written as `*inputs`: then PyTorch wants its shapes as one tuple inside another."""
    return module.forward.__code__.co_flags & 0x04 != 0 if hasattr(module.forward, "__code__") else False


def export_onnx(source_file: Path, out: Path, request: dict) -> None:
    """Writes model.onnx, and notes.json with what a person should know of it."""
    logging.getLogger("torch.onnx").setLevel(logging.ERROR)
    facts = json.loads((source_file.parent / FACTS_FILE).read_text())
    say("building the model")
    model = build_model(source_file)
    inputs, shapes = model.call_inputs(), _dynamic_shapes(facts)
    notes: list[str] = []
    say("exporting to ONNX")
    try:
        _export_free(model.module, inputs, facts, shapes, out / MODEL_FILE)
    except Exception as error:
        if shapes is None:
            raise _refusal(error) from error
        notes.append(f"the ONNX file is fixed to the model's own batch: with a free batch the export failed: {first_line(error)}")
        say("exporting to ONNX with a fixed batch")
        try:
            _export(model.module, inputs, facts, None, out / MODEL_FILE)
        except Exception as second:
            raise _refusal(second) from second
    (out / NOTES_FILE).write_text(json.dumps(notes) + "\n")


def _refusal(error: Exception) -> PodiumError:
    if isinstance(error, (PodiumError, MemoryError, OSError)):
        raise error
    if isinstance(error, ImportError):
        return PodiumError(
            "unavailable", f"the ONNX exporter cannot be imported: {error}", "install onnx and onnxscript, or run scripts/setup"
        )
    reason = error.__cause__ or error
    return PodiumError("unsupported", f"PyTorch cannot export this model to ONNX: {type(reason).__name__}: {first_line(reason)}")
