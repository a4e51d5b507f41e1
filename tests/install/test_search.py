"""The program of examples/search: built against what is installed, which was moved, it searches and runs the winner in two lines."""

import os
import re
from pathlib import Path

import numpy
import onnx
import pytest
from installed import BUILD, CMAKE, CXX, EXAMPLES, run, run_well
from onnx import TensorProto, helper, numpy_helper

EXAMPLE = EXAMPLES / "search"
WEIGHT = numpy.random.default_rng(0).standard_normal((4, 3)).astype("float32")

pytestmark = pytest.mark.skipif(not (BUILD / "backends/podium-backend-onnxruntime.so").exists(), reason="ONNX Runtime, the baseline, is not built in")


@pytest.fixture(scope="module")
def environment(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    folder = tmp_path_factory.mktemp("environment")
    (folder / "temporary").mkdir()
    plain = {name: value for name, value in os.environ.items() if not name.startswith("PODIUM_")}
    return plain | {"XDG_CACHE_HOME": str(folder / "cache"), "PODIUM_LOCK_DIR": str(folder), "TMPDIR": str(folder / "temporary")}


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory, environment: dict[str, str]) -> Path:
    """A folder with `prefix`, moved after it was made, the program built against it, and a model."""
    folder = tmp_path_factory.mktemp("search")
    for component in ("runtime", "search", "Unspecified"):
        run_well(CMAKE, "--install", BUILD, "--prefix", folder / "first-prefix", "--component", component)
    (folder / "first-prefix").rename(folder / "prefix")
    run_well(CMAKE, "-S", EXAMPLE, "-B", folder / "build", f"-DCMAKE_PREFIX_PATH={folder / 'prefix'}", f"-DCMAKE_CXX_COMPILER={CXX}", env=environment)
    run_well(CMAKE, "--build", folder / "build", env=environment)
    nodes = [helper.make_node("MatMul", ["features", "weight"], ["scores"])]
    graph = helper.make_graph(nodes, "small", [helper.make_tensor_value_info("features", TensorProto.FLOAT, ["batch", 4])],
                              [helper.make_tensor_value_info("scores", TensorProto.FLOAT, ["batch", 3])], [numpy_helper.from_array(WEIGHT, "weight")])
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9), folder / "model.onnx")
    return folder


def test_program_searches_and_runs_the_winner(place: Path, environment: dict[str, str]) -> None:
    winner, answer = run_well(place / "build/fastest", place / "model.onnx", "5", "onnxruntime", env=environment).splitlines()
    assert winner.startswith("onnxruntime/")
    name, *values = answer.split()
    assert name == "scores"
    # int8 may win: the example asks for speed alone.
    numpy.testing.assert_allclose([float(value) for value in values], numpy.array([0.25, 0.5, 0.75, 1.0], "float32") @ WEIGHT, atol=0.05)
    assert not list(Path(environment["TMPDIR"]).glob("podium-*")), "an artefact that nobody named ends with the program"


def test_what_is_wrong_is_told_with_what_mends_it(place: Path, environment: dict[str, str]) -> None:
    done = run(place / "build/fastest", place / "nowhere.onnx", "3", env=environment)
    assert done.returncode == 1 and "nowhere.onnx" in done.stderr, done.stderr
    done = run(place / "build/fastest", place / "model.onnx", "3", "nothing", env=environment)
    assert done.returncode == 1 and "nothing" in done.stderr, done.stderr


def test_library_shows_its_public_api_and_nothing_else(place: Path) -> None:
    library = next((place / "prefix").rglob("libpodium-search.so.0"))
    names = [line.split(" ", 2)[2] for line in run_well("nm", "-DC", "--defined-only", library).splitlines()]
    shown = {re.split(r"[(\[]", name)[0] for name in names}
    assert {"podium::optimize", "podium::set_shapes", "podium::parse_goals", "podium::to_table", "podium::load"} <= shown
    assert not [name for name in names if not name.startswith("podium::")], names


def test_every_header_that_is_installed_compiles_alone(place: Path) -> None:
    include = place / "prefix/include"
    headers = sorted((include / "podium").glob("*.h"))
    assert "optimize.h" in [header.name for header in headers]
    for header in headers:
        run_well(CXX, "-std=c++20", "-fsyntax-only", "-Wall", "-Wextra", "-Werror", "-x", "c++", "-include", header, "/dev/null", f"-I{include}")


def test_project_that_lacks_the_component_is_told_which(place: Path, environment: dict[str, str]) -> None:
    run_well(CMAKE, "--install", BUILD, "--prefix", place / "runtime-only", "--component", "runtime")
    done = run(CMAKE, "-S", EXAMPLE, "-B", place / "other", f"-DCMAKE_PREFIX_PATH={place / 'runtime-only'}", f"-DCMAKE_CXX_COMPILER={CXX}", env=environment)
    assert done.returncode != 0 and "component 'search'" in " ".join(done.stderr.split()), done.stderr
