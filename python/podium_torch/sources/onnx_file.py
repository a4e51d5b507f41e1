"""An ONNX file carried over to PyTorch by onnx2torch."""

from __future__ import annotations

import re
from typing import Any

import torch

from podium_torch.errors import INSTALL_REMEDY, PodiumError, first_line
from podium_torch.sources.built import BuiltModel, for_inference

_KNOWN_OPERATOR_SET = 16  # the newest that onnx2torch covers; PyTorch's exporter writes 18 and more


def _refusal(path: str, error: Exception) -> PodiumError:
    """onnx2torch names the operator in the middle of a long text."""
    found = re.search(r"operation_type='([^']*)'.*?version=(\d+)", str(error))
    if found:
        return PodiumError("unsupported", f"onnx2torch cannot carry the operator {found[1]} (version {found[2]}) over to PyTorch")
    return PodiumError("unsupported", f"onnx2torch cannot carry {path} over to PyTorch: {type(error).__name__}: {first_line(error)}")


def _lowered(model: Any) -> Any:
    """The model at an operator set that onnx2torch knows; the model itself where ONNX cannot lower it."""
    from onnx import version_converter

    try:
        return version_converter.convert_version(model, _KNOWN_OPERATOR_SET)
    except Exception:  # the converter fails in ways of its own; the refusal then names what the original lacks
        return model


def _carried_over(model: Any, path: str) -> torch.nn.Module:
    from onnx2torch import convert

    refusal = None
    for attempt in (lambda: model, lambda: _lowered(model)):
        try:
            return convert(attempt())
        except Exception as error:
            refusal = refusal or _refusal(path, error)
    raise refusal


def build(source: dict) -> BuiltModel:
    path = source["path"]
    try:
        import onnx
        import onnx2torch  # noqa: F401
    except ImportError as error:
        raise PodiumError(
            "unavailable", f"onnx2torch, which carries ONNX models over to PyTorch, cannot be imported: {error}", INSTALL_REMEDY
        ) from error
    try:
        model = onnx.load(path)
    except Exception as error:
        raise PodiumError("bad_input", f"{path}: it is no readable ONNX file: {first_line(error)}") from error
    module = for_inference(_carried_over(model, path))
    return BuiltModel(module, {}, ["onnx2torch"], output_names=[value.name for value in model.graph.output])
