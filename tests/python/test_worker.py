"""Real models through the worker, as the supervisor drives it."""

from __future__ import annotations

import json
import os
import time
from array import array
from pathlib import Path

import pytest

from running import expected, float_batches
from worker_client import Refused

pytestmark = pytest.mark.usefixtures("torch")
BACKENDS = ["torch-eager", "torch-compile"]


def error_code(client, *args, **kwargs):
    with pytest.raises(Refused) as refused:
        client.load(*args, **kwargs)
    return refused.value


@pytest.mark.parametrize("backend", BACKENDS)
def test_answers_are_those_of_the_model_batch_by_batch(worker, source, models, torch, tmp_path, backend):
    tensors, batches = float_batches(torch, (2, 3, 8, 8))
    client = worker(backend, batches)
    client.load(source("convolution"), cache=tmp_path / "cache")
    answers = client.floats([0, 1, 2])
    for answer, want in zip(answers, expected(torch, models, "convolution", tensors)):
        assert list(answer) == ["output"]
        assert answer["output"] == pytest.approx(want.flatten().tolist(), abs=1e-5)
    assert client.floats([2, 0]) == [answers[2], answers[0]]


@pytest.mark.parametrize("backend", BACKENDS)
def test_bf16_takes_and_gives_float32_and_differs_from_fp32_a_little(worker, source, models, torch, backend):
    tensors, batches = float_batches(torch, (1, 4))
    client = worker(backend, batches)
    client.load(source("linear"), precision="bf16")
    reply = client.ask("answers", batches=[0])
    assert reply["batches"][0][0]["type"] == "float32"
    want = expected(torch, models, "linear", tensors[:1])[0].flatten().tolist()
    got = client.floats([0])[0]["output"]
    assert got == pytest.approx(want, abs=0.05)
    assert got != pytest.approx(want, abs=1e-6)
    types = client.ask("audit")["compute_types"]
    assert types.get("bfloat16", 0) > 0
    assert "float32" not in types


@pytest.mark.parametrize("backend", BACKENDS)
def test_the_audit_of_a_whole_model_at_fp32_shows_no_fallback(worker, source, torch, backend):
    _, batches = float_batches(torch, (1, 4))
    client = worker(backend, batches)
    client.load(source("linear"))
    audit = client.ask("audit")
    assert list(audit["compute_types"]) == ["float32"]
    assert list(audit["providers"]) == ["eager" if backend == "torch-eager" else "inductor"]
    assert audit["fallback_share"] == 0.0
    assert audit["fallback_reason"] == audit["other_precision"] == ""
    assert audit["int8_share"] == 0.0
    assert audit["graph_breaks"] == (None if backend == "torch-eager" else 0)


@pytest.mark.parametrize("backend", BACKENDS)
def test_bf16_inside_a_model_that_was_asked_for_fp32_is_told(worker, source, torch, backend):
    _, batches = float_batches(torch, (1, 4))
    client = worker(backend, batches)
    client.load(source("narrowing"))
    told = client.ask("audit")["other_precision"]
    assert "another precision than fp32" in told
    assert "1 in bfloat16" in told


def test_a_graph_break_is_told_with_its_reason(worker, source, torch):
    _, batches = float_batches(torch, (1, 4))
    client = worker("torch-compile", batches)
    client.load(source("broken"))
    audit = client.ask("audit")
    assert audit["graph_breaks"] == 1
    assert "handed back to the Python interpreter once" in audit["fallback_reason"]
    assert "graph_break()" in audit["fallback_reason"]


def test_parts_that_run_outside_the_compiled_graph_are_counted(worker, source, torch):
    _, batches = float_batches(torch, (1, 4))
    client = worker("torch-compile", batches)
    client.load(source("broken"))
    audit = client.ask("audit")
    assert audit["providers"]["eager-fallback"] == 1
    assert audit["providers"]["inductor"] == 2
    assert 0.0 < audit["fallback_share"] < 1.0


def test_a_model_that_is_not_one_graph_is_unsupported_where_one_is_asked_for(worker, source, torch):
    _, batches = float_batches(torch, (1, 4))
    error = error_code(worker("torch-compile", batches), source("broken"), options={"fullgraph": True})
    assert error.code == "unsupported"
    assert "fullgraph=off" in error.remedy


