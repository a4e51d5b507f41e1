"""`podium doctor --self-test`: every engine that is here runs a tiny model; one that is broken is named with what mends it."""

import json
from pathlib import Path

import pytest

from conftest import BUILD, Shell


def diagnosis(shell: Shell, status: int, **environment: str) -> dict:
    done = shell.run("doctor", "--self-test", "--json", env=environment)
    assert done.returncode == status, f"{done.returncode}\n{done.stdout}\n{done.stderr}"
    return {backend["name"]: backend for backend in json.loads(done.stdout)["backends"]}


def home_with(folder: Path, **changed: str | int) -> str:
    """A PODIUM_HOME in which the fake is an engine like any other, and has a fault by default."""
    home = folder / "home"
    (home / "backends").mkdir(parents=True)
    for program in ("podium-worker", "podium-guard"):
        (home / program).symlink_to(BUILD / program)
    (home / "backends/podium-backend-fake.so").symlink_to(BUILD / "backends/podium-backend-fake.so")
    descriptor = json.loads((BUILD / "backends/fake.json").read_text())
    descriptor["bundled_in_default_runs"] = True
    descriptor["remedy"] = "build it again"
    for option in descriptor["options"]:
        option["default"] = changed.get(option["name"].replace("-", "_"), option["default"])
    (home / "backends/fake.json").write_text(json.dumps(descriptor))
    return str(home)


@pytest.mark.usefixtures("compiler_files")
def test_every_engine_that_is_here_answers_the_tiny_model_rightly(shell: Shell) -> None:
    found = diagnosis(shell, 0)
    here = {name for name, backend in found.items() if backend["available"] and name != "fake"}
    assert len(here) >= 2
    for name in here:
        tests = found[name]["self_tests"]
        assert [test["device"] for test in tests] == found[name]["devices"]
        assert all(test["works"] and test["seconds"] > 0 and test["reason"] is None for test in tests), (name, tests)
    assert found["fake"]["available"] and found["fake"]["self_tests"] == [], "it is no engine"


def test_without_the_flag_nothing_is_tested(shell: Shell) -> None:
    done = shell.run("doctor", "--json")
    assert all(backend["self_tests"] == [] for backend in json.loads(done.stdout)["backends"])


def test_engine_that_is_missing_is_not_tested_and_one_that_lacks_its_compiler_is_broken(shell: Shell) -> None:
    found = diagnosis(shell, 1, PODIUM_PYTHON="/bin/true")
    assert not found["torch-eager"]["available"] and found["torch-eager"]["self_tests"] == []
    (test,) = found["aotinductor"]["self_tests"]
    assert not test["works"] and "scripts/setup" in test["remedy"], test


def test_compiled_engine_without_a_compiler_is_broken_and_told_what_mends_it(shell: Shell) -> None:
    folder = shell.folder / "no-compiler"
    folder.mkdir()
    found = diagnosis(shell, 1, PATH=str(folder), CXX="")
    if not found["aotinductor"]["available"]:
        pytest.skip("aotinductor is not here")
    (test,) = found["aotinductor"]["self_tests"]
    assert not test["works"] and "compiler" in test["reason"] and "apt" in test["remedy"], test
    assert found["onnxruntime"]["self_tests"][0]["works"] and found["openvino"]["self_tests"][0]["works"]


@pytest.mark.parametrize(("fault", "told"), [
    ({}, "its answer is ["),
    ({"crash_at": "load"}, "SIGSEGV"),
    ({"crash_at": "answers"}, "SIGSEGV"),
    ({"error_at": "load"}, "fake"),
    ({"throw_at": "answers"}, "fake"),
])
def test_engine_with_a_fault_is_named_with_the_reason_and_the_mend(shell: Shell, fault: dict[str, str], told: str) -> None:
    (test, *_others) = diagnosis(shell, 1, PODIUM_HOME=home_with(shell.folder, **fault))["fake"]["self_tests"]
    assert not test["works"] and told in test["reason"] and test["remedy"], test


def test_table_says_what_works_and_what_does_not(shell: Shell) -> None:
    done = shell.run("doctor", "--self-test", env={"PODIUM_HOME": home_with(shell.folder, crash_at="load")})
    assert done.returncode == 1
    assert "self-test on cpu: does not work: " in done.stdout and "try: " in done.stdout
    assert "0 of 2 ran a tiny model and answered rightly." in " ".join(done.stdout.split())


def test_list_of_options_starts_no_engine_and_has_no_self_test(shell: Shell) -> None:
    done = shell.run("doctor", "--options", "--self-test")
    assert done.returncode == 2 and "--options" in done.stderr
