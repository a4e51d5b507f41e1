"""From a measurement to an artefact that runs and can be checked: pack, run, verify, with ONNX Runtime, and what they refuse."""

import contextlib
import hashlib
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import numpy
import onnx
import pytest

from conftest import PROGRAM, Shell, assert_one_error, shell_in, wait_until
from models import classifier, write_inputs

WEIGHT = numpy.random.default_rng(0).standard_normal((4, 3)).astype("float32")
B1, B8 = "onnxruntime/fp32/b1/cpu", "onnxruntime/fp32/b8/cpu"


@pytest.fixture(scope="module")
def packed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the model, its measurement and the artefact, made once."""
    with shell_in(tmp_path_factory.mktemp("packed")) as shell:
        done = shell.run("bench", "model.onnx", "--backends", "onnxruntime", "--precisions", "fp32", "--batch", "1,8", "--launches", "2", "--warm-up", "50ms",
                         "--budget", "1s", "--json", "results.json")
        assert done.returncode == 0, done.stderr
        done = shell.run("pack", "results.json", "-o", "best")
        assert done.returncode == 0, done.stderr
        assert "best: 2 variants" in done.stdout and B1 in done.stdout and B8 in done.stdout
    return shell.folder


@pytest.fixture
def artefact(shell: Shell, packed: Path) -> Path:
    shutil.copytree(packed / "best", shell.folder / "best")
    shutil.copy(packed / "results.json", shell.folder)
    return shell.folder / "best"


def manifest_of(artefact: Path) -> dict:
    return json.loads((artefact / "artifact.json").read_text(encoding="utf-8"))


def test_manifest_says_what_it_is_and_what_was_shown(artefact: Path) -> None:
    manifest = manifest_of(artefact)
    assert manifest["schema"] == "podium.artifact/1"
    assert [variant["cell"] for variant in manifest["variants"]] == [B1, B8]
    assert manifest["inputs"] == [{"name": "features", "type": "float32", "shape": ["batch", 4]}]
    assert manifest["variants"][1]["inputs"][0]["shape"] == [8, 4]
    assert manifest["variants"][0]["median_ms"] > 0
    assert any("task accuracy: not measured" in note for note in manifest["notes"])
    assert manifest["install"]


def test_variants_of_one_file_share_it(artefact: Path) -> None:
    models = [file for file in (artefact / "models").rglob("*") if file.is_file()]
    assert len(models) == 1
    assert models[0].read_bytes() == (artefact.parent / "model.onnx").read_bytes()


def test_evidence_is_a_results_file_of_the_chosen_cells(shell: Shell, artefact: Path) -> None:
    evidence = json.loads((artefact / "evidence" / "results.json").read_text(encoding="utf-8"))
    assert {cell["id"] for cell in evidence["cells"]} == {B1, B8}
    assert all(cell["blocks"] for cell in evidence["cells"])


def test_recorded_answers_are_those_of_the_model(artefact: Path) -> None:
    variant = manifest_of(artefact)["variants"][1]
    raw = (artefact / variant["recorded"]).read_bytes()

    def tensor(entry: dict) -> numpy.ndarray:
        count = int(numpy.prod(entry["shape"]))
        return numpy.frombuffer(raw, "float32", count, entry["offset"]).reshape(entry["shape"])

    for call in variant["calls"]:
        assert numpy.allclose(tensor(call["outputs"][0]), tensor(call["inputs"][0]) @ WEIGHT, atol=1e-4)


def test_run_answers_data_and_writes_what_it_answered(shell: Shell, artefact: Path) -> None:
    data = numpy.random.default_rng(3).standard_normal((11, 4)).astype("float32")
    numpy.savez(shell.folder / "data.npz", features=data)
    done = shell.run("run", "best", "--data", "data.npz", "--batch", "8", "-o", "answers.npz", "--quiet")
    assert done.returncode == 0, done.stderr
    assert "11 samples" in done.stdout and "in 2 calls" in done.stdout and "scores float32 [11x3]" in done.stdout
    with numpy.load(shell.folder / "answers.npz") as answers:
        assert numpy.allclose(answers["scores"], data @ WEIGHT, atol=1e-4)


def test_run_generates_inputs_and_repeats(shell: Shell, artefact: Path) -> None:
    done = shell.run("run", "best", "--repeat", "5", "--samples", "4", "--quiet")
    assert done.returncode == 0, done.stderr
    assert "4 samples" in done.stdout and "in 20 calls" in done.stdout


def test_moved_archive_runs_like_the_folder(shell: Shell, artefact: Path) -> None:
    done = shell.run("pack", "results.json", "-o", "best.zip", "--cell", B1)
    assert done.returncode == 0, done.stderr
    (shell.folder / "elsewhere").mkdir()
    (shell.folder / "best.zip").rename(shell.folder / "elsewhere" / "moved.zip")
    assert shell.run("run", "elsewhere/moved.zip", "--quiet").returncode == 0
    assert shell.run("verify", "elsewhere/moved.zip", "--no-speed", "--quiet").returncode == 0


def test_pack_of_a_changed_model_is_refused(shell: Shell, artefact: Path, packed: Path) -> None:
    results = json.loads((shell.folder / "results.json").read_text(encoding="utf-8"))
    results["settings"]["model"] = str(shell.folder / "model.onnx")
    results["model"]["sha256"] = "0" * 64
    (shell.folder / "results.json").write_text(json.dumps(results), encoding="utf-8")
    assert_one_error(shell.run("pack", "results.json", "-o", "new", "--quiet"), 2, "is not the one that was measured")
    assert not (shell.folder / "new").exists()


def test_pack_refuses_a_place_that_is_taken_before_it_does_anything(shell: Shell, artefact: Path) -> None:
    assert_one_error(shell.run("pack", "results.json", "-o", "best", "--quiet"), 2, "is there already", "--overwrite")
    assert_one_error(shell.run("pack", "results.json", "-o", "no/best", "--quiet"), 2, "is not there")
    (shell.folder / "precious").mkdir()
    assert_one_error(shell.run("pack", "results.json", "-o", "precious", "--overwrite", "--quiet"), 2, "is no artefact")


def test_pack_overwrites_where_that_is_asked_for(shell: Shell, artefact: Path) -> None:
    done = shell.run("pack", "results.json", "-o", "best", "--overwrite", "--cell", B8)
    assert done.returncode == 0, done.stderr
    assert [variant["cell"] for variant in manifest_of(artefact)["variants"]] == [B8]


@pytest.fixture(scope="module")
def mixed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A measurement of two engines, and an artefact that has one for each batch size."""
    if not (PROGRAM.parent / "backends/podium-backend-openvino.so").exists():
        pytest.skip("OpenVINO is not built in")
    with shell_in(tmp_path_factory.mktemp("mixed")) as shell:
        done = shell.run("bench", "model.onnx", "--backends", "onnxruntime,openvino", "--precisions", "fp32", "--batch", "1,8", "--launches", "1", "--warm-up",
                         "50ms", "--budget", "1s", "--json", "results.json")
        assert done.returncode == 0, done.stderr
        cells = ("--cell", B1, "--cell", "openvino/fp32/b8/cpu")
        assert_one_error(shell.run("pack", "results.json", "-o", "best", *cells, "--quiet"), 2, "an artefact holds one engine, unless --multi-engine")
        done = shell.run("pack", "results.json", "-o", "best", *cells, "--multi-engine")
        assert done.returncode == 0, done.stderr
    numpy.save(shell.folder / "features.npy", numpy.random.default_rng(3).standard_normal((16, 4)).astype("float32"))
    return shell.folder


