"""The paper's objectives, equations 1 to 3, and the fitness by which chromosomes are ranked."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

# By how much the logarithm of another class's score must exceed the actual class's before an image counts as
# misclassified: above the rounding of float32 logits, so that every device and batch shape agrees on the flip.
FLIP_MARGIN = 1e-4


@dataclass(frozen=True)
class Evaluation:
    """What a generation's scores say, all float64 (B,) but `flipped`, bool (B,).

    objective: eq. 2 (or 1), to be minimised. margin: L[k] - L[c] of the best other class k, negative where the class
    has not flipped. log_odds: log(L[c] / sum of the others). fitness: to be maximised.
    """

    objective: NDArray[np.float64]
    flipped: NDArray[np.bool_]
    margin: NDArray[np.float64]
    log_odds: NDArray[np.float64]
    fitness: NDArray[np.float64]


def at_no_noise(
    scores: np.ndarray, class_index: int, *, beta: float, target: int | None = None, equation: str = "eq2"
) -> float:
    """The objective at r = 0 for an image that is classified correctly, with scores (K,)."""
    loss = float(scores[class_index]) if target is None else 1 - float(scores[target])
    return loss if equation == "eq1" else beta * loss


def evaluate(
    log_scores: np.ndarray, class_index: int, norm: np.ndarray, *, beta: float, lambda_: float,
    target: int | None = None, equation: str = "eq2",
) -> Evaluation:
    """The objective for scores given as logarithms (B, K) and norms ||r||_2 (B,) in grey levels.

    eq. 2 and 3: psi(L, c) + lambda ||r||, psi being beta L[c] before the flip and L[k] - L[c] after. eq. 1 (Szegedy
    et al. as the paper puts it): L[c] + lambda ||r||. With a target t, L[c] is the sum of all scores but L[t], and
    flipped means that t leads.

    A confident network's score L[c] is 1 all around an image, even in float64; there either objective is flat and
    lambda ||r|| alone would lead the search back to r = 0. So chromosomes that have not flipped are ranked by their
    log-odds, which has the same order as L[c] but keeps its slope, and below all that have: whatever beta and lambda
    are, the search cannot collapse. Above lambda = 1 fitness is per lambda, so that no norm outweighs that.
    """
    if target is None:
        others = np.delete(log_scores, class_index, axis=1)
        true = log_scores[:, class_index]
        lead = others.max(axis=1) - true
        log_odds = true - np.logaddexp.reduce(others, axis=1)
        margin = np.exp(others.max(axis=1)) - np.exp(true)
        loss = np.exp(true)
    else:
        others = np.delete(log_scores, target, axis=1)
        wanted = log_scores[:, target]
        lead = wanted - others.max(axis=1)
        log_odds = np.logaddexp.reduce(others, axis=1) - wanted
        margin = np.exp(wanted) - np.exp(others.max(axis=1))
        loss = -np.expm1(np.minimum(wanted, 0))
    flipped = lead > FLIP_MARGIN
    psi = loss if equation == "eq1" else np.where(flipped, margin, beta * loss)
    objective = psi + lambda_ * norm
    fitness = np.where(flipped, -objective / max(1.0, lambda_), -1e9 - log_odds)
    return Evaluation(objective, flipped, margin, log_odds, fitness)
