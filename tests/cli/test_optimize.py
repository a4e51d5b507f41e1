"""`podium optimize`: which candidate it takes, why the others left, and what it refuses."""

import importlib.util
import json
import signal
import sys
from pathlib import Path

import onnx
import pytest
from conftest import PROGRAM, Shell, assert_one_error, small_model, wait_until
from models import classifier, rows_of_any_length, tokens, write_inputs

BACKENDS = PROGRAM.parent / "backends"


needs_onnxruntime = pytest.mark.skipif(not (BACKENDS / "podium-backend-onnxruntime.so").exists(), reason="ONNX Runtime is not built in")


def optimize(shell: Shell, *arguments: str, backends: str = "fake", budget: str = "8s"):
    return shell.run("optimize", "model.onnx", "--backends", backends, "--warm-up", "50ms", "--budget", budget, "--search-log", "search.json", *arguments)


def search_of(shell: Shell) -> dict:
    return json.loads((shell.folder / "search.json").read_text(encoding="utf-8"))


def test_fastest_candidate_wins_and_the_log_says_why_the_others_left(shell: Shell) -> None:
    done = optimize(shell, "--set", "fake.latency-us=2000,6000,20000", "--json", "r.json", "--markdown", "s.md", "--html", "p.html", budget="20s")
    assert done.returncode == 0, done.stderr
    search = search_of(shell)
    assert search["schema"] == "podium.search/1"
    assert [winner["cell"].split("latency-us=")[1] for winner in search["winners"]] == ["2000"]
    left = {step["candidate"]: step for step in search["log"] if step["stage"] == "defaults"}
    assert "times the" in left["fake/fp32/b1/cpu/latency-us=20000"]["reason"]
    assert any("busy=on" in step["candidate"] for step in search["log"]), "the option that the backend says is worth trying was not tried"
    assert "winner at batch 1: fake/fp32/b1/cpu/" in done.stdout and "next: add -o DIR" in done.stdout
    assert "latency-us=2000" in (shell.folder / "s.md").read_text(encoding="utf-8")
    assert "fake fp32 (latency-us=2000)" in (shell.folder / "p.html").read_text(encoding="utf-8")
    assert json.loads((shell.folder / "r.json").read_text(encoding="utf-8"))["schema"] == "podium.results/1"


def test_each_batch_size_has_a_winner(shell: Shell) -> None:
    done = optimize(shell, "--set", "fake.latency-us=1000", "--batch", "1,4")
    assert done.returncode == 0, done.stderr
    assert [winner["batch"] for winner in search_of(shell)["winners"]] == [1, 4]


def test_limit_that_nobody_keeps_to_is_said_and_ends_with_status_1(shell: Shell) -> None:
    done = optimize(shell, "--set", "fake.latency-us=5000", "--goal", "p99<=1ms, latency")
    assert done.returncode == 1, done.stderr
    assert search_of(shell)["winners"] == []
    told = " ".join(done.stdout.split())
    assert "beyond the limit of 1 ms" in told and "no winner: at batch 1 no candidate keeps to the bound and the limits" in told


def test_nothing_that_runs_ends_with_status_3(shell: Shell) -> None:
    done = optimize(shell, "--set", "fake.refuse-at=load")
    assert done.returncode == 3, done.stderr
    assert "[refused]" in done.stdout


def test_without_data_lossy_precisions_take_part_only_for_speed_alone(shell: Shell) -> None:
    done = optimize(shell, "--set", "fake.latency-us=1000")
    assert "without --data only fp32 is tried" in done.stderr
    assert {step["candidate"].split("/")[1] for step in search_of(shell)["log"]} == {"fp32"}
    done = optimize(shell, "--set", "fake.latency-us=1000", "--precisions", "fp32,bf16", "--speed-only")
    assert done.returncode == 0, done.stderr
    assert {step["candidate"].split("/")[1] for step in search_of(shell)["log"]} == {"fp32", "bf16"}
    assert search_of(shell)["bound"] == "none (--speed-only)"


