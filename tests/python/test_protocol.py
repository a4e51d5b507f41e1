"""The frame around messages, and what a worker does when it breaks."""

from __future__ import annotations

import struct

import pytest

from worker_client import Refused


def test_a_worker_says_hello_with_its_process_id(start):
    client = start("torch-eager")
    assert client.ask("hello") == {"ok": True, "protocol": 1, "pid": client.process.pid}


def test_quit_is_answered_and_ends_the_worker_with_status_0(start):
    client = start("torch-eager")
    assert client.ask("quit") == {"ok": True}
    assert client.process.wait(20) == 0


def test_a_closed_socket_ends_the_worker_with_status_0(start):
    client = start("torch-eager")
    client.ask("hello")
    client.connection.close()
    assert client.process.wait(20) == 0


def test_a_socket_that_closes_inside_a_message_ends_the_worker_with_status_0(start):
    client = start("torch-eager")
    client.send_raw(struct.pack("<I", 100) + b'{"op"')
    client.connection.close()
    assert client.process.wait(20) == 0


@pytest.mark.parametrize(
    "raw",
    [
        struct.pack("<I", 5) + b"hello",
        struct.pack("<I", 2) + b"[]",
        struct.pack("<I", 3) + b"\xff\xfe\xfd",
        struct.pack("<I", (64 << 20) + 1),
    ],
    ids=["no JSON", "no object", "no UTF-8", "too long"],
)
def test_a_message_that_cannot_be_understood_ends_the_worker_with_status_2(start, raw):
    client = start("torch-eager")
    client.send_raw(raw)
    assert client.process.wait(20) == 2
    assert "podium_torch.worker: " in client.log.read_text()


def test_an_unknown_request_is_refused_and_the_worker_goes_on(start):
    client = start("torch-eager")
    with pytest.raises(Refused) as refused:
        client.ask("dance")
    assert refused.value.code == "wrong_use"
    assert "measure" in refused.value.remedy
    assert client.ask("hello")["ok"]


@pytest.mark.parametrize("op", ["answers", "measure", "audit"])
def test_nothing_runs_before_a_model_is_loaded(start, op):
    client = start("torch-eager")
    with pytest.raises(Refused) as refused:
        client.ask(op, batches=[0], duration_ns=1, minimum_samples=1, maximum_samples=1, iterations_per_sample=1)
    assert refused.value.code == "wrong_use"


def test_a_python_without_pytorch_says_that_it_is_unavailable_and_how_to_mend_it(start, tmp_path):
    import sys

    # A torch that cannot be imported stands before the real one.
    (tmp_path / "hidden").mkdir()
    (tmp_path / "hidden" / "torch.py").write_text("raise ImportError('no torch here')")
    (tmp_path / "hidden" / "run.py").write_text(
        "import runpy, sys; sys.argv = sys.argv[2:]; runpy.run_module('podium_torch.worker', run_name='__main__')"
    )
    client = start("torch-eager", interpreter=[sys.executable, str(tmp_path / "hidden" / "run.py")])
    probed = client.ask("probe")
    assert probed["available"] is False
    assert "no torch here" in probed["reason"]
    assert "PODIUM_PYTHON" in probed["remedy"]
    with pytest.raises(Refused) as refused:
        client.ask("load", model="x", precision="fp32", threads=1, inputs=[])
    assert refused.value.code == "unavailable"
