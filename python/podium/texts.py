"""Texts for a model of Hugging Face: its tokenizer makes arrays of them."""

from __future__ import annotations

import dataclasses
import importlib.util
import inspect
import itertools
import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

import numpy

from podium.arrays import as_numpy
from podium.errors import BadInput, Unavailable
from podium.samples import LABELS

_FORMS = "give a list of texts, a pair of texts and labels, or an iterable of such batches"
_MASK = "attention_mask"
SEQUENCE = "sequence"  # the axis of tokens


@dataclasses.dataclass(frozen=True)
class Tokens:
    """A tokenizer, and what its model takes of it."""

    tokenizer: Any
    names: tuple[str, ...]

    def __call__(self, texts: Any, length: int | None = None) -> dict[str, Any]:
        """Tensors (arrays, where PyTorch is not here) by name for a text or several, filled up to the longest, or to `length`, where they are cut off."""
        several = [texts] if isinstance(texts, str) else list(texts)
        filled: dict[str, Any] = {"padding": "max_length", "max_length": length} if length else {"padding": True}
        kind = "pt" if importlib.util.find_spec("torch") else "np"
        found = self.tokenizer(several, truncation=True, return_tensors=kind, **filled)
        return {name: value for name, value in found.items() if name in self.names}


def is_text(value: Any) -> bool:
    """Whether it is a text or several."""
    return isinstance(value, str) or (isinstance(value, (list, tuple)) and bool(value) and all(isinstance(part, str) for part in value))


def tokens_of(model: Callable[..., Any], tokenizer: Any) -> Tokens:
    """The tokenizer of a module, which takes some of what it makes."""
    taken = inspect.signature(getattr(model, "forward", model)).parameters
    return Tokens(tokenizer, tuple(name for name in tokenizer.model_input_names if name in taken))


def tokens_of_folder(folder: str, names: tuple[str, ...] = ("input_ids", "attention_mask")) -> Tokens:
    """The tokenizer that lies beside a saved model, and the inputs of the model that it makes."""
    os.environ.setdefault("HF_HUB_OFFLINE", "1")
    try:
        from transformers import AutoTokenizer
    except ImportError as error:
        raise Unavailable("texts for a Hugging Face model need transformers, which is not here", "pip install transformers, or give arrays") from error
    try:
        tokenizer = AutoTokenizer.from_pretrained(folder, local_files_only=True, trust_remote_code=False)
    except (OSError, ValueError) as error:
        raise BadInput(f"'{folder}' holds no tokenizer: {error}", "save it there with save_pretrained(), or give arrays of tokens") from error
    return Tokens(tokenizer, names)


def has_texts(data: Any) -> bool:
    """Whether data are texts; a generator is not asked."""
    if isinstance(data, (list, tuple)) and data:
        return is_text(data[0]) or (isinstance(data[0], (list, tuple)) and bool(data[0]) and is_text(data[0][0]))
    return False


def as_arrays(data: Any, tokens: Tokens, most: int, length: int | None) -> dict[str, Any]:
    """At most about `most` texts as arrays of one length, with their labels where there are."""
    texts: list[str] = []
    labels: list[numpy.ndarray[Any, Any]] = []
    for some, theirs in _batches(data):
        texts.extend(some)
        if theirs is not None:
            labels.append(numpy.atleast_1d(as_numpy(theirs)))
        if len(texts) >= most:
            break
    if not texts or not all(isinstance(text, str) for text in texts):
        raise BadInput("the data hold no texts", _FORMS)
    arrays = tokens(texts, length)
    return arrays | {LABELS: numpy.concatenate(labels)} if labels else arrays


def one_behind_the_other(arrays: dict[str, Any]) -> dict[str, Any]:
    """Tokens without what fills texts up, in arrays of one axis, with the length of each text: so Podium knows which are too long for a size."""
    mask = arrays.get(_MASK)
    if mask is None:
        return arrays
    taken = mask.astype(bool)
    flat = {name: value[taken] if value.shape == taken.shape else value for name, value in arrays.items() if name != _MASK}
    return flat | {"lengths": taken.sum(1).astype("int64")}


def _batches(data: Any) -> Iterator[tuple[Sequence[str], Any]]:
    if is_text(data):
        yield [data] if isinstance(data, str) else data, None
    elif isinstance(data, tuple) and len(data) == 2 and is_text(data[0]):
        yield data
    elif isinstance(data, Iterable) and not isinstance(data, Mapping):
        yield from itertools.chain.from_iterable(_batches(part) for part in data)
    else:
        raise BadInput(f"{type(data).__name__} is no text", _FORMS)
