"""Arrays of NumPy, PyTorch and whatever else speaks DLPack."""

from __future__ import annotations

import sys
from typing import Any

import numpy

from podium.errors import Unsupported, WrongUse


def is_torch(value: Any) -> bool:
    """Whether it is a tensor of PyTorch, which is not imported for that."""
    torch = sys.modules.get("torch")
    return torch is not None and isinstance(value, torch.Tensor)


def is_array(value: Any) -> bool:
    return isinstance(value, numpy.ndarray) or is_torch(value) or (hasattr(value, "__dlpack__") and hasattr(value, "shape"))


def as_input(value: Any, name: str, dtype: str) -> Any:
    """What the model reads: the very memory of `value` where that is contiguous, else a copy. Numbers and lists become arrays of `dtype`."""
    if is_torch(value):
        return value.detach().contiguous()
    if isinstance(value, numpy.ndarray):
        return value if value.flags.c_contiguous else numpy.ascontiguousarray(value)
    if is_array(value):
        return value
    try:
        return numpy.asarray(value, dtype)
    except (TypeError, ValueError) as error:
        message = f"input '{name}' is {type(value).__name__}, and no array can be made of it: {error}"
        raise WrongUse(message, "give an array of NumPy, a tensor of PyTorch or anything that speaks DLPack") from error


def wait_for_gpu(device: Any) -> None:
    """Until what PyTorch was asked for there is done: engines compute in streams of their own."""
    import torch

    torch.cuda.current_stream(device).synchronize()


def copies_on_gpu(lent: list[Any]) -> list[Any]:
    """Of tensors in an engine's own memory, made before the engine writes there again."""
    copies = [tensor.clone() for tensor in lent]
    if copies:
        wait_for_gpu(copies[0].device)
    return copies


def as_numpy(value: Any) -> numpy.ndarray[Any, Any]:
    """A NumPy array of any of them, on the host."""
    if is_torch(value):
        value = value.detach().cpu()
        return value.float().numpy() if str(value.dtype) == "torch.bfloat16" else value.numpy()
    if not isinstance(value, numpy.ndarray) and hasattr(value, "__dlpack__"):
        return numpy.from_dlpack(value)
    return numpy.asarray(value)


def with_bfloat16(bits: Any) -> Any:
    """An array of bfloat16 of its bits: NumPy itself has no such type."""
    try:
        import ml_dtypes
    except ImportError as error:
        raise Unsupported("the model answers in bfloat16, which NumPy has not", "give it tensors of PyTorch, or pip install ml_dtypes") from error
    return bits.view(ml_dtypes.bfloat16)
