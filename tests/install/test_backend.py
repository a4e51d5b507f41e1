"""The backend of examples/backend, in a project of its own: built against what `--component backend` installs, and measured like any other."""

import json
import os
from pathlib import Path

import numpy
import onnx
import pytest
from installed import BUILD, CMAKE, CXX, EXAMPLES, run, run_well
from onnx import TensorProto, helper, numpy_helper

EXAMPLE = EXAMPLES / "backend"
FLAGS = ("--precisions", "fp32", "--launches", "1", "--warm-up", "50ms", "--budget", "300ms")

pytestmark = pytest.mark.skipif(not (BUILD / "backends/podium-backend-onnxruntime.so").exists(), reason="ONNX Runtime, the baseline, is not built in")


def model_of(layers: int) -> onnx.ModelProto:
    weights = [numpy_helper.from_array(numpy.random.default_rng(i).standard_normal((4, 4)).astype("float32"), f"w{i}") for i in range(layers)]
    names = ["features", *(f"h{i}" for i in range(1, layers)), "scores"]
    graph = helper.make_graph([helper.make_node("MatMul", [names[i], f"w{i}"], [names[i + 1]]) for i in range(layers)], "linear",
                              [helper.make_tensor_value_info("features", TensorProto.FLOAT, ["batch", 4])],
                              [helper.make_tensor_value_info("scores", TensorProto.FLOAT, ["batch", 4])], weights)
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9)


@pytest.fixture(scope="module")
def environment() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if not name.startswith("PODIUM_")}


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory, environment: dict[str, str]) -> Path:
    """A folder with `prefix`, moved after it was made, into which the backend was built and installed."""
    folder = tmp_path_factory.mktemp("backend")
    run_well(CMAKE, "--install", BUILD, "--prefix", folder / "first-prefix", "--component", "backend")
    (folder / "first-prefix").rename(folder / "prefix")
    run_well(CMAKE, "-S", EXAMPLE, "-B", folder / "build", f"-DCMAKE_PREFIX_PATH={folder / 'prefix'}", f"-DCMAKE_CXX_COMPILER={CXX}", "-DCMAKE_BUILD_TYPE=Release",
             env=environment)
    run_well(CMAKE, "--build", folder / "build", env=environment)
    run_well(CMAKE, "--install", folder / "build", env=environment)
    return folder


@pytest.fixture(scope="module")
def home(place: Path) -> Path:
    """What PODIUM_HOME may name: the worker, the guard, and backends/ with the new one beside ONNX Runtime's."""
    home = place / "home"
    (home / "backends").mkdir(parents=True)
    for program in ("podium-worker", "podium-guard"):
        (home / program).symlink_to(BUILD / program)
    for file in [*(BUILD / "backends").glob("*onnxruntime*"), *next((place / "prefix").rglob("podium/backends")).iterdir()]:
        (home / "backends" / file.name).symlink_to(file)
    return home


def bench(place: Path, home: Path, environment: dict[str, str], layers: int) -> dict[str, dict]:
    onnx.save(model_of(layers), place / "model.onnx")
    done = run(BUILD / "podium", "bench", "model.onnx", "--backends", "onnxruntime,linear", *FLAGS, "--json", "results.json", cwd=place,
               env=environment | {"PODIUM_HOME": str(home), "XDG_CACHE_HOME": str(place / "cache"), "PODIUM_LOCK_DIR": str(place)})
    assert done.returncode == 0, done.stderr
    return {cell["backend"]: cell for cell in json.loads((place / "results.json").read_text(encoding="utf-8"))["cells"]}


def test_module_is_installed_with_its_description_and_shows_one_symbol(place: Path) -> None:
    module = next((place / "prefix").rglob("podium-backend-linear.so"))
    described = json.loads(module.with_name("linear.json").read_text(encoding="utf-8"))
    assert (described["name"], described["engine"], described["launch"]) == ("linear", "Linear", "module")
    shown = [line.split()[-1] for line in run_well("nm", "-D", "--defined-only", module).splitlines()]
    assert shown == ["podium_backend_module"]


def test_backend_is_measured_and_its_answers_agree_with_the_baseline(place: Path, home: Path, environment: dict[str, str]) -> None:
    cell = bench(place, home, environment, layers=1)["linear"]
    assert cell["status"] == "ok" and cell["output_error"]["verdict"] == "agrees", cell["reason"]
    assert cell["latency_ms"]["n"] > 0 and cell["audit"]["providers"] == {"Linear": 1}


def test_what_it_cannot_run_is_told_in_its_own_words(place: Path, home: Path, environment: dict[str, str]) -> None:
    cell = bench(place, home, environment, layers=2)["linear"]
    assert cell["status"] == "unsupported" and "the model has 2 nodes" in cell["reason"]


def test_project_that_lacks_the_component_is_told_which(place: Path, environment: dict[str, str]) -> None:
    run_well(CMAKE, "--install", BUILD, "--prefix", place / "runtime-only", "--component", "runtime")
    done = run(CMAKE, "-S", EXAMPLE, "-B", place / "other-build", f"-DCMAKE_PREFIX_PATH={place / 'runtime-only'}", f"-DCMAKE_CXX_COMPILER={CXX}", env=environment)
    assert done.returncode != 0 and "--component backend" in " ".join(done.stderr.split())
