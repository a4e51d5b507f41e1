"""scripts/article: its conclusions follow from results, and a part is taken once."""

from __future__ import annotations

import argparse
import importlib.machinery
import importlib.util
import json
import sys
from pathlib import Path

import pytest

SCRIPTS = Path(__file__).resolve().parents[2] / "scripts"
sys.path.insert(0, str(SCRIPTS))

import article_conclusions as conclusions  # noqa: E402
from article_page import page  # noqa: E402


def cell(backend: str, precision: str, batch: int, ms: float, launches: int = 3, status: str = "ok", options: str = "") -> dict:
    """A cell whose launches and rounds stray by a few thousandths, alike for all cells."""
    blocks = []
    for launch in range(launches):
        for number in range(4):
            ns = ms * 1e6 * (1 + 0.002 * launch + 0.001 * number)
            block = {"launch": launch, "round": number, "samples_ns": [2 * ns, 2 * ns * 1.0001], "iterations_per_sample": 2, "set_aside": False}
            blocks.append(block)
    ok = status == "ok"
    return {
        "id": f"{backend}/{precision}/b{batch}/cuda:0{options}",
        "backend": backend,
        "precision": precision,
        "batch": batch,
        "status": status,
        "rank": 2 if ok else None,
        "latency_ms": {"median": ms, "ci95": [ms * 0.999, ms * 1.001]} if ok else None,
        "blocks": blocks if ok else [],
    }


def results(cells: list[dict], device: str = "cuda:0") -> dict:
    return {
        "started": "2026-11-30T08:00:00Z",
        "measured_s": 10.0,
        "settings": {"device": device, "launches": 3, "timing_boundary": "device"},
        "environment": {
            "cpu": "A Processor",
            "os": "An OS",
            "driver": "1.2",
            "gpus": [{"name": "A GPU"}],
            "versions": {"onnxruntime": "1.31.1"},
        },
        "cells": cells,
    }


def sweep(compiled: dict[int, float], onnxruntime: dict[int, float], tensorrt: dict[int, float] | None = None) -> conclusions.Run:
    """Batches 1, 8 and 128 in two parts; eager takes 10 ms for 1 and 8."""
    cells = {batch: [cell("torch-eager", "fp32", batch, eager)] for batch, eager in ((1, 10.0), (8, 10.1), (128, 90.0))}
    for batch, own in cells.items():
        own += [cell("torch-compile", "fp32", batch, compiled[batch]), cell("torch-compile", "fp16", batch, compiled[batch] / (1 + batch / 64))]
        own += [cell("onnxruntime", "fp16", batch, onnxruntime[batch])]
        own += [cell("tensorrt", "fp16", batch, tensorrt[batch])] if tensorrt else []
    return conclusions.Run([results(cells[1] + cells[8]), results(cells[128])])


AS_THE_ARTICLE = ({1: 9.0, 8: 9.1, 128: 40.0}, {1: 4.0, 8: 6.0, 128: 30.0}, {1: 2.0, 8: 3.0, 128: 4.0})


def verdicts(run: conclusions.Run) -> list[str]:
    return [conclusions.verdict_of(claims_of(run)) for _, claims_of in conclusions.CONCLUSIONS]


def test_results_like_the_articles_give_its_conclusions():
    assert verdicts(sweep(*AS_THE_ARTICLE)) == ["true", "true", "true", "true"]


def test_the_reverse_is_false():
    run = sweep({1: 2.0, 8: 9.0, 128: 80.0}, {1: 4.0, 8: 6.0, 128: 30.0}, {1: 5.0, 8: 6.0, 128: 100.0})
    assert verdicts(run) == ["false", "false", "false", "false"]


def test_what_lies_in_the_noise_is_tied():
    run = sweep({1: 9.0, 8: 9.1, 128: 40.0}, {1: 9.0 / (1 + 1 / 64) * 1.004, 8: 6.0, 128: 40.0 / 3 * 0.997})
    assert verdicts(run)[1] == "tied"


def test_what_was_not_measured_is_said_to_be_so():
    assert verdicts(sweep(*AS_THE_ARTICLE[:2]))[3] == "not measured"
    apart = conclusions.Run([results([cell("torch-eager", "fp32", 1, 10.0)]), results([cell("torch-eager", "fp32", 8, 10.0)])])
    assert verdicts(apart)[2] == "not measured", "times of two runs are not compared"


