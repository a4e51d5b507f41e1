"""The exporter: descriptions of small models, and how it refuses."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from exporting import ExportRefused, facts_of, sizes

pytestmark = pytest.mark.usefixtures("torch")


def test_a_model_is_described_with_its_batch_axis_free(export, source, tmp_path):
    facts = facts_of(export("describe", source("convolution"), tmp_path / "out"))
    assert [(item["name"], item["type"], sizes(item)) for item in facts["inputs"]] == [("x", "float32", [-1, 3, 8, 8])]
    assert facts["inputs"][0]["dimensions"][0]["name"] == "batch"
    assert [(item["name"], sizes(item)) for item in facts["outputs"]] == [("output", [-1, 4])]
    assert facts["parameters"] == 3 * 8 * 9 + 8 + 16 + 8 * 4 + 4
    assert facts["flops"] == 2 * 64 * (3 * 8 * 9 + 8 * 4)


def test_an_axis_that_mixes_its_elements_is_no_batch(export, source, tmp_path):
    facts = facts_of(export("describe", source("rows"), tmp_path / "out"))
    assert sizes(facts["inputs"][0]) == [3, 4]


def test_shapes_that_are_given_replace_those_of_the_function(export, source, tmp_path):
    facts = facts_of(export("describe", source("convolution", shapes={"x": [1, 3, 16, 12]}), tmp_path / "out"))
    assert sizes(facts["inputs"][0]) == [-1, 3, 16, 12]


def test_a_shape_that_the_model_cannot_take_is_bad_input(export, source, tmp_path):
    with pytest.raises(ExportRefused) as refused:
        export("describe", source("convolution", shapes={"x": [1, 5, 8, 8]}), tmp_path / "out")
    assert refused.value.code == "bad_input"
    assert "--shape" in refused.value.remedy


def test_the_hash_follows_weights_and_code_and_nothing_else(export, source, models, tmp_path):
    first = facts_of(export("describe", source("linear"), tmp_path / "a"))["sha256"]
    assert facts_of(export("describe", source("linear"), tmp_path / "b"))["sha256"] == first
    assert facts_of(export("describe", source("convolution"), tmp_path / "c"))["sha256"] != first


def test_every_process_builds_the_described_model_with_the_same_weights(export, models, tmp_path, torch):
    # Weights that no seed of ours determines.
    (models / "unseeded.py").write_text(
        "import os, torch\ndef make():\n    m = torch.nn.Linear(4, 3)\n"
        "    torch.nn.init.constant_(m.weight, int.from_bytes(os.urandom(2), 'little') / 65536)\n    return m, torch.randn(1, 4)\n"
    )
    file = tmp_path / "unseeded.json"
    file.write_text(json.dumps({"kind": "python", "function": "unseeded:make", "directory": str(models)}))
    out = export("describe", file, tmp_path / "out")
    from podium_torch.sources import build_model

    built = [build_model(out / "source.json").module.weight for _ in range(2)]
    assert torch.equal(*built)


def test_a_seeded_torchvision_model_tells_pictures_apart_and_keeps_its_scale(torch):
    from podium_torch.sources.seeded import picture_like
    from podium_torch.sources.torchvision_model import build

    built = build({"kind": "torchvision", "name": "mobilenet_v2"})
    assert not built.trained
    pictures = picture_like((4, 3, 224, 224), torch.Generator().manual_seed(5))
    with torch.no_grad():
        outputs = built.module(pictures)
    scale = outputs.square().mean().sqrt().item()
    spread = (outputs - outputs.mean(0)).square().mean().sqrt().item()
    assert 1e-3 < scale < 1e3
    assert spread > 0.05 * scale


def test_seeded_weights_are_the_same_each_time(export, torchvision_source, tmp_path):
    first = facts_of(export("describe", torchvision_source("mobilenet_v3_small"), tmp_path / "a"))
    assert facts_of(export("describe", torchvision_source("mobilenet_v3_small"), tmp_path / "b"))["sha256"] == first["sha256"]
    assert first["trained_weights"] is False


def test_an_unknown_torchvision_model_is_answered_with_the_nearest(export, torchvision_source, tmp_path):
    with pytest.raises(ExportRefused) as refused:
        export("describe", torchvision_source("resnt50"), tmp_path / "out")
    assert refused.value.code == "wrong_use"
    assert "resnet50" in refused.value.message


def test_a_torchvision_model_that_takes_no_batch_is_unsupported(export, torchvision_source, tmp_path):
    with pytest.raises(ExportRefused) as refused:
        export("describe", torchvision_source("fasterrcnn_resnet50_fpn"), tmp_path / "out")
    assert refused.value.code == "unsupported"


@pytest.mark.parametrize(
    ("function", "code", "part"),
    [
        ("tiny:nothing", "wrong_use", "has no function 'nothing'"),
        ("nowhere:make", "bad_input", "No module named 'nowhere'"),
        ("tiny", "wrong_use", "names no function"),
        ("tiny:no_model", "bad_input", "does not return a module"),
    ],
)
def test_a_function_that_cannot_be_used_says_why(export, models, tmp_path, function, code, part):
    file = tmp_path / "source.json"
    file.write_text(json.dumps({"kind": "python", "function": function, "directory": str(models)}))
    with pytest.raises(ExportRefused) as refused:
        export("describe", file, tmp_path / "out")
    assert refused.value.code == code
    assert part in refused.value.message


def test_an_error_is_the_last_line_and_the_error_file(tmp_path):
    file = tmp_path / "source.json"
    file.write_text("{}")
    done = subprocess.run(
        [
            sys.executable,
            "-m",
            "podium_torch.export",
            "describe",
            "--source",
            str(file),
            "--out",
            str(tmp_path / "out"),
            "--error-file",
            str(tmp_path / "e"),
        ],
        capture_output=True,
        text=True,
        timeout=120,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).resolve().parents[2] / "python")},
    )
    assert done.returncode == 1
    last = json.loads(done.stdout.splitlines()[-1])
    assert last == json.loads((tmp_path / "e").read_text())
    assert last["error"]["code"] == "bad_input"
