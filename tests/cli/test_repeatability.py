"""bench/repeatability as a gate: what it calls a pass, and that nothing outlives it."""

import importlib.machinery
import importlib.util
import signal
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest
from conftest import wait_until

SCRIPT = Path(__file__).resolve().parents[2] / "bench/repeatability"


@pytest.fixture(scope="module")
def repeatability() -> ModuleType:
    loader = importlib.machinery.SourceFileLoader("repeatability", str(SCRIPT))
    module = importlib.util.module_from_spec(importlib.util.spec_from_loader("repeatability", loader))
    loader.exec_module(module)
    return module


def run_with(b_ms: float, is_tied: bool) -> dict[str, dict]:
    """The cells a, of 10 ms, and b."""
    def cell(median: float, other: str) -> dict:
        return {"batch": 1, "latency_ms": {"median": median}, "tied_with": [other] if is_tied else []}

    return {"a": cell(10.0, "b"), "b": cell(b_ms, "a")}


@pytest.mark.parametrize(("runs", "faults", "told"), [
    ([run_with(12.0, is_tied=False)] * 10, 0, "told apart in 10 of 10\n"),
    ([run_with(10.2, is_tied=True)] * 10, 0, "told apart in 0 of 10\n"),
    ([run_with(12.0, is_tied=False)] * 9 + [run_with(12.0, is_tied=True)], 0, "told apart in 9 of 10\n"),
    ([run_with(12.0, is_tied=True)] * 10, 1, "told apart in 0 of 10  missed\n"),
    ([run_with(10.2, is_tied=False)] * 9 + [run_with(9.8, is_tied=False)], 1, "told apart in 10 of 10  REVERSED\n"),
])
def test_pair_that_was_reversed_or_missed_is_no_pass(repeatability: ModuleType, capsys: pytest.CaptureFixture, runs: list, faults: int, told: str) -> None:
    assert repeatability.report(runs) == faults
    assert told in capsys.readouterr().out


def test_program_that_it_runs_ends_with_it(tmp_path: Path) -> None:
    program = tmp_path / "podium"
    program.write_text(f"#!{sys.executable}\nimport os, pathlib, time\npathlib.Path('pid').write_text(str(os.getpid()))\ntime.sleep(600)\n", encoding="utf-8")
    program.chmod(0o755)
    with subprocess.Popen([sys.executable, SCRIPT, "--podium", program, "--folder", "runs", "model.onnx"], cwd=tmp_path) as script:
        assert wait_until(lambda: (tmp_path / "pid").exists() and (tmp_path / "pid").read_text() != "")
        script.send_signal(signal.SIGTERM)
        assert script.wait(timeout=60) == 143
    assert not Path("/proc", (tmp_path / "pid").read_text()).exists()
