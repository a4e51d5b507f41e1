"""The article's conclusions (https://www.nebuly.com/blog/pytorch-2-0-inference-performance), each held against results with their intervals.

Two cells are compared only where one run measured them in the same rounds: by the logarithm of the ratio of their times, round by round,
as docs/measurement.md says. A cell that left the run after one round, because it was far behind, is taken to be as unsteady as the least
steady cell of its batch size that stayed. Two ratios of different batch sizes are compared as independent figures. Where a batch size was
taken more than once, the part with the most launches tells; one that was stopped counts with the launches that it has.
"""

from __future__ import annotations

import math
import statistics
from dataclasses import dataclass
from typing import Callable

LEAST_ROUNDS = 3  # that tell how much a cell strays from one to the next
SAME_TIME = 0.05  # "the same running time": within 5 %
LEAST_DIFFERENCE = 0.01  # below it nobody would choose by it, as in Podium's own ranking
# Student's t for 95 %, by degrees of freedom from 1; normal behind them.
_T = [12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228, 2.201, 2.179, 2.160, 2.145, 2.131, 2.120, 2.110, 2.101, 2.093, 2.086]


@dataclass(frozen=True)
class Ratio:
    """A ratio of times on the logarithmic scale, with the half width of its 95 % interval."""

    log: float
    half: float

    @property
    def low(self) -> float:
        return math.exp(self.log - self.half)

    @property
    def high(self) -> float:
        return math.exp(self.log + self.half)

    def __str__(self) -> str:
        return f"{math.exp(self.log):.3g} [{self.low:.3g}, {self.high:.3g}]"

    def over(self, other: Ratio) -> Ratio:
        return Ratio(self.log - other.log, math.hypot(self.half, other.half))


def _t(freedom: int) -> float:
    return _T[freedom - 1] if freedom <= len(_T) else 1.96


def _interval(values: list[float]) -> Ratio:
    return Ratio(statistics.fmean(values), _t(len(values) - 1) * statistics.stdev(values) / math.sqrt(len(values)))


def _middle(differences: list[float]) -> float:
    """Hodges and Lehmann's estimate: the median of all pairs' means."""
    return statistics.median((a + b) / 2 for i, a in enumerate(differences) for b in differences[i:])


def _log_medians(cell: dict) -> dict[tuple[int, int], float]:
    """(launch, round) → the logarithm of its block's median time of one call."""
    kept = [block for block in cell["blocks"] if not block["set_aside"]]
    return {(b["launch"], b["round"]): math.log(statistics.median(b["samples_ns"]) / b["iterations_per_sample"]) for b in kept}


def time_ratio(cell: dict, other: dict) -> Ratio | None:
    """How many times as long as `other` the cell takes; nothing where they share too few rounds."""
    mine, theirs = _log_medians(cell), _log_medians(other)
    launches: dict[int, list[float]] = {}
    for launch, number in sorted(mine.keys() & theirs.keys()):
        launches.setdefault(launch, []).append(mine[launch, number] - theirs[launch, number])
    if len(launches) > 1:
        return _interval([_middle(rounds) for rounds in launches.values()])
    rounds = next(iter(launches.values()), [])
    return _interval(rounds) if len(rounds) > 1 else None  # says nothing of another launch


@dataclass(frozen=True)
class Spread:
    """How much a cell's time strays from round to round: a standard deviation of its logarithm, from so many degrees of freedom."""

    deviation: float
    freedom: int


def spread_of(cell: dict) -> Spread | None:
    rounds = list(_log_medians(cell).values())
    return Spread(statistics.stdev(rounds), len(rounds) - 1) if len(rounds) >= LEAST_ROUNDS else None


def _one_round_ratio(cell: dict, other: dict, least_steady: Spread | None) -> Ratio | None:
    mine, theirs = _log_medians(cell), _log_medians(other)
    shared = sorted(mine.keys() & theirs.keys())
    if not shared or least_steady is None:
        return None
    spreads = [spread_of(one) or least_steady for one in (cell, other)]
    half = _t(min(spread.freedom for spread in spreads)) * math.hypot(*(spread.deviation for spread in spreads))
    return Ratio(mine[shared[0]] - theirs[shared[0]], half)