@pytest.mark.parametrize(
    "options",
    [
        {"channels-last": True},
        {"inference-mode": False},
        {"freezing": True},
        {"dynamic": True},
        {"mode": "max-autotune"},
        {"mode": "reduce-overhead"},
        {"cpp-wrapper": True},
        {"onednn": False, "flush-denormals": True, "threads-policy": "engine"},
        {"freezing": True, "channels-last": True, "inference-mode": False},
    ],
    ids=lambda options: ",".join(options),
)
def test_options_of_torch_compile_change_no_answer(worker, source, models, torch, tmp_path, options):
    tensors, batches = float_batches(torch, (2, 3, 8, 8), count=1)
    client = worker("torch-compile", batches)
    client.load(source("convolution"), options=options, cache=tmp_path / "cache")
    want = expected(torch, models, "convolution", tensors)[0].flatten().tolist()
    assert client.floats([0])[0]["output"] == pytest.approx(want, abs=1e-5)


@pytest.mark.parametrize(
    "options", [{"channels-last": True}, {"inference-mode": False, "onednn": False}, {"keep-memory": True}], ids=lambda options: ",".join(options)
)
def test_options_of_torch_eager_change_no_answer(worker, source, models, torch, options):
    tensors, batches = float_batches(torch, (2, 3, 8, 8), count=1)
    client = worker("torch-eager", batches)
    client.load(source("convolution"), options=options)
    want = expected(torch, models, "convolution", tensors)[0].flatten().tolist()
    assert client.floats([0])[0]["output"] == pytest.approx(want, abs=1e-5)


def page_faults(client) -> int:
    """Of the worker so far: pages that the system had to hand out, proc(5)."""
    return int((Path("/proc") / str(client.process.pid) / "stat").read_text().rsplit(")", 1)[1].split()[7])


@pytest.mark.parametrize("is_kept", [False, True], ids=["given back", "kept"])
def test_freed_memory_is_asked_for_again_at_every_call_unless_it_is_kept(start, source, torch, is_kept):
    _, batches = float_batches(torch, (1, 4), count=1)
    client = start("torch-eager", batches)
    client.load(source("wide"), options={"keep-memory": is_kept})
    calls = {"duration_ns": 0, "minimum_samples": 10, "maximum_samples": 10, "iterations_per_sample": 1}
    client.ask("measure", **calls)
    before = page_faults(client)
    client.ask("measure", **calls)
    faults = page_faults(client) - before
    pages_per_call = 10_000  # at least: 48 MB in pages of 4 KiB
    if is_kept:
        # The allocator may still find no hole large enough once or twice, and grow.
        assert faults < 5 * pages_per_call
    else:
        assert faults > 10 * pages_per_call


def test_compiling_is_timed_apart_and_kept_in_the_cache_folder(start, source, torch, tmp_path):
    _, batches = float_batches(torch, (1, 4))
    client = start("torch-compile", batches)
    reply = client.load(source("linear"), cache=tmp_path / "cache")
    assert reply["build_ns"] > 0
    assert reply["load_ns"] >= 0
    assert any((tmp_path / "cache").rglob("*.so"))


def test_eager_builds_nothing(worker, source, torch):
    _, batches = float_batches(torch, (1, 4))
    client = worker("torch-eager", batches)
    reply = client.load(source("linear"))
    assert reply["build_ns"] is None
    assert reply["load_ns"] > 0


def test_only_the_first_answer_after_load_is_the_first_inference(worker, source, torch):
    _, batches = float_batches(torch, (1, 4))
    client = worker("torch-eager", batches)
    client.load(source("linear"))
    assert client.ask("answers", batches=[0])["first_inference_ns"] > 0
    assert client.ask("answers", batches=[0])["first_inference_ns"] is None
    client.load(source("linear"))
    assert client.ask("answers", batches=[1])["first_inference_ns"] > 0


def test_a_measurement_gives_as_many_samples_as_asked_and_keeps_the_answers(worker, source, torch):
    _, batches = float_batches(torch, (1, 4))
    client = worker("torch-eager", batches)
    client.load(source("linear"))
    answers = client.ask("answers", batches=[0, 1])["batches"]
    kept = [client.arena_bytes(out["offset"], out["bytes"]) for outputs in answers for out in outputs]
    before = time.monotonic_ns()
    reply = client.ask("measure", duration_ns=0, minimum_samples=5, maximum_samples=1000, iterations_per_sample=3)
    after = time.monotonic_ns()
    samples = client.samples(reply)
    assert reply["samples"] == len(samples) == 5
    assert all(0 < sample for sample in samples)
    assert sum(samples) <= reply["elapsed_ns"]
    assert before <= reply["start_ns"] <= after
    assert reply["user_ns"] > 0
    assert kept == [client.arena_bytes(out["offset"], out["bytes"]) for outputs in answers for out in outputs]


