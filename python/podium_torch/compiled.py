"""torch.compile with Inductor. Compiling happens in load(), on the cell's own inputs, so that it is timed apart."""

from __future__ import annotations

import contextlib
import os
import time
from collections import Counter
from typing import Any, ContextManager, Iterator

import torch

from podium_torch.audit_words import int8_share, other_precision
from podium_torch.dtypes import name_of
from podium_torch.eager import OperatorCount, count_operators, is_arithmetic
from podium_torch.errors import PodiumError, first_line, from_exception
from podium_torch.instruction_sets import try_instruction_sets
from podium_torch.session import LoadRequest, Session

_CALLS = ("call_function", "call_method", "call_module")
_MODES_WITH_CUDA_GRAPHS = ("reduce-overhead", "max-autotune")
_CALLS_TO_RECORD = 3  # compile and warm up, record the graph, replay it
_CASTS = ("to", "float", "bfloat16", "contiguous", "clone")


class CapturedGraphs:
    """What Dynamo handed to Inductor: operators, and the arithmetic of those that compute in floating point."""

    def __init__(self) -> None:
        self.operators = 0
        self.compute_types: Counter[str] = Counter()
        self.arithmetic: Counter[str] = Counter()

    def add(self, graph: torch.fx.Graph) -> None:
        for node in graph.nodes:
            if node.op not in _CALLS:
                continue
            self.operators += 1
            value = node.meta.get("example_value")
            cast = node.op == "call_method" and node.target in _CASTS
            if isinstance(value, torch.Tensor) and value.is_floating_point() and not cast:
                self.compute_types[name_of(value.dtype)] += 1
                if is_arithmetic(getattr(node.target, "__name__", str(node.target))):
                    self.arithmetic[name_of(value.dtype)] += 1


class LoweredGraphs:
    """What Inductor made of them before it generates code, where quantized operators are those that really run; by their first input."""

    def __init__(self) -> None:
        self.arithmetic: Counter[str] = Counter()

    def add(self, graph: torch.fx.Graph) -> None:
        for node in graph.nodes:
            if node.op != "call_function" or not is_arithmetic(str(getattr(node.target, "_opname", node.target))):
                continue
            given = next((argument.meta.get("val") for argument in node.all_input_nodes), None)
            if isinstance(given, torch.Tensor):
                self.arithmetic[name_of(given.dtype)] += 1


@contextlib.contextmanager
def _recording(graphs: CapturedGraphs, lowered: LoweredGraphs) -> Iterator[None]:
    """Looks at each graph on its way into and through Inductor; torch.compile itself stays as users call it."""
    from torch._inductor import compile_fx as inductor

    compile_fx, compile_fx_inner = inductor.compile_fx, inductor.compile_fx_inner

    def recorded_inner(module: torch.fx.GraphModule, *args: Any, **kwargs: Any) -> Any:
        lowered.add(module.graph)
        return compile_fx_inner(module, *args, **kwargs)

    def recorded(module: Any, *args: Any, **kwargs: Any) -> Any:
        if "inner_compile" in kwargs:  # Inductor's call of itself for a graph that is on its way already
            return compile_fx(module, *args, **kwargs)
        if isinstance(module, torch.fx.GraphModule):
            graphs.add(module.graph)
        return compile_fx(module, *args, inner_compile=recorded_inner, **kwargs)

    inductor.compile_fx = recorded
    try:
        yield
    finally:
        inductor.compile_fx = compile_fx


def _graph_breaks() -> dict[str, int]:
    """Why the compiler handed back to the interpreter, in its own words → how often."""
    from torch._dynamo.utils import counters

    return dict(counters["graph_break"])


def _fallback_reason(breaks: dict[str, int], operators_outside: int) -> str:
    if operators_outside:
        return f"nothing was compiled: {operators_outside} operators ran in the Python interpreter"
    if not breaks:
        return ""
    count = sum(breaks.values())
    times = "once" if count == 1 else f"{count} times"
    reasons = "; ".join(dict.fromkeys(reason.strip().splitlines()[0] for reason in breaks if reason.strip()))
    return f"the compiler handed back to the Python interpreter {times}: {reasons or 'it does not say why'}"


