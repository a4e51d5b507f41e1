"""An ONNX file carried over to PyTorch by onnx2torch."""

from __future__ import annotations

import re

from podium_torch.errors import INSTALL_REMEDY, PodiumError, first_line
from podium_torch.sources.built import BuiltModel, for_inference


def _refusal(path: str, error: Exception) -> PodiumError:
    """onnx2torch names the operator in the middle of a long text."""
    found = re.search(r"operation_type='([^']*)'.*?version=(\d+)", str(error))
    if found:
        return PodiumError("unsupported", f"onnx2torch cannot carry the operator {found[1]} (version {found[2]}) over to PyTorch")
    return PodiumError("unsupported", f"onnx2torch cannot carry {path} over to PyTorch: {type(error).__name__}: {first_line(error)}")


def build(source: dict) -> BuiltModel:
    path = source["path"]
    try:
        import onnx
        from onnx2torch import convert
    except ImportError as error:
        raise PodiumError("unavailable", f"onnx2torch, which carries ONNX models over to PyTorch, cannot be imported: {error}", INSTALL_REMEDY) from error
    try:
        model = onnx.load(path)
    except Exception as error:
        raise PodiumError("bad_input", f"{path}: it is no readable ONNX file: {first_line(error)}") from error
    try:
        module = for_inference(convert(model))
    except Exception as error:
        raise _refusal(path, error) from error
    outputs = [value.name for value in model.graph.output]
    return BuiltModel(module, {}, ["onnx2torch"], output_names=outputs)
