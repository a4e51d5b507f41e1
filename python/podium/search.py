"""The search for the fastest way of running a model."""

from __future__ import annotations

import contextlib
import os
import re
import tempfile
import threading
import weakref
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy

from podium import _runtime, _search
from podium.arrays import as_numpy
from podium.environment import prepare
from podium.errors import NoWinner, PodiumError, WrongUse
from podium.kept import files_to_keep
from podium.metric import MetricFunction
from podium.model import Model
from podium.modules import as_program, naming_of
from podium.report import Report
from podium.samples import LABELS, Batch, first_and_all, named_by, read_batches, write_samples
from podium.structure import Structure
from podium.texts import SEQUENCE, Tokens, as_arrays, has_texts, one_behind_the_other, tokens_of, tokens_of_folder

#: Samples that are read of data where `samples` says nothing: as many as are judged at most, and those that are kept back to calibrate with.
_MOST_JUDGED = 512
_MOST_CALIBRATED = 256
#: Flags whose arguments have another name.
_OTHER_NAMES = {"shape": "shapes", "set": "options"}


class Progress(NamedTuple):
    """What is going on in a search."""

    stage: str  # "import", "build", "check", "measure", …; "message": a line to be told
    subject: str  # the candidate under way, or the line
    done: int
    total: int
    elapsed: float  # seconds
    remaining: float  # seconds; negative where it cannot be told


def optimize(
    model: Any,
    data: Any = None,
    *,
    labels: Any = None,
    metric: str | Callable[..., Any] = "",
    max_drop: float | None = None,
    min_sqnr: float | None = None,
    speed_only: bool = False,
    allow_python: bool = False,
    multi_engine: bool = False,
    goal: str = "latency",
    preset: str = "constrained",
    budget: float = 0,
    backends: Sequence[str] = (),
    precisions: Sequence[str] = (),
    batch: int | Sequence[int] = (),
    shapes: Mapping[str, Sequence[int | Sequence[int]]] | None = None,
    options: Mapping[str, Any] | None = None,
    device: str = "cpu",
    threads: int = 0,
    samples: int = 0,
    warm_up: float = 1.0,
    seed: int = 0,
    weights: str | os.PathLike[str] = "",
    preprocess: str | os.PathLike[str] = "",
    calibrate: str | os.PathLike[str] = "",
    json: str | os.PathLike[str] = "",
    resume: bool = False,
    high_priority: bool = True,
    no_wait: bool = False,
    output: str | os.PathLike[str] | None = None,
    overwrite: bool = False,
    progress: Callable[[Progress], object] | None = None,
) -> Model:
    """Finds the fastest way of running a model that is still right: `best = podium.optimize(model, data, max_drop=0.01)`, then `best(x)`.

    Arguments are named as the flags of `podium optimize`, and mean the same; Ctrl-C stops the search.

    Args:
        model: a `torch.nn.Module`, a function of tensors, a pair of a Hugging Face module and its tokenizer, or what the command line takes:
            the path of an `.onnx` or `.pt2` file, `"torchvision:resnet50"`, `"hf:DIR"`, `"python:module:function"`. A module is left as it is.
        data: real inputs, to calibrate with and to judge answers by. An array `[samples, …]`; a tuple of arrays in the order of the inputs; a
            dictionary of arrays by their names; or an iterable of such batches, as a DataLoader is. Arrays are of NumPy, PyTorch or anything
            with DLPack; where there is a tokenizer, lists of texts are arrays. One array more than the model has inputs, or the key "labels", is labels. Or a path, as `--data` takes it. A module
            or a function needs data, of a file's model only fp32 is tried without.
        labels: what is right, `[samples]`, or a path as `--labels` takes it.
        metric: by which accuracy is judged: "top-1", "agreement", "cosine", …, or a function that is called with a list of arrays, one for each
            output, `[samples, values]`, and the labels or None, and returns a number for all samples or one for each; more is better.
        max_drop: the metric must surely (95 %) not drop by more below the baseline's.
        min_sqnr: the outputs' signal to noise must be at least so much, in decibels.
        speed_only: lossy precisions may win though nothing proves their answers.
        allow_python: engines that exist only in Python take part and may win. No artefact can hold them, so that such a winner is told by NoWinner.
        multi_engine: batch sizes may each have another engine; all but one then run in processes of their own.
        goal: what is to be best: "latency", "throughput", "p99", "memory", "artifact-size", "energy"; limits before it, as in
            "p99<=20ms, throughput".
        preset: "constrained" (minutes) or "unconstrained" (everything).
        budget: seconds for the whole search; 0: ten minutes where it is constrained, else no end.
        backends, precisions: that take part; none: all that can be judged.
        batch: one batch size or several; each may have another winner.
        shapes: sizes of inputs with free axes, the batch included: {"input_ids": (1, 128)}. Of a free axis several sizes that grow may be
            given, least, usual and largest, or as many as there are buckets: {"input_ids": (1, (16, 128, 512))}. The engine is chosen at the
            middle size, each size gets the fastest way of that engine, and a call goes to the nearest. Axes with several sizes grow together.
        options: values of engines' options: {"onnxruntime.graph-optimization": "all"}; several values are a candidate each.
        device: "cpu" or "cuda:N".
        threads: of each engine; 0: the CPUs that may be used.
        samples: of the data, at most; 0: 32, and 512 where they have labels.
        warm_up: seconds that finalists are warmed up at least.
        seed: of the order of measurements.
        weights: of a model of torchvision: a file of them.
        preprocess: a file that says how pictures become inputs.
        calibrate: the path of inputs that int8 finds its ranges from; "": some of the data are kept back.
        json: a results file that is written while the search runs.
        resume: goes on where the interrupted search of the same `json` ended. The model has to be a file or name.
        high_priority: measuring processes go before other programs, where the system lets them (root, CAP_SYS_NICE).
        no_wait: raise, rather than wait, while another search measures here.
        output: folder (or .zip) of the artefact; None: a folder that ends with the model, see `Model.save()`.
        overwrite: replaces an artefact that is there, and an interrupted search in the journal of `json`.
        progress: is called with what is going on; what it raises stops the search.

    Returns:
        The winner. Called, it returns what `model` returned, in the same structure.

    Raises:
        WrongUse: for arguments that do not go together.
        BadInput: for models and data that cannot be read.
        Unsupported: for modules that PyTorch cannot export.
        Unavailable: where no engine is here.
        NoWinner: where nothing keeps to the bound, or the winner exists only in Python; its `report` says why.
    """
    prepare()
    with _arguments_by_their_names(), contextlib.ExitStack() as until_won:
        request = _search.Request()
        request.goal, request.preset, request.budget_s, request.warm_up_s = goal, preset, budget, warm_up
        request.max_drop, request.min_sqnr_db, request.speed_only = max_drop, min_sqnr, speed_only
        request.backends, request.precisions = list(backends), list(precisions)
        request.batches = [batch] if isinstance(batch, int) else list(batch)
        request.set_shapes({name: [_sizes(axis) for axis in shape] for name, shape in (shapes or {}).items()})
        request.option_values = {name: _texts(values) for name, values in (options or {}).items()}
        request.device, request.threads, request.samples, request.seed = device, threads, samples, seed
        request.weights, request.preprocess, request.calibration, request.json = weights, preprocess, calibrate, json
        request.high_priority, request.no_wait, request.overwrite, request.resume = high_priority, no_wait, overwrite, resume
        request.allow_python, request.multi_engine = allow_python, multi_engine
        own = None if output is not None else until_won.enter_context(tempfile.TemporaryDirectory(prefix="podium-"))
        request.output = Path(own, "best") if own else Path(output or "")
        with tempfile.TemporaryDirectory(prefix="podium-") as scratch:
            model, data, tokens = _tokenized(request, model, data)
            structure = _take_in(request, model, data, labels, Path(scratch), tokens)
            request.attached = files_to_keep(structure, tokens if callable(model) else None, Path(scratch))
            with _judged_by(request, metric, Path(scratch)):
                report = Report(_searched(request, progress))
        if report.artifact is None:
            raise NoWinner(report.verdict, _in_arguments(report.advice), report)
        best = Model(_runtime.load(report.artifact, threads, 0, True), report.artifact, structure, report, lambda: tokens)
        weakref.finalize(best, until_won.pop_all().close)
    return best


