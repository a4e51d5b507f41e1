"""Every wrong word is one error, which names the flag and the mend. Nothing is started."""

from pathlib import Path

import onnx
import pytest
from onnx import TensorProto, helper

from conftest import Shell, assert_one_error, small_model


def test_no_command_says_where_to_start(shell: Shell) -> None:
    assert_one_error(shell.run(), 2, "no command", "podium doctor")


@pytest.mark.parametrize(("typed", "meant"), [("bnech", "bench"), ("docter", "doctor"), ("inspct", "inspect")])
def test_unknown_command_names_the_nearest(shell: Shell, typed: str, meant: str) -> None:
    assert_one_error(shell.run(typed, "model.onnx"), 2, f"no command '{typed}', did you mean '{meant}'?", "podium --help")


def test_unknown_command_far_from_all_others_suggests_none(shell: Shell) -> None:
    done = shell.run("serve")
    assert_one_error(done, 2, "no command 'serve'")
    assert "did you mean" not in done.stderr


@pytest.mark.parametrize(("typed", "meant"), [("--bacth", "--batch"), ("--backend", "--backends"), ("--bugdet=5s", "--budget"), ("--jsno", "--json")])
def test_unknown_flag_names_the_nearest(shell: Shell, typed: str, meant: str) -> None:
    assert_one_error(shell.run("bench", "model.onnx", typed, "1"), 2, f"no flag '{typed.split('=')[0]}', did you mean '{meant}'?", "podium bench --help")


@pytest.mark.parametrize("flag", ["--histogram", "--flamegraph", "--best-of", "-x"])
def test_flag_of_another_version_is_unknown(shell: Shell, flag: str) -> None:
    assert_one_error(shell.run("bench", "model.onnx", flag), 2, f"no flag '{flag}'")


def test_flag_before_the_command_is_told_so(shell: Shell) -> None:
    assert_one_error(shell.run("--quiet", "bench", "model.onnx"), 2, "no flag '--quiet'")


@pytest.mark.parametrize("command", ["bench", "inspect"])
def test_missing_model_is_asked_for(shell: Shell, command: str) -> None:
    assert_one_error(shell.run(command), 2, "no MODEL was given", f"podium {command} model.onnx")


@pytest.mark.parametrize(("typed", "missing"), [("bench", "MODEL"), ("compare a.json", "AFTER"), ("completion", "SHELL"), ("convert model.onnx -o x.onnx", "--to"), ("optimize", "MODEL"),
                                                ("pack results.json", "--output"), ("replay", "FILE"), ("report", "RESULTS"), ("run", "DIR"), ("verify", "DIR")])
def test_what_is_missing_is_asked_for_by_the_first_example_of_the_help(shell: Shell, typed: str, missing: str) -> None:
    command = typed.split()[0]
    example = shell.run(command, "--help").stdout.split("\nExamples:\n  ")[1].splitlines()[0].split("  ")[0]
    assert_one_error(shell.run(*typed.split()), 2, f"no {missing} was given", f"try: {example}; podium {command} --help")


def test_list_with_spaces_is_told_to_use_commas(shell: Shell) -> None:
    assert_one_error(shell.run("bench", "model.onnx", "--batch", "1", "8"), 2, "'8' is one argument too many", "--batch 1,8")


def test_flag_without_its_value(shell: Shell) -> None:
    assert_one_error(shell.run("bench", "model.onnx", "--budget"), 2, "--budget wants a value")


def test_unknown_mode_names_the_known_ones(shell: Shell) -> None:
    assert_one_error(shell.run("bench", "model.onnx", "--mode", "throughput"), 2, "no mode 'throughput'", "both")
    assert_one_error(shell.run("bench", "model.onnx", "--mode", "boht"), 2, "did you mean 'both'?")


def test_flag_given_twice(shell: Shell) -> None:
    assert_one_error(shell.run("bench", "model.onnx", "--seed", "1", "--seed", "2"), 2, "--seed is given more than once")


def test_flags_that_exclude_each_other(shell: Shell) -> None:
    assert_one_error(shell.run("bench", "model.onnx", "--quiet", "--verbose"), 2, "--verbose", "--quiet")


