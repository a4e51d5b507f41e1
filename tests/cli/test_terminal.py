"""What a person sees while it runs: one live line on a terminal, plain lines in a log; colours only where they are wanted."""

import fcntl
import os
import pty
import re
import struct
import termios
import threading

from conftest import Shell

COLUMNS = 72
ESCAPE = re.compile(r"\x1b\[[0-9;]*[A-Za-z]")


class Terminal:
    """The far end of a pseudo-terminal, read by a thread so that the program never waits for it."""

    def __init__(self) -> None:
        self.near, self.program_end = pty.openpty()
        fcntl.ioctl(self.program_end, termios.TIOCSWINSZ, struct.pack("HHHH", 24, COLUMNS, 0, 0))
        self.received = b""
        self.thread = threading.Thread(target=self._read, daemon=True)
        self.thread.start()

    def _read(self) -> None:
        while True:
            try:
                more = os.read(self.near, 65536)
            except OSError:  # the other end is closed
                return
            self.received += more

    def text(self) -> str:
        os.close(self.program_end)
        self.thread.join(timeout=10)
        os.close(self.near)
        return self.received.decode("utf-8")


def test_terminal_shows_one_live_line_that_fits_and_is_cleared(shell: Shell) -> None:
    terminal = Terminal()
    done = shell.bench("--set", "fake.latency-us=2000,3000", stderr=terminal.program_end, env={"TERM": "xterm"})
    text = terminal.text()
    assert done.returncode == 0
    redraws = text.split("\r\x1b[2K")
    assert len(redraws) > 3
    assert any("measure" in line for line in redraws)
    assert any("left" in line for line in redraws)
    for line in redraws:
        for row in line.split("\r\n"):
            assert len(ESCAPE.sub("", row)) < COLUMNS + 1 or "--" in row, row
    assert redraws[-1].strip() == "To keep every sample, add --json FILE."


def test_log_gets_plain_lines_and_few_of_them(shell: Shell) -> None:
    done = shell.bench("--set", "fake.latency-us=2000,3000")
    assert "\r" not in done.stderr and "\x1b" not in done.stderr
    assert "measure" in done.stderr
    lines = done.stderr.splitlines()
    assert len(lines) < 30 and len(set(lines)) == len(lines), done.stderr


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
