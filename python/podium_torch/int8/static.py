"""int8 static: ranges of activations are fixed from calibration data and written into the graph as quantize and dequantize operators.

torchao's quantizer for x86 decides where they go: on inputs and weights of convolutions and linear layers, none between a convolution and
the ReLU or residual addition behind it. Activations are u8, their ranges those that its histograms find (least squared error over
candidate ranges); weights are s8, symmetric, one range for each output channel. Inductor fuses what this gives into oneDNN's int8 kernels.
"""

from __future__ import annotations

import operator
from typing import Any, Iterable

import torch

from podium_torch.errors import PodiumError, first_line
from podium_torch.int8 import reduced_range, require_torchao

_aten = torch.ops.aten
# What each operator was written as, in the types that the quantizer looks for.
_SOURCES = {
    _aten.conv1d.default: torch.nn.Conv1d,
    _aten.conv2d.default: torch.nn.Conv2d,
    _aten.linear.default: torch.nn.Linear,
    _aten.add.Tensor: operator.add,
    _aten.add_.Tensor: operator.add,
    _aten.relu.default: torch.nn.ReLU,
    _aten.relu_.default: torch.nn.ReLU,
    _aten.relu6.default: torch.nn.ReLU6,
    _aten.relu6_.default: torch.nn.ReLU6,
    _aten.hardtanh.default: torch.nn.Hardtanh,
    _aten.hardtanh_.default: torch.nn.Hardtanh,
    _aten.hardswish.default: torch.nn.Hardswish,
    _aten.hardswish_.default: torch.nn.Hardswish,
    _aten.silu.default: torch.nn.SiLU,
    _aten.silu_.default: torch.nn.SiLU,
    _aten.leaky_relu.default: torch.nn.LeakyReLU,
    _aten.leaky_relu_.default: torch.nn.LeakyReLU,
    _aten.tanh.default: torch.nn.Tanh,
    _aten.gelu.default: torch.nn.GELU,
}
_SUPPORTED = (_aten.conv1d.default, _aten.conv2d.default, _aten.linear.default)


def register_kernels() -> None:
    """Teaches Inductor to fuse quantize and dequantize operators into int8 kernels; nothing is done twice."""
    require_torchao()
    import torchao.quantization.pt2e.quantizer.x86_inductor_quantizer  # noqa: F401  # registers its patterns when it is imported


def tell_calls_apart(graph: torch.fx.Graph) -> None:
    """Makes every operator a call of its own for the quantizer.

    It groups operators by the module that they come from, and refuses a group with several outputs ("Input partition has more than one
    output node"): a module that is called several times, as the one ReLU of each residual block of ResNet is.
    """
    for node in graph.nodes:
        if node.op == "call_function":
            node.meta["source_fn_stack"] = [(node.name, _SOURCES.get(node.target, node.target))]


def _quantizer() -> Any:
    from torchao.quantization.pt2e.quantizer import x86_inductor_quantizer as x86

    class Quantizer(x86.X86InductorQuantizer):
        def transform_for_annotation(self, model: torch.fx.GraphModule) -> torch.fx.GraphModule:
            tell_calls_apart(model.graph)  # here batch normalization has been folded already
            return super().transform_for_annotation(model)

    quantizer = Quantizer()
    quantizer.set_global(x86.get_default_x86_inductor_quantization_config(reduce_range=reduced_range()))
    return quantizer


def quantize(program: torch.export.ExportedProgram, batches: Iterable[tuple[torch.Tensor, ...]]) -> torch.fx.GraphModule:
    """The program with int8 weights and with quantize and dequantize operators around what Inductor runs in int8."""
    register_kernels()
    from torchao.quantization.pt2e.quantize_pt2e import convert_pt2e, prepare_pt2e

    graph = program.module(check_guards=False)
    if not any(node.target in _SUPPORTED for node in graph.graph.nodes):
        raise PodiumError("unsupported", "the model has no convolution and no linear layer that Inductor runs in int8")
    try:
        prepared = prepare_pt2e(graph, _quantizer())
        with torch.no_grad():
            for batch in batches:
                prepared(*batch)
        return convert_pt2e(prepared)
    except MemoryError:
        raise
    except Exception as error:
        message = f"torchao cannot quantize this model: {type(error).__name__}: {first_line(error)}"
        raise PodiumError("unsupported", message) from error
