"""The consumer of examples/cpp: the runtime installed, the prefix and the artefact moved, built against and run there."""

import os
import re
import subprocess
from pathlib import Path

import numpy
import onnx
import pytest
from installed import BUILD, CMAKE, CXX, EXAMPLES, run_well
from onnx import TensorProto, helper, numpy_helper

CONSUMER = EXAMPLES / "cpp"
WEIGHT = numpy.random.default_rng(0).standard_normal((4, 3)).astype("float32")


def plain_environment(**more: str) -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if not name.startswith("PODIUM_") and name != "LD_LIBRARY_PATH"} | more


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with `prefix` and `artefact`, each moved after it was made, and the consumer built against the former."""
    folder = tmp_path_factory.mktemp("install")
    run_well(CMAKE, "--install", BUILD, "--prefix", folder / "first-prefix", "--component", "runtime")
    (folder / "first-prefix").rename(folder / "prefix")
    model = helper.make_model(
        helper.make_graph([helper.make_node("MatMul", ["features", "weight"], ["scores"])], "small",
                          [helper.make_tensor_value_info("features", TensorProto.FLOAT, ["batch", 4])],
                          [helper.make_tensor_value_info("scores", TensorProto.FLOAT, ["batch", 3])], [numpy_helper.from_array(WEIGHT, "weight")]),
        opset_imports=[helper.make_opsetid("", 17)], ir_version=9)
    onnx.save(model, folder / "model.onnx")
    environment = plain_environment(XDG_CACHE_HOME=str(folder / "cache"), PODIUM_LOCK_DIR=str(folder))
    run_well(BUILD / "podium", "bench", "model.onnx", "--backends", "onnxruntime", "--precisions", "fp32", "--launches", "1", "--warm-up", "50ms", "--budget",
        "300ms", "--json", "results.json", cwd=folder, env=environment)
    run_well(BUILD / "podium", "pack", "results.json", "-o", "first-artefact", cwd=folder, env=environment)
    (folder / "first-artefact").rename(folder / "artefact")
    run_well(CMAKE, "-S", CONSUMER, "-B", folder / "build", f"-DCMAKE_PREFIX_PATH={folder / 'prefix'}", f"-DCMAKE_CXX_COMPILER={CXX}", env=plain_environment())
    run_well(CMAKE, "--build", folder / "build", env=plain_environment())
    return folder


@pytest.fixture(scope="module")
def printed(place: Path) -> str:
    """What it prints; the loader writes down meanwhile what it loads."""
    return run_well(place / "build" / "run_artifact", place / "artefact", env=plain_environment(LD_DEBUG="files", LD_DEBUG_OUTPUT=str(place / "loader")))


@pytest.fixture(scope="module")
def loaded(place: Path, printed: str) -> list[str]:
    """Every library that the process loaded."""
    logs = list(place.glob("loader.*"))
    assert len(logs) == 1
    return re.findall(r"calling init: (\S+)", logs[0].read_text(encoding="utf-8"))


def test_consumer_gets_the_models_answer(printed: str) -> None:
    line = printed.splitlines()[0].split()
    assert line[:2] == ["scores", "float32"]
    expected = numpy.array([0.25, 0.5, 0.75, 1.0], "float32") @ WEIGHT
    assert numpy.allclose([float(value) for value in line[2:]], expected, atol=1e-4)


def test_engine_is_the_module_of_the_moved_prefix(place: Path, loaded: list[str]) -> None:
    modules = [library for library in loaded if "podium-backend-" in library]
    assert len(modules) == 1 and modules[0].startswith(str(place / "prefix")), loaded


def test_no_measuring_part_is_linked_or_loaded(place: Path, loaded: list[str]) -> None:
    library = next((place / "prefix").rglob("libpodium-runtime.so.0"))
    host = next((place / "prefix").rglob("podium-host"))  # what a second engine of an artefact runs in
    for binary, own in ((library, "podium::Model::run"), (host, "podium::runtime::Engine::open")):
        symbols = run_well("nm", "-C", "--defined-only", binary)
        assert own in symbols, binary
        for part in ("measure", "worker", "search", "machine", "accuracy", "report", "convert", "import", "data"):
            assert f"podium::{part}::" not in symbols, (binary, part)
    assert not list((place / "prefix").rglob("podium-worker")) and not list((place / "prefix").rglob("podium-guard"))
    assert loaded and not [library for library in loaded if "podium-worker" in library]


def test_library_shows_its_public_api_and_nothing_else(place: Path) -> None:
    library = next((place / "prefix").rglob("libpodium-runtime.so.0"))
    shown = run_well("nm", "-DC", "--defined-only", library)
    names = [line.split(" ", 2)[2] for line in shown.splitlines()]
    assert any(name.startswith("podium::load(") for name in names)
    assert not [name for name in names if "nlohmann" in name and not name.startswith("podium::")], names
    assert not [name for name in names if not name.startswith("podium::")], names


def test_every_header_that_is_installed_compiles_alone(place: Path) -> None:
    headers = sorted((place / "prefix" / "include" / "podium").glob("*.h"))
    assert [header.name for header in headers] == ["artifact.h", "error.h", "options.h", "results.h", "tensor.h", "types.h"]
    for header in headers:
        run_well(CXX, "-std=c++20", "-fsyntax-only", "-Wall", "-Wextra", "-Werror", "-x", "c++", "-include", header, "/dev/null", f"-I{place / 'prefix' / 'include'}")


def test_missing_artefact_is_an_error_that_says_what_to_do(place: Path) -> None:
    done = subprocess.run([place / "build" / "run_artifact", place / "nothing"], capture_output=True, text=True, check=False, env=plain_environment())
    assert done.returncode == 1
    assert "there is no artefact" in done.stderr and "podium pack" in done.stderr


def test_engine_that_was_not_installed_is_named_with_what_brings_it(place: Path) -> None:
    module = next((place / "prefix").rglob("podium-backend-onnxruntime.so"))
    description = module.with_name("onnxruntime.json")
    away = place / "away"
    away.mkdir()
    try:
        module.rename(away / module.name)
        description.rename(away / description.name)
        done = subprocess.run([place / "build" / "run_artifact", place / "artefact"], capture_output=True, text=True, check=False, env=plain_environment())
    finally:
        for file in away.iterdir():
            file.rename(module.parent / file.name)
    assert done.returncode == 1
    assert "the artefact needs ONNX Runtime" in done.stderr


def test_man_pages_and_completion_are_installed_where_man_and_shells_look(tmp_path: Path) -> None:
    run_well(CMAKE, "--install", BUILD, "--prefix", tmp_path, "--component", "Unspecified")
    share = tmp_path / "share"
    assert (tmp_path / "bin/podium").exists()
    assert (share / "man/man1/podium.1").exists() and (share / "man/man1/podium-bench.1").exists()
    for file in ("bash-completion/completions/podium", "fish/vendor_completions.d/podium.fish", "zsh/site-functions/_podium"):
        assert "podium" in (share / file).read_text(), file