def test_model_of_tokens_is_told_what_data_could_judge_it(shell: Shell) -> None:
    onnx.save(tokens(), shell.folder / "model.onnx")
    done = optimize(shell, "--set", "fake.latency-us=1000", budget="4s")
    told = " ".join(done.stderr.split())
    assert "without --data only fp32 is tried" in told and "--data FILE.npz with tokens by the inputs' names" in told and "--data FILE.txt" in told, told
    assert_one_error(shell.run("optimize", "model.onnx", "--backends", "fake", "--min-sqnr", "20"), 2, "--data FILE.npz with tokens")


@pytest.mark.skipif(importlib.util.find_spec("torch") is None, reason="PyTorch is not in this Python (scripts/setup without --light installs it)")
def test_engine_of_python_alone_wins_only_where_it_may_and_is_in_no_artefact(shell: Shell) -> None:
    (shell.folder / "mine.py").write_text("import torch\n\ndef make():\n    return torch.nn.Linear(4, 3).eval(), (torch.zeros(1, 4),)\n", encoding="utf-8")
    environment = {"PYTHONPATH": str(shell.folder), "PODIUM_PYTHON": sys.executable}
    arguments = ("optimize", "python:mine:make", "--backends", "torch-eager", "--set", "torch-eager.channels-last=off", "--precisions", "fp32", "--speed-only",
                 "--warm-up", "50ms", "--budget", "8s", "-o", "best")
    done = shell.run(*arguments, env=environment)
    assert done.returncode == 1 and "exists only in Python" in " ".join(done.stdout.split()), done.stdout + done.stderr
    done = shell.run(*arguments, "--allow-python", env=environment)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "winner at batch 1: torch-eager/fp32" in done.stdout and "exists only in Python, and an artefact runs without" in " ".join(done.stderr.split())
    assert "next: leave out --allow-python" in " ".join(done.stdout.split()) and not (shell.folder / "best").exists()
    done = shell.run(*arguments[:-2], "--allow-python", env=environment)
    assert done.returncode == 0 and "none was written" not in " ".join(done.stderr.split()), "none was asked for"
    assert "next: leave out --allow-python" in " ".join(done.stdout.split()), "-o would be given none"


@pytest.mark.skipif(importlib.util.find_spec("torch") is None, reason="PyTorch is not in this Python (scripts/setup without --light installs it)")
def test_model_that_is_another_at_each_size_is_refused(shell: Shell) -> None:
    (shell.folder / "mine.py").write_text("import torch\n\ndef make():\n    return torch.nn.Linear(4, 3).eval(), (torch.zeros(1, 5, 4),)\n", encoding="utf-8")
    done = shell.run("optimize", "python:mine:make", "--backends", "torch-eager", "--allow-python", "--set", "torch-eager.channels-last=off", "--precisions", "fp32",
                     "--speed-only", "--shape", "input=1x5:7x4", "--warm-up", "50ms", "--budget", "8s", "-o", "best", "--json", "r.json",
                     env={"PYTHONPATH": str(shell.folder), "PODIUM_PYTHON": sys.executable})
    assert_one_error(done, 2, "the model is another one at input=1x5x4", "make an artefact for each size")
    assert not list(shell.folder.glob("r.json*")), "it was measured before it was refused"


def test_size_that_the_model_cannot_have_is_refused_before_another_is_measured(shell: Shell) -> None:
    flags = ("--backends", "fake", "--speed-only", "--json", "r.json", "-o", "best")
    assert_one_error(shell.run("optimize", "model.onnx", "--shape", "features=1x3:4:5", *flags), 2, "axis 1 cannot be 3", "batchx4")
    onnx.save(small_model(3), shell.folder / "model.onnx")
    assert_one_error(shell.run("optimize", "model.onnx", "--batch", "3,8", *flags), 2, "--batch 8: the model is fixed to batch 3", "use --batch 3")
    assert not list(shell.folder.glob("r.json*"))


def test_first_round_is_held_to_the_budget_and_those_left_out_are_named(shell: Shell) -> None:
    latencies = ",".join(str(1000 + 10 * place) for place in range(40))
    done = optimize(shell, "--set", f"fake.latency-us={latencies}", budget="6s")
    assert done.returncode == 0, done.stderr
    search = search_of(shell)
    left_out = [step for step in search["log"] if step["stage"] == "budget" and step["reason"].startswith("defaults: ")]
    assert left_out and all("--budget" in step["reason"] for step in left_out)
    assert len({step["candidate"] for step in left_out}) < 40, "nobody was tried"
    assert search["winners"][0]["cell"] not in {step["candidate"] for step in left_out}


