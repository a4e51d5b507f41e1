"""The machine is looked at before anything is measured, and two runs do not measure each other."""

import fcntl
import json
import os
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from conftest import Shell, assert_one_error, wait_until
from resumed import edit_journal


def machine_with(folder: Path, governor: str) -> dict[str, str]:
    """A tree in place of /proc and /sys: one CPU, and nothing else that can be read."""
    root = folder / "machine"
    cpufreq = root / "sys/devices/system/cpu/cpu0/cpufreq"
    cpufreq.mkdir(parents=True)
    (cpufreq / "scaling_governor").write_text(f"{governor}\n")
    (root / "proc/self").mkdir(parents=True)
    (root / "proc/self/status").write_text("Cpus_allowed_list:\t0\n")
    return {"PODIUM_MACHINE_ROOT": str(root)}


def test_strict_refuses_a_bad_machine_and_says_what_mends_it(shell: Shell) -> None:
    done = shell.bench("--strict", "--json", "r.json", env=machine_with(shell.folder, "powersave"))
    assert done.stdout == "" and done.returncode == 1, done.stderr
    assert "--strict: this machine is not fit to measure on" in done.stderr and "'powersave'" in done.stderr
    assert "cpupower frequency-set -g performance" in done.stderr and "leave out --strict" in done.stderr
    assert not (shell.folder / "r.json").exists()


def test_without_strict_a_bad_machine_is_a_warning(shell: Shell) -> None:
    done = shell.bench("--json", "r.json", env=machine_with(shell.folder, "powersave"))
    assert done.returncode == 0, done.stderr
    environment = json.loads((shell.folder / "r.json").read_text(encoding="utf-8"))["environment"]
    assert any("powersave" in warning and "cpupower" in warning for warning in environment["warnings"])
    assert environment["preflight"]["cpu_governor"] == "powersave"
    assert environment["preflight"]["temperature"] == "not readable"


def test_strict_measures_on_a_good_machine(shell: Shell) -> None:
    done = shell.bench("--strict", "--threads", "1", env=machine_with(shell.folder, "performance"))
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("flags, expected", [((), True), (("--normal-priority",), False)])
def test_the_results_say_whether_workers_went_before_other_programs(shell: Shell, flags: tuple[str, ...], expected: bool) -> None:
    done = shell.bench("--json", "r.json", *flags)
    assert done.returncode == 0, done.stderr
    results = json.loads((shell.folder / "r.json").read_text(encoding="utf-8"))
    assert results["settings"]["high_priority"] is expected
    told = results["environment"]["preflight"]["priority"]
    assert (told == "workers beside other programs, as asked") is not expected and told.startswith("workers be")


@contextmanager
def load_elsewhere() -> Iterator[None]:
    """A program that keeps a CPU busy, and not that of a worker with one thread, which has the first."""
    last = max(os.sched_getaffinity(0))
    with subprocess.Popen(["/bin/sh", "-c", "while :; do :; done"], preexec_fn=lambda: os.sched_setaffinity(0, {last})) as process:
        try:
            yield
        finally:
            process.kill()


@pytest.mark.skipif(len(os.sched_getaffinity(0)) < 2, reason="wants a CPU for the load and one for the worker")
def test_load_beside_a_run_is_named_though_only_the_hypervisor_disturbed_a_block(shell: Shell) -> None:
    flags = ("--json", "r.json", "--threads", "1", "--normal-priority")
    assert shell.bench(*flags, "--set", "fake.latency-us=1000").returncode == 0

    def steal(line: dict) -> None:
        if line["kind"] == "block":
            line["block"] |= {"evidence": "the hypervisor took 50 % of the CPUs"}
            line["block"]["load"] |= {"foreign_share": 0.0, "steal_share": 0.5}

    edit_journal(shell, steal)
    with load_elsewhere():
        done = shell.bench(*flags, "--set", "fake.latency-us=1000,2000", "--resume", "--warm-up", "1s")
    assert done.returncode == 0, done.stderr
    warnings = json.loads((shell.folder / "r.json").read_text(encoding="utf-8"))["environment"]["warnings"]
    assert any("the hypervisor, which took up to 50 %" in warning for warning in warnings), warnings
    assert any("a foreign load" in warning and "sh (" in warning for warning in warnings), warnings
    assert not any("went before" in warning for warning in warnings), "they did not, as asked"