def test_a_measurement_ends_at_its_largest_number_of_samples(worker, source, torch):
    _, batches = float_batches(torch, (1, 4))
    client = worker("torch-eager", batches)
    client.load(source("linear"))
    reply = client.ask("measure", duration_ns=10**12, minimum_samples=1, maximum_samples=7, iterations_per_sample=1)
    assert reply["samples"] == 7


def test_the_timed_loop_rotates_through_the_batches_and_goes_on_where_it_stopped():
    from podium_torch.timing import LoopRequest, timed_loop

    seen = []
    samples = memoryview(bytearray(8 * 10)).cast("Q")
    first = timed_loop(seen.append, [("a",), ("b",), ("c",)], 0, LoopRequest(0, 4, 10, 1), samples)
    assert (seen, first.samples, first.next_batch) == (["a", "b", "c", "a"], 4, 1)
    second = timed_loop(seen.append, [("a",), ("b",), ("c",)], first.next_batch, LoopRequest(0, 2, 10, 2), samples)
    assert (seen[4:], second.samples, second.next_batch) == (["b", "c", "a", "b"], 2, 2)


def test_the_garbage_collector_is_off_in_the_timed_loop_and_on_again_after_a_failure():
    import gc

    from podium_torch.timing import LoopRequest, timed_loop

    def fails():
        assert not gc.isenabled()
        raise ValueError

    with pytest.raises(ValueError):
        timed_loop(fails, [()], 0, LoopRequest(0, 1, 1, 1), memoryview(bytearray(8)).cast("Q"))
    assert gc.isenabled()


@pytest.mark.parametrize("backend", BACKENDS)
def test_a_model_that_writes_to_its_inputs_sees_the_same_inputs_each_time(worker, source, torch, backend):
    tensors, batches = float_batches(torch, (1, 4), count=2)
    client = worker(backend, batches)
    client.load(source("writes_its_input"))
    want = [((value + 1) * 2).flatten().tolist() for value in tensors]
    assert [answer["output"] for answer in client.floats([0, 1])] == [pytest.approx(values, abs=1e-5) for values in want]
    client.ask("measure", duration_ns=0, minimum_samples=6, maximum_samples=6, iterations_per_sample=1)
    assert [answer["output"] for answer in client.floats([0, 1])] == [pytest.approx(values, abs=1e-5) for values in want]


def test_several_inputs_and_outputs_keep_their_names_and_order(worker, source, torch):
    a, first = float_batches(torch, (2, 3), count=1, name="a")
    b, second = float_batches(torch, (2, 3), count=1, name="b")
    client = worker("torch-eager", first | second)
    client.load(source("twice"))
    answer = client.floats([0])[0]
    assert list(answer) == ["total", "product"]
    assert answer["product"] == pytest.approx((a[0] * b[0]).flatten().tolist())


def test_outputs_of_other_types_keep_theirs(worker, models, torch, tmp_path):
    (models / "typed.py").write_text(
        "import torch\nclass M(torch.nn.Module):\n    def forward(self, x):\n        return x.bfloat16(), x.argmax(1), x > 0, x[:, :0]\n"
        "def make():\n    return M(), torch.randn(1, 4)\n"
    )
    file = tmp_path / "typed.json"
    file.write_text(json.dumps({"kind": "python", "function": "typed:make", "directory": str(models)}))
    _, batches = float_batches(torch, (1, 4), count=1)
    client = worker("torch-eager", batches)
    client.load(file)
    outputs = client.ask("answers", batches=[0])["batches"][0]
    assert [out["type"] for out in outputs] == ["bfloat16", "int64", "bool", "float32"]
    assert [out["bytes"] for out in outputs] == [8, 8, 4, 0]
    assert all(out["offset"] % 64 == 0 for out in outputs)


