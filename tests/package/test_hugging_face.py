"""Models of Hugging Face: a module with its tokenizer in Python, and hf:DIR on the command line. The model is a BERT of two small layers."""

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy
import pytest
from conftest import BUILD, ENGINE, ROOT

import podium

torch = pytest.importorskip("torch", reason="PyTorch is not installed in this Python (scripts/setup without --light installs it)")
transformers = pytest.importorskip("transformers", reason="transformers is not in this Python (scripts/setup without --light installs it)")

WORDS = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "a", "fast", "model", "slow", "runs", "well", "badly", "##er"]
TEXTS = ["a fast model", "a slow model runs badly", "runs well", "a faster model runs well", "slow", "a model"] * 4


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("bert")
    (folder / "words.txt").write_text("\n".join(WORDS) + "\n")
    tokenizer = transformers.BertTokenizer(vocab={word: place for place, word in enumerate(WORDS)})
    tokenizer.save_pretrained(folder)
    torch.manual_seed(0)
    configuration = transformers.BertConfig(vocab_size=len(WORDS), hidden_size=32, num_hidden_layers=2, num_attention_heads=4, intermediate_size=64,
                                            max_position_embeddings=40)
    transformers.BertModel(configuration).eval().save_pretrained(folder)
    return folder


@pytest.fixture(scope="module")
def module(folder: Path) -> "transformers.BertModel":
    return transformers.BertModel.from_pretrained(folder)


@pytest.fixture(scope="module")
def tokenizer(folder: Path) -> "transformers.PreTrainedTokenizerBase":
    return transformers.AutoTokenizer.from_pretrained(folder)


def test_module_and_tokenizer_take_texts_and_answer_as_the_module(module, tokenizer, tmp_path: Path) -> None:
    best = podium.optimize((module, tokenizer), TEXTS, **ENGINE)
    loaded = podium.load(best.save(tmp_path / "best"))
    assert [spec.shape for spec in best.inputs] == [("batch", "sequence")] * len(best.inputs)
    for model, texts in ((best, TEXTS[1]), (best, TEXTS[:3]), (loaded, TEXTS[1]), (loaded, TEXTS[:3])):
        answer = model(texts)
        with torch.no_grad():
            expected = module(**tokenizer([texts] if isinstance(texts, str) else texts, padding=True, return_tensors="pt"))
        assert type(answer) is type(expected) and list(answer) == list(expected)
        for name in expected:
            torch.testing.assert_close(answer[name], expected[name], atol=1e-4, rtol=1e-4)


def test_folder_is_benched_on_the_command_line(folder: Path, tmp_path: Path) -> None:
    environment = os.environ | {"XDG_CACHE_HOME": str(tmp_path / "cache"), "PODIUM_PYTHON": sys.executable}
    command = [BUILD / "podium", "bench", f"hf:{folder}", "--backends", "onnxruntime,torch-eager", "--precisions", "fp32", "--shape", "input_ids=1x6", "--shape",
               "attention_mask=1x6", "--launches", "1", "--warm-up", "50ms", "--budget", "1s", "--json", tmp_path / "r.json", "--quiet"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=environment)
    assert done.returncode == 0, done.stdout + done.stderr
    results = json.loads((tmp_path / "r.json").read_text())
    assert {cell["backend"]: cell["status"] for cell in results["cells"]} == {"onnxruntime": "ok", "torch-eager": "ok"}
    assert [spec["name"] for spec in results["model"]["inputs"]] == ["input_ids", "attention_mask"]
    hidden = next(spec for spec in results["model"]["outputs"] if spec["name"] == "last_hidden_state")
    assert hidden["shape"] == ["batch", "sequence", 32]


def test_free_axis_without_a_size_is_named(folder: Path) -> None:
    done = subprocess.run([BUILD / "podium", "bench", f"hf:{folder}", "--backends", "onnxruntime"], capture_output=True, text=True, check=False,
                          env=os.environ | {"PODIUM_PYTHON": sys.executable})
    assert done.returncode == 2 and "--shape" in done.stderr and "input_ids" in done.stderr, done.stderr


def test_folder_with_texts_brings_its_own_tokenizer(folder: Path, module, tokenizer) -> None:
    best = podium.optimize(f"hf:{folder}", TEXTS, **ENGINE)
    answers = best("a fast model")
    with torch.no_grad():
        expected = module(**tokenizer("a fast model", return_tensors="pt"))
    numpy.testing.assert_allclose(answers["last_hidden_state"].numpy(), expected.last_hidden_state.numpy(), atol=1e-4)


