"""examples/metric: a program as a metric."""

import json
import sys

import numpy
import pytest

from conftest import EXAMPLES, QUICK, Place

SCRIPT = EXAMPLES / "metric/reciprocal_rank.py"


def test_metric_is_the_mean_of_one_over_the_rank_of_the_right_class(place: Place) -> None:
    numpy.save(place.folder / "outputs_0.npy", numpy.array([[3, 2, 1], [3, 2, 1], [3, 2, 1]], "float32"))
    numpy.save(place.folder / "labels.npy", numpy.array([0, 1, 2]))
    done = place.run(sys.executable, SCRIPT, place.folder)
    assert [float(line) for line in done.stdout.split()] == pytest.approx([1, 1 / 2, 1 / 3])


@pytest.mark.parametrize("metric", [f"command:{sys.executable} {SCRIPT}", "python:reciprocal_rank:metric"])
def test_podium_takes_it_with_interval_and_a_value_for_the_baseline(place: Place, metric: str) -> None:
    random = numpy.random.default_rng(3)
    place.environment |= {"PYTHONPATH": str(SCRIPT.parent), "PODIUM_PYTHON": sys.executable}
    numpy.savez(place.folder / "data.npz", features=random.standard_normal((24, 4)).astype("float32"), labels=random.integers(0, 3, 24))
    place.bench("--data", "data.npz", "--samples", "24", "--metric", metric, quick=[*QUICK, "--set", "fake.latency-us=1000,2000"])
    cells = json.loads((place.folder / "results.json").read_text(encoding="utf-8"))["cells"]
    for cell in cells:
        accuracy = cell["accuracy"]
        assert accuracy["n"] == 24 and 0 < accuracy["value"] < 1
        low, high = accuracy["ci95"]
        assert low < accuracy["value"] < high
