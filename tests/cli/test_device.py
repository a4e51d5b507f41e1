"""--device and --timing-boundary. The fake backend has a GPU of its own making, so what Podium does for one shows without one."""

import fcntl
import json
import os
from pathlib import Path

import pytest
from conftest import Shell, assert_one_error


def nvml(folder: Path, readings: str) -> dict[str, str]:
    """NVIDIA's management library of the tests, with these readings."""
    library = Path(os.environ["PODIUM_TEST_BUILD"]) / "tests/modules/test_nvml_today.so"
    if not library.exists():
        pytest.skip("the unit tests' library is not built")
    (folder / "readings").write_text(readings, encoding="utf-8")
    return {"PODIUM_NVML": str(library), "PODIUM_TEST_NVML": str(folder / "readings")}


def results_of(shell: Shell) -> dict:
    return json.loads((shell.folder / "r.json").read_text(encoding="utf-8"))


def test_on_a_gpu_calls_are_timed_on_it_and_by_its_own_clock_too(shell: Shell) -> None:
    done = shell.bench("--device", "cuda", "--set", "fake.latency-us=500", "--json", "r.json")
    assert done.returncode == 0, done.stderr
    assert "timing boundary: device" in done.stdout
    results = results_of(shell)
    (cell,) = results["cells"]
    assert cell["id"].startswith("fake/fp32/b1/cuda:0") and cell["device"] == "cuda:0" and cell["timing_boundary"] == "device"
    assert 0.5 <= cell["device_clock"]["device_ms"] <= cell["device_clock"]["host_ms"]
    assert results["settings"]["device"] == "cuda:0" and results["settings"]["timing_boundary"] == "device"


def test_a_search_runs_on_the_device_that_it_is_given(shell: Shell) -> None:
    options = ["--backends", "fake", "--set", "fake.latency-us=1000", "--warm-up", "50ms", "--budget", "10s", "--search-log", "search.json"]
    done = shell.run("optimize", "model.onnx", "--device", "cuda:0", *options)
    assert done.returncode == 0, done.stderr
    search = json.loads((shell.folder / "search.json").read_text(encoding="utf-8"))
    assert search["winners"][0]["cell"].startswith("fake/fp32/b1/cuda:0")
    assert_one_error(shell.run("optimize", "model.onnx", "--device", "gpu", *options), 2, "'gpu' is not known")


def test_copies_are_timed_where_that_is_asked_for(shell: Shell) -> None:
    done = shell.bench("--device", "cuda:0", "--timing-boundary", "host", "--json", "r.json")
    assert done.returncode == 0, done.stderr
    (cell,) = results_of(shell)["cells"]
    assert cell["timing_boundary"] == "host" and cell["device_clock"] is None
    assert "timing boundary 'device'" in cell["missing"]["device_clock"]


def test_clocks_that_contradict_each_other_are_a_warning(shell: Shell) -> None:
    options = ["--set", "fake.latency-us=500", "--set", "fake.device-clock-percent=300"]
    done = shell.bench("--device", "cuda:0", *options, "--json", "r.json")
    assert done.returncode == 0, done.stderr
    assert any("returned before its work was done" in warning for warning in results_of(shell)["environment"]["warnings"])


def test_the_cpu_has_no_device_boundary(shell: Shell) -> None:
    done = shell.bench("--timing-boundary", "device")
    assert_one_error(done, 2, "--timing-boundary device", "--device cuda:0")


def test_unknown_devices_and_boundaries_are_refused(shell: Shell) -> None:
    assert_one_error(shell.bench("--device", "gpu"), 2, "'gpu' is not known", "cuda:0")
    assert_one_error(shell.bench("--device", "cuda:x"), 2, "'cuda:x' is not known")
    assert_one_error(shell.bench("--device", "cuda", "--timing-boundary", "hots"), 2, "did you mean 'host'?")


def test_a_gpu_that_is_not_there_costs_the_cell_and_names_those_that_are(shell: Shell) -> None:
    done = shell.bench("--device", "cuda:3")
    assert done.returncode == 3, done.stdout
    assert "'cuda:3'" in done.stdout and "cuda:0" in done.stdout


def test_a_run_is_taken_up_on_its_own_device_only(shell: Shell) -> None:
    assert shell.bench("--device", "cuda:0", "--json", "r.json").returncode == 0
    assert_one_error(shell.bench("--json", "r.json", "--resume"), 2, "--device", "--timing-boundary")


def test_what_the_gpu_did_is_kept_with_each_block(shell: Shell) -> None:
    environment = nvml(shell.folder, "clock 1500\nmilliwatts 350000\ntemperature 60\nmemory_used 300\nbusy 0\nreasons 4\nheat_ns 7\nboard_limit_ns 0\npersistence 1")
    done = shell.bench("--device", "cuda:0", "--json", "r.json", env=environment)
    assert done.returncode == 0, done.stderr
    results = results_of(shell)
    gpu = results["cells"][0]["blocks"][0]["load"]["gpu"]
    assert gpu["clock_mhz"] == 1500 and gpu["power_w"] == 350 and gpu["throttle"] == "power cap" and gpu["throttled_share"] == 0
    assert results["environment"]["gpus"][0]["name"] == "Test GPU 0"
    assert results["environment"]["preflight"]["gpu_temperature"] == "60 °C"
    assert results["cells"][0]["memory"]["device_bytes"] == 0


