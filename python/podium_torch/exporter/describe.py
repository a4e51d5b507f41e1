"""Builds a model once and writes what Podium must know of it, with the source file that every other process builds it from."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import torch

from podium_torch.dtypes import carried_name_of
from podium_torch.errors import PodiumError, from_exception
from podium_torch.exporter.progress import say
from podium_torch.outputs import named_outputs
from podium_torch.sources import build_model, read_source
from podium_torch.sources.built import BuiltModel, FreeAxis, save_state, tensors_of

STATE_FILE = "state.pt"
SOURCE_FILE = "source.json"
FACTS_FILE = "facts.json"
_RELATIVE_TOLERANCE = 1e-2


def _call(module: torch.nn.Module, inputs: tuple[torch.Tensor, ...]) -> list[tuple[str, torch.Tensor]]:
    with torch.no_grad():
        return named_outputs(module(*[value.clone() for value in inputs]))


def _close(a: torch.Tensor, b: torch.Tensor) -> bool:
    a, b = a.double(), b.double()
    scale = a.abs().max().item() if a.numel() else 0.0
    return torch.allclose(a, b, rtol=_RELATIVE_TOLERANCE, atol=_RELATIVE_TOLERANCE * scale + 1e-12, equal_nan=True)


def has_batch_axis(module: torch.nn.Module, inputs: tuple[torch.Tensor, ...], outputs: list[tuple[str, torch.Tensor]]) -> bool:
    """Whether axis 0 counts independent samples: given everything twice, the model answers everything twice."""
    if not inputs or not all(value.dim() for value in inputs) or len({value.shape[0] for value in inputs}) != 1:
        return False
    try:
        twice = _call(module, tuple(torch.cat([value, value]) for value in inputs))
    except Exception:  # a model that is fixed to its batch fails in ways of its own
        return False
    for (_, once), (_, double) in zip(outputs, twice):
        if once.dim() == 0 or once.shape[0] != inputs[0].shape[0] or double.shape != (2 * once.shape[0], *once.shape[1:]):
            return False
        if not all(_close(once, half) for half in double.chunk(2)):
            return False
    return len(twice) == len(outputs)


def _tensor_facts(name: str, tensor: torch.Tensor, axes: list[int | FreeAxis]) -> dict:
    dimensions = [{"size": -1, "name": axis.name} if isinstance(axis, FreeAxis) else {"size": int(axis), "name": ""} for axis in axes]
    return {"name": name, "type": carried_name_of(tensor.dtype, f"'{name}'"), "dimensions": dimensions}


def _with_free_batch(tensor: torch.Tensor, free: bool) -> list[int | FreeAxis]:
    sizes: list[int | FreeAxis] = list(tensor.shape)
    return [FreeAxis("batch"), *sizes[1:]] if free and sizes else sizes


def _twice_as_long(value: torch.Tensor, axes: list[int | FreeAxis], name: str) -> torch.Tensor:
    for place, axis in enumerate(axes):
        if isinstance(axis, FreeAxis) and axis.name == name:
            value = torch.cat([value, value], place)
    return value


def _output_axes(
    model: BuiltModel, declared: dict[str, list[int | FreeAxis]], outputs: list[tuple[str, torch.Tensor]], free: bool
) -> list[list[int | FreeAxis]]:
    """An axis that grows where a free axis of the inputs does has that one's name."""
    axes = [_with_free_batch(value, free) for _, value in outputs]
    names = {axis.name for sizes in declared.values() for axis in sizes if isinstance(axis, FreeAxis)} - {"batch"}
    for name in sorted(names):
        try:
            longer = _call(model.module, tuple(_twice_as_long(value, declared[key], name) for key, value in model.inputs.items()))
        except Exception:  # the model takes no more; its outputs are then told as they are here
            continue
        for sizes, (_, before), (_, after) in zip(axes, outputs, longer):
            for place, (size, grown) in enumerate(zip(before.shape, after.shape)):
                if size != grown:
                    sizes[place] = FreeAxis(name)
    return axes


def _flops(module: torch.nn.Module, inputs: tuple[torch.Tensor, ...], batch: int) -> int | None:
    from torch.utils.flop_counter import FlopCounterMode

    try:
        with FlopCounterMode(display=False) as counter, torch.no_grad():
            module(*[value.clone() for value in inputs])
    except Exception:  # a figure that cannot be had is left out
        return None
    total = counter.get_total_flops()
    return total // batch if total else None


def _sha256(model: BuiltModel) -> str:
    """Of the weights, what computes with them, and the inputs' shapes, whatever sizes their free axes have here."""
    digest = hashlib.sha256()
    for line in model.provenance:
        digest.update(line.encode() + b"\n")
    for name, value in model.inputs.items():
        axes = model.declared[name] if model.declared else value.shape
        digest.update(f"{name} {value.dtype} {tuple(axis.name if isinstance(axis, FreeAxis) else axis for axis in axes)}\n".encode())
    for name, value in sorted(tensors_of(model.module).items()):
        digest.update(f"{name} {value.dtype} {tuple(value.shape)}\n".encode())
        flat = value.detach().cpu().contiguous().flatten()
        digest.update(memoryview(flat.view(torch.uint8).numpy()) if flat.numel() else b"")
    return digest.hexdigest()


def _facts(model: BuiltModel) -> dict:
    inputs = model.call_inputs()
    try:
        outputs = _call(model.module, inputs)
    except Exception as error:
        shapes = ", ".join(f"{name} {tuple(value.shape)}" for name, value in model.inputs.items())
        known = from_exception(error, f"running the model on {shapes}")
        code = "bad_input" if known.code == "failed" else known.code
        raise PodiumError(code, known.message, known.remedy or "give inputs that fit the model with --shape NAME=1x3x224x224") from error
    declared = model.declared
    if declared is not None:
        free = any(axes and isinstance(axes[0], FreeAxis) for axes in declared.values())
    else:
        free = has_batch_axis(model.module, inputs, outputs)
        declared = {name: _with_free_batch(value, free) for name, value in model.inputs.items()}
    parameters = {id(value): value.numel() for value in model.module.parameters()}
    batch = inputs[0].shape[0] if inputs and inputs[0].dim() and inputs[0].shape[0] > 0 else 1
    return {
        "sha256": _sha256(model),
        "inputs": [_tensor_facts(name, value, declared[name]) for name, value in model.inputs.items()],
        "outputs": [_tensor_facts(name, value, axes) for (name, value), axes in zip(outputs, _output_axes(model, declared, outputs, free))],
        "parameters": sum(parameters.values()),
        "flops": _flops(model.module, inputs, batch),
        "trained_weights": model.trained,
        "torch": torch.__version__,
    }


def describe(source_file: Path, out: Path, request: dict) -> None:
    source = read_source(source_file)
    say("building the model")
    model = build_model(source_file)
    say("running it once")
    facts = _facts(model)
    if model.keep_state:
        say("keeping its weights")
        save_state(model.module, out / STATE_FILE)
        source["state"] = STATE_FILE
        source["trained"] = model.trained
        source.pop("weights", None)
    source["outputs"] = [output["name"] for output in facts["outputs"]]
    (out / SOURCE_FILE).write_text(json.dumps(source, indent=2) + "\n")
    (out / FACTS_FILE).write_text(json.dumps(facts, indent=2) + "\n")
