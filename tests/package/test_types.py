"""The package is typed: a checker finds nothing wrong in it, finds what is wrong in a caller, and its stubs are the modules'."""

import ast
import importlib
import re
import subprocess
import sys
from pathlib import Path

import pytest
from conftest import ROOT

def check(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    pytest.importorskip("mypy", reason="mypy is not in this Python (scripts/setup --tests installs it)")
    return subprocess.run([sys.executable, "-m", "mypy", *map(str, arguments)], cwd=ROOT, capture_output=True, text=True, check=False)


def test_package_is_typed_throughout(tmp_path: Path) -> None:
    done = check("--cache-dir", tmp_path)
    assert done.returncode == 0, done.stdout


def test_caller_that_is_wrong_is_told(tmp_path: Path) -> None:
    file = tmp_path / "caller.py"
    file.write_text("import podium\nbest = podium.optimize('model.onnx', max_drop='1%')\nmodel: podium.Model = podium.load('best')\nreveal_type(model.run([1]))\n")
    done = check("--cache-dir", tmp_path / "cache", file)
    assert done.returncode == 1
    assert 'Argument "max_drop" to "optimize" has incompatible type "str"' in done.stdout and "dict[str, Any]" in done.stdout, done.stdout
    assert done.stdout.count("error:") == 1, done.stdout


def stated_in(nodes: list[ast.stmt]) -> dict[str, list[str] | None]:
    """Functions with the names of their arguments, and attributes (None), of a stub."""
    found: dict[str, list[str] | None] = {}
    for node in nodes:
        if isinstance(node, ast.FunctionDef) and not node.name.startswith("__"):
            is_attribute = any(isinstance(mark, (ast.Name, ast.Attribute)) for mark in node.decorator_list)
            found[node.name] = None if is_attribute else [argument.arg for argument in node.args.args if argument.arg != "self"]
        elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
            found[node.target.id] = None
    return found


def had_by(thing: object) -> dict[str, list[str] | None]:
    """The same of the module or class itself, from what it tells of its functions."""
    found: dict[str, list[str] | None] = {}
    for name, value in vars(thing).items():
        if name.startswith("__") or isinstance(value, type):
            continue
        signatures = getattr(value, "__nb_signature__", None)
        found[name] = [argument for argument in re.findall(r"(\w+): ", signatures[0][0]) if argument != "self"] if signatures else None
    return found


@pytest.mark.parametrize("name", ["_runtime", "_search"])
def test_stub_says_what_the_module_has(name: str) -> None:
    module = importlib.import_module(f"podium.{name}")
    stub = ast.parse((ROOT / f"python/podium/{name}.pyi").read_text(encoding="utf-8"))
    classes = {node.name: node for node in stub.body if isinstance(node, ast.ClassDef)}
    assert classes.keys() == {key for key, value in vars(module).items() if isinstance(value, type)}
    assert stated_in(stub.body) == had_by(module)
    for key, node in classes.items():
        assert stated_in(node.body) == had_by(getattr(module, key)), key
