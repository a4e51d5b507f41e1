"""What can be said of a command without running it: that its program is there and takes its flags."""

import json
import re
import shlex
import subprocess
import sys

from documents import BUILD, ROOT, Workspace

NO_MODEL = "nowhere.onnx"


def parses(command: str, workspace: Workspace) -> None:
    """The program's own parser takes it, and stops at the model, or at inputs, which are not there."""
    command = re.sub(r"torchvision:\w+ --weights \S+", "torchvision:any", command)  # another's model has its own weights
    words = shlex.split(command, comments=True)
    model = next((number for number, word in enumerate(words) if re.fullmatch(r"\S+\.onnx|torchvision:\w+|hf:\w+|MODEL\.onnx", word)), None)
    assert model is not None, f"{command}: no model in it"
    words[model] = NO_MODEL
    done = workspace.run(shlex.join(words))
    absent = rf"cannot read the model '(\S+/)?{NO_MODEL}'|there is no '\S+' to take inputs from"
    assert done.returncode == 2 and re.search(absent, done.stderr), f"{command}\n{done.stderr}"


def script_takes_its_flags(command: str, _: Workspace) -> None:
    script, *words = shlex.split(command, comments=True)
    file = ROOT / script
    assert file.exists(), command
    interpreter = [sys.executable] if "python" in file.read_text(encoding="utf-8").splitlines()[0] else []
    done = subprocess.run([*interpreter, file, "--help"], capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0 and done.stdout.startswith("usage: "), f"{command}\n{done.stdout}\n{done.stderr}"
    of_podium = subprocess.run([BUILD / "podium", "bench", "--help"], capture_output=True, text=True, check=True).stdout if "--" in words else ""
    for flag in (word for word in words if word.startswith("--") and word != "--"):
        assert re.search(rf"{flag}\b", done.stdout + of_podium), f"{command}: {flag}"


def program_of_the_build_is_there(command: str, _: Workspace) -> None:
    """It is built, and what it wants stands in the line that it prints where that is missing."""
    file = BUILD / command.split()[0].removeprefix("build/test/")
    assert re.search(rf"\b{file.name}\b", (ROOT / "bench/CMakeLists.txt").read_text(encoding="utf-8")), command
    placeholders = re.findall(r"\b[A-Z][A-Z_]+\b", command)
    if placeholders and file.exists():  # only some presets build bench/
        done = subprocess.run([file, "--help"], capture_output=True, text=True, timeout=120, check=False)
        assert all(re.search(rf"\b{name}\b", done.stderr) for name in placeholders), f"{command}\n{done.stderr}"


def preset_is_there(command: str, _: Workspace) -> None:
    presets = json.loads((ROOT / "CMakePresets.json").read_text(encoding="utf-8"))
    kind = {"cmake --preset": "configurePresets", "cmake --build": "buildPresets", "ctest --preset": "testPresets", "cmake --workflow": "workflowPresets"}
    name = re.search(r"--preset (\S+)|build/(\S+)", command)
    listed = {preset["name"] for preset in presets[kind[" ".join(command.split()[:2])]]}
    assert name and (name[1] or name[2]) in listed, command


def files_are_there(command: str, _: Workspace) -> None:
    files = [word for word in shlex.split(command, comments=True) if re.match(r"(requirements|fuzz)/", word)]
    is_of_this_tree = re.search(r"pip install \.$", command) and (ROOT / "pyproject.toml").exists()
    assert is_of_this_tree or (files and all((ROOT / file).exists() for file in files)), command


CHECKS = {
    r"(\w+=\S+ )*(\S*/)?podium ": parses,
    r"(scripts|bench)/": script_takes_its_flags,
    r"build/test/bench/": program_of_the_build_is_there,
    r"(cmake|ctest) ": preset_is_there,
    r"(\.venv/bin/)?(pip|python) ": files_are_there,
    r"(mkdir|build/fuzz)\b": lambda command, workspace: None,
}


def check(line: str, workspace: Workspace) -> None:
    for command in re.split(r"\s+&&\s+", line):
        known = [look for pattern, look in CHECKS.items() if re.match(pattern, command)]
        assert known, f"{command}: no way to check this is known; see CHECKS"
        known[0](command, workspace)