def test_a_model_that_computes_in_float32_only_is_unsupported_at_bf16(worker, source, torch):
    _, batches = float_batches(torch, (1, 4), count=1)
    client = worker("torch-eager", batches)
    client.load(source("picky"), precision="bf16")
    with pytest.raises(Refused) as refused:
        client.ask("answers", batches=[0])
    assert refused.value.code == "unsupported"
    client.load(source("picky"))
    assert client.floats([0])


def test_a_precision_that_is_not_offered_is_unsupported(worker, source, torch):
    _, batches = float_batches(torch, (1, 4), count=1)
    assert error_code(worker("torch-eager", batches), source("linear"), precision="tf32").code == "unsupported"


def test_an_option_that_the_backend_does_not_have_is_wrong_use(worker, source, torch):
    _, batches = float_batches(torch, (1, 4), count=1)
    error = error_code(worker("torch-eager", batches), source("linear"), options={"freezing": True})
    assert error.code == "wrong_use"
    assert "channels-last" in error.remedy


def test_memory_that_cannot_be_had_is_told_apart(worker, source, torch):
    _, batches = float_batches(torch, (1,), count=1)
    client = worker("torch-eager", batches)
    client.load(source("huge"))
    with pytest.raises(Refused) as refused:
        client.ask("answers", batches=[0])
    assert refused.value.code == "out_of_memory"


def test_inputs_that_do_not_fit_the_model_are_refused_by_name(worker, source, torch):
    _, wrong_name = float_batches(torch, (1, 4), count=1, name="y")
    assert "given were y" in error_code(worker("torch-eager", wrong_name), source("linear")).message
    wrong_type = {"x": ("int64", (1, 4), [bytes(32)])}
    assert "float32" in error_code(worker("torch-eager", wrong_type), source("linear")).message
    _, wrong_axes = float_batches(torch, (1, 4, 1), count=1)
    assert "2 axes" in error_code(worker("torch-eager", wrong_axes), source("linear")).message


def test_inputs_outside_their_memory_are_refused(worker, source, torch):
    _, batches = float_batches(torch, (1, 4), count=1)
    client = worker("torch-eager", batches)
    client.layout[0]["offsets"] = [1 << 40]
    assert error_code(client, source("linear")).code == "wrong_use"


def test_a_batch_of_another_size_runs_on_the_same_worker(worker, source, torch):
    _, batches = float_batches(torch, (4, 4), count=1)
    client = worker("torch-eager", batches)
    client.load(source("linear"))
    assert len(client.floats([0])[0]["output"]) == 12


def test_a_missing_model_is_bad_input_and_the_worker_goes_on(worker, source, torch, tmp_path):
    _, batches = float_batches(torch, (1, 4), count=1)
    client = worker("torch-eager", batches)
    assert error_code(client, tmp_path / "nowhere.json").code == "bad_input"
    client.load(source("linear"))
    assert client.floats([0])


def test_threads_are_as_many_as_asked_for(worker, models, torch, tmp_path):
    (models / "counting.py").write_text(
        "import torch\nclass M(torch.nn.Module):\n    def forward(self, x):\n        return x + torch.get_num_threads()\n"
        "def make():\n    return M(), torch.zeros(1)\n"
    )
    file = tmp_path / "counting.json"
    file.write_text(json.dumps({"kind": "python", "function": "counting:make", "directory": str(models)}))
    client = worker("torch-eager", {"x": ("float32", (1,), [bytes(4)])})
    for threads in (1, 2):
        client.load(file, threads=threads)
        assert client.floats([0])[0]["output"] == [threads]


def test_a_worker_with_a_loaded_model_burns_nothing_while_it_waits(worker, source, torch):
    _, batches = float_batches(torch, (1, 4), count=1)
    client = worker("torch-compile", batches)
    client.load(source("linear"))
    client.floats([0])

    def ticks():
        fields = open(f"/proc/{client.process.pid}/stat").read().rsplit(")", 1)[1].split()
        return int(fields[11]) + int(fields[12])

    before = ticks()
    time.sleep(0.5)
    # Half a second of one busy thread would be 50 ticks.
    assert (ticks() - before) / os.sysconf("SC_CLK_TCK") < 0.1


def test_no_compiler_process_is_left_beside_a_compiled_model(worker, source, torch):
    _, batches = float_batches(torch, (1, 4), count=1)
    client = worker("torch-compile", batches)
    client.load(source("linear"))
    assert open(f"/proc/{client.process.pid}/task/{client.process.pid}/children").read().split() == []
