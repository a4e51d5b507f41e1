"""A model as one graph at the shapes of a request, which a package and a quantized program both start from."""

from __future__ import annotations

import torch

from podium_torch.dtypes import dtype_of
from podium_torch.errors import PodiumError, first_line, from_exception
from podium_torch.outputs import named_outputs


def example_inputs(request: dict, examples: dict[str, torch.Tensor]) -> dict[str, torch.Tensor]:
    """Inputs of the shapes asked for, with values of the kind that the examples have: some models check them while they are traced."""
    generator = torch.Generator().manual_seed(0)
    inputs = {}
    for item in request["inputs"]:
        dtype, shape = dtype_of(item["type"]), list(item["shape"])
        example = examples.get(item["name"])
        if dtype.is_floating_point:
            inputs[item["name"]] = torch.randn(shape, generator=generator).to(dtype)
        elif example is not None and example.numel():
            values = example.flatten().to(dtype)
            inputs[item["name"]] = values[torch.randint(values.numel(), shape, generator=generator)]
        else:
            inputs[item["name"]] = torch.zeros(shape, dtype=dtype)
    return inputs


def run_once(
    module: torch.nn.Module, arguments: tuple[torch.Tensor, ...], names: list[str] | None, precision: str
) -> list[tuple[str, torch.Tensor]]:
    """The outputs by name. At a lower precision, operators that do not take it are expected."""
    try:
        return named_outputs(module(*[value.clone() for value in arguments]), names)
    except Exception as error:
        known = from_exception(error, f"running the model at {precision}")
        if known.code != "failed":
            raise known from error
        raise PodiumError("unsupported", known.message) from error


def capture(module: torch.nn.Module, arguments: tuple[torch.Tensor, ...]) -> torch.export.ExportedProgram:
    try:
        return torch.export.export(module, arguments, strict=False)
    except MemoryError:
        raise
    except Exception as error:
        message = f"torch.export cannot capture this model as one graph: {type(error).__name__}: {first_line(error)}"
        raise PodiumError("unsupported", message) from error
