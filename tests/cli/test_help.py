"""Help that teaches. The texts are kept in golden/; PODIUM_UPDATE_GOLDEN=1 writes them anew."""

import os
import re
import subprocess
from pathlib import Path

import pytest

from conftest import PROGRAM, Shell

GOLDEN = Path(__file__).parent / "golden"
COMMANDS = ["", "bench", "compare", "completion", "convert", "doctor", "help", "inspect", "optimize", "pack", "replay", "report", "run", "verify"]


@pytest.mark.parametrize("command", COMMANDS)
def test_help_is_the_text_that_was_agreed_on(shell: Shell, command: str) -> None:
    done = shell.run(*command.split(), "--help")
    assert (done.returncode, done.stderr) == (0, "")
    golden = GOLDEN / f"{command or 'podium'}.txt"
    if "PODIUM_UPDATE_GOLDEN" in os.environ:
        golden.write_text(done.stdout, encoding="utf-8")
    assert done.stdout == golden.read_text(encoding="utf-8")


@pytest.mark.parametrize("command", COMMANDS)
def test_help_fits_a_page_and_has_examples(shell: Shell, command: str) -> None:
    text = shell.run(*command.split(), "--help").stdout
    assert "Examples:\n  podium " in text
    assert max(len(line) for line in text.splitlines()) <= 160


def test_help_does_not_speak_the_parsers_own_language(shell: Shell) -> None:
    """The type behind a name, the value of a flag that takes none, marks in capitals."""
    for command in COMMANDS:
        assert not re.search(r"\{false\}|\bTEXT\b|REQUIRED|Excludes:|\.\.\. \.\.\.", shell.run(*command.split(), "--help").stdout), command
    assert re.search(r"^  -o,--output FILE .*\(required\)$", shell.run("convert", "--help").stdout, re.MULTILINE)
    assert re.search(r"^  --json .*; not together with --options$", shell.run("doctor", "--help").stdout, re.MULTILINE)


def test_examples_name_an_engine_that_the_build_knows_and_the_sources_name_none(shell: Shell) -> None:
    backends = {file.stem for file in (PROGRAM.parent / "backends").glob("*.json")}
    assert len(backends) > 3
    named = re.findall(r"--(?:backends|target) (\S+)|--cell (\S+?)/", "".join(shell.run(command, "--help").stdout.split("Examples:")[1] for command in COMMANDS if command))
    assert len(named) >= 4 and {one or other for one, other in named} <= backends
    setting = re.search(r"--set (\S+?)\.(\S+)=on,off", shell.run("bench", "--help").stdout)
    assert setting and f" {setting[1]}.{setting[2]} " in shell.run("doctor", "--options").stdout
    assert f"--set {setting[1]}.{setting[2]}=on,off" in shell.run("bench", "model.onnx", "--set", "nonsense").stderr
    for file in sorted((Path(__file__).parents[2] / "cli").rglob("*.*")):
        assert not re.search(rf"\b({'|'.join(backends)})\b", file.read_text(encoding="utf-8")), file


def test_help_is_there_without_any_backend(shell: Shell) -> None:
    (shell.folder / "backends").mkdir()
    done = shell.run("bench", "--help", env={"PODIUM_HOME": str(shell.folder)})
    assert (done.returncode, done.stderr) == (0, "") and "--backends BACKEND --set BACKEND.OPTION=V1,V2" in done.stdout


def test_short_flag_asks_for_help_too(shell: Shell) -> None:
    assert shell.run("-h").stdout == shell.run("--help").stdout


def test_version_tells_the_build(shell: Shell) -> None:
    done = shell.run("--version")
    assert done.returncode == 0
    assert re.fullmatch(r"podium \d+\.\d+\.\d+ \([\w-]+ build\)\n", done.stdout)


def test_every_flag_of_bench_is_in_its_help(shell: Shell) -> None:
    text = shell.run("bench", "--help").stdout
    for flag in ("backends", "precisions", "batch", "shape", "threads", "set", "data", "device", "budget", "json", "csv", "markdown", "weights",
                 "load-timeout", "run-timeout", "memory-limit", "seed", "strict", "no-wait", "quiet", "verbose"):
        assert f"--{flag}" in text


def test_program_itself_links_no_engine() -> None:
    """`podium --help` must not wait for one to load, nor may one live in the supervisor."""
    libraries = subprocess.run(["ldd", PROGRAM], capture_output=True, text=True, check=True).stdout
    for engine in ("onnxruntime", "openvino", "torch", "libpython", "nvinfer", "libcuda"):
        assert engine not in libraries


def test_examples_name_flags_that_exist(shell: Shell) -> None:
    for command in COMMANDS:
        text = shell.run(*command.split(), "--help").stdout
        for line in re.findall(r"^  podium (.*)$", text, re.MULTILINE):
            name, *words = line.split()
            known = shell.run(name, "--help").stdout
            for flag in (word for word in words if word.startswith("--")):
                assert f"{flag} " in known or f"{flag}\n" in known, line