def _texts(values: Any) -> list[str]:
    """Of one value or several, as the command line spells them."""
    several = values if isinstance(values, (list, tuple, set)) else [values]
    return [("on" if value else "off") if isinstance(value, bool) else str(value) for value in several]


def _sizes(axis: int | Sequence[int]) -> list[int]:
    return [int(axis)] if isinstance(axis, (int, numpy.integer)) else [int(size) for size in axis]


def _tokenized(request: _search.Request, model: Any, data: Any) -> tuple[Any, Any, Tokens | None]:
    """Texts for a Hugging Face model become arrays; its free axis of tokens gets the length that they have. Anything else is as it was."""
    if isinstance(model, tuple) and len(model) == 2 and callable(model[0]) and hasattr(model[1], "model_input_names"):
        model, tokens = model[0], tokens_of(*model)
    elif isinstance(model, str) and model.startswith("hf:") and has_texts(data):
        tokens = tokens_of_folder(model.removeprefix("hf:"))
    else:
        return model, data, None
    sets = [request.shapes, *request.more_shapes]
    lengths = [shapes["input_ids"][1] for shapes in sets if "input_ids" in shapes]
    data = as_arrays(data, tokens, (request.samples or _MOST_JUDGED) + _MOST_CALIBRATED, max(lengths, default=None))
    of_data: dict[str, list[int]] = {name: [1, *value.shape[1:]] for name, value in data.items() if name != LABELS}
    # What the tokenizer makes has one length: that of the tokens, where that alone was given.
    request.shapes, *request.more_shapes = [{name: shapes.get("input_ids", own) for name, own in of_data.items()} | shapes for shapes in sets]
    return model, data, tokens


