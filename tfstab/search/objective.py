"""The paper's objective, equations 2 and 3, and the fitness by which chromosomes are ranked."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import logsumexp

# By how much the logarithm of another class's score must exceed the actual class's before an image counts as
# misclassified: above the rounding of float32 logits, so that every device and batch shape agrees on the flip.
FLIP_MARGIN = 1e-4


@dataclass(frozen=True)
class Evaluation:
    """What a generation's scores say, all float64 (B,) but `flipped`, bool (B,).

    objective: psi(L, c) + lambda ||r||_2, to be minimised. margin: L[k] - L[c] of the best other class k, negative
    where the class has not flipped. log_odds: log(L[c] / sum of the others). fitness: to be maximised.
    """

    objective: NDArray[np.float64]
    flipped: NDArray[np.bool_]
    margin: NDArray[np.float64]
    log_odds: NDArray[np.float64]
    fitness: NDArray[np.float64]


def evaluate(
    log_scores: np.ndarray, class_index: int, norm: np.ndarray, beta: float, lambda_: float
) -> Evaluation:
    """Equations 2 and 3 for scores given as logarithms (B, K) and norms ||r||_2 (B,) in grey levels.

    A confident network's score L[c] is 1 all around an image, even in float64; there beta L[c] is flat and
    lambda ||r|| alone would lead the search back to r = 0. So chromosomes that have not flipped are ranked by
    their log-odds, which has the same order as beta L[c] but keeps its slope, and below all that have.
    """
    others = np.delete(log_scores, class_index, axis=1)
    true = log_scores[:, class_index]
    flipped = others.max(axis=1) - true > FLIP_MARGIN
    log_odds = true - logsumexp(others, axis=1)
    margin = np.exp(others.max(axis=1)) - np.exp(true)
    psi = np.where(flipped, margin, beta * np.exp(true))
    objective = psi + lambda_ * norm
    fitness = np.where(flipped, -objective, -beta - log_odds)
    return Evaluation(objective, flipped, margin, log_odds, fitness)
