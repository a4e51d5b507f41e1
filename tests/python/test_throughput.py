"""Several requests in flight in the Python worker."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from test_worker import BACKENDS, float_batches
from worker_client import Refused

pytestmark = pytest.mark.usefixtures("torch")


def load(client, model, requests):
    return client.ask(
        "load", model=str(model), precision="fp32", device="cpu", threads=2, options={}, cache="", inputs=client.layout, requests=requests
    )


@pytest.mark.parametrize("backend", BACKENDS)
def test_requests_in_flight_answer_as_one_alone_does(worker, source, torch, backend):
    _, batches = float_batches(torch, (2, 3, 8, 8))
    client = worker(backend, batches)
    load(client, source("convolution"), 3)
    alone = client.floats([0, 1, 2])
    reply = client.ask("throughput", duration_ns=50_000_000, requests=3)
    assert reply["mismatch"] == ""
    assert reply["calls"] >= 3
    assert reply["elapsed_ns"] > 0 and reply["start_ns"] > 0 and reply["user_ns"] > 0
    assert client.floats([0, 1, 2]) == alone
    assert client.ask("throughput", duration_ns=0, requests=1)["calls"] == 1


def test_more_requests_than_the_model_was_loaded_for_are_refused(worker, source, torch):
    _, batches = float_batches(torch, (1, 4))
    client = worker("torch-eager", batches)
    client.load(source("linear"))
    for requests in (0, 2, 5000):
        with pytest.raises(Refused) as refused:
            client.ask("throughput", duration_ns=0, requests=requests)
        assert refused.value.code == "wrong_use"


def test_threads_are_shared_among_the_requests(worker, source, torch):
    from podium_torch.session import _set_threads

    before = torch.get_num_threads()
    try:
        for requests, expected in ((1, 4), (2, 2), (3, 1), (8, 1)):
            request = SimpleNamespace(threads=4, requests=requests, options={"threads-policy": "podium"})
            _set_threads(request)
            assert torch.get_num_threads() == expected
    finally:
        torch.set_num_threads(before)


def test_a_model_that_keeps_state_between_calls_is_found_out(worker, source, torch):
    _, batches = float_batches(torch, (1, 4))
    client = worker("torch-eager", batches)
    load(client, source("keeps_its_input"), 2)
    assert client.ask("throughput", duration_ns=20_000_000, requests=1)["mismatch"] == ""
    reply = client.ask("throughput", duration_ns=20_000_000, requests=2)
    assert "with 2 requests in flight the answer to batch" in reply["mismatch"]


def test_an_error_in_a_thread_is_the_error_of_the_reply(torch):
    import contextlib
    import threading

    from podium_torch.errors import PodiumError
    from podium_torch.requests_in_flight import KnownAnswer, measure

    main = threading.get_ident()

    class Session:
        def call(self, value):
            if threading.get_ident() != main:
                raise ValueError("not in this thread")
            return value

        def context(self):
            return contextlib.nullcontext()

        def refusal(self, error):
            return PodiumError("failed", str(error))

    batch = (torch.ones(2),)
    with pytest.raises(PodiumError, match="not in this thread"):
        measure(Session(), [batch], [KnownAnswer(batch[0], "fp32")], 1_000_000, 3)


def test_known_answers_tell_rounding_from_another_answer(torch):
    from podium_torch.requests_in_flight import KnownAnswer

    known = KnownAnswer(torch.tensor([1.0, float("nan"), float("inf"), -2.0]), "fp32")
    assert known.difference(torch.tensor([1.00001, float("nan"), float("inf"), -2.0])) == ""
    assert "other values" in known.difference(torch.tensor([1.01, float("nan"), float("inf"), -2.0]))
    assert "other values" in known.difference(torch.tensor([1.0, 0.0, float("inf"), -2.0]))
    assert "instead of" in known.difference(torch.ones(3))
    assert "2 outputs came instead of 1" in known.difference((torch.ones(4), torch.ones(4)))
