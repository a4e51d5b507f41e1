"""Says which of the named packages an interpreter lacks or has in another version than the pinned one, and the command that mends it.

usage: PYTHON check_packages.py CONSTRAINTS NAME…
Ends with 1 where one is missing that Podium cannot be built or run without.
"""

import sys
from importlib.metadata import PackageNotFoundError, version

INDISPENSABLE = {"torch", "onnx", "pytest"}


def main(constraints: str, wanted: list[str]) -> int:
    with open(constraints, encoding="utf-8") as file:
        pinned = dict(line.strip().split("==") for line in file if "==" in line)
    missing = []
    for name in wanted:
        try:
            found = version(name).split("+")[0]
        except PackageNotFoundError:
            missing.append(name)
            print(f"        {name} is missing")
            continue
        if found != pinned[name]:
            print(f"        {name} {found} is there; Podium is tested with {pinned[name]}")
    if missing:
        print(f"  mend: {sys.executable} -m pip install " + " ".join(f"{name}=={pinned[name]}" for name in missing))
    return int(bool(INDISPENSABLE & set(missing)))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[2:]))
