"""What noisy copies of images have in common: how many fail, and mean and standard deviation of their logit margins.

An explanation has the margins themselves. A sweep has three numbers of each copy: its predicted class, that class's
score and the true class's score, both rounded to float32. From these:

- the error rate is exact;
- the margin of a copy that fails is exact: log(true class's score / predicted class's score);
- the margin of any other copy is approximated by the log-odds, log(p / (1 - p)), plus the logarithm of all other scores
  together over the largest of them. This is known only of the clean image, and taken to be the same for its copies. It
  lies between 0, with one rival, and log(K - 1) among K classes;
- a score p within 2^-20 of 1 leaves 1 - p with no more than four binary digits, and a score of 0 has no logarithm. Such
  copies are saturated. If more than a tenth of an image's copies are, its margins count as not known.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from tfstab.explanation.analysis import Arrays
from tfstab.metrics import Estimate
from tfstab.metrics.estimate import CONFIDENCE, NO_ESTIMATE
from tfstab.metrics.kept import share_of
from tfstab.metrics.weak_groups import FEWEST

if TYPE_CHECKING:
    from tfstab.explanation.run import ExplanationRun
    from tfstab.sweep import SweepRun

NEAR_ONE = 2.0**-20
MOST_SATURATED = 0.1  # share of copies


@dataclass(frozen=True, eq=False)
class Copies:
    """What the noisy copies of n images at S sigmas have in common.

    Attributes
    ----------
    count, failed : ndarray of int64 (n, S)
        Number of copies, and of those that are misclassified.
    mean, deviation : ndarray of float64 (n, S)
        Mean and standard deviation of their logit margins, in nats; NaN without two copies.
    clipped : ndarray of float64 (n, S)
        Share of their values that are at 0 or 255.
    saturated : ndarray of bool (n, S)
        Whether so many scores are rounded to 0 or 1 that the margins are not known.
    """

    count: NDArray[np.int64]
    failed: NDArray[np.int64]
    mean: NDArray[np.float64]
    deviation: NDArray[np.float64]
    clipped: NDArray[np.float64]
    saturated: NDArray[np.bool_]


def copies_of_explanation(arrays: Arrays) -> Copies:
    """Return the copies of the analysis `copies`, given its arrays."""
    margins = arrays["margins"]
    count = np.full(margins.shape[:2], margins.shape[2], np.int64)
    return Copies(
        count,
        (margins < 0).sum(axis=2),
        margins.mean(axis=2),
        margins.std(axis=2, ddof=1),
        arrays["clipped"],
        np.zeros(count.shape, bool),
    )


def kept_under_noise(run: "ExplanationRun") -> Estimate:
    """Return the share of noisy copies with the run's sigma that are right, of images right when clean.

    Parameters
    ----------
    run : ExplanationRun
        The explanation.

    Returns
    -------
    Estimate
        The share, 0..1, with its 95 % interval from the differences between images; NaN if there are no copies.
    """
    kept, _ = _kept_of_images(run)
    return share_of(kept) if len(kept) else NO_ESTIMATE


def weakest_under_noise(run: "ExplanationRun") -> tuple[int, Estimate] | None:
    """Return the class that keeps least under noise with the run's sigma, and the share of its copies that are right.

    As in `kept_under_noise`, they are copies of images right when clean. The interval holds for all classes together.
    Classes of fewer than FEWEST such images are left out; None if that leaves less than two classes.
    """
    kept, labels = _kept_of_images(run)
    there = [int(c) for c in np.unique(labels) if (labels == c).sum() >= FEWEST]
    if len(there) < 2:
        return None
    confidence = 1 - (1 - CONFIDENCE) / len(there)
    shares = {c: share_of(kept[labels == c], confidence) for c in there}
    return min(shares.items(), key=lambda one: one[1].value)


def _kept_of_images(run: "ExplanationRun") -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Return the share of copies with the run's sigma that are right, of each image right when clean; and its class."""
    right = run.clean.correct[run.rows]
    if not right.any() or not run.has("copies"):
        return np.zeros(0), np.zeros(0, np.int64)
    copies = run.arrays("copies")
    column = int(np.argmin(np.abs(copies["sigmas"] - run.config.sigma)))
    kept = (copies["margins"][right, column] > 0).mean(axis=1)
    return kept, run.clean.class_index[run.rows][right]


