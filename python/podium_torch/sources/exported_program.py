"""A .pt2 file that holds a program written by torch.export.save."""

from __future__ import annotations

import json
from typing import Any

import torch
from torch.utils import _pytree as pytree

from podium_torch.errors import PodiumError, first_line
from podium_torch.sources.built import BuiltModel, FreeAxis, for_inference


class FromFlat(torch.nn.Module):
    """A program whose inputs are nested or named, called with its tensors one after the other."""

    def __init__(self, inner: torch.nn.Module, spec: pytree.TreeSpec) -> None:
        super().__init__()
        self.inner = inner
        self.spec = spec

    def forward(self, *inputs: torch.Tensor) -> Any:
        arguments, named = pytree.tree_unflatten(list(inputs), self.spec)
        return self.inner(*arguments, **named)


#: In files that Podium wrote of a module: the names that its inputs and their free axes have there.
SIGNATURE_FILE = "podium.json"


def _load(path: str, device: str) -> tuple[torch.export.ExportedProgram, dict]:
    """The program, and what its file says of it beside."""
    beside = {SIGNATURE_FILE: "{}"}
    try:
        program = torch.export.load(path, extra_files=beside)
    except MemoryError:
        raise
    except Exception as error:  # a damaged file fails in whichever part is read first
        message = f"{path}: it holds no exported program that this PyTorch ({torch.__version__}) can read: {first_line(error)}"
        raise PodiumError("bad_input", message, "write it again with torch.export.save(program, FILE) of this PyTorch") from error
    devices = {value.device.type for value in program.state_dict.values() if isinstance(value, torch.Tensor)}
    if devices - {"cpu"} or device != "cpu":
        from torch.export.passes import move_to_device_pass

        program = move_to_device_pass(program, device)
    return program, json.loads(beside[SIGNATURE_FILE])


def _placeholders(program: torch.export.ExportedProgram, names: list[str]) -> list[tuple[str, torch.Tensor]]:
    wanted = set(program.graph_signature.user_inputs)
    nodes = [node for node in program.graph.nodes if node.op == "placeholder" and node.name in wanted]
    found = [(node.name, node.meta["val"]) for node in nodes]
    if not found or not all(isinstance(value, torch.Tensor) for _, value in found):
        raise PodiumError("unsupported", "the program takes something else than tensors", "export it with tensors as its only inputs")
    return [(name, value) for name, (_, value) in zip(names, found)] if len(names) == len(found) else found


def _axes(value: torch.Tensor, names: dict[str, str]) -> list[int | FreeAxis]:
    axes: list[int | FreeAxis] = []
    for axis, size in enumerate(value.shape):
        fixed = isinstance(size, int)
        axes.append(int(size) if fixed else FreeAxis("batch" if axis == 0 else names.get(str(axis), str(size))))
    return axes


def _example(name: str, value: torch.Tensor, shape: list[int] | None, given: torch.Tensor | None) -> torch.Tensor:
    if shape is None and given is not None:
        return given.detach().cpu().contiguous()
    sizes = shape or [size if isinstance(size, int) else 2 for size in value.shape]
    generator = torch.Generator().manual_seed(0)
    if value.dtype.is_floating_point:
        return torch.randn(sizes, generator=generator).to(value.dtype)
    return torch.zeros(sizes, dtype=value.dtype)


def build(source: dict) -> BuiltModel:
    program, signature = _load(source["path"], source["device"])
    placeholders = _placeholders(program, signature.get("inputs", []))
    flat, spec = pytree.tree_flatten(program.example_inputs) if program.example_inputs else ([None] * len(placeholders), None)
    if len(flat) != len(placeholders):
        flat = [None] * len(placeholders)
    shapes = source.get("shapes", {})
    inputs = {name: _example(name, value, shapes.get(name), given) for (name, value), given in zip(placeholders, flat)}
    module = for_inference(program.module())
    in_spec = program.call_spec.in_spec
    if in_spec is not None and len(in_spec.children()[0].children()) != len(inputs):
        module = FromFlat(module, in_spec)
    axis_names = signature.get("axes", {})
    declared = {name: _axes(value, axis_names.get(name, {})) for name, value in placeholders}
    return BuiltModel(module, inputs, ["program"], declared=declared)
