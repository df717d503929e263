"""The paper's objectives, equations 1 to 3, and the fitness that ranks chromosomes."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tfstab.search.goal import Goal

EQUATIONS = ("eq2", "eq1")


@dataclass(frozen=True)
class Evaluation:
    """A scored generation of B chromosomes.

    Attributes
    ----------
    objective : ndarray
        Equation 2, or 1, (B,), float64; to be minimised.
    flipped : ndarray
        Which chromosomes reach the goal, (B,), bool.
    margin : ndarray
        L[k] - L[c] of the best other class k, (B,), float64; negative before the flip.
    log_odds : ndarray
        log(L[c] / (1 - L[c])), (B,), float64.
    fitness : ndarray
        Rank of the chromosomes, (B,), float64; to be maximised.
    """

    objective: NDArray[np.float64]
    flipped: NDArray[np.bool_]
    margin: NDArray[np.float64]
    log_odds: NDArray[np.float64]
    fitness: NDArray[np.float64]


def at_no_noise(scores: np.ndarray, goal: Goal, *, beta: float, equation: str = "eq2") -> float:
    """Return the objective at r = 0 for an image that does not reach the goal, with scores (K,)."""
    with np.errstate(divide="ignore"):  # of a score of 0
        loss = float(goal.loss(np.log(scores.astype(np.float64))[goal.pivot]))
    return loss if equation == "eq1" else beta * loss


def evaluate(
    log_scores: np.ndarray, goal: Goal, norm: np.ndarray, *, beta: float, lambda_: float, equation: str = "eq2"
) -> Evaluation:
    """Return the objective for log-scores (B, K) and norms ||r|| (B,) in grey levels: see `evaluate_all`."""
    return evaluate_all([log_scores], [goal], norm[None], beta=beta, lambda_=lambda_, equation=equation)[0]


def evaluate_all(
    log_scores: Sequence[np.ndarray],
    goals: Sequence[Goal],
    norms: np.ndarray,
    *,
    beta: float,
    lambda_: float,
    equation: str = "eq2",
) -> list[Evaluation]:
    """Return the objectives for the log-scores (I, B, K) of I images with goals of one kind and norms ||r|| (I, B).

    Equations 2 and 3 are psi(L, c) + lambda ||r||, where psi is beta L[c] before the flip and L[k] - L[c] after it.
    Equation 1 (Szegedy et al. 2013, as the paper states it) is L[c] + lambda ||r||. With a target class t, L[c] is the
    sum of all scores but L[t], and flipped means that t leads.

    On a confident network the slope of L[c] around the image is tiny: even multiplied by beta = 1e8, it is below
    lambda = 1 for 54 % of 400 MNIST images, 80 % of 79 GTSRB images and no CIFAR-10 image (with beta = 1e15 for 1 %,
    38 % and none). There lambda ||r|| alone would lead the search back to r = 0. (Rounding is not the reason: in
    float64 L[c] is exactly 1 for no MNIST image and only 24 GTSRB images.) Chromosomes that have not flipped are
    therefore ranked by their log-odds, which have the same order as L[c] and keep a slope, and below all that have
    flipped: whatever beta and lambda are, the search cannot collapse. Above lambda = 1 the fitness is divided by
    lambda, so that no norm can outweigh this.
    """
    kind = goals[0]
    pivots = np.stack([scores[:, goal.pivot] for scores, goal in zip(log_scores, goals, strict=True)])
    rivals = np.stack([goal.rivals(scores) for scores, goal in zip(log_scores, goals, strict=True)])
    flipped, margin, log_odds = kind.standing(pivots, rivals)
    loss = kind.loss(pivots)
    psi = loss if equation == "eq1" else np.where(flipped, margin, beta * loss)
    objective = psi + lambda_ * norms
    fitness = np.where(flipped, -objective / max(1.0, lambda_), -1e9 - log_odds)
    return [Evaluation(*row) for row in zip(objective, flipped, margin, log_odds, fitness, strict=True)]