def test_finalists_that_there_is_no_time_to_load_again_leave_and_the_log_says_so(shell: Shell) -> None:
    done = optimize(shell, "--set", "fake.load-us=1500000", "--set", "fake.latency-us=2000,2010,2020", budget="16s")
    assert done.returncode == 0, done.stderr
    search = search_of(shell)
    left = {step["candidate"]: step["reason"] for step in search["log"] if step["stage"] == "budget"}
    assert any(reason.startswith("finals: the budget leaves no time") and "--budget" in reason for reason in left.values()), search["log"]
    assert search["winners"][0]["cell"] not in left


def test_what_loads_took_is_kept_in_the_cache_and_a_broken_file_of_it_is_none(shell: Shell) -> None:
    searched = ("--set", "fake.latency-us=1000", "--set", "fake.busy=off", "--set", "fake.load-us=20000")
    assert optimize(shell, *searched, budget="4s").returncode == 0
    kept = list((shell.folder / "cache").glob("podium/loads/*/*.json"))
    assert len(kept) == 1, "one way of loading, one file"
    load = json.loads(kept[0].read_text(encoding="utf-8"))
    assert load["schema"] == "podium.kept-load/1" and load["seconds"] >= 0.02 and Path(load["engine"]).is_dir() and Path(load["model"]).is_file()
    kept[0].write_text("{", encoding="utf-8")
    again = optimize(shell, *searched, budget="4s")
    assert again.returncode == 0, again.stderr
    assert json.loads(kept[0].read_text(encoding="utf-8"))["schema"] == "podium.kept-load/1", "the next run writes its own"


def blocks_in(journal: Path) -> int:
    return journal.read_text(encoding="utf-8").count('"kind":"block"') if journal.exists() else 0


def measured(shell: Shell) -> set[tuple]:
    cells = json.loads((shell.folder / "r.json").read_text(encoding="utf-8"))["cells"]
    return {(cell["id"], block["launch"], block["round"]) for cell in cells for block in cell["blocks"]}


def test_interrupted_search_has_no_winner_and_goes_on_where_it_ended(shell: Shell) -> None:
    arguments = ("optimize", "model.onnx", "--backends", "fake", "--set", "fake.latency-us=2000,3000,9000", "--warm-up", "50ms", "--budget", "15s",
                 "--search-log", "search.json", "--json", "r.json")
    with shell.start(*arguments) as process:
        assert wait_until(lambda: blocks_in(shell.folder / "r.json.journal") >= 20), "the search ended before it was interrupted"
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=30)
    assert process.returncode == 130, err
    assert search_of(shell)["winners"] == [] and "no winner: the search was stopped" in out
    before = measured(shell)
    assert before
    resumed = shell.run(*arguments, "--resume")
    assert resumed.returncode == 0, resumed.stderr
    after = measured(shell)
    assert before < after, "blocks of the interrupted search were measured again or lost"
    assert "latency-us=2000" in search_of(shell)["winners"][0]["cell"]


