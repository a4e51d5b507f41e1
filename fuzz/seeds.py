"""Writes models to start fuzzing from: the operator examples of the package `onnx`, one file each, and its real topologies without weights.

    python fuzz/seeds.py FOLDER
"""

from __future__ import annotations

import sys
import warnings
from pathlib import Path

MOST_BYTES = 20_000  # of an operator's example
MOST_WEIGHTS = 4_000_000  # that a topology makes: folding those of the large ones takes longer under the sanitizers than an input may


def count_weights(model) -> int:
    """Those of the topologies come from ConstantOfShape."""
    import numpy
    from onnx import numpy_helper

    shapes = {tensor.name: tensor for tensor in model.graph.initializer}
    made = [shapes[node.input[0]] for node in model.graph.node if node.op_type == "ConstantOfShape" and node.input[0] in shapes]
    return sum(int(numpy.prod(numpy_helper.to_array(shape))) for shape in made)


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
    topologies = [file for file in sorted(Path(onnx.backend.test.__file__).parent.glob("data/light/*.onnx"))
                  if count_weights(onnx.load(file)) <= MOST_WEIGHTS]
    for file in topologies:
        (folder / file.name).write_bytes(file.read_bytes())
    print(f"{written + len(topologies)} models in {folder}")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
