"""hf:DIR: a model that transformers saved, as the architecture that its config.json names. Nothing is fetched, and no code in the folder is run."""

from __future__ import annotations

import inspect
import os
from pathlib import Path
from typing import Any

import torch

from podium_torch.errors import INSTALL_REMEDY, PodiumError, first_line
from podium_torch.sources.built import BuiltModel, FreeAxis, for_inference
from podium_torch.sources.python_function import ByName

_WRAP_REMEDY = "wrap it in a function of your own: python:package.module:function"
_TOKENS = 8  # of the example; the axis is free


def _library() -> Any:
    os.environ["HF_HUB_OFFLINE"] = "1"
    try:
        import transformers
    except ImportError as error:
        raise PodiumError("unavailable", f"transformers, which reads Hugging Face models, cannot be imported: {error}", INSTALL_REMEDY) from error
    transformers.utils.logging.set_verbosity_error()
    transformers.utils.logging.disable_progress_bar()
    return transformers


def _module(folder: Path) -> torch.nn.Module:
    transformers = _library()
    try:
        config = transformers.AutoConfig.from_pretrained(folder, local_files_only=True, trust_remote_code=False)
        names = config.architectures or []
        architecture = getattr(transformers, names[0], None) if names else transformers.AutoModel
        if architecture is None:
            message = f"hf:{folder}: transformers {transformers.__version__} has no {names[0]}; code in the folder is not run"
            raise PodiumError("unsupported", message, _WRAP_REMEDY)
        return architecture.from_pretrained(folder, local_files_only=True, dtype=torch.float32)
    except (PodiumError, MemoryError):
        raise
    except Exception as error:
        message = f"hf:{folder}: transformers cannot load it: {type(error).__name__}: {first_line(error)}"
        raise PodiumError("bad_input", message, "give the folder that save_pretrained() wrote") from error


def _text_inputs(module: Any, shapes: dict[str, list[int]]) -> tuple[dict[str, torch.Tensor], dict[str, list[int | FreeAxis]]]:
    shape = shapes.get("input_ids") or [1, _TOKENS]
    generator = torch.Generator().manual_seed(0)
    inputs = {"input_ids": torch.randint(1, max(2, int(module.config.vocab_size)), shape, generator=generator)}
    if "attention_mask" in inspect.signature(module.forward).parameters:
        inputs["attention_mask"] = torch.ones_like(inputs["input_ids"])
    return inputs, {name: [FreeAxis("batch"), FreeAxis("sequence")] for name in inputs}


def _picture_inputs(module: Any, shapes: dict[str, list[int]]) -> tuple[dict[str, torch.Tensor], dict[str, list[int | FreeAxis]]]:
    size = getattr(module.config, "image_size", None) or 224
    sides = [size, size] if isinstance(size, int) else [int(side) for side in size]
    shape = shapes.get("pixel_values") or [1, int(getattr(module.config, "num_channels", 3)), *sides]
    pictures = torch.randn(shape, generator=torch.Generator().manual_seed(0))
    return {"pixel_values": pictures}, {"pixel_values": [FreeAxis("batch"), *shape[1:]]}


_INPUTS = {"input_ids": _text_inputs, "pixel_values": _picture_inputs}


def build(source: dict) -> BuiltModel:
    folder = Path(source["path"])
    module = _module(folder)
    make_inputs = _INPUTS.get(getattr(module, "main_input_name", ""))
    if make_inputs is None or getattr(module.config, "is_encoder_decoder", False):
        message = f"hf:{folder}: {type(module).__name__} takes something else than a text or a picture in one pass"
        raise PodiumError("unsupported", message, _WRAP_REMEDY)
    module.config.use_cache = False
    inputs, declared = make_inputs(module, source.get("shapes", {}))
    return BuiltModel(ByName(for_inference(module), list(inputs)), inputs, [f"hf {type(module).__name__}"], declared=declared)