def _take_in(request: _search.Request, model: Any, data: Any, labels: Any, scratch: Path, tokens: Tokens | None) -> Structure | None:
    """Sets the request's model and data; writes to `scratch` what is no file yet. The structure of what the model returns, where known."""
    if isinstance(labels, (str, os.PathLike)):
        request.labels = os.fspath(labels)
        labels = None
    if isinstance(model, (str, os.PathLike)):
        request.model = os.fspath(model)
        _take_in_data(request, data, labels, scratch, tokens)
        return None
    if not callable(model):
        message = f"'{type(model).__name__}' is no model that Podium takes"
        raise WrongUse(message, "give a torch.nn.Module, a function of tensors, or the path of an ONNX file")
    if data is None or isinstance(data, (str, os.PathLike)):
        raise WrongUse("a module or a function tells its inputs' shapes by being called, and there are no data", "give data: arrays, or a DataLoader")
    first, batches = first_and_all(read_batches(data, naming_of(model)))
    axes = {name: {1: SEQUENCE} for name in tokens.names} if tokens else None
    program = as_program(model, first, scratch / "model.pt2", axes)
    request.model = str(program.file)
    _write_data(request, batches, labels, scratch, program.has_batch_axis, tokens)
    return program.structure


def _take_in_data(request: _search.Request, data: Any, labels: Any, scratch: Path, tokens: Tokens | None) -> None:
    """Data for a model of a file."""
    if data is None:
        return
    if isinstance(data, (str, os.PathLike)):
        request.data = Path(data)
        _write_labels(request, labels, scratch)
        return
    try:
        names = _search.input_names(request.model)
    except PodiumError:
        names = []  # it is named otherwise than by a file: what is wrong with it is said when it is read
    _write_data(request, read_batches(data, named_by(names or ["x"])), labels, scratch, True, tokens)


def _write_data(request: _search.Request, batches: Iterator[Batch], labels: Any, scratch: Path, has_batch_axis: bool, tokens: Tokens | None) -> None:
    request.data = scratch / "data.npz"
    has_lengths = tokens is not None and bool(request.more_shapes)  # texts that are longer than a size take no part in it
    write_samples(batches, request.data, (request.samples or _MOST_JUDGED) + _MOST_CALIBRATED, has_batch_axis, one_behind_the_other if has_lengths else None)
    _write_labels(request, labels, scratch)


def _write_labels(request: _search.Request, labels: Any, scratch: Path) -> None:
    if labels is None:
        return
    file = scratch / f"{LABELS}.npy"
    numpy.save(file, as_numpy(labels), allow_pickle=False)
    request.labels = str(file)


@contextlib.contextmanager
def _judged_by(request: _search.Request, metric: str | Callable[..., Any], scratch: Path) -> Iterator[None]:
    """Sets the request's metric. What a function raises is raised, and not what the search made of it."""
    if not callable(metric):
        request.metric = metric
        yield
        return
    with MetricFunction(metric, scratch) as function:
        request.metric = function.name
        try:
            yield
        except PodiumError:
            if function.raised is not None:
                raise function.raised from None
            raise


def _searched(request: _search.Request, progress: Callable[[Progress], object] | None) -> _search.Report:
    """The search runs on a thread of its own, so that Ctrl-C reaches Python meanwhile."""
    cancel = _search.CancelToken()
    over = threading.Event()  # a thread that is joined while Ctrl-C comes counts as ended
    found: list[_search.Report] = []
    raised: list[BaseException] = []

    def on_event(*event: Any) -> None:
        if progress is not None:
            progress(Progress(*event))

    def search() -> None:
        try:
            found.append(_search.optimize(request, on_event if progress else None, cancel))
        except BaseException as error:
            raised.append(error)
        finally:
            over.set()

    threading.Thread(target=search, name="podium-search").start()
    try:
        while not over.wait(0.1):
            pass
    except BaseException:
        cancel.request()
        while not over.is_set():
            with contextlib.suppress(KeyboardInterrupt):
                over.wait()
        raise
    if raised:
        raise raised[0]
    return found[0]


@contextlib.contextmanager
def _arguments_by_their_names() -> Iterator[None]:
    try:
        yield
    except PodiumError as error:
        if "--" not in str(error) or isinstance(error, NoWinner):
            raise
        raise type(error)(_in_arguments(error.message), _in_arguments(error.remedy)) from error


def _in_arguments(sentence: str) -> str:
    """Flags of the command line as the arguments that they are here."""
    return re.sub(r"(?<![\w-])--([a-z][a-z-]*)", lambda flag: f"{_OTHER_NAMES.get(flag[1], flag[1].replace('-', '_'))}=", sentence)
