"""What the model predicts for a clean image and its degraded copy: in words, and as scores of the relevant classes."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from tfstab.runs.info import UNKNOWN_CLASS
from tfstab.wording import scored

LEAD = "Lead over the true class"  # score of the best other class less that of the true one; "margin" is of logits
WHEN_CLEAN = "when clean"
TOP = 5  # number of classes whose scores are shown; a single further one is not left out


@dataclass(frozen=True)
class ScoreBar:
    """The scores of a class on the clean and on the degraded image; None if the run has not recorded it."""

    name: str
    clean: float | None
    degraded: float | None
    actual: bool = False
    predicted: bool = False


def score_bars(
    clean: np.ndarray, degraded: dict[int, float], actual: int, names: Sequence[str], *, known: bool = True
) -> tuple[ScoreBar, ...]:
    """Choose the classes whose scores are shown.

    Parameters
    ----------
    clean : ndarray, shape (K,)
        Scores on the clean image.
    degraded : dict of int to float
        Known scores on the degraded image by class.
    actual : int
        True class.
    names : sequence of str
        Class names.
    known : bool
        Whether `actual` is the true class, and not only what is predicted for an image without a class.

    Returns
    -------
    tuple of ScoreBar
        Predicted and true class first, then those with the highest scores; TOP in total, or all of TOP + 1.
    """
    predicted = max(degraded, key=lambda k: degraded[k])
    height = np.maximum(clean, [degraded.get(k, 0.0) for k in range(len(clean))])
    height[[predicted, actual]] += (2, 1)  # scores are at most 1, so these two classes come first
    most = TOP if len(clean) > TOP + 1 else len(clean)
    order = np.argsort(-height, kind="stable")[:most]
    return tuple(
        ScoreBar(names[k], float(clean[k]), degraded.get(int(k)), bool(known and k == actual), bool(k == predicted))
        for k in order
    )


def predictions(
    actual: int,
    clean_scores: np.ndarray,
    predicted: int,
    score: float,
    true_score: float,
    names: Sequence[str],
    *,
    known: bool,
    clean: str = WHEN_CLEAN,
) -> tuple[tuple[str, str], ...]:
    """List the predictions for the clean image, with its scores (K,), and for the degraded one.

    known: whether `actual` is the true class, as in `score_bars`. clean: words for the image before it is degraded.
    """
    clean_class = int(clean_scores.argmax())
    return (
        ("True class", class_label(actual, names) if known else UNKNOWN_CLASS),
        (f"Prediction {clean}", f"{class_label(clean_class, names)}  ({scored(clean_scores.max())})"),
        ("Prediction when degraded", f"{class_label(predicted, names)}  ({scored(score)})"),
        *((("Score of the true class", f"{scored(clean_scores[actual])} → {scored(true_score)}"),) if known else ()),
    )


def correct(clean: bool, degraded: bool, when: str = WHEN_CLEAN) -> tuple[tuple[str, str], ...]:
    """List whether the predictions for the clean and the degraded image are right.

    when: words for the image before it is degraded.
    """
    return (f"Correct {when}", "yes" if clean else "no"), ("Correct when degraded", "yes" if degraded else "no")


def lead(wrong: bool, score: float, true_score: float) -> str:
    """Format the score of the best other class minus that of the true class.

    For a correct point the score of the best other class is not recorded, so only an upper bound is known.
    """
    return f"{score - true_score:+.3g}" if wrong else f"at most {1 - 2 * score:+.3g}"


def class_label(index: int, names: Sequence[str]) -> str:
    """Return the class's name, followed by its number if the name is not the number."""
    return names[index] if names[index] == str(index) else f"{names[index]} [{index}]"


def says(index: int, score: float, names: Sequence[str]) -> str:
    """Describe a prediction in short: "7, score 0.512"."""
    return f"{names[index]}, score {score:.3f}"
