"""What a backend says of itself without PyTorch."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

PYTHON_FOLDER = Path(__file__).resolve().parents[2] / "python"
BACKENDS = ["torch-eager", "torch-compile"]


def isolated(code: str) -> str:
    """Runs code in a Python that sees the standard library and podium_torch only."""
    program = f"import sys; sys.path.insert(0, {str(PYTHON_FOLDER)!r})\n{code}"
    return subprocess.run([sys.executable, "-I", "-S", "-c", program], capture_output=True, text=True, check=True, timeout=60).stdout


@pytest.mark.parametrize("backend", BACKENDS)
def test_a_backend_is_described_where_pytorch_is_not_installed(backend, tmp_path):
    file = tmp_path / "described.json"
    isolated(f"from podium_torch.worker import main; main(['--backend', {backend!r}, '--describe', {str(file)!r}])")
    described = json.loads(file.read_text())
    assert described["name"] == backend
    assert described["launch"] == "python"
    assert described["model_format"] == "torch"
    assert described["device_kinds"] == ["cpu", "cuda"] and described["only_on"]["tf32"] == ["cuda"]
    assert described["precisions"] == ["fp32", "tf32", "bf16", "fp16", "int8-dynamic", *(["int8-static"] if backend == "torch-compile" else [])]


def test_only_eager_is_the_baseline_of_models_from_pytorch():
    from podium_torch.descriptors import DESCRIPTORS

    assert [name for name, item in DESCRIPTORS.items() if "torch" in item["baseline_for"]] == ["torch-eager"]


@pytest.mark.parametrize("backend", BACKENDS)
def test_every_option_has_a_default_of_its_type_and_one_line_of_help(backend):
    from podium_torch.descriptors import DESCRIPTORS

    types = {"flag": bool, "choice": str, "integer": int, "text": str}
    names = [option["name"] for option in DESCRIPTORS[backend]["options"]]
    assert len(names) == len(set(names))
    for option in DESCRIPTORS[backend]["options"]:
        assert type(option["default"]) is types[option["type"]]
        assert option["help"] and "\n" not in option["help"]
        if option["type"] == "choice":
            assert option["default"] in option["choices"]


def test_an_unknown_backend_is_wrong_use():
    done = subprocess.run(
        [sys.executable, "-m", "podium_torch.worker", "--backend", "torch-jit", "--describe", "-"],
        capture_output=True,
        text=True,
        cwd=PYTHON_FOLDER,
        timeout=60,
    )
    assert done.returncode == 2
    assert "torch-jit" in done.stderr


def test_versions_are_told_without_importing_pytorch(tmp_path):
    isolated(
        "from podium_torch.export import main\n"
        f"assert main(['versions', '--out', {str(tmp_path)!r}]) == 0\n"
        "assert 'torch' not in sys.modules"
    )
    assert json.loads((tmp_path / "versions.json").read_text())["torch"] == ""
