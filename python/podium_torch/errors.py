"""The one error type: a code of podium::ErrorCode, a sentence, and a remedy."""

from __future__ import annotations

INSTALL_REMEDY = "run scripts/setup, or set PODIUM_PYTHON to a Python interpreter that has PyTorch"
COMPILER_REMEDY = "install a C++ compiler (apt-get install g++), or set CXX to one"

_ALLOCATION_FAILURES = ("can't allocate memory", "not enough memory", "out of memory", "status_alloc_failed")


class PodiumError(Exception):
    """What went wrong, as a reply or an error file tells it."""

    def __init__(self, code: str, message: str, remedy: str = "") -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.remedy = remedy

    def as_json(self) -> dict[str, str]:
        return {"code": self.code, "message": self.message, "remedy": self.remedy}


def first_line(exception: BaseException, limit: int = 300) -> str:
    """The first telling line of an exception: PyTorch's run over pages."""
    lines = [line.strip() for line in str(exception).splitlines() if line.strip()]
    text = lines[0] if lines else type(exception).__name__
    if text.endswith(":") and len(lines) > 1:
        text = f"{text} {lines[1]}"
    return text if len(text) <= limit else text[: limit - 1] + "…"


def _class_names(exception: BaseException) -> set[str]:
    """Names of the classes of an exception and of what caused it: PyTorch wraps one in another."""
    names: set[str] = set()
    seen: set[int] = set()
    current: BaseException | None = exception
    while current is not None and id(current) not in seen:
        seen.add(id(current))
        names.update(cls.__name__ for cls in type(current).__mro__)
        current = current.__cause__ or getattr(current, "inner_exception", None) or current.__context__
    return names


def is_device_fault(exception: BaseException) -> bool:
    """Whether a GPU stopped with a fault, after which nothing more can be done with it in this process."""
    return "AcceleratorError" in _class_names(exception) or "cuda error" in str(exception).lower()


def from_exception(exception: BaseException, doing: str) -> PodiumError:
    """Any exception as a PodiumError; `doing` says what was under way ("compiling the model")."""
    if isinstance(exception, PodiumError):
        return exception
    text = first_line(exception)
    names = _class_names(exception)
    if names & {"MemoryError", "OutOfMemoryError"} or any(sign in str(exception).lower() for sign in _ALLOCATION_FAILURES):
        return PodiumError("out_of_memory", f"{doing}: out of memory: {text}", "use a smaller --batch")
    if is_device_fault(exception):
        return PodiumError("failed", f"{doing}: the GPU stopped with a fault: {text}")
    if "InvalidCxxCompiler" in names:
        return PodiumError("unavailable", f"{doing}: no working C++ compiler was found", COMPILER_REMEDY)
    if isinstance(exception, OSError) and exception.errno is not None:
        return PodiumError("io", f"{doing}: {text}", "check the disk's free space and permissions")
    if names & {"NotImplementedError", "Unsupported", "UserError", "UnsupportedOperatorException"}:
        return PodiumError("unsupported", f"{doing}: {text}")
    return PodiumError("failed", f"{doing}: {type(exception).__name__}: {text}")
