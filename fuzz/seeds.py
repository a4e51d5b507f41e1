"""Writes small models to start fuzzing from: the operator examples of the package `onnx`, one file each.

    python fuzz/seeds.py FOLDER
"""

from __future__ import annotations

import sys
import warnings
from pathlib import Path

MOST_BYTES = 20_000


def main(folder: Path) -> None:
    warnings.filterwarnings("ignore")
    from onnx.backend.test.case.node import collect_testcases

    folder.mkdir(parents=True, exist_ok=True)
    written = 0
    for case in collect_testcases(None):
        content = case.model.SerializeToString() if case.model is not None else b""
        if 0 < len(content) <= MOST_BYTES:
            (folder / f"{case.name}.onnx").write_bytes(content)
            written += 1
    print(f"{written} models in {folder}")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
