"""Names the photos that lie in installed Python packages, a file a line: real pictures for models of whose own data there are none.

usage: python -m podium_data.photos
"""

from __future__ import annotations

import importlib.util
from collections.abc import Iterator
from pathlib import Path

# Only what is a photo: these packages hold digits, diagrams and microscopy too.
PHOTOS = {
    "foolbox": ["data/imagenet_*.jpg"],
    "skimage": [f"data/{name}" for name in ("astronaut.png", "camera.png", "chelsea.png", "coffee.png", "coins.png", "motorcycle_left.png", "rocket.jpg")],
}


def find() -> Iterator[Path]:
    for package, patterns in PHOTOS.items():
        spec = importlib.util.find_spec(package)
        folder = Path(spec.origin).parent if spec and spec.origin else None
        for pattern in patterns if folder else []:
            yield from sorted(folder.glob(pattern))


if __name__ == "__main__":
    for file in find():
        print(file)
