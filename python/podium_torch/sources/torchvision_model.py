"""torchvision:NAME, with weights from a fixed seed or from the user's file."""

from __future__ import annotations

import difflib
from pathlib import Path

import torch

from podium_torch.errors import INSTALL_REMEDY, PodiumError
from podium_torch.sources.built import BuiltModel, for_inference
from podium_torch.sources.seeded import SEED, make_sane
from podium_torch.sources.weights import load_weights

# Families whose models take one batch of pictures or clips; detection and optical flow take lists or pairs.
_FAMILIES = ("torchvision.models.segmentation", "torchvision.models.video")
_INPUT = "x"  # as every forward() of torchvision calls it
_CLIP_FRAMES = 16
_DEFAULT_SIDE = 224


def _builders() -> dict:
    """Name → builder of every model that takes one batch."""
    try:
        from torchvision import models
    except ImportError as error:
        raise PodiumError("unavailable", f"torchvision cannot be imported: {error}", INSTALL_REMEDY) from error
    modules = [models, models.segmentation, models.video]
    return {name: models.get_model_builder(name) for module in modules for name in models.list_models(module=module)}


def _builder(name: str):
    builders = _builders()
    if name in builders:
        return builders[name]
    from torchvision import models

    if name in models.list_models():
        message = f"torchvision:{name} does not take one batch of pictures, so Podium cannot feed it"
        raise PodiumError("unsupported", message, "wrap it in a function of your own: python:package.module:function")
    near = difflib.get_close_matches(name, builders, n=3, cutoff=0.5)
    known = f"did you mean {' or '.join(near)}?" if near else "for example resnet50, mobilenet_v3_small, vit_b_16"
    raise PodiumError("wrong_use", f"torchvision has no model '{name}'; {known}", f"write torchvision:{near[0] if near else 'resnet50'}")


def _input_shape(builder) -> tuple[int, ...]:
    """The shape that the model's published weights were trained for."""
    from torchvision import models

    weights = models.get_model_weights(builder)
    preset = next(iter(weights)).transforms() if len(weights) else None
    size = getattr(preset, "crop_size", None) or getattr(preset, "resize_size", None) or [_DEFAULT_SIDE]
    sides = (size[0], size[-1])
    return (1, 3, _CLIP_FRAMES, *sides) if _is_video(builder) else (1, 3, *sides)


def _is_video(builder) -> bool:
    return builder.__module__.startswith(_FAMILIES[1])


def build(source: dict) -> BuiltModel:
    name = source["name"]
    builder = _builder(name)
    shape = _input_shape(builder)
    given = source.get("shapes", {}).get(_INPUT)
    if given and len(given) == len(shape):  # another number of axes is refused where --shape is checked
        shape = tuple(given)
    torch.manual_seed(SEED)
    arguments = {"weights_backbone": None} if builder.__module__.startswith(_FAMILIES[0]) else {}
    module = for_inference(builder(weights=None, **arguments))
    weights = source.get("weights")
    if weights:
        load_weights(module, Path(weights), name)
    elif not source.get("state"):  # else the sane weights are in the file that load_state() reads
        make_sane(module, shape)
    example = torch.randn(shape, generator=torch.Generator().manual_seed(SEED))
    return BuiltModel(module, {_INPUT: example}, [f"torchvision:{name}"], trained=bool(weights or source.get("trained")), keep_state=True)