class CompiledSession(Session):
    def __init__(self, request: LoadRequest) -> None:
        if request.cache is not None:
            if not request.device.is_gpu:
                try_instruction_sets()
            os.environ["TORCHINDUCTOR_CACHE_DIR"] = str(request.cache)
        super().__init__(request)
        self.graphs, self.lowered = CapturedGraphs(), LoweredGraphs()
        self.is_int8 = request.precision.startswith("int8")
        self._configure()
        options = request.options
        self.run = torch.compile(
            self.module, mode=options["mode"], dynamic=True if options["dynamic"] else None, fullgraph=options["fullgraph"]
        )
        self._compile(request.example)
        self._check_cuda_graphs()

    @property
    def _has_cuda_graphs(self) -> bool:
        return self.request.device.is_gpu and self.request.options["mode"] in _MODES_WITH_CUDA_GRAPHS

    def one_at_a_time(self) -> str:
        return "a CUDA graph has one place for its inputs and outputs, so requests cannot share it" if self._has_cuda_graphs else ""

    def _check_cuda_graphs(self) -> None:
        """They are what the mode is for; without them it would be the default under another name."""
        from torch._dynamo.utils import counters

        skipped = counters["inductor"]["cudagraph_skips"]
        if self._has_cuda_graphs and self.request.options["mode"] == "reduce-overhead" and skipped:
            message = f"Inductor made no CUDA graph of {skipped} part(s) of the model, which the mode reduce-overhead is for"
            raise PodiumError("unsupported", message, "--set torch-compile.mode=default")

    def _configure(self) -> None:
        from torch._dynamo.utils import counters
        from torch._inductor import config

        torch._dynamo.reset()
        counters.clear()
        # Int8 weights are packed while compiling.
        config.freezing = self.request.options["freezing"] or self.request.precision == "int8-static"
        config.cpp_wrapper = self.request.options["cpp-wrapper"]

    def _caches(self) -> ContextManager:
        """What AOTAutograd's cache answers does not pass through Inductor, where the audit sees which operators became int8."""
        from torch._functorch import config

        return config.patch(enable_autograd_cache=False) if self.is_int8 else contextlib.nullcontext()

    def _compile(self, example: tuple[torch.Tensor, ...]) -> None:
        inputs = [value.clone() for value in example]
        versions = [value._version for value in inputs]
        before = time.monotonic_ns()
        try:
            with self.context(), self._caches(), _recording(self.graphs, self.lowered):
                for _ in range(_CALLS_TO_RECORD if self._has_cuda_graphs else 1):
                    self.call(*inputs)
        except Exception as error:
            raise self._compile_refusal(error) from error
        self.build_ns = time.monotonic_ns() - before
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
        ran: CapturedGraphs | OperatorCount = self.graphs
        providers, breaks, outside = {"inductor": self.graphs.operators}, _graph_breaks(), 0
        if self.graphs.operators == 0:
            ran = count_operators(self.module, self.on_device(inputs))
            outside = ran.operators
        fallback = outside or sum(breaks.values())
        if fallback:
            providers["eager-fallback"] = fallback
        total = sum(providers.values())
        arithmetic = self.lowered.arithmetic if self.is_int8 and not outside else ran.arithmetic
        return {
            "providers": providers,
            "compute_types": dict(arithmetic if self.is_int8 else ran.compute_types),
            "fallback_share": fallback / total if total else None,
            "int8_share": int8_share(arithmetic),
            "fused_nodes": None,  # Inductor does not keep which operators became one kernel
            "graph_breaks": sum(breaks.values()),
            "fallback_reason": _fallback_reason(breaks, outside),
            "other_precision": other_precision(self.request.precision, arithmetic),
        }


def _end_compile_workers() -> None:
    """Inductor's compiler processes have nothing more to do; they would count as this cell's memory."""
    from torch._inductor.async_compile import shutdown_compile_workers

    shutdown_compile_workers()


def load(request: LoadRequest) -> CompiledSession:
    return CompiledSession(request)
