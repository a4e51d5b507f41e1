"""Measures a model and prints the fastest way to run it at each batch size, with what is tied with it.

usage: fastest.py MODEL [any flag of podium bench]
PODIUM names the program where it is not on the PATH.
"""

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

PODIUM = os.environ.get("PODIUM", "podium")


def measure(model: str, *flags: str) -> dict:
    """A run's results: schema podium.results/1, published in docs/schema."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "results.json"
        done = subprocess.run([PODIUM, "bench", model, *flags, "--json", file, "--quiet"], stdout=subprocess.DEVNULL, check=False)
        # 1: some cell failed; the others are there all the same.
        if done.returncode not in (0, 1):
            sys.exit(done.returncode)
        return json.loads(file.read_text(encoding="utf-8"))


def fastest(results: dict) -> dict[int, dict]:
    """The cell of rank 1 of each batch size. A cell without rank failed, or was rejected for its answers."""
    return {cell["batch"]: cell for cell in reversed(results["cells"]) if cell["rank"] == 1}


def sentence(cell: dict) -> str:
    latency = cell["latency_ms"]
    text = f"batch {cell['batch']}: {cell['id']}, {latency['median']:.4g} ms"
    ratio = cell["ratio_to_baseline"]
    if ratio and not cell["is_baseline"]:
        text += f", {1 / ratio['value']:.2f} times as fast as the baseline"
    if cell["tied_with"]:
        text += f", tied with {', '.join(cell['tied_with'])}"
    return text


def main(model: str, *flags: str) -> None:
    best = fastest(measure(model, *flags))
    if not best:
        sys.exit("nothing could be ranked; run podium bench to see why")
    for batch in sorted(best):
        print(sentence(best[batch]))


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    main(*sys.argv[1:])
