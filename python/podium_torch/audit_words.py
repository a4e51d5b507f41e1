"""What both PyTorch backends say of arithmetic, in the words of src/backends/api/audit_words.cpp."""

from __future__ import annotations

from collections import Counter

_ASKED = {"fp32": "float32", "tf32": "float32", "bf16": "bfloat16", "fp16": "float16"}
_BITS = {"float64": 64, "float32": 32, "bfloat16": 16, "float16": 16}
_INT8 = ("int8", "uint8")


def _bits(type_name: str) -> int | None:
    return 8 if type_name.startswith("float8") else _BITS.get(type_name)


def _nothing_in_int8(precision: str, arithmetic: Counter[str]) -> str:
    """One operator in int8 is enough: how many can be is the engine's matter, and the share of them is told beside it."""
    if int8_share(arithmetic) != 0.0:
        return ""
    return (
        f"it computes in another precision than {precision}: of {sum(arithmetic.values())} convolutions, matrix products and the like, "
        "none in 8-bit integers"
    )


def other_precision(precision: str, arithmetic: Counter[str]) -> str:
    """One operator in a narrower float type is enough; wider ones are told where they are most. Integers are not judged, but where int8 is
    asked for: there, that no operator computes in it is told."""
    if precision.startswith("int8"):
        return _nothing_in_int8(precision, arithmetic)
    if precision not in _ASKED:
        return ""
    asked, total = _ASKED[precision], sum(arithmetic.values())
    found = []
    for type_name, count in sorted(arithmetic.items()):
        bits = _bits(type_name)
        if bits is None or type_name == asked or (bits > _BITS[asked] and 2 * count <= total):
            continue
        found.append(f"{count} in {type_name}")
    if not found:
        return ""
    return (
        f"it computes in another precision than {precision}: of {total} convolutions, matrix products and the like, {' and '.join(found)}"
    )


def int8_share(arithmetic: Counter[str]) -> float | None:
    total = sum(arithmetic.values())
    return sum(arithmetic[name] for name in _INT8) / total if total else None