def launches_of(cell: dict) -> int:
    return len({launch for launch, _ in _log_medians(cell)})


def is_measured(cell: dict) -> bool:
    """Cells of a run that was stopped are partial, and have the blocks that were measured until then."""
    return cell["status"] == "ok" or (cell["status"] == "partial" and launches_of(cell) > 0)


def median_ms(cell: dict) -> float:
    if cell["latency_ms"]:
        return cell["latency_ms"]["median"]
    kept = [block for block in cell["blocks"] if not block["set_aside"]]
    return statistics.median(ns / block["iterations_per_sample"] for block in kept for ns in block["samples_ns"]) / 1e6


def own_time(cell: dict, least_steady: Spread | None = None) -> Ratio | None:
    """Its time on the logarithmic scale, for a comparison of two batch sizes of one run, which share no rounds."""
    latency = cell["latency_ms"]
    if latency and latency["ci95"]:
        return Ratio(math.log(latency["median"]), math.log(latency["ci95"][1] / latency["ci95"][0]) / 2)
    if not latency or least_steady is None:
        return None
    return Ratio(math.log(latency["median"]), _t(least_steady.freedom) * least_steady.deviation)


class Part:
    """The cells that one run measured."""

    def __init__(self, cells: list[dict]) -> None:
        self._cells = [cell for cell in cells if is_measured(cell)]

    def launches(self, batch: int) -> int:
        return max((launches_of(cell) for cell in self._cells if cell["batch"] == batch), default=0)

    def best(self, backend: str, batch: int, precision: str | None = None) -> dict | None:
        """The engine's fastest cell, of a precision or of any."""
        own = (cell for cell in self._cells if (cell["backend"], cell["batch"]) == (backend, batch))
        return min((cell for cell in own if precision in (None, cell["precision"])), key=median_ms, default=None)

    def backends(self, batch: int) -> set[str]:
        return {cell["backend"] for cell in self._cells if cell["batch"] == batch}

    def _least_steady(self, batch: int) -> Spread | None:
        own = (spread_of(cell) for cell in self._cells if cell["batch"] == batch)
        return max((spread for spread in own if spread), key=lambda spread: spread.deviation, default=None)

    def ratio(self, slower: dict | None, faster: dict | None) -> Ratio | None:
        if not slower or not faster:
            return None
        return time_ratio(slower, faster) or _one_round_ratio(slower, faster, self._least_steady(slower["batch"]))

    def time(self, cell: dict) -> Ratio | None:
        return own_time(cell, self._least_steady(cell["batch"]))


class Run:
    """The parts that were taken with the same settings on the same machine."""

    def __init__(self, parts: list[dict]) -> None:
        cells = [cell for part in parts for cell in part["cells"]]
        self._parts = [Part(part["cells"]) for part in parts]
        self._precisions = {cell["precision"] for cell in cells if is_measured(cell)}
        self.batches = sorted({cell["batch"] for cell in cells})

    def largest(self) -> int | None:
        """The largest batch size, where there is more than one."""
        return self.batches[-1] if len(self.batches) > 1 else None

    def part(self, *batches: int) -> Part:
        """The part that has these batch sizes, that of the most launches where there are several; an empty one where there is none."""
        own = [part for part in self._parts if all(part.launches(batch) for batch in batches)]
        return max(own, key=lambda part: part.launches(batches[0]), default=Part([]))

    def half_precision(self) -> str:
        return "fp16" if "fp16" in self._precisions else "bf16"


@dataclass(frozen=True)
class Claim:
    text: str
    verdict: str  # "true", "false", "tied", "not measured"
    figure: str


def _judged(text: str, ratio: Ratio | None) -> Claim:
    """Claims that a ratio is above one."""
    if ratio is None:
        return Claim(text, "not measured", "")
    verdict = "true" if ratio.low > 1 + LEAST_DIFFERENCE else "false" if ratio.high < 1 / (1 + LEAST_DIFFERENCE) else "tied"
    return Claim(text, verdict, str(ratio))


def _named(batch: int | None) -> str:
    return f"batch {batch}" if batch else "a larger batch"