@pytest.mark.parametrize(("flag", "value"), [
    *(("--batch", value) for value in ("0", "-1", "1,", "1,,8", "one", "1.5", "99999999999999999999", "")),
    *(("--precisions", value) for value in ("fp31", "fp32,", "FP32,int9", "")),
    *(("--budget", value) for value in ("0s", "-5m", "5x", "soon", "nan", "inf", "1e99h", "")),
    *(("--load-timeout", value) for value in ("0", "x")),
    *(("--run-timeout", value) for value in ("0", "x")),
    *(("--memory-limit", value) for value in ("0", "4Q", "-1G", "all", "1e40", "4", "1K", "nanG")),
    *(("--interval-target", value) for value in ("200%", "0%", "0.001%", "-1%", "nan%", "inf%", "1", "1e9%", "%", "")),
    *(("--warm-up", value) for value in ("0", "-1s", "nan", "1e-9s", "0.1ms", "1e9h", "")),
    *(("--launches", value) for value in ("0", "-1", "1.5", "nan", "1001", "99999999999999999999", "")),
    *(("--rebuilds", value) for value in ("-1", "101", "few", "")),
    *(("--samples", value) for value in ("0", "-1", "1e3", "10000000", "")),
    *(("--percentile", value) for value in ("0", "101", "nan", "-1", "")),
    *(("--max-drop", value) for value in ("-1%", "nan", "inf", "101%", "much", "")),
    *(("--metric-timeout", value) for value in ("0", "nan", "-1s", "")),
    *(("--shape", value) for value in ("1x3", "input=", "input=1x", "input=1xax3", "=1x3", "input=0x3", "input=-1x3", "input=99999999999999999999")),
    *(("--set", value) for value in ("fake", "fake=1", "latency-us=5", "fake.latency-us")),
    *(("--threads", value) for value in ("0", "-2", "many", "1.5", "1000000")),
    *(("--seed", value) for value in ("-1", "x", "1e3")),
    *(("--backends", value) for value in ("fake,", ",", "")),
])
def test_wrong_value_names_its_flag_and_the_mend(shell: Shell, flag: str, value: str) -> None:
    assert_one_error(shell.run("bench", "model.onnx", flag, value), 2, flag)


def test_precision_names_the_nearest(shell: Shell) -> None:
    assert_one_error(shell.run("bench", "model.onnx", "--precisions", "int8-dynamc"), 2, "did you mean 'int8-dynamic'?", "fp32")


def test_shape_given_twice_for_one_input(shell: Shell) -> None:
    assert_one_error(shell.run("bench", "model.onnx", "--shape", "a=1x2", "--shape", "a=1x3"), 2, "--shape", "'a' is given twice")


def test_shape_does_not_swallow_the_model(shell: Shell) -> None:
    done = shell.run("bench", "--shape", "nosuch=1x4", "model.onnx", "--backends", "fake")
    assert_one_error(done, 2, "nosuch")
    assert "MODEL" not in done.stderr


@pytest.mark.parametrize(("typed", "meant"), [("fkae", "fake"), ("Fake", "fake")])
def test_unknown_backend_names_the_nearest(shell: Shell, typed: str, meant: str) -> None:
    assert_one_error(shell.run("bench", "model.onnx", "--backends", typed), 2, "--backends", typed, f"did you mean '{meant}'?")


def test_unknown_option_names_the_nearest(shell: Shell) -> None:
    assert_one_error(shell.bench("--set", "fake.latency-su=5"), 2, "--set", "did you mean 'latency-us'?")


def test_option_of_an_unknown_backend(shell: Shell) -> None:
    assert_one_error(shell.bench("--set", "fkae.latency-us=5"), 2, "--set", "did you mean 'fake'?")


@pytest.mark.parametrize(("flag", "value"), [
    *(("--budget", value) for value in ("0", "nan", "-5m", "1e99h", "1e-9s", "")),
    *(("--warm-up", value) for value in ("0", "-1s", "inf", "")),
    *(("--max-drop", value) for value in ("-0.1", "nan", "200%", "")),
    *(("--min-sqnr", value) for value in ("-1", "nan", "inf", "1e9", "loud", "")),
    *(("--threads", value) for value in ("0", "-1", "1e2", "")),
    *(("--samples", value) for value in ("0", "nan", "")),
    *(("--seed", value) for value in ("-1", "0.5", "")),
    *(("--batch", value) for value in ("0", "1,-1", "")),
    *(("--goal", value) for value in ("p99<=0ms, latency", "p99<=-1ms, latency", "p99<=nanms, latency", "")),
])
def test_wrong_value_of_a_search_names_its_flag_and_the_mend(shell: Shell, flag: str, value: str) -> None:
    assert_one_error(shell.run("optimize", "model.onnx", flag, value), 2, flag)


@pytest.mark.parametrize("value", ["0", "-1s", "nan", "inf", "1e-9s", "soon", ""])
def test_wrong_budget_of_a_replay_names_its_flag(shell: Shell, value: str) -> None:
    assert_one_error(shell.run("replay", "results.json", "--budget", value), 2, "--budget")


@pytest.mark.parametrize(("flags", "mend"), [
    (["--copies", "3"], "add --self-check"),
    (["--calibrate", "photos"], "add int8-static to --precisions"),
    (["--method", "entropy", "--precisions", "fp32,int8-dynamic"], "add int8-static to --precisions"),
    (["--percentile", "99", "--precisions", "fp32"], "add int8-static to --precisions"),
    (["--percentile", "99", "--method", "min-max", "--precisions", "int8-static"], "add --method percentile"),
    (["--metric-timeout", "1m", "--metric", "top-1"], "add --metric command:PROGRAM"),
])
def test_flag_that_nothing_would_come_of_is_told(shell: Shell, flags: list[str], mend: str) -> None:
    assert_one_error(shell.run("bench", "model.onnx", *flags), 2, flags[0], mend)


