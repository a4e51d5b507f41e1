"""torch.compile with Inductor. Compiling happens in load(), on the cell's own inputs, so that it is timed apart."""

from __future__ import annotations

import contextlib
import os
import time
from collections import Counter
from typing import Any, Iterator

import torch

from podium_torch.dtypes import name_of
from podium_torch.eager import count_operators
from podium_torch.errors import PodiumError, first_line, from_exception
from podium_torch.session import LoadRequest, Session

_CALLS = ("call_function", "call_method", "call_module")
_CASTS = ("to", "float", "bfloat16", "contiguous", "clone")


class CapturedGraphs:
    """What Dynamo handed to Inductor: operators, and the arithmetic of those that compute in floating point."""

    def __init__(self) -> None:
        self.operators = 0
        self.compute_types: Counter[str] = Counter()

    def add(self, graph: torch.fx.Graph) -> None:
        for node in graph.nodes:
            if node.op not in _CALLS:
                continue
            self.operators += 1
            value = node.meta.get("example_value")
            cast = node.op == "call_method" and node.target in _CASTS
            if isinstance(value, torch.Tensor) and value.is_floating_point() and not cast:
                self.compute_types[name_of(value.dtype)] += 1


@contextlib.contextmanager
def _recording(graphs: CapturedGraphs) -> Iterator[None]:
    """Looks at each graph on its way into Inductor; torch.compile itself stays as users call it."""
    from torch._inductor import compile_fx as inductor

    compile_fx = inductor.compile_fx

    def recorded(module: Any, *args: Any, **kwargs: Any) -> Any:
        if isinstance(module, torch.fx.GraphModule):
            graphs.add(module.graph)
        return compile_fx(module, *args, **kwargs)

    inductor.compile_fx = recorded
    try:
        yield
    finally:
        inductor.compile_fx = compile_fx


def _graph_breaks() -> int:
    from torch._dynamo.utils import counters

    return sum(counters["graph_break"].values())


class CompiledSession(Session):
    def __init__(self, request: LoadRequest) -> None:
        if request.cache is not None:
            os.environ["TORCHINDUCTOR_CACHE_DIR"] = str(request.cache)
        super().__init__(request)
        self.graphs = CapturedGraphs()
        self._configure()
        options = request.options
        self.run = torch.compile(
            self.module, mode=options["mode"], dynamic=True if options["dynamic"] else None, fullgraph=options["fullgraph"]
        )
        self._compile(request.example)

    def _configure(self) -> None:
        from torch._dynamo.utils import counters
        from torch._inductor import config

        torch._dynamo.reset()
        counters.clear()
        config.freezing = self.request.options["freezing"]
        config.cpp_wrapper = self.request.options["cpp-wrapper"]

    def _compile(self, example: tuple[torch.Tensor, ...]) -> None:
        inputs = [value.clone() for value in example]
        versions = [value._version for value in inputs]
        before = time.monotonic_ns()
        try:
            with self.context(), _recording(self.graphs):
                self.run(*inputs)
        except Exception as error:
            raise self._compile_refusal(error) from error
        self.build_ns = time.monotonic_ns() - before
        self.breaks = _graph_breaks()
        if [value._version for value in inputs] != versions:
            self.copy_inputs()
        _end_compile_workers()

    def _compile_refusal(self, error: Exception) -> PodiumError:
        known = from_exception(error, "compiling the model")
        if known.code == "unsupported" and self.request.options["fullgraph"]:
            return PodiumError("unsupported", f"the model is not one graph: {first_line(error)}", "--set torch-compile.fullgraph=off")
        return self.refusal(error) if known.code == "failed" else known

    def audit(self, inputs: tuple[torch.Tensor, ...]) -> dict:
        """Parts outside the compiled graphs are counted as graph breaks: each is at least one call that runs eagerly."""
        providers, compute_types = {"inductor": self.graphs.operators}, self.graphs.compute_types
        fallback = self.breaks
        if self.graphs.operators == 0:
            count = count_operators(self.module, inputs)
            fallback, compute_types = count.operators, count.compute_types
        if fallback:
            providers["eager-fallback"] = fallback
        total = sum(providers.values())
        return {"providers": providers, "compute_types": dict(compute_types), "fallback_share": fallback / total if total else None}


def _end_compile_workers() -> None:
    """Inductor's compiler processes have nothing more to do; they would count as this cell's memory."""
    from torch._inductor.async_compile import shutdown_compile_workers

    shutdown_compile_workers()


def load(request: LoadRequest) -> CompiledSession:
    return CompiledSession(request)
