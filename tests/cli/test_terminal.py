"""What a person sees while it runs: a live table on a terminal, plain lines in a log; colours only where they are wanted."""

import re
import signal
import subprocess

import pytest

from conftest import Shell, shell_in, wait_until
from terminal import ESCAPE, Terminal, screens, without_escapes

COLUMNS = 72


def live_run(shell: Shell, *flags: str, columns: int = COLUMNS, rows: int = 24, **environment: str) -> tuple[str, list[list[str]]]:
    """Two candidates measured for a while, standard error on a terminal: what was written there, and each screen that it made."""
    terminal = Terminal(columns, rows)
    done = shell.bench("--set", "fake.latency-us=2000,3000", "--budget", "2s", *flags, stderr=terminal.program_end, env={"TERM": "xterm"} | environment)
    text = terminal.text()
    assert done.returncode == 0, text
    return text, screens(text, columns, rows)


@pytest.fixture(scope="module")
def usual_run(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, list[list[str]]]:
    """Made once, for the tests that ask for nothing special."""
    with shell_in(tmp_path_factory.mktemp("usual")) as shell:
        return live_run(shell)


def tables(shown: list[list[str]]) -> list[list[str]]:
    """The live tables: from the heading to the line that says what runs."""
    return [screen[number:] for screen in shown for number, line in enumerate(screen) if re.match(r"  batch \d+, so far ", line)]


@pytest.mark.parametrize("columns", [60, COLUMNS, 160])
def test_terminal_shows_how_the_cells_stand_what_runs_and_how_long_it_takes(shell: Shell, usual_run: tuple[str, list[list[str]]], columns: int) -> None:
    _, shown = usual_run if columns == COLUMNS else live_run(shell, columns=columns)
    whole = [table for table in tables(shown) if len(table) == 4]  # the others were half drawn
    heading, first, second, status = max(whole, key=lambda table: ("±" in table[1]) + ("±" in table[2]))
    launches = ("launches", "1") if columns >= 80 else ("", "")
    assert re.fullmatch(rf"  batch 1, so far +median ms +±95% +{launches[0]} *vs best", heading)
    assert re.fullmatch(rf"[ ▸] fake/fp32/latency-us=2000 +2(\.\d+)? +±\d+(\.\d)? % +{launches[1]} *best", first), first
    assert re.fullmatch(rf"[ ▸] fake/fp32/latency-us=3000 +3(\.\d+)? +±\d+(\.\d)? % +{launches[1]} *1\.\d\d×", second), second
    assert re.fullmatch(r"\d+:\d\d [█░]{16} measure +fake/fp32\S* +\d+:\d\d left", status), status
    assert any(table[1].startswith("▸") for table in whole) and any(table[2].startswith("▸") for table in whole)


def test_live_table_is_gone_at_the_end_and_the_last_line_says_what_to_do(usual_run: tuple[str, list[list[str]]]) -> None:
    text, shown = usual_run
    assert text.splitlines()[-1].removeprefix("\x1b[J") == "Next: add --json FILE to keep every sample; podium report and podium pack make a page and an artefact of it"
    assert not [line for line in shown[-1] if "so far" in line or " left" in line]


def test_live_table_stays_in_its_place(shell: Shell) -> None:
    """Every redraw is over the one before: no screen has two."""
    _, shown = live_run(shell, columns=60, rows=12)
    assert max(sum(", so far " in line for line in screen) for screen in shown) == 1
    assert max(sum(" left" in line for line in screen) for screen in shown) == 1


def test_terminal_is_told_nothing_that_would_have_to_be_undone(usual_run: tuple[str, list[list[str]]]) -> None:
    text, _ = usual_run
    assert {escape[-1] for escape in re.findall(r"\x1b\[[0-9;?]*[A-Za-z]", text)} <= set("AJKm")
    assert "\x1b[2J" not in text and "?" not in "".join(re.findall(r"\x1b\[[0-9;?]*[A-Za-z]", text))


def test_low_terminal_shows_the_best_and_counts_the_rest(shell: Shell) -> None:
    _, shown = live_run(shell, "--set", "fake.latency-us=4000,5000,6000,7000", rows=6)
    assert any(table[1].endswith("best") and table[-2].strip().endswith("more") for table in tables(shown) if len(table) > 3)
    assert all(len(table) <= 5 for table in tables(shown))


def test_live_table_keeps_to_the_locale_and_to_the_wish_for_no_colour(shell: Shell, usual_run: tuple[str, list[list[str]]]) -> None:
    text, shown = live_run(shell, LC_ALL="C", NO_COLOR="1", columns=60)
    assert text.isascii() and not re.search(r"\x1b\[[0-9;]*m", text)
    assert any("+/-" in table[1] and "x" in table[2] for table in tables(shown) if len(table) == 4)
    assert "\x1b[32m" in usual_run[0]


def test_end_of_a_batch_size_leaves_a_line(shell: Shell) -> None:
    text, shown = live_run(shell, "--batch", "1,2")
    (line,) = {line for screen in shown for line in screen if line.startswith("batch 1: the fastest was ")}
    assert "fake/fp32/b1/cpu" in line
    assert any(table[0].startswith("  batch 2, so far") for table in tables(shown))


def test_quiet_run_writes_nothing_beside_the_table(shell: Shell) -> None:
    terminal = Terminal()
    shell.bench("--quiet", stderr=terminal.program_end, env={"TERM": "xterm"})
    assert terminal.text() == ""


