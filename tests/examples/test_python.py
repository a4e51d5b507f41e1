"""examples/python."""

import sys

from conftest import EXAMPLES, QUICK, Place

SCRIPT = EXAMPLES / "python/fastest.py"


def test_script_names_the_fastest_of_each_batch_size(place: Place) -> None:
    done = place.run(sys.executable, SCRIPT, "model.onnx", *QUICK, "--set", "fake.latency-us=1000,3000")
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    assert [line.split(",")[0] for line in lines] == ["batch 1: fake/fp32/b1/cpu/latency-us=1000", "batch 2: fake/fp32/b2/cpu/latency-us=1000"]


def test_script_ends_as_podium_does_where_nothing_could_run(place: Place) -> None:
    done = place.run(sys.executable, SCRIPT, "nowhere.onnx")
    assert done.returncode == 2 and "nowhere.onnx" in done.stderr
    assert place.run(sys.executable, SCRIPT).returncode == 1
