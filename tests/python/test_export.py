"""The exporter: descriptions, ONNX files and AOTInductor packages of small models, and how it refuses."""

from __future__ import annotations

import json
import os
import pickle
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

pytestmark = pytest.mark.usefixtures("torch")


class ExportRefused(Exception):
    def __init__(self, error: dict) -> None:
        super().__init__(error["message"])
        self.code, self.message, self.remedy = error["code"], error["message"], error["remedy"]


@pytest.fixture
def export(tmp_path, monkeypatch):
    """Runs the exporter in this process, as its command line would."""
    from podium_torch.export import main

    monkeypatch.setattr(sys, "path", [str(tmp_path), *sys.path])  # the exporter takes the current folder off its front

    def run(what: str, source: Path, out: Path, request: dict | None = None) -> Path:
        arguments = [what, "--source", str(source), "--out", str(out), "--error-file", str(tmp_path / "error.json")]
        if request is not None:
            (tmp_path / "request.json").write_text(json.dumps(request))
            arguments += ["--request", str(tmp_path / "request.json")]
        if main(arguments) != 0:
            raise ExportRefused(json.loads((tmp_path / "error.json").read_text())["error"])
        return out

    return run


@pytest.fixture
def torchvision_source(tmp_path):
    def write(name: str, **more) -> Path:
        file = tmp_path / f"{name}.json"
        file.write_text(json.dumps({"kind": "torchvision", "name": name, **more}))
        return file

    return write


def facts_of(folder: Path) -> dict:
    return json.loads((folder / "facts.json").read_text())


def sizes(item: dict) -> list[int]:
    return [axis["size"] for axis in item["dimensions"]]


def aoti_request(shape, precision="fp32", **options) -> dict:
    return {"inputs": [{"name": "x", "type": "float32", "shape": shape}], "precision": precision, "threads": 1, "options": options}


# Descriptions


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


# Weights


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


# Exported programs


@pytest.fixture
def program(torch, models, tmp_path):
    """A saved program with a free batch axis and the file's source."""
    sys.path.insert(0, str(models))
    import tiny

    sys.path.remove(str(models))
    torch.manual_seed(0)
    exported = torch.export.export(tiny.Linear().eval(), (torch.randn(2, 4),), dynamic_shapes=({0: torch.export.Dim("n", min=1)},))
    file = tmp_path / "program.pt2"
    torch.export.save(exported, file)
    source = tmp_path / "program.json"
    source.write_text(json.dumps({"kind": "program", "path": str(file)}))
    return file, source


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
    ("precision", "options", "tolerance"), [("fp32", {"freezing": True}, 1e-5), ("bf16", {"channels-last": True}, 0.05)]
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


# The command line


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
