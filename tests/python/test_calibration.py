"""The C++ calibrators against plain NumPy, on ordinary and on awkward distributions, in one batch and in growing ones."""

from __future__ import annotations

import os
import subprocess

import pytest

np = pytest.importorskip("numpy")

from calibration_reference import BINS, Entropy, histogram, least_square_error, square_error  # noqa: E402

PROGRAM = os.environ.get("PODIUM_TEST_CALIBRATE_VALUES", "")
pytestmark = pytest.mark.skipif(not os.path.exists(PROGRAM), reason="the C++ side of the comparison is not built")

COUNT = 20_000


def distributions() -> dict[str, list]:
    random = np.random.default_rng(7)
    normal = random.standard_normal(COUNT)
    growing = [random.standard_normal(COUNT // 4) * 4.0**i for i in range(4)]
    return {
        "two-sided": [normal],
        "one-sided": [np.maximum(normal, 0)],
        "negative": [np.minimum(normal, 0)],
        "lopsided": [normal / (1 + np.exp(-normal)) * 3],
        "uniform": [random.uniform(-1, 2, COUNT)],
        "heavy tails": [random.standard_t(2, COUNT)],
        "exponential": [random.exponential(1.0, COUNT)],
        "one huge outlier": [np.append(normal, 1e3)],
        "outlier on the other side": [np.append(np.abs(normal), -50.0)],
        "clipped at six": [np.clip(4 * normal, 0, 6)],
        "two heaps": [np.concatenate([normal, 20 + 0.1 * normal])],
        "all equal": [np.full(COUNT, 0.37)],
        "all zero": [np.zeros(COUNT)],
        "few": [np.array([0.5, -1.0, 2.0, 0.25, 1.5, 0.0])],
        "one": [np.array([-3.25])],
        "tiny": [normal * 1e-30],
        "denormal": [normal * 1e-40],
        "large": [normal * 1e36],
        "growing": growing,
        "shrinking": growing[::-1],
        "small batches": list(np.array_split(normal, 100)),
        "integers": [np.round(normal * 20)],
    }


CASES = {name: [batch.astype(np.float32) for batch in batches] for name, batches in distributions().items()}
SIDES = pytest.mark.parametrize("symmetric", [False, True], ids=["asymmetric", "symmetric"])
EVERY_CASE = pytest.mark.parametrize("name", CASES)


def calibrate(folder, method: str, batches: list, symmetric: bool, levels: int = 256, percentile: float = 99.999) -> tuple[float, float]:
    files = []
    for i, batch in enumerate(batches):
        files.append(folder / f"{i}.bin")
        files[-1].write_bytes(batch.tobytes())
    command = [PROGRAM, method, "symmetric" if symmetric else "asymmetric", str(levels), str(percentile), *files]
    low, high = subprocess.run(command, check=True, capture_output=True, text=True).stdout.split()
    return float(low), float(high)


def ends(values, symmetric: bool) -> tuple[float, float]:
    low, high = min(float(values.min()), 0.0), max(float(values.max()), 0.0)
    return (-max(-low, high), max(-low, high)) if symmetric else (low, high)


@SIDES
@EVERY_CASE
def test_min_max_holds_every_number(name, symmetric, tmp_path):
    assert calibrate(tmp_path, "min-max", CASES[name], symmetric) == pytest.approx(ends(np.concatenate(CASES[name]), symmetric), rel=1e-7)


@SIDES
@EVERY_CASE
def test_moving_average_follows_the_batches(name, symmetric, tmp_path):
    low, high = ends(CASES[name][0], False)
    for batch in CASES[name][1:]:
        of_batch = ends(batch, False)
        low, high = low + 0.01 * (of_batch[0] - low), high + 0.01 * (of_batch[1] - high)
    expected = (-max(-low, high), max(-low, high)) if symmetric else (low, high)
    assert calibrate(tmp_path, "moving-average", CASES[name], symmetric) == pytest.approx(expected, rel=1e-6)


@pytest.mark.parametrize("percentile", [99.999, 99.0, 75.0])
@SIDES
@EVERY_CASE
def test_percentile_leaves_as_many_outside_as_it_may(name, symmetric, percentile, tmp_path):
    values = np.concatenate(CASES[name]).astype(np.float64)
    low, high = calibrate(tmp_path, "percentile", CASES[name], symmetric, percentile=percentile)
    width = histogram(values)[2] * 1.001
    allowed = (1 - percentile / 100) * values.size * (1 + 1e-9)
    tails = [(np.abs(values), high)] if symmetric else [(values, high), (-values, -low)]
    for tail, end in tails:
        may = allowed / len(tails)
        assert (tail > end + width).sum() <= may, "more is outside than may be"
        assert end <= width or (tail > end - width).sum() >= min(may, 1) or end == tail.max(), "less is outside than could be"


@SIDES
@EVERY_CASE
def test_entropy_finds_the_least_divergence(name, symmetric, tmp_path):
    values = np.concatenate(CASES[name])
    low, high = calibrate(tmp_path, "entropy", CASES[name], symmetric)
    if not values.any():
        assert (low, high) == (0, 0)
        return
    divergence = Entropy(values, symmetric, 256)
    below, above = divergence.cut_of(0.0 if symmetric else low, high)
    found, least = divergence(below, above), divergence.least()
    assert found <= least + max(0.02 * abs(least), 1e-6)


@pytest.mark.parametrize("levels", [256, 16])
@SIDES
@EVERY_CASE
def test_mse_finds_the_least_error(name, symmetric, levels, tmp_path):
    values = np.concatenate(CASES[name])
    if not values.any() or name == "denormal":
        return  # denormal numbers share one bin: the range is theirs, and test_tiny_numbers_keep_a_range says so
    low, high = calibrate(tmp_path, "mse", CASES[name], symmetric, levels)
    found, least = square_error(values, low, high, symmetric, levels), least_square_error(values, symmetric, levels)
    within_a_bin = (histogram(values)[2] / np.sqrt((values.astype(np.float64) ** 2).mean())) ** 2
    assert found <= 1.03 * least + within_a_bin


@pytest.mark.parametrize("method", ["percentile", "entropy", "mse"])
def test_tiny_numbers_keep_a_range(method, tmp_path):
    low, high = calibrate(tmp_path, method, CASES["denormal"], False)
    values = CASES["denormal"][0]
    assert values.min() <= low < 0 < high <= values.max()


@pytest.mark.parametrize("method", ["percentile", "entropy", "mse"])
def test_batches_may_come_in_any_order(method, tmp_path):
    growing, shrinking = (calibrate(tmp_path, method, CASES[name], False) for name in ("growing", "shrinking"))
    assert growing == shrinking


def test_a_histogram_of_the_reference_has_as_many_bins_as_the_calibrators():
    above, below, _ = histogram(np.concatenate(CASES["heavy tails"]))
    assert BINS // 2 < max(len(above), len(below)) <= BINS
