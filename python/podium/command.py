"""The command `podium`: the program that the package holds, with the engines of this Python environment."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from podium.environment import prepare


def main() -> None:
    prepare()
    program = Path(__file__).parent / "bin" / "podium"
    if not program.exists():
        sys.exit(f"error: '{program}' is missing\n  try: pip install Podium again")
    os.execv(program, ["podium", *sys.argv[1:]])


if __name__ == "__main__":
    main()
