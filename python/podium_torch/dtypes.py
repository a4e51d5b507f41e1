"""Element types by the names of podium::DataType."""

from __future__ import annotations

import torch

from podium_torch.errors import PodiumError

BY_NAME = {
    "float32": torch.float32,
    "float64": torch.float64,
    "float16": torch.float16,
    "bfloat16": torch.bfloat16,
    "int8": torch.int8,
    "int16": torch.int16,
    "int32": torch.int32,
    "int64": torch.int64,
    "uint8": torch.uint8,
    "uint16": torch.uint16,
    "uint32": torch.uint32,
    "uint64": torch.uint64,
    "bool": torch.bool,
}
_NAMES = {dtype: name for name, dtype in BY_NAME.items()}


def dtype_of(name: str) -> torch.dtype:
    if name not in BY_NAME:
        raise PodiumError("unsupported", f"PyTorch has no element type '{name}'")
    return BY_NAME[name]


def name_of(dtype: torch.dtype) -> str:
    """Podium's name, or PyTorch's own for a type that Podium cannot carry."""
    return _NAMES.get(dtype, str(dtype).removeprefix("torch."))


def carried_name_of(dtype: torch.dtype, what: str) -> str:
    if dtype not in _NAMES:
        raise PodiumError("unsupported", f"{what} is of type {name_of(dtype)}, which Podium does not carry")
    return _NAMES[dtype]