def test_overwrite_without_an_artefact_is_told(shell: Shell) -> None:
    assert_one_error(shell.run("optimize", "model.onnx", "--overwrite"), 2, "--overwrite", "add -o DIR")
    assert_one_error(shell.run("bench", "model.onnx", "--overwrite"), 2, "--overwrite", "add --json FILE")
    assert_one_error(shell.run("bench", "model.onnx", "--overwrite", "--resume", "--json", "r.json"), 2, "--overwrite", "give one of them")


@pytest.mark.parametrize("value", ["-1", "soon", "99999999999", ""])
def test_value_that_an_option_does_not_take(shell: Shell, value: str) -> None:
    assert_one_error(shell.bench("--set", f"fake.latency-us={value}"), 2, "latency-us")


def test_choice_that_an_option_does_not_have(shell: Shell) -> None:
    assert_one_error(shell.bench("--set", "fake.output=corect"), 2, "output", "correct")


def test_unknown_device(shell: Shell) -> None:
    assert_one_error(shell.bench("--device", "cuda:nine"), 2, "--device")


@pytest.mark.parametrize("command", ["bench", "inspect"])
class TestModels:
    """Model files that cannot be taken in."""

    def test_that_are_not_there(self, shell: Shell, command: str) -> None:
        assert_one_error(shell.run(command, "nowhere/model.onnx"), 2, "nowhere/model.onnx")

    def test_that_are_folders(self, shell: Shell, command: str) -> None:
        (shell.folder / "folder.onnx").mkdir()
        assert_one_error(shell.run(command, "folder.onnx"), 2, "folder.onnx")

    def test_that_are_empty(self, shell: Shell, command: str) -> None:
        (shell.folder / "empty.onnx").write_bytes(b"")
        assert_one_error(shell.run(command, "empty.onnx"), 2, "empty.onnx")

    def test_that_are_something_else(self, shell: Shell, command: str) -> None:
        (shell.folder / "text.onnx").write_text("This is no model.\n" * 100, encoding="utf-8")
        assert_one_error(shell.run(command, "text.onnx"), 2, "text.onnx")

    @pytest.mark.parametrize("share", [0.2, 0.5, 0.9])
    def test_that_are_truncated(self, shell: Shell, command: str, share: float) -> None:
        whole = small_model().SerializeToString()
        (shell.folder / "torn.onnx").write_bytes(whole[:int(len(whole) * share)])
        assert_one_error(shell.run(command, "torn.onnx"), 2, "torn.onnx")

    def test_of_an_unknown_kind(self, shell: Shell, command: str) -> None:
        (shell.folder / "model.tflite").write_bytes(b"TFL3")
        assert_one_error(shell.run(command, "model.tflite"), 2, "model.tflite")

    def test_whose_name_would_drive_the_terminal(self, shell: Shell, command: str) -> None:
        done = shell.run(command, "\x1b[2Jmodel\n.onnx")
        assert_one_error(done, 2)
        assert "\x1b" not in done.stderr

    def test_whose_weights_lie_outside_their_folder(self, shell: Shell, command: str) -> None:
        model = small_model()
        tensor = model.graph.initializer[0]
        tensor.ClearField("raw_data")
        tensor.data_location = TensorProto.EXTERNAL
        tensor.external_data.add(key="location", value="../../etc/passwd")
        Path(shell.folder / "outside.onnx").write_bytes(model.SerializeToString())
        assert_one_error(shell.run(command, "outside.onnx"), 2, "outside.onnx")


def test_free_axis_that_is_no_batch_wants_a_shape(shell: Shell) -> None:
    graph = helper.make_graph([helper.make_node("Relu", ["tokens"], ["out"])], "g",
                              [helper.make_tensor_value_info("tokens", TensorProto.FLOAT, ["batch", "sequence"])],
                              [helper.make_tensor_value_info("out", TensorProto.FLOAT, ["batch", "sequence"])])
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9), shell.folder / "free.onnx")
    assert_one_error(shell.run("bench", "free.onnx", "--backends", "fake"), 2, "axis 1 (sequence) of tokens", "--shape")


def test_data_that_is_not_there(shell: Shell) -> None:
    assert_one_error(shell.bench("--data", "nowhere"), 2, "nowhere")


def test_pictures_for_a_model_that_takes_none(shell: Shell) -> None:
    (shell.folder / "photos").mkdir()
    assert_one_error(shell.bench("--data", "photos"), 2, "'features' takes no pictures", "--data FILE.npz")


def test_data_of_the_wrong_shape(shell: Shell) -> None:
    import numpy

    numpy.save(shell.folder / "rows.npy", numpy.zeros((20, 5), "float32"))
    assert_one_error(shell.bench("--data", "rows.npy"), 2, "rows.npy")


def test_data_of_the_wrong_type(shell: Shell) -> None:
    import numpy

    numpy.save(shell.folder / "rows.npy", numpy.array([["a", "b", "c", "d"]] * 20))
    assert_one_error(shell.bench("--data", "rows.npy"), 2, "rows.npy")