def test_each_batch_size_may_have_another_engine(shell: Shell, mixed: Path) -> None:
    manifest = manifest_of(mixed / "best")
    assert [variant["backend"] for variant in manifest["variants"]] == ["onnxruntime", "openvino"]
    assert len(manifest["install"]) == 2, "what either engine needs"
    for batch, engine in (("1", "ONNX Runtime"), ("8", "OpenVINO")):
        done = shell.run("run", str(mixed / "best"), "--data", str(mixed / "features.npy"), "--batch", batch, "-o", f"answers{batch}.npz")
        assert done.returncode == 0, done.stderr
        assert engine in done.stdout
        (answers,) = numpy.load(shell.folder / f"answers{batch}.npz").values()
        assert numpy.allclose(answers, numpy.load(mixed / "features.npy") @ WEIGHT, atol=1e-4)


def test_every_engine_of_an_artefact_is_verified_and_measured(shell: Shell, mixed: Path) -> None:
    verified = shell.run("verify", str(mixed / "best"), "--no-speed")
    assert verified.returncode == 0, verified.stdout
    assert verified.stdout.count("is here") == 2 and verified.stdout.count("outputs") == 2
    measured = shell.run("bench", str(mixed / "best"), "--launches", "1", "--warm-up", "50ms", "--budget", "1s", "--json", "again.json")
    assert measured.returncode == 0, measured.stderr
    again = {cell["id"] for cell in json.loads((shell.folder / "again.json").read_text(encoding="utf-8"))["cells"]}
    assert {B1, "openvino/fp32/b8/cpu"} <= again


