"""Writes the tokens of a file's texts, one a line, into one .npz, as Podium reads it: one text behind the other, with their lengths.

Where there is no file, sentences of Python's own manual, which lies in its library, stand in: "packaged:texts/judge" and
"packaged:texts/calibrate" are each half of them. They are divided by their content, the same way everywhere.

usage: python -m podium_data.texts FILE --tokenizer FOLDER --inputs NAME… --most N [--cut N] --out FILE
"""

from __future__ import annotations

import argparse
import hashlib
import itertools
import os
import re
from pathlib import Path

import numpy

SIDES = ["packaged:texts/judge", "packaged:texts/calibrate"]
LONGEST_SENTENCE = 400  # characters: what is longer is a list or a table


def tokenizer_in(folder: str):
    """Nothing is fetched, and no code in the folder is run."""
    os.environ["HF_HUB_OFFLINE"] = "1"
    try:
        from transformers import AutoTokenizer
    except ImportError:
        raise SystemExit("texts need transformers in the Python that PODIUM_PYTHON names (pip install transformers)") from None
    try:
        return AutoTokenizer.from_pretrained(folder, local_files_only=True, trust_remote_code=False)
    except (OSError, ValueError, KeyError) as error:
        raise SystemExit(f"the tokenizer cannot be read: {error}") from None


def sentences() -> list[str]:
    try:
        from pydoc_data.topics import topics
    except ImportError:
        raise SystemExit("this Python has no manual in its library (pydoc_data)") from None
    text = re.sub(r"\s+", " ", " ".join(topics.values()))
    found = re.split(r"(?<=[.!?]) (?=[A-Z])", text)
    return [sentence for sentence in found if sentence[:1].isupper() and sentence.endswith(".") and len(sentence) < LONGEST_SENTENCE]


def packaged(side: str, most: int) -> list[str]:
    """Every second sentence in the order of their hashes."""
    in_order = sorted(set(sentences()), key=lambda sentence: hashlib.sha256(sentence.encode()).digest())
    return in_order[SIDES.index(side) :: 2][:most]


def texts_in(file: Path, most: int) -> list[str]:
    """Lines, blank ones left out."""
    try:
        with file.open(encoding="utf-8") as lines:
            texts = list(itertools.islice((line.strip() for line in lines if line.strip()), most))
    except (OSError, UnicodeDecodeError) as error:
        raise SystemExit(f"it cannot be read as UTF-8 text: {error}") from None
    if not texts:
        raise SystemExit("it holds no text; write one a line")
    return texts


def tokens_of(texts: list[str], tokenizer, inputs: list[str], cut: int) -> dict[str, numpy.ndarray]:
    """What the model takes of what the tokenizer makes."""
    made = tokenizer(texts, truncation=cut > 0, max_length=cut or None)
    names = [name for name in made if name in inputs]
    if not names:
        raise SystemExit(f"the tokenizer makes {', '.join(made)}, and the model takes {', '.join(inputs)}")
    tokens = {name: numpy.concatenate([numpy.asarray(one, "int64") for one in made[name]]) for name in names}
    return tokens | {"lengths": numpy.array([len(one) for one in made[names[0]]], "int64")}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("file")
    parser.add_argument("--tokenizer", required=True)
    parser.add_argument("--inputs", nargs="+", required=True)
    parser.add_argument("--most", type=int, required=True)
    parser.add_argument("--cut", type=int, default=0, help="tokens that a text may have; what is behind them is left out")
    parser.add_argument("--out", required=True)
    arguments = parser.parse_args()
    texts = packaged(arguments.file, arguments.most) if arguments.file in SIDES else texts_in(Path(arguments.file), arguments.most)
    numpy.savez(arguments.out, **tokens_of(texts, tokenizer_in(arguments.tokenizer), arguments.inputs, arguments.cut))


if __name__ == "__main__":
    main()
