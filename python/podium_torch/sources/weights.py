"""A user's file of weights, read without running any code that it might hold."""

from __future__ import annotations

import pickle
from pathlib import Path

import torch

from podium_torch.errors import PodiumError, first_line

_WRAPPERS = ("state_dict", "model_state_dict", "model", "model_ema")
_PREFIXES = ("module.", "_orig_mod.")
_FORMATS_REMEDY = "give --weights a .safetensors file, or a .pt or .pth file written by torch.save(model.state_dict(), FILE)"


def _read_pickle(file: Path) -> object:
    try:
        return torch.load(file, map_location="cpu", weights_only=True)
    except pickle.UnpicklingError as error:
        message = f"--weights {file}: it is not a plain file of weights; loading it would run code, which was refused"
        raise PodiumError("bad_input", message, _FORMATS_REMEDY) from error


def _read_safetensors(file: Path) -> object:
    from safetensors.torch import load_file

    return load_file(file, device="cpu")


def _unwrapped(value: object) -> object:
    for key in _WRAPPERS:
        if isinstance(value, dict) and isinstance(value.get(key), dict):
            return value[key]
    return value


def _without_prefixes(state: dict[str, torch.Tensor]) -> dict[str, torch.Tensor]:
    for prefix in _PREFIXES:
        if state and all(name.startswith(prefix) for name in state):
            state = {name.removeprefix(prefix): value for name, value in state.items()}
    return state


def read_weights(file: Path) -> dict[str, torch.Tensor]:
    """The state dictionary in `file`."""
    if not file.is_file():
        raise PodiumError("bad_input", f"--weights {file}: there is no such file", "give --weights the path of a file")
    try:
        value = _unwrapped(_read_safetensors(file) if file.suffix == ".safetensors" else _read_pickle(file))
    except PodiumError:
        raise
    except MemoryError:
        raise
    except Exception as error:  # each format has errors of its own
        raise PodiumError(
            "bad_input", f"--weights {file}: it is damaged or no file of weights: {first_line(error)}", _FORMATS_REMEDY
        ) from error
    if not isinstance(value, dict) or not value or not all(isinstance(tensor, torch.Tensor) for tensor in value.values()):
        raise PodiumError("bad_input", f"--weights {file}: it holds no state dictionary (names and tensors)", _FORMATS_REMEDY)
    return _without_prefixes(value)


def _mismatches(expected: dict[str, torch.Tensor], given: dict[str, torch.Tensor]) -> list[str]:
    """Every way in which the file does not fit the model, the missing ones first."""
    missing = [f"lacks {name}" for name in expected if name not in given and not name.endswith("num_batches_tracked")]
    extra = [f"has {name}, which the model has not" for name in given if name not in expected]
    shapes = [
        f"{name} is {tuple(given[name].shape)} instead of {tuple(expected[name].shape)}"
        for name in expected
        if name in given and given[name].shape != expected[name].shape
    ]
    return shapes + missing + extra


def load_weights(module: torch.nn.Module, file: Path, model_name: str) -> None:
    """Puts the file's weights into the module; one error tells what does not fit."""
    state = read_weights(file)
    wrong = _mismatches(module.state_dict(), state)
    if wrong:
        more = f" (and {len(wrong) - 3} more)" if len(wrong) > 3 else ""
        message = f"--weights {file}: these are not the weights of {model_name}: the file {'; '.join(wrong[:3])}{more}"
        raise PodiumError("bad_input", message, "give the weights that belong to the model, or name the model that belongs to the weights")
    module.load_state_dict(state, strict=False)
