"""What can go wrong, as exceptions: each has a code, a sentence on what was wrong and where, and one on what mends it."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from podium.report import Report


class PodiumError(Exception):
    """The base of all: `except podium.PodiumError as error: print(error.message, error.remedy)`."""

    code = "failed"

    def __init__(self, message: str, remedy: str = "") -> None:
        super().__init__(f"{message}\n  try: {remedy}" if remedy else message)
        self.message = message
        self.remedy = remedy

    def __reduce__(self) -> tuple[type[PodiumError], tuple[str, str]]:
        return type(self), (self.message, self.remedy)


class WrongUse(PodiumError, ValueError):
    """What was asked for is wrong: an unknown name, an array of the wrong shape or type."""

    code = "wrong_use"


class BadInput(PodiumError, ValueError):
    """A model, an artefact or data are missing, damaged or hostile."""

    code = "bad_input"


class Unsupported(PodiumError):
    """An engine cannot run this model so, or PyTorch cannot export it."""

    code = "unsupported"


class Unavailable(PodiumError):
    """An engine or a tool is not installed here."""

    code = "unavailable"


class Failed(PodiumError):
    """An engine or a helper process broke."""

    code = "failed"


class TimedOut(PodiumError, TimeoutError):
    """A limit on time was reached."""

    code = "timeout"


class OutOfMemory(PodiumError, MemoryError):
    """A limit on memory was reached."""

    code = "out_of_memory"


class FileRefused(PodiumError, OSError):
    """The operating system refused a file operation: a full disk, no permission."""

    code = "io"


class Cancelled(PodiumError):
    """The search was asked to stop."""

    code = "cancelled"


class CheckFailed(PodiumError):
    """A check that was asked for did not hold."""

    code = "check_failed"


class NoWinner(CheckFailed):
    """Engines ran, and none keeps to the bound and the limits, or the winner exists only in Python and no artefact holds it (`allow_python`).
    `report` says why each of them left."""

    def __init__(self, message: str, remedy: str = "", report: Report | None = None) -> None:
        super().__init__(message, remedy)
        self.report = report
