"""Photos of solar cells, whole or broken (the package elpv-dataset: Buerhop-Lutz et al. 2018; not for commercial use), and EfficientNet-Lite0
up to its last layer, whose features tell them apart."""

from __future__ import annotations

import csv
import importlib.util
from pathlib import Path

import numpy
from PIL import Image

import lite0


def features_of_lite0():
    """For `podium convert python:solar_cells:features_of_lite0`: the module and its inputs."""
    import torch

    class Features(torch.nn.Module):
        def __init__(self, network: torch.nn.Module) -> None:
            super().__init__()
            self.network = network

        def forward(self, image: torch.Tensor) -> torch.Tensor:
            return self.network.extract_features(image).mean((2, 3))

    network, inputs = lite0.lite0()
    return Features(network).eval(), inputs


def read_cells() -> tuple[list[Path], numpy.ndarray]:
    """Files, and 1 where the cell is more likely broken than not."""
    found = importlib.util.find_spec("elpv_dataset")
    if found is None or not found.submodule_search_locations:
        raise RuntimeError("the package elpv-dataset is not installed")
    table = next(Path(found.submodule_search_locations[0]).rglob("labels.csv"))
    with table.open() as lines:
        rows = list(csv.reader(lines, delimiter=" ", skipinitialspace=True))
    return [table.parent / row[0] for row in rows], numpy.array([float(row[1]) > 0.5 for row in rows], "int64")


def prepared(file: Path) -> numpy.ndarray:
    """The whole cell as Lite0 takes pictures."""
    pixels = numpy.asarray(Image.open(file).convert("RGB").resize((lite0.SIZE, lite0.SIZE), Image.Resampling.BICUBIC), "float32")
    return ((pixels - 127) / 128).transpose(2, 0, 1)