def _same(text: str, ratio: Ratio | None) -> Claim:
    if ratio is None:
        return Claim(text, "not measured", "")
    within = 1 / (1 + SAME_TIME) < ratio.low and ratio.high < 1 + SAME_TIME
    outside = ratio.low > 1 + SAME_TIME or ratio.high < 1 / (1 + SAME_TIME)
    return Claim(text, "true" if within else "false" if outside else "tied", str(ratio))


def _grows(text: str, at: Callable[[int], Ratio | None], run: Run) -> Claim:
    largest = run.largest()
    small, large = (at(run.batches[0]), at(largest)) if largest else (None, None)
    return _judged(text, large.over(small) if small and large else None)


def _compiling(run: Run) -> list[Claim]:
    half = run.half_precision()

    def gain(slower: tuple[str, str], faster: tuple[str, str]) -> Callable[[int], Ratio | None]:
        def at(batch: int) -> Ratio | None:
            part = run.part(batch)
            return part.ratio(part.best(slower[0], batch, slower[1]), part.best(faster[0], batch, faster[1]))

        return at

    eager, compiled, compiled_half = ("torch-eager", "fp32"), ("torch-compile", "fp32"), ("torch-compile", half)
    return [
        _grows("compiling gains more over eager mode, in fp32, at the largest batch than at the smallest", gain(eager, compiled), run),
        _grows(f"compiled {half} gains more over compiled fp32 at the largest batch than at the smallest", gain(compiled, compiled_half), run),
    ]


def _onnxruntime(run: Run) -> list[Claim]:
    def at(batch: int, slower: str, faster: str) -> Ratio | None:
        part = run.part(batch)
        return part.ratio(part.best(slower, batch), part.best(faster, batch))

    small, large = run.batches[0], run.largest()
    return [
        _judged(f"ONNX Runtime is faster than compiled PyTorch at batch {small}", at(small, "torch-compile", "onnxruntime")),
        _judged(f"compiled PyTorch is faster than ONNX Runtime at {_named(large)}", at(large, "onnxruntime", "torch-compile") if large else None),
    ]


def _same_time(run: Run) -> list[Claim]:
    claims = []
    part = run.part(1, 8)  # times of two runs are not compared
    for backend, name in (("torch-eager", "eager mode"), ("torch-compile", "compiled PyTorch")):
        one, eight = part.best(backend, 1, "fp32"), part.best(backend, 8, "fp32")
        times = (part.time(eight), part.time(one)) if one and eight else (None, None)
        claims.append(_same(f"{name} takes the same time for batch 8 as for batch 1, in fp32", times[0].over(times[1]) if all(times) else None))
    return claims


def _tensorrt(run: Run) -> list[Claim]:
    def lead(batch: int) -> Ratio | None:
        """Over the fastest of the others."""
        part = run.part(batch)
        others = [cell for cell in (part.best(name, batch) for name in part.backends(batch) - {"tensorrt"}) if cell]
        return part.ratio(min(others, key=median_ms, default=None), part.best("tensorrt", batch))

    small, large = run.batches[0], run.largest()
    return [
        _judged(f"TensorRT is faster than every other engine at batch {small}", lead(small)),
        _judged(f"TensorRT is faster than every other engine at {_named(large)}", lead(large) if large else None),
        _grows("its lead is larger at the largest batch than at the smallest", lead, run),
    ]


CONCLUSIONS = [
    ("PyTorch 2 gains more over earlier versions the larger the batch, and half precision gains more over fp32 there.", _compiling),
    ("ONNX Runtime is faster than PyTorch 2 at small batches, and slower at large ones.", _onnxruntime),
    ("PyTorch, eager and compiled, takes the same time for batch 1 and batch 8.", _same_time),
    ("TensorRT is faster than all others at small and large batches, and its lead grows with the batch.", _tensorrt),
]


def verdict_of(claims: list[Claim]) -> str:
    """A conclusion is false where one of its claims is, and true where all are."""
    verdicts = {claim.verdict for claim in claims}
    for verdict in ("false", "not measured", "tied"):
        if verdict in verdicts:
            return verdict
    return "true"