def test_process_of_the_other_engine_ends_with_a_program_that_is_killed(shell: Shell, mixed: Path) -> None:
    running = shell.start("run", str(mixed / "best"), "--data", str(mixed / "features.npy"), "--batch", "8", "--repeat", "10000000")
    children = Path(f"/proc/{running.pid}/task/{running.pid}/children")
    assert wait_until(lambda: bool(children.read_text().split()))
    (host,) = children.read_text().split()
    assert wait_until(lambda: "podium-host" in Path(f"/proc/{host}/cmdline").read_text())
    running.kill()
    running.communicate()
    assert wait_until(lambda: not shell.processes())


def test_texts_are_refused_where_no_tokenizer_came_with_the_model(shell: Shell, artefact: Path) -> None:
    assert_one_error(shell.run("run", "best", "--data", "texts.txt", "--quiet"), 2, "there is no 'texts.txt' to take inputs from")
    (shell.folder / "texts.txt").write_text("a text\n", encoding="utf-8")
    assert_one_error(shell.run("run", "best", "--data", "texts.txt", "--quiet"), 2, "no tokenizer came with the model", "hf:DIR")


def test_pack_names_the_nearest_cell(shell: Shell, artefact: Path) -> None:
    assert_one_error(shell.run("pack", "results.json", "-o", "new", "--cell", "onnxruntime/fp32/b1/cp"), 2, f"did you mean '{B1}'", f"choose from {B1}")


def test_bench_measures_the_artefact_s_own_files_beside_their_baseline(shell: Shell) -> None:
    """The int8 file of the artefact is measured, not one made anew: nothing is built, though the cache is empty."""
    onnx.save(classifier(), shell.folder / "model.onnx")
    write_inputs(shell.folder / "inputs.npz", 64, image=(3, 16, 16))
    fp32, int8 = "onnxruntime/fp32/b1/cpu", "onnxruntime/int8-static/b1/cpu"
    pace = ("--launches", "1", "--warm-up", "50ms", "--budget", "500ms")
    measured = shell.run("bench", "model.onnx", "--backends", "onnxruntime", "--precisions", "fp32,int8-static", "--data", "inputs.npz", *pace, "--json", "first.json")
    assert measured.returncode == 0, measured.stderr
    packed = shell.run("pack", "first.json", "-o", "best", "--cell", int8)
    assert packed.returncode == 0, packed.stderr
    shutil.rmtree(shell.folder / "cache")
    (shell.folder / "cache").mkdir()
    done = shell.run("bench", "best", *pace, "--json", "second.json")
    assert done.returncode == 0, done.stderr
    results = json.loads((shell.folder / "second.json").read_text(encoding="utf-8"))
    cells = {cell["id"]: cell for cell in results["cells"]}
    assert set(cells) == {fp32, int8}
    assert cells[fp32]["is_baseline"] and cells[int8]["ratio_to_baseline"]
    variant = json.loads((shell.folder / "best/artifact.json").read_text(encoding="utf-8"))
    assert cells[int8]["variant_sha256"] == variant["files"][variant["variants"][0]["model"]]["sha256"]
    assert cells[int8]["build_s"] is None


