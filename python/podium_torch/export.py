"""The exporter: `python -m podium_torch.export describe|onnx|quantize|aoti --source FILE --out DIR [--request FILE] [--error-file FILE]`.

`versions --out DIR` writes versions.json, without importing PyTorch. Podium runs each under its guard. Where one fails, the last line
of standard output and the error file are {"error": {"code", "message", "remedy"}}, and the status is 1.
"""

from __future__ import annotations

import argparse
import importlib
import json
import os
import sys
from pathlib import Path

from podium_torch import versions
from podium_torch.errors import INSTALL_REMEDY, PodiumError, from_exception

_EXPORTERS = {
    "describe": ("podium_torch.exporter.describe", "describe"),
    "onnx": ("podium_torch.exporter.onnx_model", "export_onnx"),
    "quantize": ("podium_torch.exporter.quantized_program", "export_quantized"),
    "aoti": ("podium_torch.exporter.aoti_package", "export_aoti"),
}


def _parse(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="podium_torch.export", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=[*_EXPORTERS, "versions"])
    parser.add_argument("--source", type=Path, help="description of the model (JSON)")
    parser.add_argument("--out", type=Path, required=True, help="folder that the files are written to")
    parser.add_argument("--request", type=Path, help="aoti: inputs, precision, options, threads; quantize: inputs, calibration, threads (JSON)")
    parser.add_argument("--error-file", type=Path, help="where an error is written")
    options = parser.parse_args(arguments)
    if options.what != "versions" and options.source is None:
        parser.error(f"{options.what} needs --source")
    return options


def _export(options: argparse.Namespace) -> None:
    options.out.mkdir(parents=True, exist_ok=True)
    if options.what == "versions":
        (options.out / "versions.json").write_text(json.dumps(versions.installed(), indent=2) + "\n")
        return
    try:
        import torch  # noqa: F401  # found missing here, it is one clear error
    except Exception as error:
        raise PodiumError("unavailable", f"PyTorch cannot be imported by {sys.executable}: {error}", INSTALL_REMEDY) from error
    module, function = _EXPORTERS[options.what]
    request = json.loads(options.request.read_text()) if options.request else {}
    getattr(importlib.import_module(module), function)(options.source, options.out, request)


def main(arguments: list[str]) -> int:
    options = _parse(arguments)
    if not getattr(sys.flags, "safe_path", False) and sys.path and sys.path[0] in ("", os.getcwd()):
        del sys.path[0]  # a torch.py in the user's folder must not go before PyTorch
    try:
        _export(options)
    except Exception as error:
        text = json.dumps({"error": from_exception(error, options.what).as_json()})
        if options.error_file:
            options.error_file.write_text(text + "\n")
        print(text, flush=True)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
