"""podium.optimize() of a file's model: what it returns, shows and refuses, and how it is stopped."""

import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import numpy
import pytest
from conftest import BUILD, ENGINE, QUICK, WEIGHT

import podium

FAKE = QUICK | {"backends": ["fake"]}


@pytest.fixture(scope="module")
def best(model_file: Path) -> podium.Model:
    return podium.optimize(model_file, backends=["fake"], options={"fake.latency-us": [2000, 6000]}, **QUICK)


def test_fastest_candidate_wins_and_runs(best: podium.Model) -> None:
    assert best.report is not None
    assert "latency-us=2000" in best.report.winners[1]
    assert best.manifest["variants"][0]["cell"] == best.report.winners[1]
    assert type(best(numpy.zeros((1, 4), "float32"))) is numpy.ndarray


def test_artefact_that_nobody_named_ends_with_the_model(model_file: Path) -> None:
    best = podium.optimize(model_file, options={"fake.latency-us": 1000}, **FAKE)
    folder = best.path
    assert folder.exists()
    del best
    assert not folder.exists()


def test_report_shows_itself(best: podium.Model, tmp_path: Path) -> None:
    report = best.report
    assert report is not None
    page = report._repr_html_()
    for text in ("latency-us=2000", "latency-us=6000", "<details>", 'class="winner"'):
        assert text in page, text
    assert "latency-us=2000" in str(report) and report.verdict in repr(report)
    assert report.search["schema"] == "podium.search/1" and report.results["schema"] == "podium.results/1"
    for name, start in (("r.html", "<!doctype html"), ("r.json", "{"), ("r.md", ""), ("r.txt", "")):
        report.save(tmp_path / name)
        text = (tmp_path / name).read_text(encoding="utf-8")
        assert text.lower().startswith(start) and "latency-us=2000" in text, name
    with pytest.raises(podium.FileRefused):
        report.save(tmp_path / "nowhere" / "r.html")


def test_names_in_a_report_are_no_markup(best: podium.Model, monkeypatch: pytest.MonkeyPatch) -> None:
    report = best.report
    assert report is not None
    monkeypatch.setitem(report.search, "verdict", "<script>alert(1)</script>")
    assert "<script>" not in report._repr_html_()


def test_limit_that_nobody_keeps_to_raises_with_the_report(model_file: Path) -> None:
    with pytest.raises(podium.NoWinner, match="keeps to the bound") as caught:
        podium.optimize(model_file, options={"fake.latency-us": 5000}, goal="p99<=1ms, latency", **FAKE)
    assert caught.value.report is not None and caught.value.report.winners == {}
    assert "goal=" in caught.value.remedy


def test_winner_of_python_alone_cannot_be_handed_back_and_is_told(tmp_path: Path) -> None:
    torch = pytest.importorskip("torch", reason="PyTorch is not in this Python (scripts/setup without --light installs it)")
    eager = QUICK | {"backends": ["torch-eager"], "options": {"torch-eager.channels-last": "off"}, "budget": 8.0, "output": tmp_path / "best"}
    module, data = torch.nn.Linear(4, 3).eval(), torch.rand(32, 4)
    with pytest.raises(podium.NoWinner) as caught:
        podium.optimize(module, data, **eager)
    assert caught.value.report is not None and caught.value.report.winners == {}
    with pytest.raises(podium.NoWinner, match="exists only in Python, and an artefact runs without: none was written") as caught:
        podium.optimize(module, data, allow_python=True, **eager)
    assert caught.value.report is not None and caught.value.report.winners[1].startswith("torch-eager/fp32")
    assert "leave out allow_python=" in caught.value.remedy and not (tmp_path / "best").exists()


def test_progress_is_told_and_can_stop_the_search(model_file: Path) -> None:
    stages = []
    podium.optimize(model_file, options={"fake.latency-us": 1000}, progress=lambda event: stages.append(event.stage), **FAKE)
    assert {"message", "measure"} <= set(stages)

    class Enough(Exception):
        pass

    def stop(event: podium.Progress) -> None:
        if event.stage == "measure":
            raise Enough

    with pytest.raises(Enough):
        podium.optimize(model_file, options={"fake.latency-us": 1000}, progress=stop, **FAKE)