def test_sizes_of_the_number_of_tokens_are_served_each_best(folder: Path, module, tokenizer) -> None:
    best = podium.optimize(f"hf:{folder}", TEXTS, shapes={"input_ids": (1, (4, 8, 16))}, **ENGINE)
    shapes = [[spec["shape"] for spec in variant["inputs"]] for variant in best.manifest["variants"]]
    assert shapes == [[[1, length]] * len(best.inputs) for length in (8, 4, 16)], "what else the tokenizer makes is as long"
    assert best.report is not None
    least = next(more for more in best.report.search["more_shapes"] if more["shapes"]["input_ids"] == [1, 4])
    assert least["winners"], "texts of more than four tokens take no part in it"
    for texts in (TEXTS[4], TEXTS[:3]):
        with torch.no_grad():
            expected = module(**tokenizer([texts] if isinstance(texts, str) else texts, padding=True, return_tensors="pt"))
        numpy.testing.assert_allclose(best(texts)["last_hidden_state"].numpy(), expected.last_hidden_state.numpy(), atol=1e-4)


def test_archive_keeps_the_tokenizer_for_python_and_for_the_shell(folder: Path, module, tokenizer, tmp_path: Path) -> None:
    podium.optimize(f"hf:{folder}", TEXTS, output=tmp_path / "best.zip", **ENGINE)
    with torch.no_grad():
        expected = module(**tokenizer(TEXTS[:6], padding=True, return_tensors="pt")).pooler_output.numpy()
    answers = podium.load(tmp_path / "best.zip")(TEXTS[:6])
    numpy.testing.assert_allclose(answers["pooler_output"].numpy(), expected, atol=1e-4)
    (tmp_path / "texts.txt").write_text("\n\n".join(TEXTS[:6]) + "\n", encoding="utf-8")
    command = [BUILD / "podium", "run", tmp_path / "best.zip", "--data", tmp_path / "texts.txt", "-o", tmp_path / "answers.npz"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=os.environ | {"PODIUM_PYTHON": sys.executable})
    assert done.returncode == 0, done.stdout + done.stderr
    numpy.testing.assert_allclose(numpy.load(tmp_path / "answers.npz")["pooler_output"], expected, atol=1e-4)


def test_texts_of_a_file_are_data_for_the_command_line(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "texts.txt").write_text("\n".join(f"{text} {'a' if place % 2 else 'slow'}" for place, text in enumerate(TEXTS)), encoding="utf-8")
    environment = os.environ | {"XDG_CACHE_HOME": str(tmp_path / "cache"), "PODIUM_PYTHON": sys.executable}
    command = [BUILD / "podium", "bench", f"hf:{folder}", "--backends", "onnxruntime", "--precisions", "fp32", "--shape", "input_ids=1x8", "--shape",
               "attention_mask=1x8", "--data", tmp_path / "texts.txt", "--launches", "1", "--warm-up", "50ms", "--budget", "1s", "--json", tmp_path / "r.json", "--quiet"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=environment)
    assert done.returncode == 0, done.stdout + done.stderr
    results = json.loads((tmp_path / "r.json").read_text())
    assert "texts.txt" in results["data"] and results["cells"][0]["status"] == "ok", results["data"]


def test_without_data_packaged_texts_calibrate_and_judge(folder: Path, tmp_path: Path) -> None:
    environment = os.environ | {"XDG_CACHE_HOME": str(tmp_path / "cache"), "PODIUM_PYTHON": sys.executable}
    command = [BUILD / "podium", "optimize", f"hf:{folder}", "--backends", "onnxruntime", "--precisions", "fp32,int8-dynamic", "--shape", "input_ids=1x16", "--shape",
               "attention_mask=1x16", "--warm-up", "50ms", "--budget", "8s", "--json", tmp_path / "r.json", "-o", tmp_path / "best"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=environment)
    assert done.returncode == 0, done.stdout + done.stderr
    settings = json.loads((tmp_path / "r.json").read_text())["settings"]
    assert (settings["data"], settings["calibration"]) == ("packaged:texts/judge", "packaged:texts/calibrate")
    manifest = json.loads((tmp_path / "best/artifact.json").read_text())
    assert any("packaged:texts/judge, not by data of yours" in note for note in manifest["notes"]), manifest["notes"]
    assert "tokenizer/tokenizer.json" in manifest["files"]


def test_no_packaged_text_calibrates_and_judges() -> None:
    sys.path.append(str(ROOT / "python"))
    from podium_data.texts import SIDES, packaged

    judge, calibrate = (packaged(side, 10**6) for side in SIDES)
    assert len(judge) > 200 and len(calibrate) > 200 and not set(judge) & set(calibrate)
    assert packaged(SIDES[0], 20) == judge[:20], "the same ones every time"


def test_folders_that_hold_no_such_model_are_refused(tmp_path: Path, folder: Path) -> None:
    with pytest.raises(podium.BadInput, match="no config.json"):
        podium.optimize(f"hf:{tmp_path}", backends=["onnxruntime"])
    (tmp_path / "config.json").write_text('{"model_type": "nothing-known"}')
    with pytest.raises(podium.BadInput, match="cannot load it"):
        podium.optimize(f"hf:{tmp_path}", backends=["onnxruntime"])
