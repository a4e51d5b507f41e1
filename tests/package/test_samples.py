"""Data in every form that podium.optimize() takes, as the file that the search reads."""

from collections.abc import Iterator
from pathlib import Path

import numpy
import pytest

import podium
from podium.samples import first_and_all, named_by, read_batches, write_samples

X = numpy.arange(24, dtype="float32").reshape(6, 4)
Y = numpy.arange(6)


def written(data: object, names: list[str], folder: Path, most: int = 100, has_batch_axis: bool = True) -> dict[str, numpy.ndarray]:
    write_samples(read_batches(data, named_by(names)), folder / "data.npz", most, has_batch_axis)
    with numpy.load(folder / "data.npz") as file:
        return dict(file)


def batches() -> Iterator[tuple[numpy.ndarray, numpy.ndarray]]:
    for start in range(0, 6, 2):
        yield X[start:start + 2], Y[start:start + 2]


@pytest.mark.parametrize("data", [(X, Y), {"x": X, "labels": Y}, batches(), [(X[:3], Y[:3]), (X[3:], Y[3:])], [{"x": X[:1], "labels": Y[:1]}, {"x": X[1:], "labels": Y[1:]}]])
def test_arrays_and_labels_come_from_any_form(data: object, tmp_path: Path) -> None:
    found = written(data, ["x"], tmp_path)
    numpy.testing.assert_array_equal(found["x"], X)
    numpy.testing.assert_array_equal(found["labels"], Y)


def test_one_array_is_the_one_input(tmp_path: Path) -> None:
    found = written(X, ["x"], tmp_path)
    assert list(found) == ["x"] and found["x"].shape == (6, 4)


def test_several_inputs_go_by_their_order(tmp_path: Path) -> None:
    found = written((X, 2 * X), ["a", "b"], tmp_path)
    numpy.testing.assert_array_equal(found["b"], 2 * X)


def test_loader_of_pytorch_is_read(tmp_path: Path) -> None:
    torch = pytest.importorskip("torch")
    loader = torch.utils.data.DataLoader(torch.utils.data.TensorDataset(torch.from_numpy(X), torch.from_numpy(Y)), batch_size=4)
    found = written(loader, ["x"], tmp_path)
    numpy.testing.assert_array_equal(found["x"], X)
    numpy.testing.assert_array_equal(found["labels"], Y)


def test_endless_data_are_read_no_further_than_needed(tmp_path: Path) -> None:
    asked = []

    def endless() -> Iterator[numpy.ndarray]:
        while True:
            asked.append(1)
            yield X

    found = written(endless(), ["x"], tmp_path, most=10)
    assert len(asked) == 2 and len(found["x"]) == 12


def test_model_without_batch_gets_a_sample_a_batch(tmp_path: Path) -> None:
    assert written([X, X], ["x"], tmp_path, has_batch_axis=False)["x"].shape == (2, 6, 4)


def test_first_batch_is_not_lost() -> None:
    first, whole = first_and_all(read_batches(batches(), named_by(["x"])))
    assert [len(batch.inputs["x"]) for batch in whole] == [2, 2, 2] and first.inputs["x"][0, 0] == 0


@pytest.mark.parametrize(("data", "error", "told"), [
    ([], podium.BadInput, "no batch"),
    ("text", podium.BadInput, "of str"),
    ([["a", "b"]], podium.BadInput, "str, str"),
    ((X, X, X), podium.WrongUse, "3 arrays"),
    ([X, numpy.zeros((2, 5), "float32")], podium.BadInput, "differ in shape"),
    ([{"x": X}, {"y": X}], podium.BadInput, "batch 2"),
])
def test_data_that_are_none_are_refused(data: object, error: type[podium.PodiumError], told: str, tmp_path: Path) -> None:
    with pytest.raises(error, match=told) as caught:
        written(data, ["x"], tmp_path)
    assert caught.value.remedy
