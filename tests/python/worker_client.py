"""The supervisor's side of the worker protocol, as small as it can be."""

from __future__ import annotations

import json
import mmap
import os
import socket
import struct
import subprocess
import sys
from array import array
from pathlib import Path


class Refused(Exception):
    def __init__(self, error: dict) -> None:
        super().__init__(error["message"])
        self.code, self.message, self.remedy = error["code"], error["message"], error["remedy"]


def _move(descriptors: list[tuple[int, int]]) -> None:
    """Gives the child its descriptors 3, 4 and 5, in two steps since the numbers may overlap."""
    high = [(os.dup(ours), number) for ours, number in descriptors]
    high = [(_above(fd, 10), number) for fd, number in high]
    for fd, number in high:
        os.dup2(fd, number)


def _above(fd: int, lowest: int) -> int:
    import fcntl

    return fcntl.fcntl(fd, fcntl.F_DUPFD, lowest)


class WorkerClient:
    """A worker and the memory that it shares with us."""

    def __init__(self, backend: str, python_path: Path, log: Path, interpreter: list[str] | None = None) -> None:
        self.layout: list[dict] = []
        self.inputs, self.arena = os.memfd_create("inputs"), os.memfd_create("arena")
        self.connection, theirs = socket.socketpair()
        with open(log, "ab") as output:
            self.process = subprocess.Popen(
                [
                    *(interpreter or [sys.executable]),
                    "-m",
                    "podium_torch.worker",
                    "--backend",
                    backend,
                    "--socket",
                    "3",
                    "--inputs",
                    "4",
                    "--arena",
                    "5",
                ],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                env={**os.environ, "PYTHONPATH": str(python_path), "PYTHONDONTWRITEBYTECODE": "1"},
                close_fds=False,
                preexec_fn=lambda: _move([(theirs.fileno(), 3), (self.inputs, 4), (self.arena, 5)]),
            )
        theirs.close()
        self.log = log

    def give(self, batches: dict) -> None:
        """Inputs for the next load: {input name: (type name, shape, [bytes of each batch])}."""
        offset = 0
        self.layout = []
        for name, (type_name, shape, contents) in batches.items():
            offsets = []
            for content in contents:
                offsets.append(offset)
                os.pwrite(self.inputs, content, offset)
                offset = -(-(offset + len(content)) // 64) * 64
            self.layout.append({"name": name, "type": type_name, "shape": list(shape), "offsets": offsets})

    def send_raw(self, raw: bytes) -> None:
        self.connection.sendall(raw)

    def receive(self) -> dict | None:
        head = self._read(4)
        return None if head is None else json.loads(self._read(struct.unpack("<I", head)[0]))

    def _read(self, count: int) -> bytes | None:
        data = b""
        while len(data) < count:
            part = self.connection.recv(count - len(data))
            if not part:
                return None
            data += part
        return data

    def ask(self, op: str, **fields) -> dict:
        body = json.dumps({"op": op, **fields}).encode()
        self.send_raw(struct.pack("<I", len(body)) + body)
        reply = self.receive()
        assert reply is not None, f"the worker ended: {self.log.read_text()}"
        if not reply["ok"]:
            raise Refused(reply["error"])
        return reply

    def load(
        self,
        model: Path,
        precision: str = "fp32",
        options: dict | None = None,
        cache: Path | str = "",
        threads: int = 1,
        device: str = "cpu",
        boundary: str = "host",
    ) -> dict:
        return self.ask(
            "load",
            model=str(model),
            precision=precision,
            device=device,
            timing_boundary=boundary,
            threads=threads,
            options=options or {},
            cache=str(cache),
            inputs=self.layout,
        )

    def arena_bytes(self, offset: int, count: int) -> bytes:
        size = os.fstat(self.arena).st_size
        assert offset + count <= size
        with mmap.mmap(self.arena, size, prot=mmap.PROT_READ) as memory:
            return memory[offset : offset + count]

    def floats(self, batches: list[int]) -> list[dict[str, list[float]]]:
        """Answers of float32 outputs, by name."""
        reply = self.ask("answers", batches=batches)
        return [
            {out["name"]: list(array("f", self.arena_bytes(out["offset"], out["bytes"]))) for out in outputs}
            for outputs in reply["batches"]
        ]

    def samples(self, reply: dict) -> list[int]:
        return list(array("Q", self.arena_bytes(reply["offset"], 8 * reply["samples"])))

    def close(self) -> None:
        self.connection.close()
        try:
            self.process.wait(20)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        for fd in (self.inputs, self.arena):
            os.close(fd)
