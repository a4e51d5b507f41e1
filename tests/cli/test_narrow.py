"""Terminals of any width: narrow ones, and one that changes while a run draws on it."""

import json
import re

import pytest

from conftest import Shell, wait_until
from terminal import Terminal, screens, without_escapes

LIVE = ("bench", "model.onnx", "--backends", "fake", "--precisions", "fp32", "--set", "fake.latency-us=2000,3000", "--launches", "1", "--warm-up", "50ms")


def printed_on(columns: int, shell: Shell, *arguments: str) -> str:
    terminal = Terminal(columns)
    shell.run(*arguments, stdout=terminal.program_end, env={"TERM": "xterm"})
    return without_escapes(terminal.text())


@pytest.mark.parametrize("columns", [24, 36, 50])
def test_live_table_stays_in_its_place_on_a_narrow_terminal(shell: Shell, columns: int) -> None:
    terminal = Terminal(columns)
    shell.run(*LIVE, "--budget", "1s", stderr=terminal.program_end, env={"TERM": "xterm"})
    text = terminal.text()
    live = text[:text.rindex("\x1b[J")]
    assert max(sum(" left" in line for line in screen) for screen in screens(live, columns)) == 1
    drawn = [line for line in without_escapes(live).splitlines() if " left" in line or "vs best" in line]
    assert drawn and max(len(line) for line in drawn) < columns
    assert ("vs best" in live) == (columns >= 36) and ("±95%" in live) == (columns >= 46)


def test_terminal_that_becomes_narrower_keeps_no_remains_of_the_table(shell: Shell) -> None:
    """A terminal breaks the lines that are wider than it has become: there are more rows to go back."""
    terminal = Terminal(100)
    with shell.start(*LIVE, "--budget", "3s", stderr=terminal.program_end, env={"TERM": "xterm"}) as process:
        assert wait_until(lambda: "vs best" in terminal.so_far() and "±" in terminal.so_far().rsplit("vs best", 1)[1])
        terminal.resize(40)
        process.communicate(timeout=60)
    text = terminal.text()
    anew = next(re.finditer(r"\x1b\[(\d+)A\r\x1b\[J", text))
    before = [line for line in screens(text[:anew.start()], 100)[-1]]
    table = before[next(number for number, line in enumerate(before) if "vs best" in line):]
    assert int(anew[1]) + 1 == sum(-(-len(line) // 40) for line in table) > len(table)
    after = without_escapes(text[anew.end():]).split("Next: ")[0]
    assert "vs best" in after and max(len(line) for line in after.splitlines() if "vs best" in line or " left" in line) < 40


@pytest.mark.parametrize("columns", [30, 80])
def test_help_keeps_to_the_width_of_a_terminal_and_loses_no_word(shell: Shell, columns: int) -> None:
    for command in ((), ("bench",), ("convert",)):
        whole = shell.run("help", *command).stdout
        for printed in (printed_on(columns, shell, "help", *command), printed_on(columns, shell, *command, "--help")):
            assert printed.split() == whole.split()
            # A command stays in one piece, to be copied.
            wide = [line for line in printed.splitlines() if len(line) > columns and len(line.split()) > 1 and not line.startswith("  podium ")]
            assert not wide, wide[0]


def test_help_in_a_file_is_not_broken(shell: Shell) -> None:
    assert max(len(line) for line in shell.run("bench", "--help", env={"COLUMNS": "50"}).stdout.splitlines()) > 80


@pytest.mark.parametrize("columns", [32, 45, 64])
def test_comparison_keeps_name_and_verdict_where_there_is_no_room_for_more(shell: Shell, columns: int) -> None:
    assert shell.bench("--json", "r.json").returncode == 0
    after = json.loads((shell.folder / "r.json").read_text(encoding="utf-8")) | {"started": "2026-03-01T03:15:00Z"}
    (shell.folder / "after.json").write_text(json.dumps(after), encoding="utf-8")
    rows = [line for line in printed_on(columns, shell, "compare", "r.json", "after.json").splitlines() if line.startswith("fake fp32")]
    assert len(rows) == 1 and rows[0].endswith("tied") and len(rows[0]) <= columns
