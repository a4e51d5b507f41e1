"""examples/ci: the steps of the recipe, run by a shell as GitHub runs them."""

import shutil
from pathlib import Path

import onnx
import pytest

from conftest import BUILD, EXAMPLES, Place, linear_model

yaml = pytest.importorskip("yaml", reason="PyYAML is not installed: scripts/setup --tests")

RECIPE = yaml.safe_load((EXAMPLES / "ci/benchmark.yml").read_text(encoding="utf-8"))
STEPS = RECIPE["jobs"]["speed"]["steps"]


def run_steps(place: Place, bench: str) -> dict[str, int]:
    """Exit status by name of each step that a shell runs; what fails ends the job, but for steps that run always."""
    environment = {name: str(value) for name, value in RECIPE["env"].items()} | {"BENCH": bench, "GITHUB_STEP_SUMMARY": str(place.folder / "summary.md")}
    ended: dict[str, int] = {}
    for step in STEPS:
        if "run" not in step or (any(ended.values()) and step.get("if") != "always()"):
            continue
        done = place.run("bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", step["run"], env=environment)
        ended[step["name"]] = done.returncode
        assert done.returncode in (0, 1, 4), done.stderr
    return ended


@pytest.fixture
def checkouts(place: Place) -> Place:
    """The change where a job checks it out, and what it is to be merged into beside it."""
    (place.folder / "base").mkdir()
    shutil.copy(place.folder / "model.onnx", place.folder / "base/model.onnx")
    return place


def test_recipe_is_a_workflow_with_every_name_that_its_steps_use() -> None:
    assert RECIPE[True] == "pull_request"  # YAML 1.1 takes "on" for true
    assert all("run" in step or "uses" in step for step in STEPS)
    assert [Path(step["with"]["path"]).name for step in STEPS if step.get("with", {}).get("path") == "base"] == ["base"]


def test_change_that_leaves_the_speed_alone_passes(checkouts: Place) -> None:
    ended = run_steps(checkouts, "--backends fake --precisions fp32 --set fake.latency-us=2000 --launches 2 --warm-up 50ms --budget 300ms")
    # 4: what else the machine does may make it undecided.
    assert ended.pop("Compare") in (0, 4) and set(ended.values()) == {0}, ended
    assert "tied" in (checkouts.folder / "summary.md").read_text(encoding="utf-8")
    assert (checkouts.folder / "change.html").read_text(encoding="utf-8").startswith("<!doctype html>")


@pytest.mark.skipif(not (BUILD / "backends/podium-backend-onnxruntime.so").exists(), reason="ONNX Runtime is not built in")
def test_change_that_makes_the_model_slower_fails_and_its_table_is_shown(checkouts: Place) -> None:
    onnx.save(linear_model(256, layers=2), checkouts.folder / "base/model.onnx")
    onnx.save(linear_model(256, layers=60), checkouts.folder / "model.onnx")
    ended = run_steps(checkouts, "--backends onnxruntime --precisions fp32 --launches 2 --warm-up 50ms --budget 300ms")
    assert ended["Measure both"] == 0 and ended["Compare"] == 1
    assert "slower" in (checkouts.folder / "summary.md").read_text(encoding="utf-8")
