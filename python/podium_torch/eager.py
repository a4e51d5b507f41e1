"""PyTorch eager mode, and the count of operators that really run in it."""

from __future__ import annotations

from collections import Counter
from typing import Any

import torch
from torch.utils import _pytree as pytree
from torch.utils._python_dispatch import TorchDispatchMode

from podium_torch.dtypes import name_of
from podium_torch.session import LoadRequest, Session


class OperatorCount(TorchDispatchMode):
    """Counts operators, and the arithmetic of those that compute in floating point. Views, copies and casts compute nothing."""

    _MOVES_ONLY = frozenset({"aten::_to_copy", "aten::copy_", "aten::clone", "aten::detach", "aten::empty", "aten::contiguous"})

    def __init__(self) -> None:
        super().__init__()
        self.operators = 0
        self.compute_types: Counter[str] = Counter()

    def __torch_dispatch__(self, operator: Any, types: Any, args: tuple = (), kwargs: dict | None = None) -> Any:
        result = operator(*args, **(kwargs or {}))
        if operator.is_view or operator.name().split(".")[0] in self._MOVES_ONLY:
            return result
        self.operators += 1
        tensors = [value for value in pytree.tree_leaves(result) if isinstance(value, torch.Tensor) and value.is_floating_point()]
        if tensors:
            self.compute_types[name_of(tensors[0].dtype)] += 1
        return result


def count_operators(module: Any, inputs: tuple[torch.Tensor, ...]) -> OperatorCount:
    with OperatorCount() as count:
        module(*[value.clone() for value in inputs])
    return count


class EagerSession(Session):
    def audit(self, inputs: tuple[torch.Tensor, ...]) -> dict:
        count = count_operators(self.run, inputs)
        return {"providers": {"eager": count.operators}, "compute_types": dict(count.compute_types), "fallback_share": 0.0}


def load(request: LoadRequest) -> EagerSession:
    return EagerSession(request)
