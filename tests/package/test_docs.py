"""The code of docs/python.md, run block by block as it stands there."""

import functools
import re
from pathlib import Path

import onnx
import pytest
from conftest import ENGINE, ROOT, small_model

import podium

torch = pytest.importorskip("torch", reason="PyTorch is not installed in this Python (scripts/setup without --light installs it)")
BLOCKS = re.findall(r"```python\n(.*?)```", (ROOT / "docs/python.md").read_text(encoding="utf-8"), re.DOTALL)
#: What makes a search short; what a block asks itself comes first.
SHORT = {name: value for name, value in ENGINE.items() if name not in ("speed_only", "precisions")}


class Module(torch.nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.linear = torch.nn.Linear(4, 3)

    def forward(self, x):
        return {"scores": self.linear(x)}


def test_code_of_the_page_runs_as_it_stands(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert len(BLOCKS) >= 5
    monkeypatch.chdir(tmp_path)
    onnx.save(small_model(), "model.onnx")
    torch.manual_seed(0)
    module, features = Module().eval(), torch.randn(600, 4)
    # Classes that the module itself tells: it is right on all of them.
    labels = module(features)["scores"].argmax(-1)
    loader = torch.utils.data.DataLoader(torch.utils.data.TensorDataset(features, labels), batch_size=50)
    monkeypatch.setattr(podium, "optimize", functools.partial(podium.optimize, **SHORT), raising=False)
    names = {"module": module, "loader": loader, "x": features[:2], "features": features}
    for block in BLOCKS:
        exec(block, names)
    torch.testing.assert_close(names["answer"]["scores"], module(features[:1])["scores"].detach(), atol=1e-4, rtol=1e-4)
    assert (tmp_path / "report.html").stat().st_size > 10000
