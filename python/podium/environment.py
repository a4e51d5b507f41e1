"""Where the engines of this Python environment lie, for the parts of Podium that are no Python."""

from __future__ import annotations

import importlib.util
import os
import sys
from pathlib import Path


def _package_folder(name: str) -> Path | None:
    """Of a package that is installed here, without importing it."""
    try:
        spec = importlib.util.find_spec(name)
    except (ImportError, ValueError):
        return None
    return Path(spec.origin).parent if spec and spec.origin else None


def prepare() -> None:
    """Names this environment's PyTorch and ONNX Runtime, unless the user named others."""
    if "PODIUM_PYTHON" not in os.environ and _package_folder("torch"):
        os.environ["PODIUM_PYTHON"] = sys.executable
    folder = _package_folder("onnxruntime")
    if "PODIUM_ONNXRUNTIME_LIBRARY" not in os.environ and folder:
        libraries = sorted((folder / "capi").glob("libonnxruntime.so*"))
        if libraries:
            os.environ["PODIUM_ONNXRUNTIME_LIBRARY"] = str(libraries[0])
