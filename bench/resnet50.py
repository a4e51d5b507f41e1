"""ResNet-50 as the files that the engines read, made by Podium's own exporter and kept in the build folder."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
INPUT = "x"


def _export(python: Path, what: str, source: Path, out: Path, request: dict | None = None) -> None:
    command = [python, "-m", "podium_torch.export", what, "--source", source, "--out", out]
    if request is not None:
        out.mkdir(parents=True, exist_ok=True)
        (out / "request.json").write_text(json.dumps(request))
        command += ["--request", out / "request.json"]
    print(f"making ResNet-50 for this: {what}", file=sys.stderr)
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, env=os.environ | {"PYTHONPATH": str(ROOT / "python")})


def resnet50(build: Path, engine: str, shape: list[int], threads: int, options: dict, python: Path) -> Path:
    """The file for an engine; an AOTInductor package is compiled for the shape, the number of threads and the options."""
    folder = build / "bench" / "resnet50"
    described = folder / "described"
    if not (described / "source.json").exists():
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "source.json").write_text(json.dumps({"kind": "torchvision", "name": "resnet50"}))
        _export(python, "describe", folder / "source.json", described)
    if engine != "aotinductor":
        model = folder / "onnx" / "model.onnx"
        if not model.exists():
            _export(python, "onnx", described / "source.json", model.parent)
        return model
    model = folder / f"aoti-{'x'.join(map(str, shape))}-{threads}" / "model.pt2"
    if not model.exists():
        request = {"inputs": [{"name": INPUT, "type": "float32", "shape": shape}], "precision": "fp32", "options": options, "threads": threads}
        _export(python, "aoti", described / "source.json", model.parent, request)
    return model
