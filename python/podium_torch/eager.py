"""PyTorch eager mode, and the count of operators that really run in it."""

from __future__ import annotations

import re
import time
from collections import Counter
from typing import Any

import torch
from torch.utils import _pytree as pytree
from torch.utils._python_dispatch import TorchDispatchMode

from podium_torch.audit_words import int8_share, other_precision
from podium_torch.dtypes import name_of
from podium_torch.errors import PodiumError
from podium_torch.session import LoadRequest, Session


# Operators that do a model's arithmetic, the fused and quantized kinds of them included.
_ARITHMETIC = re.compile(r"conv(?!ert)|linear|mm(?![a-z])|matmul|attention|lstm|gru|rnn|einsum|bilinear|^_?(addmv|mv|dot)$")


def is_arithmetic(operator: str) -> bool:
    """By an operator's name without its namespace and overload: "convolution", "_scaled_mm". Packing weights computes nothing."""
    return _ARITHMETIC.search(operator) is not None and "prepack" not in operator


class OperatorCount(TorchDispatchMode):
    """Counts operators, and the arithmetic of those that compute in floating point. Views, copies and casts compute nothing."""

    _MOVES_ONLY = frozenset({"aten::_to_copy", "aten::copy_", "aten::clone", "aten::detach", "aten::empty", "aten::contiguous"})

    def __init__(self) -> None:
        super().__init__()
        self.operators = 0
        self.compute_types: Counter[str] = Counter()
        self.arithmetic: Counter[str] = Counter()  # convolutions, matrix products and the like, by the type of their first input

    def __torch_dispatch__(self, operator: Any, types: Any, args: tuple = (), kwargs: dict | None = None) -> Any:
        result = operator(*args, **(kwargs or {}))
        if operator.is_view or operator.name().split(".")[0] in self._MOVES_ONLY:
            return result
        self.operators += 1
        if is_arithmetic(operator.name().split("::")[-1].split(".")[0]):
            given = next((value for value in pytree.tree_leaves(args) if isinstance(value, torch.Tensor)), None)
            if given is not None:
                self.arithmetic[name_of(given.dtype)] += 1
        tensors = [value for value in pytree.tree_leaves(result) if isinstance(value, torch.Tensor) and value.is_floating_point()]
        if tensors:
            self.compute_types[name_of(tensors[0].dtype)] += 1
        return result


def count_operators(module: Any, inputs: tuple[torch.Tensor, ...]) -> OperatorCount:
    with OperatorCount() as count:
        module(*[value.clone() for value in inputs])
    return count


class EagerSession(Session):
    def __init__(self, request: LoadRequest) -> None:
        if request.precision == "int8-static":
            message = "PyTorch computes static int8 in compiled code only: eager mode would run the quantized graph in fp32"
            raise PodiumError("unsupported", message, "choose --backends torch-compile,aotinductor")
        super().__init__(request)
        if request.options["cuda-graph"]:
            self._capture()

    def _capture(self) -> None:
        from podium_torch.cuda_graph import CudaGraph

        before = time.monotonic_ns()
        self.run = CudaGraph(self.module, self.request.example, self.request.device, self.context)
        self.build_ns = time.monotonic_ns() - before

    def one_at_a_time(self) -> str:
        captured = self.request.options["cuda-graph"]
        return "a CUDA graph has one place for its inputs and outputs, so requests cannot share it" if captured else ""

    def audit(self, inputs: tuple[torch.Tensor, ...]) -> dict:
        count = count_operators(self.module, self.on_device(inputs))
        return {
            "providers": {"eager": count.operators},
            "compute_types": dict(count.compute_types),
            "fallback_share": 0.0,
            "int8_share": int8_share(count.arithmetic),
            "fused_nodes": 0,
            "graph_breaks": None,
            "fallback_reason": "",
            "other_precision": other_precision(self.request.precision, count.arithmetic),
        }


def load(request: LoadRequest) -> EagerSession:
    return EagerSession(request)