def test_a_ratio_is_that_of_the_rounds_that_both_cells_have():
    slow, fast = cell("a", "fp32", 1, 3.0), cell("b", "fp32", 1, 2.0)
    ratio = conclusions.time_ratio(slow, fast)
    assert ratio.low < 1.5 < ratio.high and ratio.high / ratio.low < 1.001
    fast["blocks"][0]["set_aside"] = True
    fast["blocks"][0]["samples_ns"] = [1.0]
    assert conclusions.time_ratio(slow, fast).high / conclusions.time_ratio(slow, fast).low < 1.001
    fast["blocks"] = []
    assert conclusions.time_ratio(slow, fast) is None


def test_a_cell_that_left_after_one_round_is_as_unsteady_as_the_least_steady_that_stayed():
    eager, compiled, restless = cell("torch-eager", "fp32", 1, 20.0), cell("torch-compile", "fp32", 1, 10.0), cell("onnxruntime", "fp32", 1, 12.0)
    compiled["blocks"] = compiled["blocks"][:1]
    steady = conclusions.Part([eager, compiled])
    ratio = steady.ratio(eager, compiled)
    assert ratio.low < 2 < ratio.high and ratio.high < 2.05
    for number, block in enumerate(restless["blocks"]):
        block["samples_ns"] = [value * (1.5 if number % 2 else 1) for value in block["samples_ns"]]
    assert conclusions.Part([eager, compiled, restless]).ratio(eager, compiled).high > 2.4
    eager["blocks"] = eager["blocks"][:1]
    assert conclusions.Part([eager, compiled]).ratio(eager, compiled) is None, "nobody stayed to tell"


def test_of_parts_with_one_batch_size_that_with_the_most_launches_tells():
    early = [cell("torch-compile", "fp16", 1, 1.0, launches=1), cell("onnxruntime", "fp16", 1, 2.0, launches=1)]
    late = [cell("torch-compile", "fp16", 1, 3.0), cell("onnxruntime", "fp16", 1, 2.0)]
    for parts in ([results(early), results(late)], [results(late), results(early)]):
        assert conclusions.CONCLUSIONS[1][1](conclusions.Run(parts))[0].verdict == "true"
    text = page([(Path("article/gpu/b1-early-best.json"), results(early)), (Path("article/gpu/b1-best.json"), results(late))])
    assert "| torch-compile fp16 | 3 |" in text and "| [b1-early-best](article/gpu/b1-early-best.json) | 2026-11-30 08:00 | 1 |  |" in text


def test_what_a_stopped_run_measured_counts_with_the_launches_that_it_has():
    cells = [cell("torch-compile", "fp16", 1, 3.0, launches=2), cell("onnxruntime", "fp16", 1, 2.0, launches=2)]
    never = cell("tensorrt", "fp16", 1, 1.0, launches=0)
    for one in [*cells, never]:
        one |= {"status": "partial", "latency_ms": None, "rank": None}
    part = conclusions.Part([*cells, never])
    assert part.backends(1) == {"torch-compile", "onnxruntime"}
    assert conclusions.median_ms(part.best("onnxruntime", 1)) == pytest.approx(2.0, rel=0.01)
    text = page([(Path("article/gpu/b1-best.json"), results([*cells, never]))])
    assert "| 2 | stopped before launch 3 of 3 was done: no ranks |" in text
    assert "| tensorrt fp16 | partial |" in text and "| torch-compile fp16 | 3.01 |" in text


def test_one_batch_size_tells_nothing_of_a_larger_one():
    run = conclusions.Run([results([cell("torch-compile", "fp16", 1, 3.0), cell("onnxruntime", "fp16", 1, 2.0), cell("tensorrt", "fp16", 1, 1.0)])])
    small, large = conclusions.CONCLUSIONS[1][1](run)
    assert (small.verdict, large.verdict) == ("true", "not measured") and "a larger batch" in large.text
    assert [claim.verdict for claim in conclusions.CONCLUSIONS[3][1](run)] == ["true", "not measured", "not measured"]


def test_an_interval_is_students_over_launches():
    slow, fast = cell("a", "fp32", 1, 1.0, launches=2), cell("b", "fp32", 1, 1.0, launches=2)
    for block in slow["blocks"][4:]:
        block["samples_ns"] = [value * 1.02 for value in block["samples_ns"]]
    ratio = conclusions.time_ratio(slow, fast)
    assert ratio.low < 0.9 and ratio.high > 1.1, "two launches know little"


