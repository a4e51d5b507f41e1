"""The documents' code blocks, and a folder in which the names in them mean something."""

import os
import re
import subprocess
from dataclasses import dataclass
from pathlib import Path

import numpy
import onnx
from onnx import TensorProto, helper, numpy_helper
from PIL import Image

ROOT = Path(__file__).resolve().parents[2]
BUILD = Path(os.environ["PODIUM_TEST_BUILD"])
DOCUMENTS = ["README.md", "CONTRIBUTING.md", "bench/README.md", "examples/README.md", "fuzz/README.md", *sorted(str(file.relative_to(ROOT)) for file in (ROOT / "docs").rglob("*.md"))]

# A comment right above a block, which the reader does not see, says what else is to be known of it.
FENCE = re.compile(r"^(?:<!-- (?P<mark>[^\n]*?) -->\n)?```(?P<language>\w*)\n(?P<text>.*?)^```$", re.DOTALL | re.MULTILINE)


@dataclass(frozen=True)
class Block:
    document: str
    line: int
    language: str
    text: str
    mark: str

    def __str__(self) -> str:
        return f"{self.document}:{self.line}"

    @property
    def excuse(self) -> str:
        """Why it is not run here; empty where it is."""
        return self.mark.removeprefix("not run: ") if self.mark.startswith("not run: ") else ""

    @property
    def commands(self) -> list[str]:
        """Of a block of shell commands, those of a line each."""
        lines = self.text.replace("\\\n", " ").splitlines()
        return [line.strip() for line in lines if line.strip() and not line.lstrip().startswith("#")]


def blocks_of(document: str) -> list[Block]:
    text = (ROOT / document).read_text(encoding="utf-8")
    found = [Block(document, text.count("\n", 0, block.start()) + 1 + bool(block["mark"]), block["language"], block["text"], block["mark"] or "") for block in FENCE.finditer(text)]
    assert 2 * len(found) == len(re.findall(r"^\s*```", text, re.MULTILINE)), f"{document}: a fence that is not at the beginning of its line, or is not closed"
    return found


def all_blocks() -> list[Block]:
    return [block for document in DOCUMENTS for block in blocks_of(document)]


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


SMALL_TORCH_MODEL = '''
import torch


def model():
    torch.manual_seed(0)
    layers = [torch.nn.Conv2d(3, 8, 3, stride=4), torch.nn.ReLU(), torch.nn.AdaptiveAvgPool2d(1), torch.nn.Flatten(), torch.nn.Linear(8, 10)]
    return torch.nn.Sequential(*layers).eval(), (torch.randn(1, 3, 64, 64),)
'''


def write_photos(folder: Path, count: int, seed: int) -> None:
    """Smooth pictures, each of a class that its name ends with."""
    folder.mkdir()
    random = numpy.random.default_rng(seed)
    for number in range(count):
        coarse = Image.fromarray(random.integers(0, 256, (6, 8, 3), dtype="uint8"))
        coarse.resize((320, 240), Image.Resampling.BICUBIC).save(folder / f"{number:02}-{number % 10}.jpg")


class Workspace:
    """A folder with the build, models and photos under the names that the documents use."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        (folder / "build").mkdir(parents=True)
        for preset in ("release", "test"):
            (folder / "build" / preset).symlink_to(BUILD)
        for name in ("model.onnx", "MODEL.onnx"):
            onnx.save(small_classifier(), folder / name)
        (folder / "small.py").write_text(SMALL_TORCH_MODEL, encoding="utf-8")
        write_photos(folder / "photos", 16, seed=1)
        write_photos(folder / "more-photos", 24, seed=2)
        self.environment = os.environ | {"PATH": f"{BUILD}:{os.environ['PATH']}", "XDG_CACHE_HOME": str(folder / "cache"), "PODIUM_LOCK_DIR": str(folder)}

    def run(self, command: str, folder: Path | None = None) -> subprocess.CompletedProcess[str]:
        """By a shell, as somebody who copied it."""
        return subprocess.run(["bash", "-euo", "pipefail", "-c", command], cwd=folder or self.folder, env=self.environment, stdin=subprocess.DEVNULL,
                              capture_output=True, text=True, timeout=600, check=False)

    def run_to_its_end(self, command: str) -> subprocess.CompletedProcess[str]:
        done = self.run(command)
        assert done.returncode == 0, f"{command}\n{done.stdout}\n{done.stderr}"
        return done
