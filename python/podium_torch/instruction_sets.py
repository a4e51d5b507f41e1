"""Which of the processor's instruction sets Inductor may use."""

from __future__ import annotations

import contextlib


def try_instruction_sets() -> None:
    """Inductor compiles a small program for each, some ten seconds in all. Before a compile gets a cache of its own, so that the outcome is kept
    where Inductor keeps its precompiled headers, for every model. What hinders it is told by the compile itself."""
    from torch._inductor.cpu_vec_isa import pick_vec_isa

    with contextlib.suppress(Exception):
        pick_vec_isa()