@needs_onnxruntime
def test_range_of_sizes_gives_an_artefact_that_serves_each_of_them_best(shell: Shell) -> None:
    onnx.save(rows_of_any_length(), shell.folder / "model.onnx")
    done = optimize(shell, "--shape", "x=1x4:16:64x8", "--json", "r.json", "-o", "best", backends="onnxruntime")
    assert done.returncode == 0, done.stderr
    manifest = json.loads((shell.folder / "best/artifact.json").read_text(encoding="utf-8"))
    lengths = [variant["inputs"][0]["shape"][1] for variant in manifest["variants"]]
    assert lengths == [16, 4, 64], "the middle size is what the engine is chosen for"
    evidence = [variant["evidence"] for variant in manifest["variants"]]
    assert len(set(evidence)) == 3 and all((shell.folder / "best" / file).exists() for file in evidence)
    assert len({variant["model"] for variant in manifest["variants"]}) == 1, "variants of one file share it"
    search = search_of(shell)
    assert [more["shapes"] for more in search["more_shapes"]] == [{"x": [1, 4, 8]}, {"x": [1, 64, 8]}]
    assert all(len(more["winners"]) == 1 for more in search["more_shapes"])
    assert (shell.folder / "r.2.json").exists() and (shell.folder / "r.3.json").exists()
    assert "winner at batch 1, x=1x64x8: onnxruntime/" in " ".join(done.stdout.split())
    verified = shell.run("verify", "best", "--no-speed")
    assert verified.returncode == 0, verified.stdout
    assert verified.stdout.count("outputs") == 3
    measured = ("bench", "best", "--launches", "1", "--warm-up", "50ms", "--budget", "500ms", "--json", "again.json")
    done = shell.run(*measured)
    assert done.returncode == 0, done.stderr
    assert "--shape x=1x4x8, or --shape x=1x64x8 measures them" in done.stderr, "the first set is measured where none is named"
    assert json.loads((shell.folder / "again.json").read_text(encoding="utf-8"))["settings"]["shapes"] == {"x": [1, 16, 8]}
    done = shell.run(*measured, "--shape", "x=1x64x8")
    assert done.returncode == 0, done.stderr
    again = json.loads((shell.folder / "again.json").read_text(encoding="utf-8"))
    assert again["settings"]["shapes"] == {"x": [1, 64, 8]} and manifest["variants"][2]["cell"] in [cell["id"] for cell in again["cells"]]
    assert_one_error(shell.run("bench", "best", "--shape", "x=1x5x8"), 2, "was not measured at --shape x=1x5x8", "--shape x=1x64x8")


@needs_onnxruntime
@pytest.mark.skipif(not (BACKENDS / "podium-backend-openvino.so").exists(), reason="OpenVINO is not built in")
def test_artefact_of_several_engines_takes_the_best_of_each_batch_size(shell: Shell) -> None:
    """Which engine that is, is for the machine to say: what is found stands in the artefact, and all of it runs."""
    onnx.save(rows_of_any_length(), shell.folder / "model.onnx")
    done = optimize(shell, "--multi-engine", "--shape", "x=1x4:64:512x8", "--batch", "1,8", "-o", "best", backends="onnxruntime,openvino", budget="24s")
    assert done.returncode == 0, done.stderr
    search = search_of(shell)
    winners = [winner["cell"] for part in (search, *search["more_shapes"]) for winner in part["winners"]]
    assert len(winners) == 6
    manifest = json.loads((shell.folder / "best/artifact.json").read_text(encoding="utf-8"))
    assert [variant["cell"] for variant in manifest["variants"]] == winners
    tried = {step["candidate"].split("/")[0] for more in search["more_shapes"] for step in more["log"]}
    assert tried == {"onnxruntime", "openvino"}, "every engine is tried at every set of shapes"
    verified = shell.run("verify", "best", "--no-speed")
    assert verified.returncode == 0, verified.stdout
    assert verified.stdout.count("outputs") == 6


@pytest.mark.parametrize(("arguments", "told"), [
    (("--shape", "x=1x4:16x8:9:10"), "different numbers of sizes"),
    (("--shape", "x=1x16:4"), "do not grow"),
    (("--shape", "x=1x4:16", "--shape", "y=1x4:16:64"), "another input"),
    (("--max-drop", "1%"), "--data PATH"),
    (("--min-sqnr", "20"), "--data PATH"),
    (("--precisions", "int8-static"), "--speed-only"),
    (("--speed-only", "--min-sqnr", "20"), "give one of them"),
    (("--multi-engine", "--device", "cuda:0"), "cannot be handed to another process"),
    (("--goal", "latncy"), "did you mean 'latency'"),
    (("--goal", "p99<=20ms"), "nothing to make best"),
    (("--preset", "constraind"), "did you mean 'constrained'"),
    (("--resume",), "--json FILE"),
])
def test_wrong_use_is_refused_with_what_mends_it(shell: Shell, arguments: tuple[str, ...], told: str) -> None:
    assert_one_error(shell.run("optimize", "model.onnx", "--backends", "fake", *arguments), 2, told)


def test_folder_that_is_no_artefact_is_not_overwritten(shell: Shell) -> None:
    (shell.folder / "kept").mkdir()
    (shell.folder / "kept/file").write_text("mine", encoding="utf-8")
    done = shell.run("optimize", "model.onnx", "--backends", "fake", "-o", "kept", "--overwrite")
    assert done.returncode == 2, done.stderr
    assert (shell.folder / "kept/file").read_text(encoding="utf-8") == "mine"


