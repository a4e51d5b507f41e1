"""What the documents say holds: their commands run as written, their links lead somewhere, their tables name what there is."""

import json
import os
import re
import shlex
import subprocess
from pathlib import Path

import numpy
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper
from PIL import Image

ROOT = Path(__file__).resolve().parents[2]
BUILD = Path(os.environ["PODIUM_TEST_BUILD"])
README = (ROOT / "README.md").read_text(encoding="utf-8")

BLOCK = re.compile(r"(?P<excuse><!-- not run by tests/readme: [^>]+-->\n)?```sh\n(?P<commands>.*?)```", re.DOTALL)


def commands(excused: bool) -> list[str]:
    blocks = [block["commands"] for block in BLOCK.finditer(README) if bool(block["excuse"]) == excused]
    return [line for block in blocks for line in block.strip().splitlines()]


def small_classifier() -> onnx.ModelProto:
    """Two convolutions and a linear layer, with a free batch axis."""
    random = numpy.random.default_rng(0)

    def weight(name: str, *shape: int) -> onnx.TensorProto:
        return numpy_helper.from_array((random.standard_normal(shape) / numpy.sqrt(numpy.prod(shape[1:]))).astype("float32"), name)

    nodes = [
        helper.make_node("Conv", ["image", "w1"], ["a1"], strides=[4, 4]),
        helper.make_node("Relu", ["a1"], ["r1"]),
        helper.make_node("Conv", ["r1", "w2"], ["a2"], strides=[4, 4]),
        helper.make_node("Relu", ["a2"], ["r2"]),
        helper.make_node("GlobalAveragePool", ["r2"], ["pooled"]),
        helper.make_node("Flatten", ["pooled"], ["features"]),
        helper.make_node("Gemm", ["features", "w3"], ["scores"], transB=1),
    ]
    graph = helper.make_graph(
        nodes, "small classifier",
        [helper.make_tensor_value_info("image", TensorProto.FLOAT, ["batch", 3, 224, 224])],
        [helper.make_tensor_value_info("scores", TensorProto.FLOAT, ["batch", 10])],
        [weight("w1", 16, 3, 7, 7), weight("w2", 32, 16, 3, 3), weight("w3", 10, 32)])
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9)


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder in which the README's names mean something: the build, a model and photos."""
    folder = tmp_path_factory.mktemp("readme")
    (folder / "build").mkdir()
    (folder / "build/release").symlink_to(BUILD)
    onnx.save(small_classifier(), folder / "model.onnx")
    (folder / "photos").mkdir()
    random = numpy.random.default_rng(1)
    for number in range(16):
        coarse = Image.fromarray(random.integers(0, 256, (6, 8, 3), dtype="uint8"))
        coarse.resize((320, 240), Image.Resampling.BICUBIC).save(folder / "photos" / f"{number:02}.jpg")
    return folder


def run(command: str, folder: Path) -> subprocess.CompletedProcess[str]:
    environment = os.environ | {"XDG_CACHE_HOME": str(folder / "cache")}
    return subprocess.run(shlex.split(command), cwd=folder, env=environment, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=600)


@pytest.mark.parametrize("command", commands(excused=False))
def test_command_of_the_readme_runs_as_written(command: str, workspace: Path) -> None:
    done = run(command, workspace)
    assert done.returncode == 0, f"{command}\n{done.stdout}\n{done.stderr}"
    words = shlex.split(command)
    assert done.stdout.strip() or "-o" in words, "it printed nothing"
    for flag in ("--json", "--csv", "--markdown", "--html", "-o"):
        if flag in words:
            assert (workspace / words[words.index(flag) + 1]).stat().st_size > 0


@pytest.mark.parametrize("command", commands(excused=True))
def test_script_of_the_readme_is_there_and_tells_its_usage(command: str) -> None:
    done = run(f"{command} --help", ROOT)
    assert done.returncode == 0 and done.stdout.startswith("usage: "), f"{command}\n{done.stdout}\n{done.stderr}"


def test_readme_has_commands_of_both_kinds() -> None:
    assert len(commands(excused=False)) >= 5
    assert commands(excused=True) == ["scripts/demo", "scripts/test"]


def test_table_of_engines_names_the_backends_that_are_built() -> None:
    described = {json.loads(file.read_text())["name"]: json.loads(file.read_text()) for file in (BUILD / "backends").glob("*.json")}
    section = README.split("## Engines")[1].split("\n## ")[0]
    rows = {row[1]: row[3] for row in (line.split("|") for line in section.splitlines() if line.startswith("| `"))}
    named = {name.strip(" `"): {precision.strip() for precision in precisions.split(",")} for name, precisions in rows.items()}
    assert named.keys() == described.keys()
    for name, descriptor in described.items():
        if descriptor["launch"] != "none":
            assert named[name] == set(descriptor["precisions"]), name


@pytest.mark.parametrize("document", ["README.md", "CONTRIBUTING.md", "bench/README.md", "examples/README.md", *(str(file.relative_to(ROOT)) for file in (ROOT / "docs").glob("*.md"))])
def test_links_lead_somewhere(document: str) -> None:
    text = (ROOT / document).read_text(encoding="utf-8")
    for target in re.findall(r"\]\(([^)#]+)\)", text):
        assert "://" in target or (ROOT / document).parent.joinpath(target).exists(), f"{document} links to {target}"
