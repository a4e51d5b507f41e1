"""Fixtures: small models in files of their own, and clients of the worker."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(REPOSITORY / "python"))
sys.path.insert(0, str(Path(__file__).resolve().parent))

from exporting import ExportRefused  # noqa: E402
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


class Wide(nn.Module):
    """Its 48 MB between two operators are more than glibc keeps for the next call."""

    def forward(self, x):
        return x.repeat(1, 3_000_000).relu().mean(1, keepdim=True)


class Residual(nn.Module):
    """A block as ResNet has them: one ReLU, called for every activation, and an addition that writes in place."""

    def __init__(self):
        super().__init__()
        self.stem = nn.Conv2d(3, 16, 3, padding=1, bias=False)
        self.norm, self.relu, self.pool = nn.BatchNorm2d(16), nn.ReLU(inplace=True), nn.MaxPool2d(2)
        self.first, self.first_norm = nn.Conv2d(16, 16, 3, padding=1, bias=False), nn.BatchNorm2d(16)
        self.second, self.second_norm = nn.Conv2d(16, 16, 3, padding=1, bias=False), nn.BatchNorm2d(16)
        self.head = nn.Linear(16, 5)

    def forward(self, x):
        x = self.pool(self.relu(self.norm(self.stem(x))))
        y = self.second_norm(self.second(self.relu(self.first_norm(self.first(x)))))
        y += x
        return self.head(self.relu(y).mean((2, 3)))


class Transformer(nn.Module):
    def __init__(self):
        super().__init__()
        self.query, self.key, self.value, self.out = (nn.Linear(32, 32) for _ in range(4))
        self.norm, self.other_norm = nn.LayerNorm(32), nn.LayerNorm(32)
        self.wide, self.narrow = nn.Linear(32, 64), nn.Linear(64, 32)

    def forward(self, x):
        y = self.norm(x)
        x = x + self.out(nn.functional.scaled_dot_product_attention(self.query(y), self.key(y), self.value(y)))
        return x + self.narrow(nn.functional.gelu(self.wide(self.other_norm(x))))


def linear():
    return Linear(), torch.randn(1, 4)


def residual():
    return Residual(), torch.randn(1, 3, 16, 16)


def transformer():
    return Transformer(), torch.randn(1, 8, 32)


def only_convolution():
    return nn.Conv2d(3, 4, 3), torch.randn(1, 3, 8, 8)


def thin_convolution():
    """Of one channel along one axis: Inductor has no int8 kernel for it."""
    return nn.Conv1d(1, 4, 3), torch.randn(1, 1, 16)


def only_sums():
    return nn.Softmax(-1), torch.randn(1, 4)


def convolution():
    return Convolution(), (torch.randn(1, 3, 8, 8),)


def wide():
    return Wide(), torch.randn(1, 4)


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


@pytest.fixture
def export(tmp_path, monkeypatch):
    """Runs the exporter in this process, as its command line would."""
    from podium_torch.export import main

    monkeypatch.setattr(sys, "path", [str(tmp_path), *sys.path])  # the exporter takes the current folder off its front

    def run(what: str, source: Path, out: Path, request: dict | None = None) -> Path:
        arguments = [what, "--source", str(source), "--out", str(out), "--error-file", str(tmp_path / "error.json")]
        if request is not None:
            (tmp_path / "request.json").write_text(json.dumps(request))
            arguments += ["--request", str(tmp_path / "request.json")]
        if main(arguments) != 0:
            raise ExportRefused(json.loads((tmp_path / "error.json").read_text())["error"])
        return out

    return run


@pytest.fixture
def torchvision_source(tmp_path):
    def write(name: str, **more) -> Path:
        file = tmp_path / f"{name}.json"
        file.write_text(json.dumps({"kind": "torchvision", "name": name, **more}))
        return file

    return write


@pytest.fixture
def program(torch, models, tmp_path):
    """A saved program with a free batch axis and the file's source."""
    sys.path.insert(0, str(models))
    import tiny

    sys.path.remove(str(models))
    torch.manual_seed(0)
    exported = torch.export.export(tiny.Linear().eval(), (torch.randn(2, 4),), dynamic_shapes=({0: torch.export.Dim("n", min=1)},))
    file = tmp_path / "program.pt2"
    torch.export.save(exported, file)
    source = tmp_path / "program.json"
    source.write_text(json.dumps({"kind": "program", "path": str(file)}))
    return file, source
