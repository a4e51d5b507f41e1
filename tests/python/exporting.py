"""What tests of the exporter share beside fixtures."""

from __future__ import annotations

import json
from pathlib import Path


class ExportRefused(Exception):
    def __init__(self, error: dict) -> None:
        super().__init__(error["message"])
        self.code, self.message, self.remedy = error["code"], error["message"], error["remedy"]


def facts_of(folder: Path) -> dict:
    return json.loads((folder / "facts.json").read_text())


def sizes(item: dict) -> list[int]:
    return [axis["size"] for axis in item["dimensions"]]


def aoti_request(shape, precision="fp32", **options) -> dict:
    return {"inputs": [{"name": "x", "type": "float32", "shape": shape}], "precision": precision, "threads": 1, "options": options}
