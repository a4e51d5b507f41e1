"""The timed loop."""

from __future__ import annotations

import gc
import time
from dataclasses import dataclass
from typing import Any, Callable, Sequence

Batch = tuple[Any, ...]


@dataclass(frozen=True)
class LoopRequest:
    duration_ns: int
    minimum_samples: int
    maximum_samples: int
    iterations_per_sample: int


@dataclass(frozen=True)
class LoopFigures:
    start_ns: int
    elapsed_ns: int
    samples: int
    user_ns: int
    next_batch: int


def _repeat(run: Callable[..., Any], batches: Sequence[Batch], first: int, count: int) -> None:
    for i in range(first, first + count):
        run(*batches[i % len(batches)])


def timed_loop(
    run: Callable[..., Any], batches: Sequence[Batch], first_batch: int, request: LoopRequest, samples: memoryview
) -> LoopFigures:
    """Calls `run` on batch after batch and writes the nanoseconds of each sample into `samples`, which holds 64-bit integers.

    Between the two clock reads of a sample stands nothing but the calls. PyTorch's CPU operators are finished when they return; on a GPU
    `run` waits for its stream. The garbage collector stays off, since a collection inside a sample would be charged to the engine.
    """
    clock = time.monotonic_ns
    per_sample = request.iterations_per_sample
    batch_count = len(batches)
    maximum, minimum = request.maximum_samples, request.minimum_samples
    index, count = first_batch % batch_count, 0
    collecting = gc.isenabled()
    gc.disable()
    try:
        busy = time.process_time_ns()
        start = clock()
        end = start + request.duration_ns
        while count < maximum:
            if per_sample == 1:
                batch = batches[index]
                before = clock()
                run(*batch)
                after = clock()
            else:
                before = clock()
                _repeat(run, batches, index, per_sample)
                after = clock()
            samples[count] = after - before
            count += 1
            index = (index + per_sample) % batch_count
            if after >= end and count >= minimum:
                break
        elapsed = clock() - start
        busy = time.process_time_ns() - busy
    finally:
        if collecting:
            gc.enable()
    return LoopFigures(start, elapsed, count, busy, index)
