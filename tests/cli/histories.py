"""Histories made of one real run of the fake backend: its samples, start times and versions are set by hand, so that nothing depends on time."""

import copy
import json
from pathlib import Path


def set_times(document: dict, milliseconds: dict[str, float], launches: int = 4) -> None:
    """The same median in every launch and round of a cell, but for 0.1 % of noise."""
    for cell in document["cells"]:
        block = cell["blocks"][0]
        cell["blocks"] = []
        for launch in range(launches):
            for turn in range(3):
                noise = 1 + 0.001 * ((launch + turn) % 3 - 1)
                samples = [round(milliseconds[cell["id"]] * noise * 1e6)] * 5
                cell["blocks"].append(block | {"launch": launch, "round": turn, "iterations_per_sample": 1, "samples_ns": samples, "set_aside": False, "evidence": ""})


def run_at(run: dict, day: int, milliseconds: dict[str, float]) -> dict:
    document = copy.deepcopy(run)
    document["started"] = f"2026-{3 + day // 28:02}-{1 + day % 28:02}T03:15:00Z"
    set_times(document, milliseconds)
    for cell in document["cells"]:
        for number, block in enumerate(cell["blocks"]):
            block["start_ns"] += day * 86_400_000_000_000 + number
    return document


def write_runs(folder: Path, documents: list[dict]) -> list[str]:
    """Their names, in an order that is not that of time."""
    names = [f"run{number:02}.json" for number in range(len(documents))]
    for name, document in zip(names, documents, strict=True):
        (folder / name).write_text(json.dumps(document), encoding="utf-8")
    return names[::-1]
