"""Another decision threshold of a model for two classes, with which the recalls of its clean images are higher."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tfstab.assessment.finding import Finding
from tfstab.assessment.words import name
from tfstab.classifier.threshold import DEFAULT, own_scores
from tfstab.metrics.paired import Difference, mean_difference
from tfstab.metrics.shares import rounded, signed, signed_ends
from tfstab.names import quoted
from tfstab.runs import RunFolder
from tfstab.runs.info import FUNCTION, model_of, without_classes

TRIED = np.arange(1, 100) / 100
FEWEST = 20  # images of each class: the best threshold of fewer is mostly chance
LEAST_GAIN = 0.01  # of the mean recall, as measured: less is not worth a sentence


@dataclass(frozen=True)
class OtherThreshold:
    """A decision threshold with which the mean recall is higher, and no fewer of the images measured are right.

    Attributes
    ----------
    threshold, now : float
        The proposed threshold, and that of the model now.
    recalls, recalls_now : tuple of float
        Share of the images of both classes that are right at each of them, 0..1.
    gain : Difference
        The mean recall with the present threshold and with another one. The other one is not chosen on the images that
        it is judged by: each half of the images gets the threshold that is best for the other half.
    accuracy : Difference
        The accuracy, compared in the same way. It may fall on other images, although it does not on those measured.
    """

    threshold: float
    now: float
    recalls: tuple[float, float]
    recalls_now: tuple[float, float]
    gain: Difference
    accuracy: Difference


def other_threshold(labels: NDArray[np.int64], shifted: np.ndarray, now: float = DEFAULT) -> OtherThreshold | None:
    """Return a better decision threshold; None if none is certainly better, or there are too few images.

    Parameters
    ----------
    labels : ndarray of int64, (N,)
        True classes, 0 or 1.
    shifted : ndarray of float, (N,)
        Scores of class 1, 0..1, as the present threshold has shifted them: above 0.5, class 1 is predicted.
    now : float
        The present threshold.

    Examples
    --------
    >>> from tfstab.assessment.other_threshold import other_threshold
    >>> labels = np.repeat([0, 1], 200)
    >>> found = other_threshold(labels, np.concatenate([np.linspace(0.0, 0.3, 200), np.linspace(0.2, 1.0, 200)]))
    >>> 0.2 < found.threshold < 0.31, found.recalls_now, round(found.gain.low, 2) > 0
    (True, (1.0, 0.625), True)
    """
    if np.bincount(labels, minlength=2).min() < FEWEST:
        return None
    scores = own_scores(np.asarray(shifted, np.float64), np.ones(len(labels), np.int64), now)
    right = (shifted > 0.5) == (labels == 1)
    best = _best(labels, scores, right)
    if best is None:
        return None
    place = np.where(labels == 1, np.cumsum(labels == 1), np.cumsum(labels == 0))  # of each image within its class
    then = right.copy()
    for half in (place % 2 == 0, place % 2 == 1):
        chosen = _best(labels[~half], scores[~half], right[~half])
        if chosen is not None:
            then[half] = (scores[half] > chosen) == (labels[half] == 1)
    weight = (len(labels) / 2 / np.bincount(labels))[labels]  # so that the mean is that of both recalls
    # Always answering the same class has a mean recall of 0.5, which may be higher than that of a bad network.
    over_constant, gain = (
        mean_difference(weight * before, weight * then, largest=float(weight.max())) for before in (0.5, right)
    )
    accuracy = mean_difference(right, then)
    if not (gain.low > 0 and gain.value >= LEAST_GAIN and over_constant.low > 0) or accuracy.sign < 0:
        return None
    after = (scores > best) == (labels == 1)
    return OtherThreshold(best, now, _recalls(labels, after), _recalls(labels, right), gain, accuracy)


def _recalls(labels: NDArray[np.int64], right: NDArray[np.bool_]) -> tuple[float, float]:
    """Return the share of the images of both classes that are right."""
    return float(right[labels == 0].mean()), float(right[labels == 1].mean())


def _best(labels: NDArray[np.int64], scores: np.ndarray, right: NDArray[np.bool_]) -> float | None:
    """Return the threshold of the highest mean recall with which no fewer images are right; None if none is better.

    right: whether each image is right now.
    """
    sizes = np.bincount(labels, minlength=2)
    kept = np.searchsorted(np.sort(scores[labels == 0]), TRIED, side="right")  # images of class 0 that are right
    found = sizes[1] - np.searchsorted(np.sort(scores[labels == 1]), TRIED, side="right")  # those of class 1
    recall = np.where(kept + found >= np.count_nonzero(right), (kept / sizes[0] + found / sizes[1]) / 2, 0)
    if recall.max() <= np.mean(_recalls(labels, right)):
        return None
    alike = TRIED[recall == recall.max()]
    return float(alike[len(alike) // 2])  # in the middle, which other images change least


def threshold_of(runs: Sequence[RunFolder], once: NDArray[np.int64]) -> OtherThreshold | None:
    """Return a better decision threshold of a network for two classes; None if there is none, or it is for more.

    Parameters
    ----------
    runs : sequence of RunFolder
        Runs of this network.
    once : ndarray of int64, (N,)
        Rows of all their clean images, one run after the other, each image once.
    """
    info = runs[0].info
    if len(runs[0].class_names) != 2 or without_classes(info):
        return None
    labels = np.concatenate([run.clean.class_index for run in runs])[once]
    scores = np.concatenate([run.clean.scores[:, 1] for run in runs])[once]
    return other_threshold(labels, scores, info["model"].get("threshold", DEFAULT))


def threshold_finding(found: OtherThreshold | None, info: Mapping[str, Any], classes: Sequence[str]) -> Finding | None:
    """Return how many more clean images a better threshold makes right; None if there is none.

    info: the network's run.json.
    """
    if found is None:
        return None
    first, second = map(quoted, map(name, classes))
    (one, other), (one_now, other_now) = map(rounded, found.recalls), map(rounded, found.recalls_now)
    own = model_of(info).get(FUNCTION)  # no option reaches it
    threshold = "{:g}, which your predict function must apply itself" if own else "--threshold {:g}"
    text = (
        "Another decision threshold raises the mean recall of clean images: "
        f"{threshold.format(found.threshold)} (now {found.now:g}). With it, {one} % of the images of class {first} are "
        f"right when clean (now {one_now} %), and {other} % of class {second} (now {other_now} %). The mean recall "
        f"changes by {_points(found.gain)}, and the accuracy by {_points(found.accuracy)}, measured on each half of "
        "the images with the threshold that is best for the other half. All other figures are for the present "
        "threshold: assess the model again with the new one."
    )
    return Finding("threshold", "mid", text, tuple(classes))


def _points(d: Difference) -> str:
    """Return a difference of shares in points, with its interval."""
    return f"{signed(d.value)} points ({signed_ends(d.low, d.high)})"
