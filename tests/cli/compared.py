"""A run of two cells whose times are set by hand, and what `podium compare` says of two such."""

import copy
import json
import shutil
import subprocess
from pathlib import Path

import pytest

from conftest import Shell
from histories import set_times

FAST, SLOW = "fake/fp32/b1/cpu/latency-us=1000", "fake/fp32/b1/cpu/latency-us=2000"


@pytest.fixture
def run(shell: Shell, measured: Path) -> dict:
    """A run with two cells, of 1 ms and 2 ms in every launch but for 0.1 % of noise."""
    for name in ("r.json", "r.json.journal"):
        shutil.copy(measured / name, shell.folder)
    document = json.loads((measured / "r.json").read_text(encoding="utf-8"))
    set_times(document, {FAST: 1.0, SLOW: 2.0})
    return document


def changed(run: dict, factor: float = 1.0, **times) -> dict:
    document = copy.deepcopy(run)
    set_times(document, {FAST: 1.0, SLOW: 2.0 * factor}, **times)
    return document


def write(shell: Shell, **documents: dict) -> None:
    """Each as a run of its own, however they were made."""
    for number, (name, document) in enumerate(documents.items()):
        own = document | {"started": f"2026-03-01T03:15:{number:02}Z"}
        (shell.folder / f"{name}.json").write_text(json.dumps(own), encoding="utf-8")


def printed_by(done: subprocess.CompletedProcess[str]) -> str:
    """Its sentences, as they were before the lines were broken."""
    return " ".join(done.stdout.split())


def comparison(shell: Shell, *arguments: str) -> dict[str, dict]:
    done = shell.run("compare", *arguments, "--json", "c.json")
    assert done.returncode in (0, 1), done.stderr
    document = json.loads((shell.folder / "c.json").read_text(encoding="utf-8"))
    assert document["schema"] == "podium.comparison/1"
    return {cell["id"]: cell for cell in document["cells"]}