def test_bench_of_an_artefact_takes_no_other_question_and_refuses_a_changed_one(shell: Shell, artefact: Path) -> None:
    assert_one_error(shell.run("bench", "best", "--batch", "4"), 2, "--batch: the artefact 'best' is measured as it was")
    model = next(file for file in (artefact / "models").rglob("*") if file.is_file())
    model.write_bytes(model.read_bytes()[:-1])
    assert_one_error(shell.run("bench", "best"), 2, model.name)


def test_verify_of_an_untouched_artefact_holds(shell: Shell, artefact: Path) -> None:
    evidence = artefact / "evidence" / "results.json"
    results = json.loads(evidence.read_text(encoding="utf-8"))
    for cell in results["cells"]:  # a recorded time that is uncertain by a factor of ten, so that a busy machine is no reason to fail
        for block in cell["blocks"]:
            factor = 0.1 if (block["launch"] + block["round"]) % 2 else 10.0
            block["samples_ns"] = [round(sample * factor) for sample in block["samples_ns"]]
    rewrite(artefact, evidence, json.dumps(results))
    done = shell.run("verify", "best", "--budget", "500ms", "--quiet")
    assert done.returncode == 0, done.stdout + done.stderr
    assert [line.split()[0] for line in done.stdout.splitlines()] == ["files", "engine", "outputs", "outputs", "speed", "speed"]
    assert "failed" not in done.stdout


def rewrite(artefact: Path, file: Path, text: str) -> None:
    """Changes a file of an artefact, and its hash with it."""
    file.write_text(text, encoding="utf-8")
    manifest = manifest_of(artefact)
    manifest["files"][file.relative_to(artefact).as_posix()] = {"sha256": hashlib.sha256(text.encode()).hexdigest(), "bytes": len(text.encode())}
    (artefact / "artifact.json").write_text(json.dumps(manifest), encoding="utf-8")


def test_verify_finds_that_it_is_slower_than_recorded(shell: Shell, artefact: Path) -> None:
    evidence = artefact / "evidence" / "results.json"
    results = json.loads(evidence.read_text(encoding="utf-8"))
    for cell in results["cells"]:
        for block in cell["blocks"]:
            block["samples_ns"] = [max(1, round(sample * 0.001)) for sample in block["samples_ns"]]
    rewrite(artefact, evidence, json.dumps(results))
    done = shell.run("verify", "best", "--budget", "500ms", "--quiet")
    assert done.returncode == 1, done.stdout + done.stderr
    assert "speed    failed" in done.stdout and "try: " in done.stdout


def test_verify_tells_of_a_load_that_the_session_of_its_workers_holds_off(shell: Shell, artefact: Path) -> None:
    with contextlib.ExitStack() as hogs:
        for _ in os.sched_getaffinity(0):
            # In the session of podium itself, as what else runs in the same terminal.
            hog = hogs.enter_context(subprocess.Popen([sys.executable, "-c", "while True: pass"]))
            hogs.callback(hog.kill)
        done = shell.run("verify", "best", "--budget", "2s", "--quiet")
    speed = [line for line in done.stdout.splitlines() if line.startswith("speed ")]
    assert speed, done.stdout + done.stderr
    for line in speed:  # whether it is held off in every block is the machine's to say
        assert "while it was measured: a foreign load " in line and "python" in line, line


def test_verify_tells_who_used_the_cpus_while_it_measured(shell: Shell, artefact: Path) -> None:
    with contextlib.ExitStack() as hogs:
        for _ in range(4 * len(os.sched_getaffinity(0))):
            # Linux shares CPUs out by session: hogs in the one of podium itself are held off by workers, which have their own, in most blocks.
            hog = hogs.enter_context(subprocess.Popen([sys.executable, "-c", "while True: pass"], start_new_session=True))
            hogs.callback(hog.kill)
        done = shell.run("verify", "best", "--budget", "2s", "--quiet")
    speed = [line for line in done.stdout.splitlines() if line.startswith("speed ")]
    assert speed, done.stdout + done.stderr
    for line in speed:
        assert "while it was measured: a foreign load of up to " in line and " blocks from " in line, line


