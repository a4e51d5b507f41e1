"""docs/article.md from the results files of scripts/article."""

from __future__ import annotations

from pathlib import Path

from article_conclusions import CONCLUSIONS, Run, is_measured, launches_of, median_ms, verdict_of

HEAD = """# ResNet-50 on every engine

*How does PyTorch 2.0 perform in inference?* ([Nebuly, 2022](https://www.nebuly.com/blog/pytorch-2-0-inference-performance)) drew four conclusions from one GPU.
Here each is held against measurements of this program, machine by machine: a claim is *true* or *false* where the 95 % interval of its ratio lies beyond
±1 % on one side, else *tied*; a conclusion is true where all its claims are. A cell that is far behind has one round a launch: where there was one launch, its
figures have no interval of their own, and its ratios are given the spread of the least steady cell that stayed. Where a batch size was taken more than once, each
figure, and each claim, is of the part with the most launches. This page is written by
`scripts/article --page docs/article.md`, from results files that `scripts/article --device DEVICE --folder docs/article/NAME` left;
`podium report FILE -o FILE.html` draws any of them.
"""

Parts = list[tuple[Path, dict]]


def chip_of(results: dict) -> str:
    gpus = results["environment"]["gpus"]
    device = results["settings"]["device"]
    if device == "cpu" or not gpus:
        return results["environment"]["cpu"]
    index = int(device.partition(":")[2] or 0)
    return gpus[min(index, len(gpus) - 1)]["name"]


def settings_of(file: Path) -> str:
    return file.stem.rpartition("-")[2]


def _by_machine(parts: Parts) -> dict[tuple[str, str], Parts]:
    """(chip, folder) → its parts."""
    machines: dict[tuple[str, str], Parts] = {}
    for file, results in parts:
        machines.setdefault((chip_of(results), str(file.parent)), []).append((file, results))
    return machines


def _versions(parts: Parts) -> str:
    found: dict[str, set[str]] = {}
    for _, results in parts:
        for name, version in results["environment"]["versions"].items():
            found.setdefault(name, set()).add(version)
    return ", ".join(f"{name} {' and '.join(sorted(versions))}" for name, versions in sorted(found.items()))


def _figure(cell: dict | None) -> str:
    if cell is None:
        return ""
    if not is_measured(cell):
        return cell["status"].replace("_", " ")
    text = f"{median_ms(cell):.3g}"
    return f"**{text}**" if cell["rank"] == 1 else text


def _name(cell: dict) -> str:
    """Engine and precision, and what was set beside the defaults, as the cell's id names it."""
    return " ".join([cell["backend"], cell["precision"], *cell["id"].split("/")[4:]])


def _times(parts: Parts) -> list[str]:
    cells = [cell for _, results in parts for cell in results["cells"]]
    batches = sorted({cell["batch"] for cell in cells})
    table: dict[tuple[str, int], dict] = {}
    for cell in cells:
        key = (_name(cell), cell["batch"])
        if key not in table or launches_of(cell) > launches_of(table[key]):
            table[key] = cell
    rows = sorted({name for name, _ in table})
    lines = ["| | " + " | ".join(f"batch {batch}" for batch in batches) + " |", "| --- |" + " --- |" * len(batches)]
    for name in rows:
        shown = [table.get((name, batch)) for batch in batches]
        if all(cell is None or cell["status"] == "unsupported" for cell in shown):
            continue
        lines.append(f"| {name} | " + " | ".join(_figure(cell) for cell in shown) + " |")
    left_out = sorted({name for name in rows if all(c is None or c["status"] == "unsupported" for c in (table.get((name, b)) for b in batches))})
    if left_out:
        lines += ["", f"Unsupported: {', '.join(left_out)}."]
    return lines


def _taken(parts: Parts) -> list[str]:
    """A line for each part."""
    lines = ["| part | begun | launches | |", "| --- | --- | --- | --- |"]
    for file, results in parts:
        measured = [cell for cell in results["cells"] if is_measured(cell)]
        launches = max((launches_of(cell) for cell in measured), default=0)
        stopped = any(cell["status"] == "partial" for cell in results["cells"])
        note = f"stopped before launch {launches + 1} of {results['settings']['launches']} was done: no ranks" if stopped else ""
        lines.append(f"| [{file.stem}]({file}) | {results['started'][:16].replace('T', ' ')} | {launches} | {note} |")
    return lines


def _conclusions(runs: dict[str, Run]) -> list[str]:
    lines = ["| conclusion | " + " | ".join(runs) + " |", "| --- |" + " --- |" * len(runs)]
    details = []
    for number, (text, claims_of) in enumerate(CONCLUSIONS, 1):
        claims = {settings: claims_of(run) for settings, run in runs.items()}
        lines.append(f"| {number}. {text} | " + " | ".join(f"**{verdict_of(found)}**" for found in claims.values()) + " |")
        for settings, found in claims.items():
            details += [f"- {number}, {settings}: {claim.text}: {claim.verdict}" + (f", {claim.figure}" if claim.figure else "") for claim in found]
    return [*lines, "", "Ratios of times behind them, with 95 % intervals:", "", *details]


def _machine(chip: str, folder: str, parts: Parts) -> list[str]:
    environment = parts[0][1]["environment"]
    dates = sorted({results["started"][:10] for _, results in parts})
    lines = [f"## {chip}", ""]
    lines += [f"{' to '.join(dict.fromkeys([dates[0], dates[-1]]))}; {environment['os']}; driver {environment['driver'] or 'none'}; {_versions(parts)}."]
    lines += [f"Timing boundary: {parts[0][1]['settings']['timing_boundary']}. Raw results: [{folder}]({folder}).", "", *_taken(parts), ""]
    runs = {}
    for settings in ("defaults", "best"):
        own = [(file, results) for file, results in parts if settings_of(file) == settings]
        if not own:
            continue
        runs[settings] = Run([results for _, results in own])
        title = "with each engine's defaults" if settings == "defaults" else "with the best settings found"
        lines += [f"### Milliseconds a call, {title}", "", "In bold: the fastest of its part and batch size, and those tied with it.", "", *_times(own), ""]
    return [*lines, "### The article's conclusions", "", *_conclusions(runs), ""]


def page(parts: Parts) -> str:
    lines = [HEAD]
    for (chip, folder), own in sorted(_by_machine(parts).items()):
        lines += _machine(chip, folder, own)
    return "\n".join(lines).rstrip() + "\n"
