"""int8 by PyTorch's own means: torchao, whose graphs Inductor compiles to oneDNN's int8 kernels."""

from __future__ import annotations

import torch

from podium_torch.errors import PodiumError

_REMEDY = "run scripts/setup, or pip install torchao==0.18.0"


def require_torchao() -> None:
    try:
        import torchao  # noqa: F401
    except Exception as error:  # a torchao that does not fit this PyTorch fails in ways of its own
        raise PodiumError("unavailable", f"int8 in PyTorch needs torchao, which cannot be imported: {error}", _REMEDY) from error


def reduced_range() -> bool:
    """Whether pairs of products would overflow 16 bits: so on processors without VNNI, which get 7 bits of each activation."""
    from torchao.utils import should_reduce_range

    return bool(should_reduce_range(torch.device("cpu")))
