"""What becomes of memory that PyTorch has freed on the CPU."""

from __future__ import annotations

import ctypes
import sys

from podium_torch.errors import PodiumError

# glibc, malloc.h; mallopt(3).
_M_TRIM_THRESHOLD = -1
_M_MMAP_MAX = -4
_NEVER_TRIM = 2**31 - 1


def keep_freed_memory() -> None:
    """For the rest of the process, freed memory stays in it. glibc gives blocks of 32 MiB and more, and at times the end of its heap,
    back to the system at every call, which then hands out zeroed pages again: thousands of page faults a call, in some processes and not
    in others, by how the heap happens to lie."""
    libc = ctypes.CDLL(None)
    is_glibc = sys.platform == "linux" and hasattr(libc, "gnu_get_libc_version")
    if not is_glibc or not (libc.mallopt(_M_MMAP_MAX, 0) and libc.mallopt(_M_TRIM_THRESHOLD, _NEVER_TRIM)):
        raise PodiumError("unsupported", "keep-memory=on needs glibc's memory allocator", "leave it off")