def test_one_gpu_is_measured_on_by_one_run_whatever_number_each_knows_it_by(shell: Shell) -> None:
    environment = nvml(shell.folder, "memory_used 0")
    with (shell.folder / "cache" / "podium-GPU-bbbb-1.lock").open("w") as lock:
        lock.write("process 4711 of somebody since 2026-01-01 00:00:00 UTC: podium bench other.onnx")
        lock.flush()
        fcntl.flock(lock, fcntl.LOCK_EX)
        for device, visible in (("cuda:1", None), ("cuda:0", "1,0"), ("cuda:0", "GPU-bbbb")):
            more = {} if visible is None else {"CUDA_VISIBLE_DEVICES": visible}
            done = shell.bench("--device", device, "--no-wait", env=environment | more)
            assert_one_error(done, 3, f"another run measures on {device} (GPU-bbbb-1) just now", "process 4711 of somebody", "--no-wait")
        assert shell.bench("--device", "cuda:0", "--no-wait", env=environment).returncode == 0, "the other GPU is free"


def test_strict_refuses_a_gpu_that_another_program_uses(shell: Shell) -> None:
    done = shell.bench("--device", "cuda:0", "--strict", env=nvml(shell.folder, "busy 90"))
    assert done.returncode == 1 and "Another program keeps the GPU busy" in done.stderr, done.stderr


def test_artefact_of_a_gpu_brings_what_was_compiled_and_runs_on_inputs_of_the_host(shell: Shell) -> None:
    done = shell.bench("--device", "cuda:0", "--set", "fake.compiles=on", "--set", "fake.latency-us=2000", "--launches", "2", "--json", "r.json",
                       env={"PODIUM_FAKE_GPU": "first"})
    assert done.returncode == 0, done.stderr
    packed = shell.run("pack", "r.json", "-o", "best", env={"PODIUM_FAKE_GPU": "first"})
    assert packed.returncode == 0, packed.stderr
    manifest = json.loads((shell.folder / "best/artifact.json").read_text(encoding="utf-8"))
    assert [file for file in manifest["files"] if file.startswith("engine/")] == ["engine/fake-first.engine"]
    assert any("elsewhere it compiles the model anew" in note for note in manifest["notes"])

    elsewhere = {"XDG_CACHE_HOME": str(shell.folder / "fresh")}
    here = shell.run("run", "best", env=elsewhere | {"PODIUM_FAKE_GPU": "first"})
    assert here.returncode == 0 and "compiled" not in here.stderr, here.stderr
    there = shell.run("run", "best", env=elsewhere | {"PODIUM_FAKE_GPU": "second"})
    assert there.returncode == 0 and "it compiled models/0/model.onnx for this GPU" in " ".join(there.stderr.split()), there.stderr
    verified = shell.run("verify", "best", "--budget", "2s", env={"PODIUM_FAKE_GPU": "first"})
    assert verified.returncode in (0, 1) and "recorded answers" in verified.stdout and "ms now" in verified.stdout, verified.stdout + verified.stderr

    measured = shell.run("bench", "best", "--launches", "1", "--warm-up", "50ms", "--budget", "300ms",
                         env={"XDG_CACHE_HOME": str(shell.folder / "another"), "PODIUM_FAKE_GPU": "first"})
    assert measured.returncode == 0, measured.stdout + measured.stderr
    loaded = [file.relative_to(shell.folder / "another").parts for file in (shell.folder / "another").rglob("*.engine")]
    assert [parts[1] for parts in loaded] == ["artifact"], "what it brought is loaded, and nothing compiled beside it"


def test_doctor_shows_the_gpus(shell: Shell) -> None:
    done = shell.run("doctor", env=nvml(shell.folder, "memory_used 0"))
    assert done.returncode == 0, done.stderr
    assert "cuda:0" in done.stdout and "Test GPU 1" in done.stdout and "compute capability 9.0" in done.stdout


def test_an_engine_for_gpus_alone_says_so_on_the_cpu(shell: Shell) -> None:
    done = shell.run("bench", "model.onnx", "--backends", "tensorrt", "--precisions", "fp32", "--budget", "300ms")
    assert done.returncode == 3, done.stdout
    assert "TensorRT runs on cuda, not on cpu" in done.stdout


def test_doctor_tells_how_to_get_what_a_gpu_engine_lacks(shell: Shell) -> None:
    text = " ".join(shell.run("doctor").stdout.split())
    described = text[text.index("tensorrt"):]
    if "missing" not in described.split("torch-compile")[0]:
        pytest.skip("TensorRT is here")
    assert "TensorRT_ROOT" in described or "PODIUM_TENSORRT_LIBRARIES" in described or "driver" in described