def test_verify_finds_a_changed_file_and_goes_no_further(shell: Shell, artefact: Path) -> None:
    model = next(file for file in (artefact / "models").rglob("*") if file.is_file())
    content = bytearray(model.read_bytes())
    content[-1] ^= 1
    model.write_bytes(content)
    done = shell.run("verify", "best", "--quiet")
    assert done.returncode == 1
    assert "files    failed" in done.stdout and "was changed" in done.stdout and "engine" not in done.stdout.split()[0]
    assert_one_error(shell.run("run", "best", "--quiet"), 2, "was changed")


def test_verify_finds_another_version_of_the_engine(shell: Shell, artefact: Path) -> None:
    manifest = manifest_of(artefact)
    for variant in manifest["variants"]:
        variant["engine_version"] = "0.0.1"
    (artefact / "artifact.json").write_text(json.dumps(manifest), encoding="utf-8")
    done = shell.run("verify", "best", "--no-speed", "--quiet", "--html", "verified.html")
    assert done.returncode == 1
    assert "engine   failed" in done.stdout and "0.0.1 was measured" in done.stdout and "outputs  passed" in done.stdout
    page = (shell.folder / "verified.html").read_text(encoding="utf-8")
    assert "does not hold here: engine." in page and "0.0.1 was measured" in page and "podium verify best --no-speed" in page


def test_verify_finds_answers_that_are_not_the_recorded_ones(shell: Shell, artefact: Path) -> None:
    manifest = manifest_of(artefact)
    variant = manifest["variants"][0]
    raw = bytearray((artefact / variant["recorded"]).read_bytes())
    offset = variant["calls"][0]["outputs"][0]["offset"]
    raw[offset:offset + 12] = numpy.array([9, -9, 9], "float32").tobytes()
    (artefact / variant["recorded"]).write_bytes(raw)
    manifest["files"][variant["recorded"]]["sha256"] = hashlib.sha256(raw).hexdigest()
    (artefact / "artifact.json").write_text(json.dumps(manifest), encoding="utf-8")
    done = shell.run("verify", "best", "--no-speed", "--quiet")
    assert done.returncode == 1
    assert "outputs  failed" in done.stdout and "outputs  passed" in done.stdout


def test_verify_tells_the_speed_on_another_machine_and_does_not_judge_it(shell: Shell, artefact: Path) -> None:
    evidence = artefact / "evidence" / "results.json"
    results = json.loads(evidence.read_text(encoding="utf-8"))
    results["environment"]["cpu"] = "Another Processor"
    rewrite(artefact, evidence, json.dumps(results))
    done = shell.run("verify", "best", "--budget", "500ms", "--quiet")
    assert done.returncode == 0, done.stdout
    assert "speed    not judged" in done.stdout and "another machine" in done.stdout


def test_there_being_no_artefact_is_wrong_use(shell: Shell) -> None:
    assert_one_error(shell.run("verify", "nothing"), 2, "there is no artefact 'nothing'")
    assert_one_error(shell.run("run", "nothing", "--quiet"), 2, "there is no artefact 'nothing'")
    assert_one_error(shell.run("run", ".", "--quiet"), 2, "is no artefact")


def test_run_says_what_the_model_takes_where_data_do_not_fit(shell: Shell, artefact: Path) -> None:
    numpy.savez(shell.folder / "data.npz", features=numpy.zeros((3, 5), "float32"))
    assert_one_error(shell.run("run", "best", "--data", "data.npz", "--quiet"), 2, "features")


def test_flags_that_contradict_are_refused(shell: Shell, artefact: Path) -> None:
    assert_one_error(shell.run("verify", "best", "--no-speed", "--budget", "1s"), 2, "--no-speed")
    assert_one_error(shell.run("verify", "best", "--no-speed", "--html", "nowhere/page.html"), 2, "there is no folder nowhere")
