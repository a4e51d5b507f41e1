"""Sane weights for a model that nobody trained.

PyTorch's initial weights are meant for training, where batch normalization measures each batch. In evaluation mode it applies its initial
statistics (mean 0, variance 1) instead, and the signal of many networks fades away: MobileNetV2 ends at 1e-10, EfficientNet at 1e-14.
So one pass over synthetic pictures sets the statistics, layer by layer, in the order of the forward pass:

- the variance, one value for the whole layer, so that every layer's output has unit scale;
- half of each channel's mean. With none taken away, different pictures end at nearly the same output (ResNet-50: cosine 0.998) and no
  answer can be judged; with all of it, and a variance for each channel, the deeper mobile networks amplify rounding like noise (bf16
  ends at 4–8 dB). Half gives ResNet-50 outputs that differ (cosine 0.89) and a bf16 error of 31 dB, like that of a trained network.

Classifier heads that start as zero (vision transformers) would answer zero to every input; they get random weights.
"""

from __future__ import annotations

import torch
from torch.nn import functional

SEED = 0
_MEAN_SHARE = 0.5
_PICTURES = 8
_LARGEST_SIDE = 128


def picture_like(shape: tuple[int, ...], generator: torch.Generator) -> torch.Tensor:
    """Noise whose power falls with frequency, as that of photos does; unit variance."""
    side = max(shape[-2:])
    picture = torch.zeros(shape)
    flat = picture.reshape(-1, *shape[-3:])
    cells = 1
    while cells <= side:
        noise = torch.randn(flat.shape[0], flat.shape[1], cells, cells, generator=generator)
        flat += functional.interpolate(noise, shape[-2:], mode="bilinear") / cells**0.5
        cells *= 2
    return picture / picture.std()


def _fit(layer: torch.nn.modules.batchnorm._BatchNorm, arguments: tuple[torch.Tensor, ...]) -> None:
    values = arguments[0]
    axes = [axis for axis in range(values.dim()) if axis != 1]
    mean = _MEAN_SHARE * values.mean(axes)
    centred = values - mean.view(1, -1, *[1] * (values.dim() - 2))
    layer.running_mean.copy_(mean)
    layer.running_var.fill_(centred.square().mean().clamp_min(1e-12).item())


def _calibrate(module: torch.nn.Module, shape: tuple[int, ...], generator: torch.Generator) -> None:
    """One pass over pictures that are small enough to be quick: resolution hardly changes the statistics."""
    small = [min(side, _LARGEST_SIDE) for side in shape[-2:]]
    try:
        module(picture_like((_PICTURES, *shape[1:-2], *small), generator))
    except RuntimeError:  # some models take their own resolution only
        module(picture_like((_PICTURES, *shape[1:]), generator))


def make_sane(module: torch.nn.Module, input_shape: tuple[int, ...]) -> None:
    """Sets batch-normalization statistics and zero heads of a freshly initialized model in evaluation mode."""
    generator = torch.Generator().manual_seed(SEED)
    for layer in module.modules():
        if isinstance(layer, torch.nn.Linear) and not layer.weight.any():
            layer.weight.data.normal_(std=layer.in_features**-0.5, generator=generator)
    layers = [layer for layer in module.modules() if isinstance(layer, torch.nn.modules.batchnorm._BatchNorm) and layer.track_running_stats]
    if not layers:
        return
    hooks = [layer.register_forward_pre_hook(_fit) for layer in layers]
    try:
        with torch.no_grad():
            _calibrate(module, input_shape, generator)
    finally:
        for hook in hooks:
            hook.remove()
