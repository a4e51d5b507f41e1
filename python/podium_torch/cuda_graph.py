"""A model captured as one CUDA graph: a call is one launch, whatever the number of its operators."""

from __future__ import annotations

from typing import Any, Callable, ContextManager

import torch

from podium_torch.device import Gpu
from podium_torch.errors import PodiumError, first_line

# Libraries choose algorithms and take their workspaces at first calls, which must not be captured.
_CALLS_BEFORE = 3


class CudaGraph:
    """Calls at fixed addresses: inputs are copied there, and the next call overwrites the outputs."""

    def __init__(self, module: Callable[..., Any], example: tuple[torch.Tensor, ...], device: Gpu, context: Callable[[], ContextManager]) -> None:
        self._inputs = [value.to(device.torch, copy=True) for value in example]
        device.synchronize()
        self._graph = torch.cuda.CUDAGraph()
        with context():
            for _ in range(_CALLS_BEFORE):
                module(*self._inputs)
            device.synchronize()
            try:
                with torch.cuda.graph(self._graph, stream=device.stream()):
                    self._outputs = module(*self._inputs)
            except RuntimeError as error:
                message = f"the model cannot be captured as a CUDA graph: {first_line(error)}"
                raise PodiumError("unsupported", message, "--set torch-eager.cuda-graph=off") from error

    def __call__(self, *inputs: torch.Tensor) -> Any:
        for fixed, given in zip(self._inputs, inputs):
            fixed.copy_(given, non_blocking=True)
        self._graph.replay()
        return self._outputs
