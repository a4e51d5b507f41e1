"""The wheel of the tree that was built, in an environment of its own: the module, and the command."""

import json
import os
import re
import subprocess
import sys
import tomllib
import venv
import zipfile
from pathlib import Path

import numpy
import pytest
from conftest import BUILD, ROOT, WEIGHT, small_model

pytest.importorskip("scikit_build_core", reason="scikit-build-core is not in this Python (scripts/setup installs it)")


def run(*command: str | Path, **options) -> str:
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("PODIUM_", "PYTHON"))} | options.pop("env", {})
    done = subprocess.run([str(part) for part in command], capture_output=True, text=True, timeout=400, check=False, env=environment, **options)
    assert done.returncode == 0, f"{command}\n{done.stdout}\n{done.stderr}"
    return done.stdout


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    run(sys.executable, "-m", "pip", "wheel", ROOT, "--no-deps", "--no-build-isolation", "--no-index", "-w", folder, "--config-settings", f"build-dir={folder / 'build'}",
        "--config-settings", f"cmake.define.PODIUM_PREBUILT={BUILD}", env={"PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"})
    return next(folder.glob("*.whl"))


@pytest.fixture(scope="module")
def place(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with `python`, an environment that holds the wheel, NumPy and ONNX Runtime, and a model."""
    import onnx
    import onnxruntime

    folder = tmp_path_factory.mktemp("fresh")
    venv.create(folder / "python", with_pip=False, symlinks=True)
    packages = next((folder / "python/lib").glob("python*/site-packages"))
    for package in (numpy, onnxruntime):
        home = Path(package.__file__).parent
        for part in (home, *home.parent.glob(f"{home.name}.libs"), *home.parent.glob(f"{home.name}-*.dist-info")):
            (packages / part.name).symlink_to(part)
    run(sys.executable, "-m", "pip", "--python", folder / "python/bin/python", "install", "--no-index", "--no-deps", wheel)
    onnx.save(small_model(), folder / "model.onnx")
    return folder


def environment_of(place: Path) -> dict[str, str]:
    return {"XDG_CACHE_HOME": str(place / "cache"), "PODIUM_LOCK_DIR": str(place), "PATH": f"{place / 'python/bin'}:/usr/bin:/bin"}


def test_build_takes_the_versions_that_are_pinned() -> None:
    pinned = (ROOT / "requirements/constraints.txt").read_text(encoding="utf-8").splitlines()
    wanted = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["build-system"]["requires"]
    assert len(wanted) == 3 and set(wanted) <= set(pinned)


def test_wheel_holds_module_command_workers_and_engines(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()
    for name in ("podium/__init__.py", "podium/py.typed", "podium/_search.pyi", "podium/bin/podium", "podium/lib/podium/podium-worker", "podium/lib/podium/podium-guard",
                 "podium/lib/podium/podium-host",
                 "podium/share/podium/python/podium_torch/worker.py", "podium/lib/podium/backends/fake.json"):
        assert name in names, name
    assert any(re.fullmatch(r"podium/_runtime\..*\.so", name) for name in names)
    assert not [name for name in names if "include/" in name or "libpodium-runtime" in name]


def test_command_is_that_of_the_wheel_and_finds_the_engines_of_its_environment(place: Path) -> None:
    assert run("podium", "--version", env=environment_of(place)).startswith("podium ")
    told = run("podium", "doctor", env=environment_of(place), cwd=place)
    assert re.search(r"onnxruntime +ready", told), told


def test_model_is_searched_and_run(place: Path) -> None:
    code = ("import numpy, podium\n"
            "best = podium.optimize('model.onnx', backends=['onnxruntime'], speed_only=True, budget=4, warm_up=0.05, precisions=['fp32'],"
            " options={'onnxruntime.graph-optimization': 'all'}, output='best')\n"
            "print(podium.__file__)\n"
            "print(best(numpy.ones((1, 4), 'float32'))['scores'].tolist())\n")
    file, scores = run(place / "python/bin/python", "-c", code, env=environment_of(place), cwd=place).splitlines()
    assert file.startswith(str(place))
    numpy.testing.assert_allclose(json.loads(scores), [WEIGHT.sum(0)], atol=1e-5)
    told = run("podium", "verify", "best", "--no-speed", env=environment_of(place), cwd=place)
    assert "outputs" in told


def test_nothing_of_the_build_folder_is_used(place: Path) -> None:
    code = ("import podium, numpy; podium.load('best')(numpy.ones((1, 4), 'float32'));"
            "import podium._search as s; print(s.python_folder());"
            f"print([line.split()[-1] for line in open('/proc/self/maps') if {str(BUILD)!r} in line])")
    folder, mapped = run(place / "python/bin/python", "-c", code, env=environment_of(place), cwd=place).splitlines()
    assert folder == str(next((place / "python/lib").glob("python*/site-packages")) / "podium/share/podium/python")
    assert mapped == "[]"
