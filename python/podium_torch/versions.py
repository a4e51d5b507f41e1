"""Versions that the exporter's results depend on, found without importing the packages."""

from __future__ import annotations

import importlib.metadata
import os
import platform
import shutil
import subprocess

_PACKAGES = ("torch", "torchao", "torchvision", "onnx", "onnxscript", "onnx-ir", "onnx2torch", "safetensors", "transformers", "numpy")


def _compiler() -> str:
    """The C++ compiler that Inductor would take."""
    compiler = shutil.which(os.environ.get("CXX", "g++"))
    if compiler is None:
        return ""
    try:
        shown = subprocess.run([compiler, "--version"], capture_output=True, text=True, timeout=20, check=True)
    except (OSError, subprocess.SubprocessError):
        return ""
    return (shown.stdout.splitlines() or [""])[0]


def installed() -> dict[str, str]:
    """Package → version; empty where it is not installed."""
    versions = {"python": platform.python_version(), "compiler": _compiler()}
    for package in _PACKAGES:
        try:
            versions[package] = importlib.metadata.version(package)
        except importlib.metadata.PackageNotFoundError:
            versions[package] = ""
    return versions