def hold_lock(shell: Shell):
    file = (shell.folder / "cache" / "podium-cpu.lock").open("w")
    file.write("process 4711 of somebody since 2026-01-01 00:00:00 UTC: podium bench other.onnx")
    file.flush()
    fcntl.flock(file, fcntl.LOCK_EX)
    return file


def test_no_wait_refuses_and_names_the_owner(shell: Shell) -> None:
    with hold_lock(shell):
        done = shell.bench("--no-wait")
    assert_one_error(done, 3, "another run measures on cpu just now", "process 4711 of somebody", "other.onnx", "--no-wait")


def test_a_replay_and_a_check_of_an_artefact_measure_too(shell: Shell) -> None:
    assert shell.bench("--set", "fake.output=constant", "--json", "r.json").returncode == 0
    assert shell.run("pack", "r.json", "-o", "best").returncode == 0
    with hold_lock(shell):
        for command in (("replay", "r.json", "--quiet"), ("verify", "best", "--quiet")):
            done = shell.run(*command, "--no-wait")
            assert_one_error(done, 3, "another run measures on cpu just now", "process 4711 of somebody")


def test_second_run_waits_before_it_reads_the_model_and_tells_at_once_that_there_is_none(shell: Shell) -> None:
    (shell.folder / "broken.onnx").write_bytes(b"no model")
    with hold_lock(shell):
        for command in ("bench", "optimize"):
            done = shell.run(command, "broken.onnx", "--backends", "fake", "--no-wait")
            assert_one_error(done, 3, "another run measures on cpu just now", "process 4711 of somebody")
            assert_one_error(shell.run(command, "nowhere.onnx", "--backends", "fake"), 2, "nowhere.onnx")
    for command in ("bench", "optimize"):
        assert_one_error(shell.run(command, "broken.onnx", "--backends", "fake", "--no-wait"), 2, "broken.onnx")


def test_second_run_tells_at_once_that_there_are_no_such_inputs(shell: Shell) -> None:
    (shell.folder / "broken.json").write_text("no JSON", encoding="utf-8")
    with hold_lock(shell):
        for command, flag in (("bench", "--data"), ("optimize", "--data"), ("optimize", "--calibrate")):
            done = shell.run(command, "model.onnx", "--backends", "fake", flag, "nowhere", timeout=60)
            assert_one_error(done, 2, "there is no 'nowhere' to take inputs from")
        for command in ("bench", "optimize"):
            done = shell.run(command, "model.onnx", "--backends", "fake", "--data", "model.onnx", "--preprocess", "broken.json", timeout=60)
            assert_one_error(done, 2, "broken.json")


def test_check_of_an_artefact_waits_before_it_runs_the_engine_though_it_measures_nothing(shell: Shell) -> None:
    assert shell.bench("--set", "fake.output=constant", "--json", "r.json").returncode == 0
    assert shell.run("pack", "r.json", "-o", "best").returncode == 0
    with hold_lock(shell):
        done = shell.run("verify", "best", "--quiet", "--no-speed", "--no-wait")
    assert_one_error(done, 3, "another run measures on cpu just now")
    assert shell.run("verify", "best", "--quiet", "--no-speed", "--no-wait").returncode == 0


def test_second_run_waits_and_says_for_whom(shell: Shell) -> None:
    log = shell.folder / "err"
    arguments = ("bench", "model.onnx", "--backends", "fake", "--precisions", "fp32", "--launches", "1", "--warm-up", "50ms", "--budget", "300ms")
    with hold_lock(shell) as lock, log.open("w") as err, shell.start(*arguments, stderr=err) as process:
        assert wait_until(lambda: "process 4711 of somebody" in log.read_text())
        assert process.poll() is None
        lock.close()
        out, _ = process.communicate(timeout=120)
    assert process.returncode == 0 and "Batch 1" in out


def test_waiting_can_be_interrupted(shell: Shell) -> None:
    log = shell.folder / "err"
    with hold_lock(shell), log.open("w") as err, shell.start("bench", "model.onnx", "--backends", "fake", stderr=err) as process:
        assert wait_until(lambda: "process 4711" in log.read_text())
        process.send_signal(signal.SIGINT)
        assert process.wait(timeout=30) == 130
