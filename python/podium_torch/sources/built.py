"""A model that was built, and the file that keeps its weights."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import torch

from podium_torch.errors import PodiumError, first_line


@dataclass
class FreeAxis:
    """An axis that may have any size, by its name in the model."""

    name: str


@dataclass
class BuiltModel:
    """A module that takes its inputs by position."""

    module: torch.nn.Module
    inputs: dict[str, torch.Tensor]  # examples, in the order of the call
    provenance: list[str] = field(default_factory=list)  # what its code depends on, for the hash
    trained: bool = True  # False where the weights came from a seed
    keep_state: bool = False  # True where building it again might not give the same weights
    output_names: list[str] | None = None
    quantized: bool = False  # holds quantize and dequantize operators, for int8-static
    # Axes as the model declares them; None: found by trying.
    declared: dict[str, list[int | FreeAxis]] | None = None

    def call_inputs(self) -> tuple[torch.Tensor, ...]:
        return tuple(self.inputs.values())


def for_inference(module: torch.nn.Module) -> torch.nn.Module:
    try:
        module.eval()
    except NotImplementedError:
        pass  # an exported program has one mode only, the one it was exported in
    return module.requires_grad_(False)


def tensors_of(module: torch.nn.Module) -> dict[str, torch.Tensor]:
    return {name: value for name, value in module.state_dict().items() if isinstance(value, torch.Tensor)}


def save_state(module: torch.nn.Module, file: Path) -> None:
    torch.save({name: value.detach().contiguous() for name, value in tensors_of(module).items()}, file)


def load_state(module: torch.nn.Module, file: Path) -> None:
    try:
        state = torch.load(file, map_location="cpu", weights_only=True)
    except Exception as error:
        raise PodiumError(
            "bad_input", f"{file}: the kept weights cannot be read: {first_line(error)}", "remove the file's folder from Podium's cache"
        ) from error
    missing = tensors_of(module).keys() - state.keys()
    if missing:
        raise PodiumError("failed", f"the model was built with other weights than before: {sorted(missing)[0]} is new", "run again")
    module.load_state_dict(state, strict=False)
