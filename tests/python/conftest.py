"""Fixtures: small models in files of their own, and clients of the worker."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(REPOSITORY / "python"))
sys.path.insert(0, str(Path(__file__).resolve().parent))

from worker_client import WorkerClient  # noqa: E402

MODELS = '''
import time

import torch
from torch import nn


class Twice(nn.Module):
    """Two inputs, two named outputs."""

    def forward(self, a, b):
        return {"total": a + b, "product": a * b}


class WritesItsInput(nn.Module):
    def forward(self, x):
        return x.add_(1.0) * 2.0


class Picky(nn.Module):
    """Computes in float32 only."""

    def forward(self, x):
        if x.dtype != torch.float32:
            raise RuntimeError("expected float32")
        return x * 2


class Broken(nn.Module):
    """torch.compile has to leave the graph between the two products."""

    def __init__(self):
        super().__init__()
        self.first, self.second = nn.Linear(4, 4), nn.Linear(4, 4)

    def forward(self, x):
        x = self.first(x)
        torch._dynamo.graph_break()
        return self.second(x)


class Narrowing(nn.Module):
    """Computes in bfloat16 under whatever name it is given."""

    def __init__(self):
        super().__init__()
        self.first, self.second = nn.Linear(4, 4), nn.Linear(4, 4)

    def forward(self, x):
        with torch.autocast("cpu", dtype=torch.bfloat16):
            y = self.first(x)
        return self.second(y.float())


class SumOverRows(nn.Module):
    """Axis 0 is no batch: its rows are mixed."""

    def forward(self, x):
        return x - x.sum(0, keepdim=True)


class Huge(nn.Module):
    def forward(self, x):
        return torch.empty(1 << 60) + x


class KeepsItsInput(nn.Module):
    """Answers what it was asked last, be it by another thread."""

    def forward(self, x):
        self.kept = x
        time.sleep(0.002)
        return self.kept * 2


class Linear(nn.Module):
    def __init__(self):
        super().__init__()
        self.inner = nn.Sequential(nn.Linear(4, 8), nn.ReLU(), nn.Linear(8, 3))

    def forward(self, x):
        return self.inner(x)


class Convolution(nn.Module):
    def __init__(self):
        super().__init__()
        self.inner = nn.Sequential(nn.Conv2d(3, 8, 3, padding=1), nn.BatchNorm2d(8), nn.ReLU(), nn.Conv2d(8, 4, 1))

    def forward(self, x):
        return self.inner(x).mean((2, 3))


def linear():
    return Linear(), torch.randn(1, 4)


def convolution():
    return Convolution(), (torch.randn(1, 3, 8, 8),)


def twice():
    return Twice(), {"a": torch.randn(2, 3), "b": torch.randn(2, 3)}


def writes_its_input():
    return WritesItsInput(), torch.randn(1, 4)


def keeps_its_input():
    return KeepsItsInput(), torch.randn(1, 4)


def picky():
    return Picky(), torch.randn(1, 4)


def broken():
    return Broken(), torch.randn(1, 4)


def narrowing():
    return Narrowing(), torch.randn(1, 4)


def rows():
    return SumOverRows(), torch.randn(3, 4)


def huge():
    return Huge(), torch.randn(1)


def no_model():
    return "nothing"
'''


@pytest.fixture(scope="session")
def torch():
    return pytest.importorskip("torch", reason="PyTorch is not installed in this Python (scripts/setup without --light installs it)")


@pytest.fixture(scope="session")
def models(tmp_path_factory) -> Path:
    """A folder with the module `tiny`."""
    folder = tmp_path_factory.mktemp("models")
    (folder / "tiny.py").write_text(MODELS)
    return folder


@pytest.fixture
def source(models, tmp_path):
    """Writes the description of a python: model and returns its file."""

    def write(function: str, **more) -> Path:
        file = tmp_path / f"{function}.json"
        file.write_text(json.dumps({"kind": "python", "function": f"tiny:{function}", "directory": str(models), **more}))
        return file

    return write


@pytest.fixture
def start(tmp_path):
    """Starts workers that end with the test."""
    clients: list[WorkerClient] = []

    def start_worker(backend: str, batches: dict | None = None, interpreter: list[str] | None = None) -> WorkerClient:
        client = WorkerClient(backend, REPOSITORY / "python", tmp_path / "worker.log", interpreter)
        clients.append(client)
        client.give(batches or {})
        return client

    yield start_worker
    for client in clients:
        client.close()


@pytest.fixture(scope="session")
def workers(tmp_path_factory):
    clients: dict[str, WorkerClient] = {}
    yield clients
    for client in clients.values():
        client.close()


@pytest.fixture
def worker(workers, tmp_path_factory):
    """A worker that tests share, since importing PyTorch takes seconds; each test loads its own model and gives its own inputs."""

    def shared_worker(backend: str, batches: dict) -> WorkerClient:
        client = workers.get(backend)
        if client is None or client.process.poll() is not None:
            client = WorkerClient(backend, REPOSITORY / "python", tmp_path_factory.mktemp(backend) / "worker.log")
            workers[backend] = client
        client.give(batches)
        return client

    return shared_worker
