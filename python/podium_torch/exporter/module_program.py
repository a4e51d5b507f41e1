"""A module that lives in this process, as a file that every other process can build it from: a program of torch.export."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import torch

from podium_torch.errors import PodiumError, first_line
from podium_torch.exporter.capture import capture
from podium_torch.exporter.describe import has_batch_axis
from podium_torch.outputs import named_outputs
from podium_torch.sources.exported_program import SIGNATURE_FILE

#: Free axes besides the batch, by input and place, with their names.
Axes = dict[str, dict[int, str]]
_OWN_WAY = "wrap it in a function of a file of yours, and give 'python:MODULE:FUNCTION'"


class Flat(torch.nn.Module):
    """The module, called by position; it answers with its tensors by name."""

    def __init__(self, inner: torch.nn.Module, names: list[str], by_name: bool, tensors_of: Callable[[Any], dict[str, torch.Tensor]]) -> None:
        super().__init__()
        self.inner, self.names, self.by_name, self.tensors_of = inner, names, by_name, tensors_of

    def forward(self, *inputs: torch.Tensor) -> dict[str, torch.Tensor]:
        return self.tensors_of(self.inner(**dict(zip(self.names, inputs))) if self.by_name else self.inner(*inputs))


@contextlib.contextmanager
def _evaluating(module: torch.nn.Module) -> Iterator[None]:
    """The user's module is his: it is left in the mode that it was in."""
    modes = {part: part.training for part in module.modules()}
    module.eval()
    try:
        with torch.no_grad():
            yield
    finally:
        for part, training in modes.items():
            part.training = training


def _first_row(inputs: list[torch.Tensor]) -> list[torch.Tensor]:
    """One sample of a batch; the inputs as they are where axis 0 does not count the same in all."""
    counts = {value.shape[0] if value.dim() else 0 for value in inputs}
    return [value[:1].contiguous() for value in inputs] if len(counts) == 1 and counts != {0} else inputs


def _called(module: Flat, inputs: list[torch.Tensor]) -> dict[str, torch.Tensor]:
    try:
        answers = module(*[value.clone() for value in inputs])
    except Exception as error:
        shapes = ", ".join(f"{name} {tuple(value.shape)} {value.dtype}" for name, value in zip(module.names, inputs))
        raise PodiumError("bad_input", f"the model refuses {shapes}: {type(error).__name__}: {first_line(error)}", "give data that it takes") from error
    if not answers:
        raise PodiumError("unsupported", "the model returns no tensor", "return its tensors, alone or in tuples, lists and dictionaries")
    return answers


def _captured(module: Flat, inputs: list[torch.Tensor], free: bool, axes: Axes) -> torch.export.ExportedProgram:
    """With a free batch where the model has one, and the other free axes; for the example's shape where PyTorch cannot leave them free."""
    if free:
        twice = tuple(torch.cat([value, value]) for value in inputs)  # batch 1 would be taken for a constant
        batch = torch.export.Dim("batch", min=1)
        shapes = tuple({0: batch} | {axis: torch.export.Dim.AUTO for axis in axes.get(name, {})} for name in module.names)
        with contextlib.suppress(Exception):
            return torch.export.export(module, twice, dynamic_shapes=(shapes,), strict=False)
    try:
        return capture(module, tuple(inputs))
    except PodiumError as error:
        raise PodiumError(error.code, error.message, error.remedy or _OWN_WAY) from error


def save_program(
    module: torch.nn.Module,
    inputs: dict[str, torch.Tensor],
    by_name: bool,
    tensors_of: Callable[[Any], dict[str, torch.Tensor]],
    axes: Axes,
    file: Path,
) -> bool:
    """Writes the program of `module`, called with `inputs`; returns whether axis 0 counts samples."""
    flat = Flat(module, list(inputs), by_name, tensors_of)
    home = next(iter(module.parameters()), next(iter(module.buffers()), torch.empty(0))).device
    whole = [value.to(home) for value in inputs.values()]
    with _evaluating(module):
        one = _first_row(whole)
        free = one is not whole and has_batch_axis(flat, tuple(one), named_outputs(_called(flat, one)))
        example = one if free else whole
        _called(flat, example)
        program = _captured(flat, example, free, axes)
    torch.export.save(program, file, extra_files={SIGNATURE_FILE: json.dumps({"inputs": flat.names, "axes": axes})})
    return free
