"""Weights that the user gives: what goes into the model, and what is refused."""

from __future__ import annotations

import os
import pickle

import pytest
from exporting import ExportRefused, facts_of

pytestmark = pytest.mark.usefixtures("torch")


@pytest.fixture
def resnet_state(torch):
    import torchvision

    torch.manual_seed(3)
    return torchvision.models.squeezenet1_1(weights=None).state_dict()


@pytest.mark.parametrize("suffix", [".pth", ".safetensors"])
def test_weights_of_the_user_go_into_the_model(export, torchvision_source, tmp_path, torch, resnet_state, suffix):
    file = tmp_path / f"weights{suffix}"
    if suffix == ".safetensors":
        pytest.importorskip("safetensors.torch").save_file(resnet_state, file)
    else:
        torch.save({"state_dict": {f"module.{name}": value for name, value in resnet_state.items()}}, file)
    out = export("describe", torchvision_source("squeezenet1_1", weights=str(file)), tmp_path / "out")
    assert facts_of(out)["trained_weights"] is True
    file.unlink()  # what is kept stands on its own
    from podium_torch.sources import build_model

    built = build_model(out / "source.json").module.state_dict()
    assert all(torch.equal(built[name], value) for name, value in resnet_state.items())


class Malicious:
    def __init__(self, target):
        self.target = target

    def __reduce__(self):
        return (os.mkdir, (str(self.target),))


def test_weights_that_would_run_code_are_refused_and_the_code_does_not_run(export, torchvision_source, tmp_path, torch):
    file, target = tmp_path / "weights.pth", tmp_path / "broken_in"
    torch.save({"features.0.weight": Malicious(target)}, file)
    with pytest.raises(ExportRefused) as refused:
        export("describe", torchvision_source("squeezenet1_1", weights=str(file)), tmp_path / "out")
    assert refused.value.code == "bad_input"
    assert "run code" in refused.value.message
    assert not target.exists()
    torch.load(file, weights_only=False)
    assert target.exists()  # the same bytes do run it where they are unpickled


@pytest.mark.parametrize("content", [b"", b"no weights", pickle.dumps([1, 2, 3])], ids=["empty", "text", "a list"])
@pytest.mark.parametrize("suffix", [".pth", ".safetensors"])
def test_a_file_that_holds_no_weights_is_bad_input(export, torchvision_source, tmp_path, content, suffix):
    file = tmp_path / f"weights{suffix}"
    file.write_bytes(content)
    with pytest.raises(ExportRefused) as refused:
        export("describe", torchvision_source("squeezenet1_1", weights=str(file)), tmp_path / "out")
    assert refused.value.code == "bad_input"
    assert str(file) in refused.value.message
    assert refused.value.remedy


def test_weights_of_another_model_are_told_with_what_does_not_fit(export, torchvision_source, tmp_path, torch, resnet_state):
    file = tmp_path / "weights.pth"
    torch.save(resnet_state, file)
    with pytest.raises(ExportRefused) as refused:
        export("describe", torchvision_source("resnet18", weights=str(file)), tmp_path / "out")
    assert refused.value.code == "bad_input"
    assert "lacks conv1.weight" in refused.value.message
    assert "more)" in refused.value.message
