"""Writes models to start fuzzing from: the operator examples of the package `onnx`, one file each, and its real topologies without weights.

    python fuzz/seeds.py FOLDER
"""

from __future__ import annotations

import sys
import warnings
from pathlib import Path

MOST_BYTES = 20_000  # of an operator's example


def main(folder: Path) -> None:
    warnings.filterwarnings("ignore")
    import onnx.backend.test
    from onnx.backend.test.case.node import collect_testcases

    folder.mkdir(parents=True, exist_ok=True)
    written = 0
    for case in collect_testcases(None):
        content = case.model.SerializeToString() if case.model is not None else b""
        if 0 < len(content) <= MOST_BYTES:
            (folder / f"{case.name}.onnx").write_bytes(content)
            written += 1
    topologies = sorted(Path(onnx.backend.test.__file__).parent.glob("data/light/*.onnx"))
    for file in topologies:
        (folder / file.name).write_bytes(file.read_bytes())
    print(f"{written + len(topologies)} models in {folder}")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