def test_interrupt_stops_the_search_and_its_workers(model_file: Path) -> None:
    code = ("import glob, sys, podium\n"
            "tell = lambda event: print(event.stage, flush=True)\n"
            "try:\n"
            "    podium.optimize(sys.argv[1], backends=['fake'], options={'fake.latency-us': [2000, 3000]}, speed_only=True, budget=300, progress=tell)\n"
            "except KeyboardInterrupt:\n"
            "    print('interrupted', ''.join(open(file).read() for file in glob.glob('/proc/self/task/*/children')).split())\n")
    with subprocess.Popen([sys.executable, "-c", code, model_file], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        for line in process.stdout:
            if line.startswith("measure"):
                break
        time.sleep(0.2)
        process.send_signal(signal.SIGINT)
        out, _ = process.communicate(timeout=60)
    assert process.returncode == 0 and out.splitlines()[-1] == "interrupted []", out


@pytest.mark.parametrize(("arguments", "error", "told"), [
    ({"max_drop": 0.01}, podium.WrongUse, "max_drop="),
    ({"min_sqnr": 20.0}, podium.WrongUse, "min_sqnr="),
    ({"goal": "latncy"}, podium.WrongUse, "latency"),
    ({"preset": "constraind"}, podium.WrongUse, "unconstrained"),
    ({"precisions": ["fp31"]}, podium.WrongUse, "did you mean 'fp32'"),
    ({"backends": ["nothing"]}, podium.WrongUse, "nothing"),
    ({"device": "tpu"}, podium.WrongUse, "tpu"),
])
def test_wrong_arguments_are_refused_by_their_names_here(model_file: Path, arguments: dict, error: type[podium.PodiumError], told: str) -> None:
    with pytest.raises(error) as caught:
        podium.optimize(model_file, **{"backends": ["fake"]} | arguments)
    assert told in str(caught.value) and "--" not in str(caught.value)


def test_models_that_are_none_are_refused(tmp_path: Path) -> None:
    with pytest.raises(podium.PodiumError, match="nowhere.onnx"):
        podium.optimize(tmp_path / "nowhere.onnx", **FAKE)
    with pytest.raises(podium.WrongUse, match="is no model"):
        podium.optimize(7)
    with pytest.raises(podium.WrongUse, match="no data"):
        podium.optimize(lambda x: x)


def test_data_bound_what_a_lossy_precision_may_lose(model_file: Path) -> None:
    if not (BUILD / "backends/podium-backend-onnxruntime.so").exists():
        pytest.skip("ONNX Runtime is not built in (scripts/setup)")
    features = numpy.random.default_rng(2).standard_normal((64, 4)).astype("float32")
    arguments = ENGINE | {"speed_only": False, "precisions": ["fp32", "int8-dynamic"], "min_sqnr": 100.0}
    best = podium.optimize(model_file, features, **arguments)
    assert best.report is not None
    assert best.report.winners[1].split("/")[1] == "fp32"
    assert any(step["stage"] == "bound" or "SQNR" in step["reason"] for step in best.report.search["log"]), best.report.search["log"]
    assert best.report.search["bound"] == "SQNR at least 100 dB"


@pytest.fixture(scope="module")
def judged() -> dict:
    """Data with labels that the model is right about."""
    if not (BUILD / "backends/podium-backend-onnxruntime.so").exists():
        pytest.skip("ONNX Runtime is not built in (scripts/setup)")
    features = numpy.random.default_rng(3).standard_normal((400, 4)).astype("float32")
    return {"data": (features, (features @ WEIGHT).argmax(1))} | ENGINE | {"speed_only": False}


def test_metric_may_be_a_function_of_this_process(model_file: Path, judged: dict) -> None:
    asked = []

    def share_of_right(outputs: list[numpy.ndarray], labels: numpy.ndarray) -> numpy.ndarray:
        asked.append(threading.current_thread())
        return outputs[0].argmax(1) == labels

    best = podium.optimize(model_file, metric=share_of_right, max_drop=0.01, **judged)
    accuracy = best.manifest["variants"][0]["accuracy"]
    assert asked and accuracy["value"] == 1.0 and accuracy["n"] == 400
    assert not any(thread.is_alive() for thread in asked)


def test_what_a_metric_raises_is_raised(model_file: Path, judged: dict) -> None:
    def broken(outputs: list, labels: object) -> float:
        raise ZeroDivisionError("nothing to divide by")

    with pytest.raises(ZeroDivisionError, match="nothing to divide by"):
        podium.optimize(model_file, metric=broken, max_drop=0.01, **judged)
