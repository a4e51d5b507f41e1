"""A PyTorch model compiled by AOTInductor, for one shape, precision, number of threads and set of options."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path
from typing import Any

import torch

from podium_torch.dtypes import carried_name_of
from podium_torch.errors import from_exception
from podium_torch.exporter.capture import capture, example_inputs, run_once
from podium_torch.exporter.progress import say
from podium_torch.instruction_sets import try_instruction_sets
from podium_torch.precision import adapt, check_quantized
from podium_torch.sources import build_model

PACKAGE_FILE = "model.pt2"
_BUILD_FOLDER = "inductor"


def _inductor_options(options: dict[str, Any], precision: str) -> dict[str, Any]:
    """Podium's options for this engine as Inductor's configuration. Int8 weights are packed while compiling, which takes freezing."""
    from torch._inductor import list_mode_options

    chosen = dict(list_mode_options("max-autotune") or {}) if options.get("max-autotune") else {}
    chosen = {key: value for key, value in chosen.items() if not key.startswith("triton.")}  # nothing of it concerns a CPU
    chosen["freezing"] = bool(options.get("freezing", False)) or precision == "int8-static"
    return chosen


def _metadata(inputs: dict[str, torch.Tensor], outputs: list[tuple[str, torch.Tensor]], request: dict) -> dict[str, str]:
    """Travels inside the package: AOTInductor itself keeps no names, types or shapes."""

    def described(name: str, tensor: torch.Tensor) -> dict:
        return {"name": name, "type": carried_name_of(tensor.dtype, f"'{name}'"), "shape": list(tensor.shape)}

    taken = [described(name, tensor) for name, tensor in inputs.items()]
    given = [described(name, tensor) for name, tensor in outputs]
    signature = {"inputs": taken, "outputs": given, "precision": request["precision"], "torch": torch.__version__}
    return {
        "podium.signature": json.dumps(signature),  # what the backend checks a request against
        "podium.inputs": json.dumps(taken),
        "podium.outputs": json.dumps([name for name, _ in outputs]),
        "podium.output_specs": json.dumps(given),
        "podium.precision": request["precision"],
        "podium.torch": torch.__version__,
    }


def export_aoti(source_file: Path, out: Path, request: dict) -> None:
    """Writes model.pt2."""
    build_folder = out / _BUILD_FOLDER
    options, precision = request["options"], request["precision"]
    if options.get("threads-policy", "podium") == "podium":
        torch.set_num_threads(int(request["threads"]))  # the generated loops are cut up for this number
    say("building the model")
    model = build_model(source_file)
    check_quantized(model.quantized, precision)
    inputs = example_inputs(request, model.inputs)
    arguments = tuple(inputs.values())
    module = adapt(model.module, precision, bool(options.get("channels-last", False)), options.get("half-by", "weights"))
    with torch.no_grad():
        outputs = run_once(module, arguments, model.output_names, precision)
        say("capturing the graph")
        program = capture(module, arguments)
        say("compiling with Inductor")
        try_instruction_sets()
        os.environ["TORCHINDUCTOR_CACHE_DIR"] = str(build_folder)
        configuration = _inductor_options(options, precision)
        configuration["aot_inductor.metadata"] = _metadata(inputs, outputs, request)
        try:
            torch._inductor.aoti_compile_and_package(program, package_path=str(out / PACKAGE_FILE), inductor_configs=configuration)
        except Exception as error:
            raise from_exception(error, "AOTInductor") from error
    shutil.rmtree(build_folder, ignore_errors=True)
