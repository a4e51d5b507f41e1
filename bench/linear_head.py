"""A linear classifier on features of a network: trained on those of the float model, judged on those of another precision."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy

# Of the squared weights, for each sample; which one is chosen on a quarter of the training data.
PENALTIES = [1e-4, 1e-3, 1e-2, 1e-1]


class LinearHead:
    """Logistic regression on standardized features, two classes."""

    def __init__(self, features: numpy.ndarray, labels: numpy.ndarray):
        kept = numpy.random.default_rng(0).permutation(len(labels))
        test, train = kept[: len(kept) // 4], kept[len(kept) // 4 :]
        self.mean, self.deviation = features.mean(0), features.std(0) + 1e-6

        def share_right(penalty: float) -> float:
            self.weights = self._fitted(features[train], labels[train], penalty)
            return self.is_right(features[test], labels[test]).mean()

        self.penalty = max(PENALTIES, key=share_right)
        self.weights = self._fitted(features, labels, self.penalty)

    def _fitted(self, features: numpy.ndarray, labels: numpy.ndarray, penalty: float) -> numpy.ndarray:
        import torch

        given = torch.tensor(self._standardized(features))
        wanted = torch.tensor(labels, dtype=torch.float64)
        weights = torch.zeros(given.shape[1], dtype=torch.float64, requires_grad=True)
        optimizer = torch.optim.LBFGS([weights], max_iter=200, line_search_fn="strong_wolfe")

        def loss() -> torch.Tensor:
            optimizer.zero_grad()
            value = torch.nn.functional.binary_cross_entropy_with_logits(given @ weights, wanted) + penalty * (weights[:-1] ** 2).sum()
            value.backward()
            return value

        optimizer.step(loss)
        return weights.detach().numpy()

    def _standardized(self, features: numpy.ndarray) -> numpy.ndarray:
        """With a one behind, for the constant."""
        given = (features.astype("float64") - self.mean) / self.deviation
        return numpy.concatenate([given, numpy.ones((len(given), 1))], axis=1)

    def is_right(self, features: numpy.ndarray, labels: numpy.ndarray) -> numpy.ndarray:
        return (self._standardized(features) @ self.weights > 0) == (labels > 0)


@dataclass
class Difference:
    """Of two shares of right answers to the same samples, in points, with its 95 % interval."""

    points: float
    low: float
    high: float


def paired_difference(right: numpy.ndarray, right_before: numpy.ndarray) -> Difference:
    """Bonett and Price's interval (2012, Adjusted Wald Confidence Interval for a Difference of Binomial Proportions Based on Paired Data)."""
    count = len(right)
    won, lost = int((right & ~right_before).sum()), int((~right & right_before).sum())
    more, less = (won + 1) / (count + 2), (lost + 1) / (count + 2)
    reach = 1.96 * math.sqrt((more + less - (more - less) ** 2) / (count + 2))
    return Difference(100 * (won - lost) / count, 100 * (more - less - reach), 100 * (more - less + reach))
