"""examples/notebook, executed."""

from pathlib import Path

import pytest

from conftest import BUILD, EXAMPLES, Place

nbformat = pytest.importorskip("nbformat", reason="nbformat is not installed: scripts/setup --tests")
nbclient = pytest.importorskip("nbclient", reason="nbclient is not installed: scripts/setup --tests")
pytest.importorskip("ipykernel", reason="ipykernel is not installed: scripts/setup --tests")

NOTEBOOKS = sorted((EXAMPLES / "notebook").glob("*.ipynb"))


@pytest.mark.parametrize("file", NOTEBOOKS, ids=lambda file: file.stem)
def test_notebook_is_kept_without_outputs(file: Path) -> None:
    notebook = nbformat.read(file, as_version=4)
    nbformat.validate(notebook)
    assert not [cell for cell in notebook.cells if cell.cell_type == "code" and (cell.outputs or cell.execution_count)]


def test_notebook_runs_from_the_first_cell_to_the_last(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    place.bench()
    monkeypatch.setenv("PODIUM", str(BUILD / "podium"))
    monkeypatch.delenv("RESULTS", raising=False)
    # Nobody's own settings and no history of what was typed.
    monkeypatch.setenv("IPYTHONDIR", str(place.folder / "ipython"))
    notebook = nbformat.read(EXAMPLES / "notebook/results.ipynb", as_version=4)
    nbclient.NotebookClient(notebook, timeout=120, kernel_name="python3", resources={"metadata": {"path": str(place.folder)}}).execute()
    shown = [output for cell in notebook.cells if cell.cell_type == "code" for output in cell.outputs]
    assert not [output for output in shown if output.output_type == "error"]
    kinds = {kind for output in shown for kind in output.get("data", {})}
    assert {"text/markdown", "image/svg+xml"} <= kinds
    texts = [output["data"]["text/plain"] for output in shown if output.output_type == "execute_result"]
    assert any("fake/fp32/b2/cpu" in text for text in texts)
