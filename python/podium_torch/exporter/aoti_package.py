"""A PyTorch model compiled by AOTInductor, for one shape, precision, number of threads and set of options."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path
from typing import Any

import torch

from podium_torch.dtypes import carried_name_of, dtype_of
from podium_torch.errors import PodiumError, first_line, from_exception
from podium_torch.exporter.progress import say
from podium_torch.outputs import named_outputs
from podium_torch.precision import adapt
from podium_torch.sources import build_model

PACKAGE_FILE = "model.pt2"
_BUILD_FOLDER = "inductor"


def _inputs(request: dict, examples: dict[str, torch.Tensor]) -> dict[str, torch.Tensor]:
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


def _inductor_options(options: dict[str, Any]) -> dict[str, Any]:
    """Podium's options for this engine as Inductor's configuration."""
    from torch._inductor import list_mode_options

    chosen = dict(list_mode_options("max-autotune") or {}) if options.get("max-autotune") else {}
    chosen = {key: value for key, value in chosen.items() if not key.startswith("triton.")}  # nothing of it concerns a CPU
    chosen["freezing"] = bool(options.get("freezing", False))
    return chosen


def _metadata(inputs: dict[str, torch.Tensor], outputs: list[tuple[str, torch.Tensor]], request: dict) -> dict[str, str]:
    """Travels inside the package: AOTInductor itself keeps no names, types or shapes."""

    def described(name: str, tensor: torch.Tensor) -> dict:
        return {"name": name, "type": carried_name_of(tensor.dtype, f"'{name}'"), "shape": list(tensor.shape)}

    return {
        "podium.inputs": json.dumps([described(name, tensor) for name, tensor in inputs.items()]),
        "podium.outputs": json.dumps([name for name, _ in outputs]),
        "podium.output_specs": json.dumps([described(name, tensor) for name, tensor in outputs]),
        "podium.precision": request["precision"],
        "podium.torch": torch.__version__,
    }


def _try_instruction_sets(shared_cache: str | None) -> None:
    """Inductor compiles a small program for each instruction set, some ten seconds in all: kept where later compiles find them."""
    if not shared_cache:
        return
    from torch._inductor.cpu_vec_isa import pick_vec_isa

    os.environ["TORCHINDUCTOR_CACHE_DIR"] = shared_cache
    pick_vec_isa()


def export_aoti(source_file: Path, out: Path, request: dict) -> None:
    """Writes model.pt2."""
    build_folder = out / _BUILD_FOLDER
    if request["options"].get("threads-policy", "podium") == "podium":
        torch.set_num_threads(int(request["threads"]))  # the generated loops are cut up for this number
    say("building the model")
    model = build_model(source_file)
    inputs = _inputs(request, model.inputs)
    arguments = tuple(inputs.values())
    module = adapt(model.module, request["precision"], bool(request["options"].get("channels-last", False)))
    with torch.no_grad():
        outputs = _run(module, arguments, model.output_names, request["precision"])
        say("capturing the graph")
        program = _capture(module, arguments)
        say("compiling with Inductor")
        _try_instruction_sets(request.get("cache"))
        os.environ["TORCHINDUCTOR_CACHE_DIR"] = str(build_folder)
        configuration = _inductor_options(request["options"])
        configuration["aot_inductor.metadata"] = _metadata(inputs, outputs, request)
        try:
            torch._inductor.aoti_compile_and_package(program, package_path=str(out / PACKAGE_FILE), inductor_configs=configuration)
        except Exception as error:
            raise from_exception(error, "AOTInductor") from error
    shutil.rmtree(build_folder, ignore_errors=True)


def _run(
    module: torch.nn.Module, arguments: tuple[torch.Tensor, ...], names: list[str] | None, precision: str
) -> list[tuple[str, torch.Tensor]]:
    try:
        return named_outputs(module(*[value.clone() for value in arguments]), names)
    except Exception as error:
        known = from_exception(error, f"running the model at {precision}")
        if known.code != "failed":
            raise known from error
        raise PodiumError("unsupported", known.message) from error


def _capture(module: torch.nn.Module, arguments: tuple[torch.Tensor, ...]) -> torch.export.ExportedProgram:
    try:
        return torch.export.export(module, arguments, strict=False)
    except MemoryError:
        raise
    except Exception as error:
        message = f"torch.export cannot capture this model as one graph: {type(error).__name__}: {first_line(error)}"
        raise PodiumError("unsupported", message) from error
