"""The two memories a worker shares with its supervisor: the inputs, which it reads, and the arena, which it writes."""

from __future__ import annotations

import mmap
import os

from podium_torch.errors import PodiumError

ALIGNMENT = 64


def aligned(offset: int) -> int:
    return -(-offset // ALIGNMENT) * ALIGNMENT


class InputMemory:
    """The inputs, mapped privately: a model that writes to its input spoils only its own copy."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self._map: mmap.mmap | None = None

    def map(self) -> memoryview:
        """A fresh mapping of what the supervisor wrote."""
        size = os.fstat(self._descriptor).st_size
        if size == 0:
            return memoryview(bytearray())
        return memoryview(mmap.mmap(self._descriptor, size, flags=mmap.MAP_PRIVATE, prot=mmap.PROT_READ | mmap.PROT_WRITE))


class Arena:
    """Memory for outputs and samples, enlarged as it is needed and never made smaller."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self._memory = memoryview(bytearray())

    def reserve(self, size: int) -> memoryview:
        """The arena with at least `size` bytes. An older view stays valid and shows the same bytes."""
        if size > len(self._memory):
            granule = mmap.ALLOCATIONGRANULARITY
            size = max(-(-size // granule) * granule, os.fstat(self._descriptor).st_size)
            try:
                os.ftruncate(self._descriptor, size)
                # Reserves the memory now: a memfd whose pages cannot be had would end the process by SIGBUS on the first write.
                os.posix_fallocate(self._descriptor, 0, size)
            except OSError as error:
                raise PodiumError(
                    "out_of_memory", f"no {size} bytes of shared memory for outputs: {error.strerror}", "use a smaller --batch"
                ) from error
            self._memory = memoryview(mmap.mmap(self._descriptor, size, flags=mmap.MAP_SHARED))
        return self._memory