def test_verbose_run_keeps_every_step_on_the_terminal(shell: Shell) -> None:
    _, shown = live_run(shell, "--verbose", rows=60)
    steps = [line.split()[1] for line in shown[-1] if re.match(r" *\d+:\d\d \S", line)]
    assert {"load", "check", "warm-up"} <= set(steps)


def interrupted(shell: Shell, times: int) -> tuple[int, str, list[list[str]]]:
    terminal = Terminal()
    with shell.start("bench", "model.onnx", "--backends", "fake", "--precisions", "fp32", "--launches", "1", "--warm-up", "50ms", "--budget", "60s",
                     "--set", "fake.latency-us=200000" if times > 1 else "fake.latency-us=2000", stderr=terminal.program_end, stdout=subprocess.DEVNULL,
                     env={"TERM": "xterm"}) as process:
        assert wait_until(lambda: "so far" in terminal.so_far(), 60)
        for _ in range(times):
            process.send_signal(signal.SIGINT)
        process.wait(timeout=60)
    text = terminal.text()
    return process.returncode, text, screens(text)


def test_interrupt_leaves_a_clean_terminal(shell: Shell) -> None:
    status, text, shown = interrupted(shell, 1)
    assert status == 130
    assert without_escapes(text).splitlines()[-2:] == ["podium: stopped: what was measured so far is in the table above",
                                                       "Next: add --json FILE, and a run that was stopped can go on with --resume"]
    assert not [line for line in shown[-1] if re.match(r"  batch \d+, so far ", line)]


def test_second_interrupt_ends_below_what_was_drawn(shell: Shell) -> None:
    """Where both signals arrive as one, the run stops as after the first."""
    status, text, _ = interrupted(shell, 2)
    assert status == 130 and text.endswith("\n")
    assert without_escapes(text).splitlines()[-1].startswith(("podium: ended at once", "Next: "))


def test_log_gets_plain_lines_and_few_of_them(shell: Shell) -> None:
    done = shell.bench("--set", "fake.latency-us=2000,3000")
    assert "\r" not in done.stderr and "\x1b" not in done.stderr
    assert "measure" in done.stderr
    assert done.stderr.splitlines()[-1].startswith("Next: ")
    lines = done.stderr.splitlines()
    assert len(lines) < 30 and len(set(lines)) == len(lines), done.stderr


def test_log_tells_a_step_of_a_cell_once_however_many_launches_it_has(shell: Shell) -> None:
    def loads(*flags: str) -> list[str]:
        done = shell.bench("--set", "fake.latency-us=2000,3000", "--launches", "3", *flags)
        return re.findall(r"^ *\d+:\d\d load +(\S+)", done.stderr, re.MULTILINE)

    assert sorted(loads()) == ["fake/fp32/b1/cpu/latency-us=2000", "fake/fp32/b1/cpu/latency-us=3000"]
    assert len(loads("--verbose")) >= 6


def test_log_tells_the_best_so_far_now_and_then(shell: Shell) -> None:
    done = shell.bench("--set", "fake.latency-us=2000,3000", "--launches", "1", "--budget", "16s")
    assert re.search(r"measure  all cells in turn, \d:\d\d left, best so far fake/fp32/b1/cpu\S* 2(\.\d+)? ms", done.stderr), done.stderr


def test_last_line_fits_how_the_run_ended(shell: Shell) -> None:
    kept = shell.bench("--json", "out.json").stderr.splitlines()[-1]
    assert kept == "Next: podium report out.json -o report.html draws it, podium pack out.json -o best keeps the fastest"
    broken = shell.bench("--json", "broken.json", "--set", "fake.crash-at=never,load").stderr.splitlines()[-1]
    assert broken.startswith("Next: broken.json.logs has what the engines that failed printed; podium report")
    nothing = shell.bench("--set", "fake.crash-at=load").stderr.splitlines()[-1]
    assert nothing == "Next: podium doctor --self-test says what works here and mends what does not"


def test_dumb_terminal_gets_plain_lines(shell: Shell) -> None:
    terminal = Terminal()
    shell.bench(stderr=terminal.program_end, env={"TERM": "dumb"})
    assert "\x1b" not in terminal.text()


def table_on_a_terminal(shell: Shell, *flags: str, **environment: str) -> str:
    terminal = Terminal()
    shell.bench("--quiet", *flags, stdout=terminal.program_end, env={"TERM": "xterm"} | environment)
    return terminal.text()


def test_table_has_colours_on_a_terminal(shell: Shell) -> None:
    text = table_on_a_terminal(shell)
    assert "\x1b[1m" in text
    assert max(len(ESCAPE.sub("", line)) for line in text.splitlines()) <= COLUMNS


def test_colours_can_be_declined(shell: Shell) -> None:
    assert "\x1b" not in table_on_a_terminal(shell, NO_COLOR="1")
    assert "\x1b" not in table_on_a_terminal(shell, "--no-colour")
    assert "\x1b" not in table_on_a_terminal(shell, "--no-color")


def test_table_in_a_file_has_no_colours(shell: Shell) -> None:
    assert "\x1b" not in shell.bench().stdout


def test_error_has_colour_on_a_terminal_only(shell: Shell) -> None:
    terminal = Terminal()
    shell.run("bnech", stderr=terminal.program_end, env={"TERM": "xterm"})
    assert "\x1b[1;31merror:\x1b[0m" in terminal.text()
    assert "\x1b" not in shell.run("bnech").stderr


def test_locale_without_utf8_gets_ascii(shell: Shell) -> None:
    done = shell.bench("--set", "fake.latency-us=2000,3000", env={"LC_ALL": "C"})
    assert done.stdout.isascii() and done.stderr.isascii()
    assert "faster" in done.stdout or "slower" in done.stdout