def test_the_page_shows_each_machine_its_times_and_the_claims_behind_each_verdict():
    cells = [cell("torch-eager", "fp32", 1, 10.0), cell("tensorrt", "int8-static", 1, 2.0), cell("x", "bf16", 1, 1.0, status="unsupported")]
    cells[1]["rank"] = 1
    best = [cell("torch-eager", "fp32", 1, 1.5, options="/cuda-graph=on")]
    text = page([(Path("article/gpu/b1-8-defaults.json"), results(cells)), (Path("article/gpu/b1-8-best.json"), results(best))])
    assert "## A GPU" in text and "onnxruntime 1.31.1" in text and "driver 1.2" in text
    assert "| tensorrt int8-static | **2** |" in text
    assert "| torch-eager fp32 cuda-graph=on | 1.5 |" in text
    assert "Unsupported: x bf16." in text
    assert "TensorRT is faster than every other engine at batch 1: true, 5 [5, 5]" in text
    cpu = page([(Path("article/cpu/b1-8-defaults.json"), results(cells, "cpu"))])
    assert "## A Processor" in cpu


@pytest.fixture
def article():
    loader = importlib.machinery.SourceFileLoader("article", str(SCRIPTS / "article"))
    sys.dont_write_bytecode = True
    module = importlib.util.module_from_spec(importlib.util.spec_from_loader("article", loader))
    loader.exec_module(module)
    return module


def test_options_are_those_that_doctor_lists(article, monkeypatch):
    shown = "fake – Fake\n  fake.busy = on | off\n      spend it (default: off)\n  fake.load-us = 0 … 60\n      a.b = c\n"
    monkeypatch.setattr(article.subprocess, "run", lambda *_, **__: argparse.Namespace(stdout=shown))
    assert article.known_options(Path("podium")) == {"fake": {"busy", "load-us"}}


def test_best_settings_are_those_that_the_build_knows(article):
    known = {"torch-eager": {"cuda-graph"}, "torch-compile": {"mode", "freezing"}, "onnxruntime": {"cuda-graph", "nhwc"}}
    flags = article.settings_flags("cuda", "best", ["torch-compile", "torch-eager"], known)
    assert flags == ["--set", "torch-eager.cuda-graph=on", "--set", "torch-compile.mode=reduce-overhead", "--set", "torch-compile.freezing=on"]
    assert article.settings_flags("cuda", "defaults", [], known) == []


def test_a_part_that_is_there_is_not_taken_again_and_one_that_is_not_whole_goes_on(article, tmp_path, monkeypatch):
    asked = []
    monkeypatch.setattr(article.subprocess, "run", lambda command: asked.append([str(word) for word in command]) or argparse.Namespace(returncode=0))
    options = argparse.Namespace(
        device="cuda:0", folder=tmp_path, precisions="", launches=3, budget="1m", backends=[], data="", calibrate="", rebuilds=None, warm_up="",
        podium="podium",
    )
    file = tmp_path / "b1-8-defaults.json"
    article.take(options, "1,8", "defaults", {})
    assert "--resume" not in asked[-1] and asked[-1][asked[-1].index("--batch") + 1] == "1,8"
    file.write_text(json.dumps(results([cell("a", "fp32", 1, 1.0), cell("b", "fp32", 1, 1.0, status="partial")])))
    article.take(options, "1,8", "defaults", {})
    assert "--resume" in asked[-1] and len(asked) == 2
    file.write_text(json.dumps(results([cell("a", "fp32", 1, 1.0)])))
    article.take(options, "1,8", "defaults", {})
    assert len(asked) == 2


def test_a_part_is_taken_with_the_photos_and_rebuilds_that_it_is_given(article, tmp_path, monkeypatch):
    asked = []
    monkeypatch.setattr(article.subprocess, "run", lambda command: asked.append([str(word) for word in command]) or argparse.Namespace(returncode=0))
    given = {"device": "cuda:0", "folder": tmp_path, "launches": 1, "budget": "1m", "backends": [], "podium": "podium"}
    article.take(argparse.Namespace(**given, precisions="", data="photos", calibrate="more", rebuilds=0, warm_up="300ms"), "1", "defaults", {})
    asked_for = [asked[-1][asked[-1].index(flag) + 1] for flag in ("--data", "--calibrate", "--rebuilds", "--warm-up")]
    assert asked_for == ["photos", "more", "0", "300ms"]
    article.take(argparse.Namespace(**given, precisions="fp32,fp16", data="photos", calibrate="more", rebuilds=None, warm_up=""), "1", "defaults", {})
    assert "--calibrate" not in asked[-1] and "--rebuilds" not in asked[-1], "no other precision has ranges"
    assert "--warm-up" not in asked[-1]
