"""Data that a Python function yields: `--data python:MODULE:FUNCTION`, and `--calibrate` likewise."""

import json

import numpy
import onnx
import pytest

from conftest import Shell, assert_one_error
from models import classifier

FUNCTIONS = """
import numpy


def drawn(count, shape, seed):
    random = numpy.random.default_rng(seed)
    for _ in range(count):
        yield (random.uniform(0.3, 2) * (random.standard_normal(shape) + random.standard_normal())).astype("float32")


def features():
    return drawn(40, 4, seed=1)


def labelled():
    for place, values in enumerate(drawn(40, 4, seed=1)):
        yield {"features": values, "labels": place % 3}


def endless():
    while True:
        yield (numpy.random.default_rng(1).standard_normal(4, "float32"),)


def seen():
    return drawn(64, (3, 16, 16), seed=1)


def unseen():
    return drawn(24, (3, 16, 16), seed=2)


def long():
    return drawn(4, 5, seed=1)


def unequal():
    yield numpy.zeros((1, 4), "float32")
    yield numpy.zeros((2, 4), "float32")


def other_key():
    yield {"pixels": numpy.zeros(4, "float32")}


def nothing():
    return []


def broken():
    raise ValueError("the disk is upside down")
    yield
"""


@pytest.fixture
def workshop(shell: Shell) -> Shell:
    (shell.folder / "loaders.py").write_text(FUNCTIONS, encoding="utf-8")
    return shell


def results_of(shell: Shell, *arguments: str) -> dict:
    done = shell.bench("--json", "r.json", *arguments)
    assert done.returncode == 0, done.stderr
    return json.loads((shell.folder / "r.json").read_text(encoding="utf-8"))


def test_samples_of_a_function_are_those_of_a_file_with_the_same_arrays(workshop: Shell) -> None:
    made = results_of(workshop, "--data", "python:loaders:features")
    names: dict = {}
    exec(FUNCTIONS, names)
    numpy.savez(workshop.folder / "same.npz", features=numpy.stack(list(names["features"]())))
    assert made["settings"]["data_sha256"] == results_of(workshop, "--data", "same.npz")["settings"]["data_sha256"]
    assert made["settings"]["data"] == "python:loaders:features"
    assert made["data"] == "32 samples from python:loaders:features"


def test_labels_that_a_function_yields_are_judged_by(workshop: Shell) -> None:
    results = results_of(workshop, "--data", "python:loaders:labelled", "--metric", "top-1")
    assert results["data"].startswith("40 labelled samples from python:loaders:labelled")
    assert results["cells"][0]["accuracy"]["n"] == 40


def test_no_more_samples_are_taken_than_wanted_of_a_function_without_end(workshop: Shell) -> None:
    assert results_of(workshop, "--data", "python:loaders:endless", "--samples", "20")["data"].startswith("20 samples")


def test_replay_calls_the_function_again(workshop: Shell) -> None:
    results_of(workshop, "--data", "python:loaders:features")
    done = workshop.run("replay", "r.json", "--json", "again.json")
    assert done.returncode in (0, 1), done.stderr
    again = json.loads((workshop.folder / "again.json").read_text(encoding="utf-8"))
    assert again["data"] == "32 samples from python:loaders:features"


def convert(shell: Shell, calibrate: str, data: str, *more: str):
    onnx.save(classifier(), shell.folder / "classifier.onnx")
    return shell.run("convert", "classifier.onnx", "--to", "int8-static", "--calibrate", calibrate, "--data", data, "-o", "out.onnx", "--json", "report.json", *more)


def test_ranges_come_from_one_function_and_answers_are_judged_by_another(workshop: Shell) -> None:
    done = convert(workshop, "python:loaders:seen", "python:loaders:unseen")
    assert done.returncode == 0, done.stderr
    report = json.loads((workshop.folder / "report.json").read_text(encoding="utf-8"))
    assert report["calibration"] == "64 samples from python:loaders:seen" and report["judged_on"] == "24 samples from python:loaders:unseen"
    assert report["output_error"]["verdict"] == "agrees"


def test_a_function_whose_samples_were_calibrated_with_may_not_judge(workshop: Shell) -> None:
    assert_one_error(convert(workshop, "python:loaders:seen", "python:loaders:seen", "-q"), 2, "also calibrated with")


@pytest.mark.parametrize(("function", "told"), [
    ("loaders:broken", "the disk is upside down"),
    ("loaders:nothing", "yielded no sample"),
    ("loaders:none", "no function 'none'"),
    ("nowhere:samples", "add that to PYTHONPATH"),
    ("loaders:other_key", "no 'features'"),
    ("loaders:unequal", "differ in shape"),
    ("loaders:long", "python:loaders:long"),
    ("loaders", "names no function"),
])
def test_a_function_that_gives_nothing_fitting_is_refused_with_the_reason(workshop: Shell, function: str, told: str) -> None:
    assert_one_error(workshop.bench("--quiet", "--data", f"python:{function}"), 2, told)
