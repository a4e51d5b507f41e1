"""Calibration samples as batches of a model's inputs."""

from __future__ import annotations

import zipfile
from pathlib import Path
from typing import Iterator

import numpy
import torch

from podium_torch.errors import PodiumError, first_line

_FORM = "give an .npz file with an array for each of the model's inputs, samples along axis 0"


def _refusal(file: Path, what: str) -> PodiumError:
    return PodiumError("bad_input", f"calibration data {file}: {what}", _FORM)


class CalibrationData:
    """Arrays named as the model's inputs; axis 0 counts samples. Read one input at a time, since an .npz cannot be read in part."""

    def __init__(self, file: Path, inputs: dict[str, torch.Tensor]) -> None:
        self._arrays: dict[str, numpy.ndarray] = {}
        self._inputs = inputs
        try:
            with numpy.load(file, allow_pickle=False) as archive:
                if not isinstance(archive, numpy.lib.npyio.NpzFile):
                    raise _refusal(file, "it is no .npz file")
                for name in inputs:
                    if name not in archive.files:
                        raise _refusal(file, f"it has no array '{name}'; it has {', '.join(archive.files) or 'none'}")
                    self._arrays[name] = archive[name]
        except (OSError, ValueError, EOFError, zipfile.BadZipFile) as error:
            raise _refusal(file, f"it cannot be read: {first_line(error)}") from error
        for name, array in self._arrays.items():
            expected = list(inputs[name].shape)
            if array.ndim != len(expected) or array.ndim == 0 or list(array.shape[1:]) != expected[1:]:
                raise _refusal(file, f"'{name}' is {list(array.shape)}; wanted are samples of {expected[1:]}")
        counts = {len(array) for array in self._arrays.values()}
        if len(counts) != 1 or 0 in counts:
            raise _refusal(file, "its arrays do not hold equally many samples, and at least one")
        self.samples = counts.pop()

    def batches(self) -> Iterator[tuple[torch.Tensor, ...]]:
        """Every sample at least once; the last batch is filled up from the first samples."""
        size = next(iter(self._inputs.values())).shape[0]
        for start in range(0, self.samples, size):
            rows = [(start + row) % self.samples for row in range(size)]
            yield tuple(torch.from_numpy(self._arrays[name][rows]).to(value.dtype) for name, value in self._inputs.items())
