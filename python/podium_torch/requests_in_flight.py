"""Several requests on one model at once, each in a thread of its own: PyTorch's operators let go of the interpreter's lock."""

from __future__ import annotations

import gc
import threading
import time
from typing import Any, Sequence

import torch

from podium_torch.errors import PodiumError
from podium_torch.outputs import named_outputs

Batch = tuple[Any, ...]

# Calls of each request before the window: a thread sets up what it needs at its first.
_FEWEST_LEAD_IN_CALLS = 3
_TOLERANCE = {"fp32": 1e-4}
_TOLERANCE_BELOW_FP32 = 1e-2


class KnownAnswer:
    """A copy of the answer to one batch, to know it again by."""

    def __init__(self, outputs: Any, precision: str) -> None:
        self._tensors = [(name, tensor.clone()) for name, tensor in named_outputs(outputs)]
        self._tolerance = _TOLERANCE.get(precision, _TOLERANCE_BELOW_FP32)

    def difference(self, outputs: Any) -> str:
        """How the outputs differ, in a sentence; empty where they are the same, but for what the order of additions does."""
        given = named_outputs(outputs)
        if len(given) != len(self._tensors):
            return f"{len(given)} outputs came instead of {len(self._tensors)}"
        for (name, known), (_, tensor) in zip(self._tensors, given):
            if tensor.shape != known.shape or tensor.dtype != known.dtype:
                return f"output '{name}' came as {tensor.dtype} {list(tensor.shape)} instead of {known.dtype} {list(known.shape)}"
            if not self._is_close(known, tensor):
                return f"output '{name}' has other values"
        return ""

    def _is_close(self, known: torch.Tensor, tensor: torch.Tensor) -> bool:
        if torch.equal(known, tensor):
            return True
        expected, values = known.double(), tensor.double()
        same = (expected == values) | (expected.isnan() & values.isnan())
        error = (expected - values)[~same].square().sum().item()
        size = expected[expected.isfinite()].square().sum().item()
        return error <= self._tolerance**2 * size


class _Window:
    """What the threads share. Opened by the barrier, when every thread has had its lead-in."""

    def __init__(self, requests: int, duration_ns: int) -> None:
        self.requests = requests
        self.duration_ns = duration_ns
        self.start_ns = self.busy_ns = self._busy_before = 0
        self.barrier = threading.Barrier(requests, action=self._open)
        self.lock = threading.Lock()
        self.still_scored = requests
        self.error: BaseException | None = None
        self.mismatch = ""

    @property
    def stopped(self) -> bool:
        return self.error is not None or bool(self.mismatch)

    def _open(self) -> None:
        self._busy_before = time.process_time_ns()
        self.start_ns = time.monotonic_ns()

    def close_one(self) -> None:
        with self.lock:
            self.still_scored -= 1
            if self.still_scored == 0:
                self.busy_ns = time.process_time_ns() - self._busy_before


class _Request:
    def __init__(self, session: Any, batches: Sequence[Batch], known: Sequence[KnownAnswer], window: _Window, number: int) -> None:
        self._session, self._batches, self._known, self._window = session, batches, known, window
        self._call = session.call
        self._next = number % len(batches)  # others' inputs, so that an answer to another's request shows
        self._last = 0
        self._outputs: Any = None
        self.calls = 0
        self.elapsed_ns = 0

    def serve(self, threads: int) -> None:
        torch.set_num_threads(threads)  # OpenMP keeps it for each thread that calls
        window = self._window
        with self._session.context():
            self._guarded(self._lead_in)
            window.barrier.wait()
            self._guarded(self._score)
            window.close_one()
            self._guarded(self._keep_others_company)

    def _guarded(self, action: Any) -> None:
        """Every thread passes the barrier, whatever befell it before: the others wait there for it."""
        try:
            action()
        except BaseException as error:
            self._window.error = self._window.error or error

    def _run_once(self) -> bool:
        if self._window.stopped:
            return False
        self._outputs = self._call(*self._batches[self._next])
        self._last, self._next = self._next, (self._next + 1) % len(self._batches)
        return True

    def _compare(self) -> None:
        difference = self._known[self._last].difference(self._outputs)
        if difference:
            self._window.mismatch = (
                f"with {self._window.requests} requests in flight the answer to batch {self._last} is not the one that was given"
                f" to it alone: {difference}"
            )

    def _lead_in(self) -> None:
        end = time.monotonic_ns() + self._window.duration_ns // 4
        for call in range(1, max(_FEWEST_LEAD_IN_CALLS, len(self._batches)) + 1):
            if not self._run_once():
                return
            self._compare()
            if call >= _FEWEST_LEAD_IN_CALLS and time.monotonic_ns() >= end:
                return

    def _score(self) -> None:
        """The first call is not scored: all begin it at once, so it waits for fewer than later ones do."""
        if not self._run_once():
            return
        start = time.monotonic_ns()
        while self.elapsed_ns < self._window.duration_ns or self.calls == 0:
            if not self._run_once():
                return
            self.calls += 1
            self.elapsed_ns = time.monotonic_ns() - start

    def _keep_others_company(self) -> None:
        """Those that are still scored must meet as many requests to the end."""
        while self._window.still_scored > 0 and self._run_once():
            pass
        if not self._window.stopped:
            self._compare()


def measure(session: Any, batches: Sequence[Batch], known: Sequence[KnownAnswer], duration_ns: int, requests: int) -> dict:
    """The reply to 'throughput'. The first request runs in the caller's thread."""
    if duration_ns < 0:
        raise PodiumError("wrong_use", "throughput cannot be measured for a negative time")
    window = _Window(requests, duration_ns)
    each = [_Request(session, batches, known, window, number) for number in range(requests)]
    threads = [threading.Thread(target=request.serve, args=(torch.get_num_threads(),), daemon=True) for request in each[1:]]
    collecting = gc.isenabled()
    gc.disable()
    try:
        for thread in threads:
            thread.start()
        each[0].serve(torch.get_num_threads())
        for thread in threads:
            thread.join()
    finally:
        if collecting:
            gc.enable()
    if window.error is not None:
        raise session.refusal(window.error) from window.error
    calls = sum(request.calls for request in each)
    rate = sum(request.calls / request.elapsed_ns for request in each if request.elapsed_ns > 0)
    elapsed_ns = round(calls / rate) if rate > 0 else 0
    return {
        "start_ns": window.start_ns,
        "elapsed_ns": elapsed_ns,
        "calls": calls,
        "user_ns": window.busy_ns,
        "mismatch": window.mismatch,
    }
