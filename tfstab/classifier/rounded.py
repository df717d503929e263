"""Scores whose sums differ from 1 because they were rounded, such as those of a quantised model.

A model of 8 bits gives scores in steps of 1/255 or 1/256, so each is wrong by up to half a step, and the sum of K
scores by up to K / 2 steps. Such scores are divided by their sum.
"""

import numpy as np
from numpy.typing import NDArray

from tfstab.errors import ModelError

FLOATING = 1e-3  # how far the sums of scores may be from 1 that are rounded only as numbers of 16 or 32 bits are
COARSEST, FINEST = 1e-2, 1 / 1024  # steps of rounded scores
WHOLE = 1e-3  # how far a multiple of the step may be from a whole number
NEARLY = 0.1  # how far sums may be from 1 of values that are likely to be meant as scores


def are_scores(outputs: np.ndarray) -> bool:
    """Return whether outputs (N, K) are scores: at least 0, with a sum of 1 apart from rounding.

    Examples
    --------
    >>> from tfstab.classifier.rounded import are_scores
    >>> are_scores(np.array([[250, 4, 0], [85, 85, 84]]) / 255), are_scores(np.array([[0.9, 0.077, 0.01]]))
    (True, False)
    """
    if not len(outputs) or not np.isfinite(outputs).all() or (outputs < 0).any():
        return False
    away = _from_one(outputs)
    if away <= FLOATING:
        return True
    step = step_of(outputs) if outputs.max() <= 1 + COARSEST else 0
    return bool(outputs.max() <= 1 + step and away <= outputs.shape[1] * step / 2 + FLOATING)


def step_of(scores: np.ndarray) -> float:
    """Return the largest step, from FINEST to COARSEST, of which all scores are multiples; 0 if there is none.

    Examples
    --------
    >>> from tfstab.classifier.rounded import step_of
    >>> round(1 / step_of(np.array([[250, 4, 1], [90, 80, 85]]) / 255)), step_of(np.array([[0.9, 0.0774, 0.01]]))
    (255, 0.0)
    """
    values = np.unique(np.append(scores.astype(np.float64), 0))
    if len(values) == 1:
        return COARSEST
    least = np.diff(values)[np.diff(values) > FINEST * WHOLE].min(initial=1)
    if len(values) > 2 / FINEST or least < FINEST * (1 - WHOLE):
        return 0.0
    steps = least / np.arange(max(1, np.ceil(least / COARSEST)), least / FINEST * (1 + WHOLE) + 1)
    for count in (values[-1] / steps).round():  # which is more precise than a small difference of float32
        multiples = values * (count / values[-1])
        if np.abs(multiples - multiples.round()).max() <= WHOLE:
            return float(values[-1] / count)
    return 0.0


def divided_by_sums(scores: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return scores (N, K), divided by their sum where it differs from 1 by more than the rounding of float16 explains.

    Where all scores of an image were rounded to 0, each becomes 1 / K.

    Examples
    --------
    >>> from tfstab.classifier.rounded import divided_by_sums
    >>> divided_by_sums(np.array([[0.25, 0.75], [0.5, 0.49], [0, 0]])).round(4).tolist()
    [[0.25, 0.75], [0.5051, 0.4949], [0.5, 0.5]]
    """
    sums = scores.sum(axis=1, keepdims=True)
    rounded = np.where(sums > 0, scores / np.where(sums > 0, sums, 1), 1 / scores.shape[1])
    return np.asarray(np.where(np.abs(sums - 1) > FLOATING, rounded, scores))


def check_logits(outputs: np.ndarray, name: str, said: str) -> None:
    """Raise ModelError if what was given as logits (N, K) of several images is plainly scores.

    Parameters
    ----------
    outputs : ndarray
        What the model returned. Of one image, or where all images have the same outputs, it may be chance.
    name : str
        The model's name, for the message.
    said : str
        How to say that a model returns scores, such as "--outputs scores".
    """
    if len(np.unique(outputs, axis=0)) > 1 and outputs.shape[1] > 1 and are_scores(outputs):
        raise ModelError(
            f"{name} returns values from 0 to 1 whose sums are {_sums(outputs)}: these are scores and no logits; "
            f"say so ({said})."
        )


def remedy(outputs: np.ndarray, said: str) -> str:
    """Return how to make scores of outputs (N, K) that are none.

    said: how to say that a model returns logits, such as "--outputs logits".
    """
    if outputs.min() >= 0 and _from_one(outputs) <= NEARLY:
        return f"divide them by their sum, which is {_sums(outputs)}"
    return f"for logits, say so ({said})"


def _sums(outputs: np.ndarray) -> str:
    """Return the least and the largest sum of outputs (N, K), in words."""
    sums = outputs.sum(axis=1)
    least, most = f"{sums.min():.4g}", f"{sums.max():.4g}"
    return least if least == most else f"from {least} to {most}"


def _from_one(outputs: np.ndarray) -> float:
    """Return how far the sums of outputs (N, K) are from 1, at most."""
    return float(np.abs(outputs.sum(axis=1, dtype=np.float64) - 1).max())
