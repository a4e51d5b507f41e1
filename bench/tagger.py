"""A tagger of sequences: two LSTM layers (Hochreiter and Schmidhuber 1997) between a table of words and a linear layer. Seeded weights."""

from __future__ import annotations

import torch
from torch import nn

WORDS, WIDTH, TAGS, LENGTH = 8000, 256, 32, 64


class Tagger(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.words = nn.Embedding(WORDS, WIDTH)
        self.sequence = nn.LSTM(WIDTH, WIDTH, num_layers=2, batch_first=True)
        self.tags = nn.Linear(WIDTH, TAGS)

    def forward(self, words: torch.Tensor) -> torch.Tensor:
        return self.tags(self.sequence(self.words(words))[0])


def tagger():
    """For `podium bench python:tagger:tagger`: the module and its input."""
    torch.manual_seed(0)
    return Tagger().eval(), (torch.arange(LENGTH).reshape(1, LENGTH) % WORDS,)