def copies_of_sweep(sweep: "SweepRun", images: NDArray[np.int64]) -> Copies:
    """Return the copies of a sweep of Gaussian noise, as far as it has come; the sigmas are in its order.

    Parameters
    ----------
    sweep : SweepRun
        The sweep.
    images : ndarray of int64 (n,)
        Indices of the images, all of which the sweep has.
    """
    rows = np.array([sweep.clean.row(int(image)) for image in images], np.int64)
    shape = len(images), len(sweep.severities)
    sums = {name: np.zeros(shape) for name in ("count", "failed", "mean", "square", "saturated")}
    columns = ["image", "severity_index", "true_score", "score", "predicted"]
    order, behind = np.argsort(images), _rivals(sweep.clean.scores[rows], sweep.clean.class_index[rows])
    for k in np.unique(sweep.clean.class_index[rows]):  # one class at a time, as a sweep can have millions of copies
        table = sweep.samples(class_index=int(k), columns=columns)
        image, severity, true_score, score, predicted = (table[name].to_numpy() for name in columns)
        place = np.searchsorted(images[order], image)
        known = images[order][np.minimum(place, len(images) - 1)] == image
        row = order[place[known]]
        cell, failed = row * shape[1] + severity[known], predicted[known] != k
        margin, saturated = margins_of_scores(true_score[known], score[known], failed, behind[row])
        for name, values in (("count", None), ("failed", failed), ("mean", margin), ("saturated", saturated)):
            sums[name] += np.bincount(cell, values, minlength=shape[0] * shape[1]).reshape(shape)
        with np.errstate(invalid="ignore"):
            middle = (sums["mean"] / sums["count"]).ravel()
        sums["square"] += np.bincount(cell, (margin - middle[cell]) ** 2, minlength=middle.size).reshape(shape)
    count = sums["count"]
    with np.errstate(divide="ignore", invalid="ignore"):
        return Copies(
            count.astype(np.int64),
            sums["failed"].astype(np.int64),
            sums["mean"] / count,
            np.sqrt(np.where(count > 1, sums["square"], np.nan) / (count - 1)),
            clipped_share(sweep, rows),
            sums["saturated"] > MOST_SATURATED * count,
        )


def clipped_share(sweep: "SweepRun", rows: NDArray[np.int64]) -> NDArray[np.float64]:
    """Return the share of values (n, S) that Gaussian noise takes to 0 or 255, expected from the clean images.

    It is 0 for a sweep that does not clip.
    """
    if not sweep.config.clip:
        return np.zeros((len(rows), len(sweep.severities)))
    from scipy.special import ndtr

    sigmas = np.asarray(sweep.severities)[:, None]
    levels = np.arange(256)
    share_of_level = ndtr(-levels / sigmas) + ndtr((levels - 255) / sigmas)  # (S, 256)
    found = np.empty((len(rows), len(sigmas)))
    for k, row in enumerate(rows):
        image = np.asarray(sweep.clean.images[row])
        found[k] = share_of_level @ np.bincount(image.ravel(), minlength=256) / image.size
    return found


def margins_of_scores(
    true_score: NDArray[np.float32], score: NDArray[np.float32], failed: NDArray[np.bool_], behind: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """Return the logit margins (B,) of copies, in nats, and which of them are saturated.

    Parameters
    ----------
    true_score, score : ndarray of float32 (B,)
        Scores of the true and of the predicted class.
    failed : ndarray of bool (B,)
        Whether the copy is misclassified.
    behind : ndarray of float64 (B,)
        log(scores of all other classes together / the largest of them), for copies that are not.
    """
    actual, least = true_score.astype(np.float64), float(np.finfo(np.float32).tiny)
    rest = np.where(failed, score.astype(np.float64), 1 - actual)
    saturated = np.where(failed, actual < least, rest < NEAR_ONE)
    margin = np.log(np.maximum(actual, least)) - np.log(np.maximum(rest, NEAR_ONE / 16))
    return np.where(failed, margin, margin + behind), saturated


def _rivals(scores: NDArray[np.float32], classes: NDArray[np.int64]) -> NDArray[np.float64]:
    """Return log(scores of all classes but the true one together / the largest of them), (n,), of clean images."""
    others = scores.astype(np.float64)
    others[np.arange(len(others)), classes] = 0
    largest = np.maximum(others.max(axis=1), np.finfo(np.float32).tiny)
    return np.asarray(np.log(np.maximum(others.sum(axis=1), largest) / largest))
