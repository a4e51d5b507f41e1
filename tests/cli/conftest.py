"""Runs the built `podium` the way a shell does, and knows how its errors must look."""

import json
import os
import pwd
import signal
import subprocess
import tempfile
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import numpy
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

try:
    import jsonschema
except ImportError:  # scripts/setup --tests installs it
    jsonschema = None

BUILD = Path(os.environ["PODIUM_TEST_BUILD"])
SCHEMAS = Path(__file__).resolve().parents[2] / "docs/schema"
PROGRAM = BUILD / "podium"


@dataclass
class Shell:
    """A folder with a model in it, and the program."""

    folder: Path
    environment: dict[str, str]
    mark: str = field(default_factory=lambda: uuid.uuid4().hex)

    def start(self, *arguments: str, **options) -> subprocess.Popen:
        environment = self.environment | {"PODIUM_TEST_MARK": self.mark} | options.pop("env", {})
        settings = {"cwd": self.folder, "stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True} | options
        return subprocess.Popen([str(PROGRAM), *arguments], env=environment, **settings)

    def run(self, *arguments: str, timeout: float = 240, **options) -> subprocess.CompletedProcess[str]:
        with self.start(*arguments, **options) as process:
            try:
                out, err = process.communicate(timeout=timeout)
            except subprocess.TimeoutExpired:
                process.kill()
                raise
        return subprocess.CompletedProcess(arguments, process.returncode, out, err)

    def bench(self, *arguments: str, **options) -> subprocess.CompletedProcess[str]:
        """A short run on the fake backend alone, whose fp32 is then the baseline: one launch, hardly a warm-up, unless `arguments` say more."""
        pace = [] if "--launches" in arguments else ["--launches", "1"]
        pace += [] if "--warm-up" in arguments else ["--warm-up", "50ms"]
        pace += [] if "--budget" in arguments else ["--budget", "300ms"]
        return self.run("bench", "model.onnx", "--backends", "fake", "--precisions", "fp32", *pace, *arguments, **options)

    def processes(self) -> list[int]:
        """What is alive of all that this shell started, orphans too: they inherit the mark."""
        wanted = f"PODIUM_TEST_MARK={self.mark}".encode()
        alive = []
        for entry in Path("/proc").iterdir():
            try:
                if entry.name.isdigit() and wanted in (entry / "environ").read_bytes():
                    alive.append(int(entry.name))
            except OSError:
                continue  # it ended meanwhile, or is another user's
        return alive


def wait_until(condition: Callable[[], bool], seconds: float = 60) -> bool:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if condition():
            return True
        time.sleep(0.02)
    return condition()


def assert_one_error(done: subprocess.CompletedProcess[str], status: int, *told: str) -> None:
    """One error line that names what is wrong, one line that mends it, and nothing on standard output."""
    assert done.returncode == status, f"{done.returncode}\n{done.stdout}\n{done.stderr}"
    lines = done.stderr.splitlines()
    errors = [number for number, line in enumerate(lines) if line.startswith("podium: error: ")]
    assert len(errors) == 1, done.stderr
    assert errors[0] + 1 < len(lines) and lines[errors[0] + 1].startswith("  try: "), done.stderr
    assert not lines[errors[0] + 2:], done.stderr
    for text in told:
        assert text in "\n".join(lines[errors[0]:]), done.stderr
    assert "terminate called" not in done.stderr and "Traceback" not in done.stderr


def small_model(batch: str | int = "batch") -> onnx.ModelProto:
    weight = numpy.random.default_rng(0).standard_normal((4, 3)).astype("float32")
    graph = helper.make_graph(
        [helper.make_node("MatMul", ["features", "weight"], ["scores"])], "small",
        [helper.make_tensor_value_info("features", TensorProto.FLOAT, [batch, 4])],
        [helper.make_tensor_value_info("scores", TensorProto.FLOAT, [batch, 3])],
        [numpy_helper.from_array(weight, "weight")])
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9)


def assert_files_keep_to_their_schemas(folder: Path) -> None:
    """Of every file that a test had the program write, by the schemas in docs/schema. A test's own broken files are not the program's."""
    for file in folder.glob("*.json"):
        try:
            document = json.loads(file.read_text(encoding="utf-8"))
        except ValueError:
            continue
        name = document.get("schema") if isinstance(document, dict) else None
        schema = SCHEMAS / f"{str(name).removeprefix('podium.').replace('/', '-')}.json"
        if jsonschema is None or not schema.exists():
            continue
        validator = jsonschema.Draft202012Validator(json.loads(schema.read_text(encoding="utf-8")))
        faults = [f"{file.name}: {fault.json_path}: {fault.message[:200]}" for fault in validator.iter_errors(document)]
        assert not faults, "\n".join(faults[:5])


@contextmanager
def shell_in(folder: Path) -> Iterator[Shell]:
    """What it wrote is held to the schemas at the end, and nothing that it started may be left."""
    kept = {name: value for name, value in os.environ.items() if name in {"PATH", "HOME", "PODIUM_TEST_BUILD", "ASAN_OPTIONS", "UBSAN_OPTIONS", "TSAN_OPTIONS"}}
    onnx.save(small_model(), folder / "model.onnx")
    (folder / "cache").mkdir()
    made = Shell(folder, kept | {"LC_ALL": "C.UTF-8", "COLUMNS": "100", "XDG_CACHE_HOME": str(folder / "cache"), "TMPDIR": str(folder), "PODIUM_LOCK_DIR": str(folder / "cache")})
    yield made
    assert_files_keep_to_their_schemas(folder)
    left = [] if wait_until(lambda: not made.processes(), 10) else made.processes()
    for process in left:
        os.kill(process, signal.SIGKILL)
    assert not left, "processes were left behind"


@pytest.fixture
def shell(tmp_path: Path) -> Iterator[Shell]:
    with shell_in(tmp_path) as made:
        yield made


def folder_of_run(tmp_path_factory: pytest.TempPathFactory, *arguments: str) -> Path:
    """A folder in which podium ran once and succeeded, for tests that read what it left."""
    with shell_in(tmp_path_factory.mktemp(arguments[0])) as shell:
        done = shell.run(*arguments)
        assert done.returncode == 0, done.stderr
    return shell.folder


@pytest.fixture(scope="module")
def measured(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of one run with two cells, of 1 ms and 2 ms, whose results all tests of a file read."""
    with shell_in(tmp_path_factory.mktemp("measured")) as shell:
        assert shell.bench("--set", "fake.latency-us=1000,2000", "--json", "r.json").returncode == 0
    return shell.folder


@pytest.fixture
def compiler_files(shell: Shell) -> None:
    """PyTorch's compiler keeps its own headers precompiled, and which instruction sets it may use, beside other temporary files, whatever the model.
    A folder of a test's own has those of the user's, since making them takes longer than compiling a small model."""
    folder = f"torchinductor_{pwd.getpwuid(os.getuid()).pw_name}"
    kept = Path(tempfile.gettempdir()) / folder
    kept.mkdir(exist_ok=True)
    (shell.folder / folder).symlink_to(kept)
