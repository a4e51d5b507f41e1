"""What a search found, and why."""

from __future__ import annotations

import functools
import html
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from podium.errors import FileRefused

if TYPE_CHECKING:
    import os

    from podium import _search

_STYLE = (
    "<style>.podium td, .podium th {text-align: left; padding: 0.15em 0.7em; vertical-align: top} .podium td.number {text-align: right}"
    " .podium tr.winner {font-weight: bold}</style>"
)


class Report:
    """Of a search: `print(best.report)` draws its table, and in a notebook `best.report` shows itself."""

    def __init__(self, native: _search.Report) -> None:
        self._native = native

    @functools.cached_property
    def search(self) -> dict[str, Any]:
        """Schema `podium.search/1`: winners, when and why each candidate left, what no other beats."""
        search: dict[str, Any] = json.loads(self._native.json())
        return search

    @functools.cached_property
    def results(self) -> dict[str, Any]:
        """Schema `podium.results/1`: every measurement with every sample."""
        results: dict[str, Any] = json.loads(self._native.results_json())
        return results

    @property
    def verdict(self) -> str:
        """One sentence."""
        verdict: str = self.search["verdict"]
        return verdict

    @property
    def advice(self) -> str:
        """What to do next, in a sentence."""
        return self._native.advice

    @property
    def artifact(self) -> Path | None:
        """Where the winner was written; None where nothing was."""
        return Path(self._native.artifact) if self._native.artifact else None

    @property
    def winners(self) -> dict[int, str]:
        """The id of the chosen cell for each batch size."""
        return {winner["batch"]: winner["cell"] for winner in self.search["winners"]}

    def save(self, file: str | os.PathLike[str]) -> None:
        """Writes the report as its ending says: `.html` (one page with charts), `.md`, `.json` (`podium.results/1`) or text.

        Raises:
            FileRefused: where the disk refuses.
        """
        forms = {".html": self._native.html, ".md": self._native.markdown, ".json": self._native.results_json}
        path = Path(file)
        try:
            path.write_text(forms.get(path.suffix, self.__str__)(), encoding="utf-8")
        except OSError as error:
            raise FileRefused(f"the report cannot be written to '{path}': {error}", "name another file") from error

    def __str__(self) -> str:
        return self._native.table(120)

    def __repr__(self) -> str:
        return f"<podium.Report: {self.verdict}>"

    def _repr_html_(self) -> str:
        """For notebooks: the verdict, every cell that was measured, and behind a click why each candidate left."""
        rows = "".join(self._row(cell) for cell in sorted(self.results["cells"], key=_order))
        log = "".join(f"<tr>{_cells(step['candidate'], step['stage'], step['reason'])}</tr>" for step in self.search["log"])
        return (
            f'{_STYLE}<div class="podium"><p><b>{html.escape(self.verdict)}</b></p>'
            f"<p>best by {html.escape(self.search['goal'])}; bound: {html.escape(self.search['bound'])}; {self.search['seconds']:.0f} s</p>"
            f"<table><tr><th>candidate</th><th>median ms</th><th>±95%</th><th>times as fast as the baseline</th><th>answers</th></tr>{rows}</table>"
            f"<details><summary>why each candidate left</summary><table>{log}</table></details></div>"
        )

    def _row(self, cell: dict[str, Any]) -> str:
        latency, ratio = cell["latency_ms"], cell["ratio_to_baseline"]
        figures = [f"{latency['median']:.4g}" if latency else "", _half_width(latency), f"{1 / ratio['value']:.2f}" if ratio else ""]
        told = cell["output_error"]["verdict"] if cell["output_error"] and cell["status"] == "ok" else f"{cell['status']}: {cell['reason'] or ''}"
        winner = ' class="winner"' if cell["id"] in self.winners.values() else ""
        numbers = "".join(f'<td class="number">{figure}</td>' for figure in figures)
        return f"<tr{winner}>{_cells(cell['id'])}{numbers}{_cells(told)}</tr>"


def _cells(*texts: str) -> str:
    return "".join(f"<td>{html.escape(text)}</td>" for text in texts)


def _order(cell: dict[str, Any]) -> tuple[int, float]:
    return cell["batch"], cell["latency_ms"]["median"] if cell["latency_ms"] else float("inf")


def _half_width(latency: dict[str, Any] | None) -> str:
    low, high = (latency or {}).get("ci95") or (None, None)
    return f"{(high - low) / 2:.2g}" if low is not None and high is not None else ""
