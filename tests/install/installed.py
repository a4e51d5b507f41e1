"""The build whose installation is tried, and programs that meet it."""

import os
import subprocess
from pathlib import Path

BUILD = Path(os.environ["PODIUM_TEST_BUILD"])
CMAKE = os.environ.get("PODIUM_TEST_CMAKE", "cmake")
CXX = os.environ.get("PODIUM_TEST_CXX", "c++")
EXAMPLES = Path(__file__).resolve().parents[2] / "examples"


def run(*command: str | Path, **options) -> subprocess.CompletedProcess[str]:
    return subprocess.run([str(part) for part in command], capture_output=True, text=True, timeout=300, check=False, **options)


def run_well(*command: str | Path, **options) -> str:
    """What it printed; it must have ended well."""
    done = run(*command, **options)
    assert done.returncode == 0, f"{command}\n{done.stdout}\n{done.stderr}"
    return done.stdout
