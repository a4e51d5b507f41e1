"""What the exporter makes of small models: exported programs, ONNX files, AOTInductor packages."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path

import pytest
from exporting import ExportRefused, aoti_request, facts_of, sizes

pytestmark = pytest.mark.usefixtures("torch")


# Exported programs


def test_an_exported_program_keeps_its_free_axes(export, program, tmp_path):
    facts = facts_of(export("describe", program[1], tmp_path / "out"))
    assert sizes(facts["inputs"][0]) == [-1, 4]
    assert sizes(facts["outputs"][0]) == [-1, 3]
    assert facts["parameters"] == 4 * 8 + 8 + 8 * 3 + 3


def test_a_truncated_program_is_bad_input(export, program, tmp_path):
    file, source = program
    file.write_bytes(file.read_bytes()[:-200])
    with pytest.raises(ExportRefused) as refused:
        export("describe", source, tmp_path / "out")
    assert refused.value.code == "bad_input"
    assert "torch.export.save" in refused.value.remedy


# ONNX


def run_onnx(file: Path, inputs: dict):
    session = pytest.importorskip("onnxruntime").InferenceSession(str(file), providers=["CPUExecutionProvider"])
    return dict(zip([output.name for output in session.get_outputs()], session.run(None, inputs)))


def test_the_onnx_file_answers_like_pytorch_at_every_batch(export, source, tmp_path, torch):
    described = export("describe", source("convolution"), tmp_path / "described")
    out = export("onnx", described / "source.json", tmp_path / "onnx")
    assert json.loads((out / "notes.json").read_text()) == []
    from podium_torch.sources import build_model

    module = build_model(described / "source.json").module
    for batch in (1, 3):
        x = torch.randn(batch, 3, 8, 8)
        answers = run_onnx(out / "model.onnx", {"x": x.numpy()})
        assert list(answers) == ["output"]
        assert torch.allclose(torch.from_numpy(answers["output"]), module(x), atol=1e-5)


def test_inputs_and_outputs_keep_their_names_in_onnx(export, source, tmp_path, torch):
    described = export("describe", source("twice"), tmp_path / "described")
    out = export("onnx", described / "source.json", tmp_path / "onnx")
    a, b = torch.randn(5, 3), torch.randn(5, 3)
    answers = run_onnx(out / "model.onnx", {"a": a.numpy(), "b": b.numpy()})
    assert list(answers) == ["total", "product"]
    assert torch.allclose(torch.from_numpy(answers["product"]), a * b)


def test_a_program_with_a_free_batch_becomes_onnx_with_a_free_batch(export, program, tmp_path, torch):
    described = export("describe", program[1], tmp_path / "described")
    out = export("onnx", described / "source.json", tmp_path / "onnx")
    assert run_onnx(out / "model.onnx", {"x": torch.randn(7, 4).numpy()})["output"].shape == (7, 3)


@pytest.fixture
def onnx_source(export, source, tmp_path):
    described = export("describe", source("convolution"), tmp_path / "described")
    file = export("onnx", described / "source.json", tmp_path / "onnx") / "model.onnx"
    carried = tmp_path / "carried.json"
    carried.write_text(json.dumps({"kind": "onnx", "path": str(file)}))
    return described / "source.json", carried


def test_an_onnx_file_is_carried_over_to_pytorch(onnx_source, torch):
    from podium_torch.sources import build_model

    own, carried = (build_model(file) for file in onnx_source)
    assert carried.output_names == ["output"]
    for batch in (1, 4):
        x = torch.randn(batch, 3, 8, 8)
        assert torch.allclose(carried.module(x), own.module(x), atol=1e-5)


def test_an_operator_that_cannot_be_carried_over_is_named(tmp_path):
    onnx = pytest.importorskip("onnx")
    from onnx import TensorProto, helper
    from podium_torch.errors import PodiumError
    from podium_torch.sources import build_model

    value = lambda name: helper.make_tensor_value_info(name, TensorProto.FLOAT, [1, 4])  # noqa: E731
    graph = helper.make_graph([helper.make_node("Shrink", ["x"], ["y"])], "g", [value("x")], [value("y")])
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)]), tmp_path / "shrink.onnx")
    file = tmp_path / "shrink.json"
    file.write_text(json.dumps({"kind": "onnx", "path": str(tmp_path / "shrink.onnx")}))
    with pytest.raises(PodiumError) as refused:
        build_model(file)
    assert refused.value.code == "unsupported"
    assert "Shrink" in refused.value.message


# AOTInductor


@pytest.mark.parametrize(
    ("precision", "options", "tolerance"),
    [("fp32", {"freezing": True}, 1e-5), ("bf16", {"channels-last": True, "half-by": "autocast"}, 0.05)],
)
def test_a_package_answers_like_the_model_and_names_its_tensors(export, source, tmp_path, torch, precision, options, tolerance):
    described = export("describe", source("convolution"), tmp_path / "described")
    out = export("aoti", described / "source.json", tmp_path / "aoti", aoti_request([2, 3, 8, 8], precision, **options))
    assert [file.name for file in out.iterdir()] == ["model.pt2"]
    package = torch._inductor.aoti_load_package(str(out / "model.pt2"))
    metadata = package.get_metadata()
    assert json.loads(metadata["podium.inputs"]) == [{"name": "x", "type": "float32", "shape": [2, 3, 8, 8]}]
    assert json.loads(metadata["podium.outputs"]) == ["output"]
    assert metadata["podium.precision"] == precision
    from podium_torch.sources import build_model

    x = torch.randn(2, 3, 8, 8)
    answer = package(x)
    assert answer.dtype == torch.float32
    assert torch.allclose(answer, build_model(described / "source.json").module(x), atol=tolerance)


def test_a_model_that_branches_on_its_data_becomes_neither_onnx_nor_a_package(export, models, tmp_path):
    (models / "branching.py").write_text(
        "import torch\nclass M(torch.nn.Module):\n    def forward(self, x):\n        return x * 2 if x.sum() > 0 else x - 1\n"
        "def make():\n    return M(), torch.ones(1, 4)\n"
    )
    file = tmp_path / "branching.json"
    file.write_text(json.dumps({"kind": "python", "function": "branching:make", "directory": str(models)}))
    described = export("describe", file, tmp_path / "described")
    for what, request in (("aoti", aoti_request([1, 4])), ("onnx", None)):
        with pytest.raises(ExportRefused) as refused:
            export(what, described / "source.json", tmp_path / what, request)
        assert refused.value.code == "unsupported"


def test_a_package_is_told_apart_from_a_program_by_what_it_holds(export, source, program, tmp_path):
    described = export("describe", source("linear"), tmp_path / "described")
    out = export("aoti", described / "source.json", tmp_path / "aoti", aoti_request([1, 4]))
    members = {kind: zipfile.ZipFile(file).namelist() for kind, file in (("package", out / "model.pt2"), ("program", program[0]))}
    assert any("/data/aotinductor/" in name for name in members["package"])
    assert not any("/data/aotinductor/" in name for name in members["program"])
    assert any("/models/" in name for name in members["program"])
