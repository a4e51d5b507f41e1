"""podium.load(), and what its model does with arrays."""

import subprocess
import sys
import threading
import time
from pathlib import Path

import numpy
import pytest
from conftest import QUICK, WEIGHT

import podium
from podium import _runtime
from podium.arrays import as_input


@pytest.fixture(scope="module")
def model(artefact: Path) -> podium.Model:
    return podium.load(artefact)


@pytest.fixture
def features() -> numpy.ndarray:
    return numpy.random.default_rng(1).standard_normal((2, 4)).astype("float32")


def test_answers_are_those_of_the_model(model: podium.Model, features: numpy.ndarray) -> None:
    answers = model(features)
    assert list(answers) == ["scores", "doubled"]
    assert all(type(answer) is numpy.ndarray for answer in answers.values())
    numpy.testing.assert_allclose(answers["scores"], features @ WEIGHT, atol=1e-5)
    numpy.testing.assert_array_equal(answers["doubled"], 2 * features)


def test_inputs_are_taken_by_place_by_name_and_as_a_dictionary(model: podium.Model, features: numpy.ndarray) -> None:
    expected = model(features)["scores"]
    for answers in (model(features=features), model({"features": features}), model.run([features]), model.run({"features": features})):
        numpy.testing.assert_array_equal(answers["scores"], expected)


def test_inputs_and_outputs_are_described(model: podium.Model) -> None:
    assert model.inputs == (podium.TensorSpec("features", "float32", ("batch", 4)),)
    assert [spec.name for spec in model.outputs] == ["scores", "doubled"]
    assert model.manifest["variants"][0]["backend"] == "onnxruntime"
    assert "onnxruntime" in repr(model)


def test_tensors_of_pytorch_are_answered_with_tensors(model: podium.Model, features: numpy.ndarray) -> None:
    torch = pytest.importorskip("torch")
    given = torch.from_numpy(features).requires_grad_()
    answers = model(given)
    assert all(isinstance(answer, torch.Tensor) for answer in answers.values())
    numpy.testing.assert_allclose(answers["scores"].numpy(), features @ WEIGHT, atol=1e-5)


def test_contiguous_memory_is_read_where_it_lies(model: podium.Model, features: numpy.ndarray) -> None:
    assert as_input(features, "features", "float32") is features
    with pytest.raises(TypeError):  # the module itself copies nothing, so it refuses what would have to be copied
        model._native.run(["features"], [features[:, ::-1]], False)
    torch = pytest.importorskip("torch")
    tensor = torch.from_numpy(features)
    assert as_input(tensor, "features", "float32").data_ptr() == tensor.data_ptr()


def test_memory_that_cannot_be_written_to_is_read(model: podium.Model, features: numpy.ndarray) -> None:
    features.flags.writeable = False
    numpy.testing.assert_array_equal(model(features)["doubled"], 2 * features)


def test_what_is_not_contiguous_is_read_rightly(model: podium.Model) -> None:
    wide = numpy.arange(16, dtype="float32").reshape(2, 8)
    numpy.testing.assert_array_equal(model(wide[:, ::2])["doubled"], 2 * wide[:, ::2])
    torch = pytest.importorskip("torch")
    numpy.testing.assert_array_equal(model(torch.from_numpy(wide)[:, ::2])["doubled"].numpy(), 2 * wide[:, ::2])


def test_lists_of_numbers_become_what_the_model_takes(model: podium.Model) -> None:
    numpy.testing.assert_array_equal(model([[1, 2, 3, 4]])["doubled"], [[2, 4, 6, 8]])


def test_answers_live_longer_than_the_model(artefact: Path, features: numpy.ndarray) -> None:
    doubled = podium.load(artefact)(features)["doubled"]
    doubled += 1
    numpy.testing.assert_array_equal(doubled, 2 * features + 1)


