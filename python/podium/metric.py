"""A metric that is a function of this process, for a search that asks a program."""

from __future__ import annotations

import shlex
import socket
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy


class MetricFunction:
    """Answers `ask_metric.py` with what the function returns, from when it is entered until it is left."""

    def __init__(self, function: Callable[..., Any], folder: Path) -> None:
        self._function = function
        self._place = str(folder / "metric")
        self._listening = socket.socket(socket.AF_UNIX)
        self._thread = threading.Thread(target=self._serve, name="podium-metric", daemon=True)
        self.raised: BaseException | None = None  # by the function, the first time

    @property
    def name(self) -> str:
        """As the command line would be given it."""
        program = [sys.executable, str(Path(__file__).with_name("ask_metric.py")), self._place]
        return "command:" + shlex.join(program)

    def __enter__(self) -> MetricFunction:
        self._listening.bind(self._place)
        self._listening.listen()
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._listening.shutdown(socket.SHUT_RDWR)  # wakes who waits for the next
        self._thread.join()
        self._listening.close()

    def _serve(self) -> None:
        while True:
            try:
                asking, _ = self._listening.accept()
            except OSError:
                return
            with asking:
                folder = b"".join(iter(lambda: asking.recv(1 << 16), b"")).decode()
                asking.sendall(self._answer(Path(folder)).encode())

    def _answer(self, folder: Path) -> str:
        try:
            numbers = numpy.atleast_1d(numpy.asarray(self._function(*_read(folder)), "float64"))
            if numbers.ndim != 1:
                raise ValueError(f"the metric returned an array of {numbers.ndim} axes; return a number, or one for each sample")
        except Exception as error:
            self.raised = self.raised or error
            return f"failed\n{type(error).__name__}: {error}"
        return "ok\n" + "\n".join(repr(float(number)) for number in numbers)


def _read(folder: Path) -> tuple[list[numpy.ndarray[Any, Any]], numpy.ndarray[Any, Any] | None]:
    """The outputs, a row a sample, and the labels."""
    files = sorted(folder.glob("outputs_*.npy"), key=lambda file: int(file.stem.partition("_")[2]))
    labels = folder / "labels.npy"
    return [numpy.load(file) for file in files], numpy.load(labels) if labels.exists() else None
