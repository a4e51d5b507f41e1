"""Runs that are killed and taken up again, and what they keep."""

import json
import time
from collections.abc import Callable

from conftest import Shell, wait_until

CELLS = ("--set", "fake.latency-us=1000,2000,3000", "--warm-up", "20ms")


def journal_blocks(shell: Shell) -> list[tuple]:
    """Every whole block line, as (cell, launch, round, start, samples)."""
    text = (shell.folder / "r.json.journal").read_bytes()
    lines = [json.loads(line) for line in text.split(b"\n")[:-1]]
    return [identity(line["cell"], line["block"]) for line in lines if line["kind"] == "block"]


def identity(cell: str, block: dict) -> tuple:
    return (cell, block["launch"], block["round"], block["start_ns"], tuple(block["samples_ns"]))


def result_blocks(shell: Shell) -> list[tuple]:
    document = json.loads((shell.folder / "r.json").read_text(encoding="utf-8"))
    return [identity(cell["id"], block) for cell in document["cells"] for block in cell["blocks"]]


def start_and_kill(shell: Shell, after_first_block: float, *arguments: str, kind: bytes = b"block") -> None:
    journal = shell.folder / "r.json.journal"
    with shell.start("bench", "model.onnx", "--backends", "fake", "--precisions", "fp32", *CELLS, "--json", "r.json", *arguments) as process:
        assert wait_until(lambda: journal.exists() and b'"kind":"' + kind + b'"' in journal.read_bytes())
        time.sleep(after_first_block)
        process.kill()
        process.wait()
    assert wait_until(lambda: not shell.processes())


def resume(shell: Shell, *arguments: str):
    return shell.run("bench", "model.onnx", "--backends", "fake", "--precisions", "fp32", *CELLS, "--json", "r.json", "--resume", *arguments)


def bench(shell: Shell, *arguments: str):
    return shell.run("bench", "model.onnx", "--backends", "fake", "--precisions", "fp32", *CELLS, "--json", "r.json", *arguments)


def edit_journal(shell: Shell, edit: Callable[[dict], None]) -> None:
    journal = shell.folder / "r.json.journal"
    lines = [json.loads(line) for line in journal.read_text(encoding="utf-8").splitlines()]
    for line in lines:
        edit(line)
    journal.write_text("".join(json.dumps(line, separators=(",", ":")) + "\n" for line in lines), encoding="utf-8")


def upgrade_engine(shell: Shell) -> None:
    """The journal is that of an older version now."""
    def make_older(line: dict) -> None:
        if line["kind"] == "head":
            line["run"]["environment"]["versions"]["fake"] = "0.0.1"
        if line["kind"] == "cell" and line["cell"]["key"]:
            line["cell"]["key"] = "0" * 64

    edit_journal(shell, make_older)


def warnings_of(shell: Shell) -> list[str]:
    return json.loads((shell.folder / "r.json").read_text(encoding="utf-8"))["environment"]["warnings"]