def test_each_thread_gets_its_own_answers(model: podium.Model) -> None:
    wrong: list[int] = []

    def ask(number: int) -> None:
        given = numpy.full((1, 4), number, "float32")
        wrong.extend(number for _ in range(200) if not (model(given)["doubled"] == 2 * number).all())

    threads = [threading.Thread(target=ask, args=[number]) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong


def test_other_threads_run_while_the_engine_computes(model_file: Path) -> None:
    """The engine sleeps for a while; nothing but the model's own giving way lets the other thread run, since Python's never comes."""
    slow = podium.optimize(model_file, backends=["fake"], options={"fake.latency-us": 20000, "fake.busy": False}, **QUICK)
    features = numpy.zeros((1, 4), "float32")
    slow(features)
    turns, go_on, between = [0], threading.Event(), sys.getswitchinterval()
    go_on.set()

    def take_turns() -> None:
        while go_on.is_set():
            turns[0] += 1
            time.sleep(0.001)

    thread = threading.Thread(target=take_turns)
    thread.start()
    sys.setswitchinterval(60)
    try:
        before = turns[0]
        slow(features)
        after = turns[0]
    finally:
        sys.setswitchinterval(between)
        go_on.clear()
        thread.join()
    assert after > before


@pytest.mark.parametrize(("given", "told"), [
    ((numpy.zeros((2, 5), "float32"),), "features"),
    ((numpy.zeros((2, 4), "float64"),), "float64"),
    ((numpy.zeros((2, 4), "complex64"),), "no model takes"),
    ((numpy.zeros((2, 4), "float32"),) * 2, "2 inputs were given"),
    (({"fetures": numpy.zeros((2, 4), "float32")},), "fetures"),
    (("four",), "no array can be made of it"),
])
def test_wrong_inputs_are_refused_with_what_mends_it(model: podium.Model, given: tuple, told: str) -> None:
    with pytest.raises(podium.WrongUse, match=told) as caught:
        model(*given)
    assert caught.value.remedy and caught.value.remedy in str(caught.value)
    assert isinstance(caught.value, ValueError) and isinstance(caught.value, podium.PodiumError)


def test_input_that_is_given_twice_is_refused(model: podium.Model, features: numpy.ndarray) -> None:
    with pytest.raises(podium.WrongUse, match="twice"):
        model(features, features=features)


def test_missing_or_changed_artefact_is_refused(artefact: Path, model: podium.Model, tmp_path: Path) -> None:
    with pytest.raises(podium.BadInput, match="there is no artefact"):
        podium.load(tmp_path / "nothing")
    copy = model.save(tmp_path / "copy")
    file = next(file for file in (copy / "models").rglob("*") if file.is_file())
    file.write_bytes(file.read_bytes() + b"\0")
    with pytest.raises(podium.BadInput, match=file.name):
        podium.load(copy)


def test_saved_copy_runs_and_nothing_is_overwritten(model: podium.Model, features: numpy.ndarray, tmp_path: Path) -> None:
    copy = podium.load(model.save(tmp_path / "copy"))
    numpy.testing.assert_array_equal(copy(features)["doubled"], 2 * features)
    with pytest.raises(podium.FileRefused, match="exists already"):
        model.save(tmp_path / "copy")


def test_what_measures_is_not_loaded(artefact: Path) -> None:
    code = ("import sys, numpy, podium; podium.load(sys.argv[1])(numpy.zeros((1, 4), 'float32'));"
            "print(sorted(name for name in sys.modules if name.startswith('podium')), 'torch' in sys.modules);"
            "print([line for line in open('/proc/self/maps') if '_search' in line])")
    done = subprocess.run([sys.executable, "-c", code, artefact], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    modules, mapped = done.stdout.splitlines()
    assert "podium._runtime" in modules and "podium._search" not in modules and "podium.search" not in modules and modules.endswith("False")
    assert mapped == "[]"


def test_every_error_of_the_library_has_a_class(artefact: Path) -> None:
    assert issubclass(podium.TimedOut, TimeoutError) and issubclass(podium.OutOfMemory, MemoryError) and issubclass(podium.FileRefused, OSError)
    with pytest.raises(podium.PodiumError) as caught:
        _runtime.load(artefact / "artifact.json", 0, 0, True)
    assert caught.value.code == "bad_input"
