"""Arrays in a GPU's memory, by DLPack: the fake's, whose addresses are none of the host's, so that whoever reads them as such ends there."""

import ctypes
import json
import shutil
from pathlib import Path
from typing import Any

import numpy
import pytest
from conftest import QUICK

import podium

DEVICE_BIT = 1 << 62  # as src/backends/fake/device_memory.h has it
CUDA = 2
FLOAT = 2


class DLTensor(ctypes.Structure):
    _fields_ = [("data", ctypes.c_void_p), ("device", ctypes.c_int32 * 2), ("ndim", ctypes.c_int32), ("code", ctypes.c_uint8), ("bits", ctypes.c_uint8),
                ("lanes", ctypes.c_uint16), ("shape", ctypes.POINTER(ctypes.c_int64)), ("strides", ctypes.c_void_p), ("byte_offset", ctypes.c_uint64)]


class DLManagedTensor(ctypes.Structure):
    _fields_ = [("tensor", DLTensor), ("context", ctypes.c_void_p), ("deleter", ctypes.c_void_p)]


class OnFakeGpu:
    """Floats as an array of some framework on a GPU hands them over."""

    def __init__(self, values: numpy.ndarray, index: int = 0) -> None:
        self.values = numpy.ascontiguousarray(values, "float32")
        self.shape = self.values.shape
        self._shape = (ctypes.c_int64 * len(self.shape))(*self.shape)
        tensor = DLTensor(self.values.ctypes.data | DEVICE_BIT, (CUDA, index), len(self.shape), FLOAT, 32, 1, self._shape, None, 0)
        self._managed = DLManagedTensor(tensor, None, None)

    def __dlpack_device__(self) -> tuple[int, int]:
        return CUDA, self._managed.tensor.device[1]

    def __dlpack__(self, **_: Any) -> Any:
        make = ctypes.pythonapi.PyCapsule_New
        make.restype, make.argtypes = ctypes.py_object, [ctypes.c_void_p, ctypes.c_char_p, ctypes.c_void_p]
        return make(ctypes.byref(self._managed), b"dltensor", None)


@pytest.fixture(scope="module")
def model(model_file: Path, tmp_path_factory: pytest.TempPathFactory) -> podium.Model:
    """An artefact of the fake, as if it had been made on its GPU."""
    folder = tmp_path_factory.mktemp("device") / "best"
    podium.optimize(model_file, backends=["fake"], options={"fake.latency-us": 1000}, output=folder, **QUICK)
    manifest = json.loads((folder / "artifact.json").read_text())
    for variant in manifest["variants"]:
        variant["device"] = "cuda:0"
    moved = shutil.copytree(folder, folder.parent / "on-gpu")
    (moved / "artifact.json").write_text(json.dumps(manifest))
    return podium.load(moved)


@pytest.fixture(scope="module")
def features() -> numpy.ndarray:
    return numpy.random.default_rng(5).standard_normal((1, 4)).astype("float32")


def test_arrays_on_a_gpu_are_read_where_they_lie(model: podium.Model, features: numpy.ndarray) -> None:
    on_host = model(features)
    assert type(on_host) is numpy.ndarray
    numpy.testing.assert_array_equal(model(OnFakeGpu(features)), on_host)
    assert not numpy.array_equal(model(OnFakeGpu(features + 1)), on_host), "the fake's answers depend on its inputs"


def test_arrays_elsewhere_are_refused_with_where_they_belong(model: podium.Model, artefact: Path, features: numpy.ndarray) -> None:
    with pytest.raises(podium.WrongUse, match="lies on cuda:1, the artefact runs on cuda:0"):
        model(OnFakeGpu(features, 1))
    with pytest.raises(podium.WrongUse, match="lies on cuda:0, the artefact runs on cpu"):
        podium.load(artefact)(OnFakeGpu(features))
