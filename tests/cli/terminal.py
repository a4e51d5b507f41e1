"""The far end of a pseudo-terminal, and what a person sees on it."""

import fcntl
import os
import pty
import re
import struct
import termios
import threading

import pyte

ESCAPE = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")


class Terminal:
    """Read by a thread, so that the program never waits for it."""

    def __init__(self, columns: int = 72, rows: int = 24) -> None:
        self.near, self.program_end = pty.openpty()
        self.resize(columns, rows)
        self.received = b""
        self.thread = threading.Thread(target=self._read, daemon=True)
        self.thread.start()

    def resize(self, columns: int, rows: int = 24) -> None:
        fcntl.ioctl(self.program_end, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))

    def _read(self) -> None:
        while True:
            try:
                more = os.read(self.near, 65536)
            except OSError:  # the other end is closed
                return
            self.received += more

    def type(self, text: str) -> None:
        os.write(self.near, text.encode())

    def so_far(self) -> str:
        return self.received.decode("utf-8", errors="replace")

    def text(self) -> str:
        os.close(self.program_end)
        self.thread.join(timeout=10)
        os.close(self.near)
        return self.received.decode("utf-8")


def screens(text: str, columns: int = 72, rows: int = 24) -> list[list[str]]:
    """What a terminal showed after each piece of output: its lines that are not empty."""
    screen = pyte.Screen(columns, rows)
    stream = pyte.Stream(screen)
    shown = []
    for piece in re.split(r"(?=\x1b\[\d*[AJ])|(?<=\n)", text):
        stream.feed(piece)
        shown.append([line.rstrip() for line in screen.display if line.strip()])
    return shown


def final_screen(text: str, columns: int, rows: int) -> list[str]:
    """With the blanks behind a line that the cursor stands after."""
    screen = pyte.Screen(columns, rows)
    pyte.Stream(screen).feed(text)
    return screen.display


def without_escapes(text: str) -> str:
    """As one reads it; a line that was drawn over counts as a line."""
    return ESCAPE.sub("", text).replace("\r\n", "\n").replace("\r", "\n")