@pytest.fixture
def pictures(shell: Shell) -> Shell:
    onnx.save(classifier(), shell.folder / "model.onnx")
    write_inputs(shell.folder / "inputs.npz", 96, image=(3, 16, 16))
    return shell


@needs_onnxruntime
def test_artefact_of_the_winner_runs_and_verifies(pictures: Shell) -> None:
    done = optimize(pictures, "--data", "inputs.npz", "-o", "best", backends="onnxruntime")
    assert done.returncode == 0, done.stderr
    winner = search_of(pictures)["winners"][0]["cell"]
    manifest = json.loads((pictures.folder / "best/artifact.json").read_text(encoding="utf-8"))
    assert [variant["cell"] for variant in manifest["variants"]] == [winner]
    assert winner in manifest["chosen_because"] and "next: podium verify best" in done.stdout
    verified = pictures.run("run", "best", "--data", "inputs.npz")
    assert verified.returncode == 0, verified.stderr


needs_photos = pytest.mark.skipif(importlib.util.find_spec("foolbox") is None, reason="the package with photos is not installed")


@needs_onnxruntime
@needs_photos
def test_without_data_photos_of_packages_calibrate_and_judge_and_the_manifest_says_so(pictures: Shell) -> None:
    done = optimize(pictures, "--precisions", "fp32,int8-static", "--json", "r.json", "-o", "best", backends="onnxruntime")
    assert done.returncode == 0, done.stderr
    assert "without --data, answers are judged by 32 views of 10 photos from Python packages; task accuracy is not measured" in done.stderr
    results = json.loads((pictures.folder / "r.json").read_text(encoding="utf-8"))
    assert (results["settings"]["data"], results["settings"]["calibration"]) == ("packaged:photos/judge", "packaged:photos/calibrate")
    judged = {cell["precision"]: cell["output_error"] for cell in results["cells"] if not cell["is_baseline"]}
    assert judged["int8-static"]["samples"] == 32
    assert judged["int8-static"]["sqnr_db"] > 5, judged
    notes = json.loads((pictures.folder / "best/artifact.json").read_text(encoding="utf-8"))["notes"]
    assert any("task accuracy: not measured" in note for note in notes), notes
    assert any("32 views of 10 photos" in note and "not by data of yours" in note for note in notes), notes


@needs_onnxruntime
@needs_photos
def test_sqnr_can_be_bounded_by_photos_of_packages(pictures: Shell) -> None:
    done = optimize(pictures, "--precisions", "fp32,int8-static", "--min-sqnr", "90", backends="onnxruntime")
    assert done.returncode == 0, done.stderr
    assert search_of(pictures)["winners"][0]["cell"].startswith("onnxruntime/fp32/")


def test_packaged_inputs_of_another_name_are_refused(shell: Shell) -> None:
    assert_one_error(shell.run("optimize", "model.onnx", "--backends", "fake", "--data", "packaged:photo"), 2, "packaged:photos/judge")


@needs_onnxruntime
def test_bound_that_int8_cannot_hold_hands_back_another_precision_and_says_why(pictures: Shell) -> None:
    done = optimize(pictures, "--data", "inputs.npz", "--precisions", "fp32,int8-static", "--min-sqnr", "90", backends="onnxruntime")
    assert done.returncode == 0, done.stderr
    search = search_of(pictures)
    assert search["winners"][0]["cell"].startswith("onnxruntime/fp32/")
    reasons = [step["reason"] for step in search["log"] if step["candidate"] == "onnxruntime/int8-static/b1/cpu"]
    assert any("is below 90 dB" in reason or "wrong answers" in reason for reason in reasons), reasons


@needs_onnxruntime
def test_too_few_samples_for_the_metric_are_said(pictures: Shell) -> None:
    done = optimize(pictures, "--data", "inputs.npz", "--samples", "16", "--metric", "agreement", "--max-drop", "1%", "--precisions", "fp32,int8-static", backends="onnxruntime")
    assert done.returncode == 0, done.stderr
    reasons = [step["reason"] for step in search_of(pictures)["log"] if step["candidate"] == "onnxruntime/int8-static/b1/cpu"]
    assert any("too few to tell" in reason or "accuracy: " in reason for reason in reasons), reasons
