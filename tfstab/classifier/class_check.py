"""Finds out if the classes of a data set seem to be other outputs of the model than they were taken for."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

FAR_BETTER = 0.3  # gain of accuracy, the mean of the classes: a network of random labels or weights can gain 0.2
HIGHER = 0.1  # gain that is enough where the images of each class that is moved speak for its new output
LEAST_GAIN = 0.02  # the least gain that counts if it halves the errors, as where two of many classes are exchanged
SURE = 0.9995  # one-sided
FLOOR = np.log(1e-3)  # of log-scores, so that a few images do not outweigh all others
FEWEST = 8  # images that have to be there
FEW = 100  # images up to which each is tried with the assignment of all others, and probabilities are exact
MOSTLY = 0.5  # accuracy, the mean of the classes, from which an assignment explains the errors
HARDLY = 0.05  # accuracy of a class that an assignment does not explain
MOST_CLASSES = 2_000  # for which the best assignment is sought; with 2,000 it takes 0.3 s


def far_better_outputs(
    scores: np.ndarray, labels: NDArray[np.int64], used: NDArray[np.bool_] | None = None
) -> NDArray[np.int64] | None:
    """Return the output of each class, int64 (K,), if this assignment is far better than guessing and the one in use.

    The best assignment has the largest mean log-score. It is found in each half of the images and tried on the other
    half; of up to 100 images, it is found without each image in turn and tried on that. It is far better if accuracy
    there, the mean of the classes, is at least 30 points higher or the errors are halved, and the difference is
    certain: by the interval of the paired difference, or of up to 100 images by the exact sign test. This needs at
    least 11 images, most of which are not the only one of their class.

    Parameters
    ----------
    scores : ndarray (N, K)
        Scores of images.
    labels : ndarray of int64 (N,)
        Their classes, at most K.
    used : ndarray of bool (N,), optional
        Which images are classified correctly with the assignment in use.

    Returns
    -------
    ndarray or None
        None if there is no such assignment, or if there are too few images to be sure.
    """
    weights = _even_classes(labels)
    if _hopeless(scores, labels, used, weights):
        return None
    found = _right_elsewhere(scores, labels)
    few = len(labels) <= FEW
    guessed = 1 / len(np.unique(labels))  # accuracy of a model that predicts one class for all images
    gains = [found.astype(float) - reference for reference in (used, guessed) if reference is not None]
    far_better = all(is_far_better(float(weights @ gain), float(weights @ ~found)) for gain in gains)
    sure = [_is_above_zero(gain, weights) for gain in gains]
    if few and used is not None:
        sure[0] = _is_likelier(int((found & ~used).sum()), int((found != used).sum()), 0.5)  # the sign test
    if few:  # of all classes, guessing the most frequent one is best
        sure[-1] |= _is_likelier(int(found.sum()), len(labels), float(np.bincount(labels).max()) / len(labels))
    return _simplest_outputs(scores, labels) if far_better and all(sure) else None


def exchanged_outputs(
    scores: np.ndarray, labels: NDArray[np.int64], used: NDArray[np.bool_]
) -> tuple[NDArray[np.int64], bool] | None:
    """Return the output of each class, int64 (K,), if the outputs of some classes have certainly been exchanged.

    This also finds a few exchanged classes of a model that is often wrong, for which no assignment is far better. Two
    conditions must hold for each group of classes that change places, on images that were not used to find the new
    assignment. For each class, at least as many images are predicted as the new output as are predicted as the old one;
    for the group together, certainly more, by the exact sign test. If a trained model only confuses classes, this does
    not hold for all of them. Accuracy, the mean of the classes, must be at least 2 points higher with the new
    assignment. With the old one, it must be certainly better than guessing, because most classes are in their places.
    tests/benchmarks/class_orders.py measures how often exchanged classes are noticed.

    Parameters
    ----------
    scores, labels, used
        As in `far_better_outputs`; `used` cannot be left out.

    Returns
    -------
    tuple of (ndarray, bool) or None
        The outputs, and whether accuracy is so much higher, by 10 points, that the assignment in use is certainly
        wrong.
    """
    weights = _even_classes(labels)
    if _hopeless(scores, labels, used, weights):
        return None
    found, outputs = _right_elsewhere(scores, labels), best_outputs(_log_scores(scores), labels)
    gain, guessed = float(weights @ (found.astype(float) - used)), 1 / len(np.unique(labels))
    if gain < LEAST_GAIN or not _is_above_zero(used.astype(np.float64) - guessed, weights):
        return None
    won, lost = (np.bincount(labels[of], minlength=len(outputs)) for of in (found & ~used, used & ~found))
    cycles = [cycle for cycle in _cycles(outputs) if len(cycle) > 1 and np.isin(cycle, labels).any()]
    for cycle in cycles:
        count, of = int(won[cycle].sum()), int((won + lost)[cycle].sum())
        if (won < lost)[cycle].any() or not _is_likelier(count, of, 0.5):
            return None
    return (outputs, gain >= HIGHER) if cycles else None


def _cycles(outputs: NDArray[np.int64]) -> list[NDArray[np.int64]]:
    """Return the cycles of a permutation: groups of classes that change places."""
    found, left = [], set(range(len(outputs)))
    while left:
        cycle = [min(left)]
        while (following := int(outputs[cycle[-1]])) != cycle[0]:
            cycle.append(following)
        left -= set(cycle)
        found.append(np.array(cycle))
    return found


def _even_classes(labels: NDArray[np.int64]) -> NDArray[np.float64]:
    """Return weights (N,) of images with which each class counts the same; their sum is 1."""
    weights = 1 / np.bincount(labels)[labels]
    return np.asarray(weights / weights.sum())


def _hopeless(
    scores: np.ndarray, labels: NDArray[np.int64], used: NDArray[np.bool_] | None, weights: NDArray[np.float64]
) -> bool:
    """Return whether no better assignment is sought: nearly all is right, or there are too few images."""
    nearly_right = used is not None and weights @ used > 1 - LEAST_GAIN
    return bool(scores.shape[1] > MOST_CLASSES or len(labels) < FEWEST or nearly_right)


def _log_scores(scores: np.ndarray) -> NDArray[np.float64]:
    """Return log-scores with a floor."""
    return np.asarray(np.log(np.maximum(scores, np.exp(FLOOR))))


def _right_elsewhere(scores: np.ndarray, labels: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Return which images are right with the best assignment that is found without them, (N,)."""
    part = np.arange(len(labels)) if len(labels) <= FEW else _halves(labels)
    predicted, log_scores = scores.argmax(axis=1), _log_scores(scores)
    found = np.empty(len(labels), bool)
    for k in np.unique(part):
        outputs = best_outputs(log_scores[part != k], labels[part != k])
        found[part == k] = predicted[part == k] == outputs[labels[part == k]]
    return found


def _simplest_outputs(scores: np.ndarray, labels: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return the best assignment; one for labels that begin at 1, which is simpler, if it explains as much."""
    predicted, outputs = scores.argmax(axis=1), best_outputs(_log_scores(scores), labels)
    # Rare classes may have got any output by chance.
    explained = (predicted == labels - 1).mean() >= (predicted == outputs[labels]).mean() - LEAST_GAIN
    return np.roll(np.arange(len(outputs)), 1) if labels.min() >= 1 and explained else outputs


def is_far_better(gain: float, errors: float) -> bool:
    """Return whether accuracy is at least 30 points higher or the errors are halved.

    gain: of accuracy. errors: share of images that are wrong in spite of it.
    """
    return gain >= FAR_BETTER or gain >= max(LEAST_GAIN, errors)


@dataclass(frozen=True)
class Doubt:
    """Why an assignment of the classes to the outputs explains the errors of a model only in part.

    Attributes
    ----------
    label : int
        The class with the lowest accuracy.
    accuracy : float
        Its accuracy with this assignment.
    images : int
        Number of its images that were tried.
    """

    label: int
    accuracy: float
    images: int


def doubt_about(correct: NDArray[np.bool_], labels: NDArray[np.int64]) -> Doubt | None:
    """Return why an assignment is not convincing, None if it is.

    It is not if accuracy, the mean of the classes, is below 50 %, or if hardly any image of a class is right and the
    class has too many images for this to be chance.

    correct: which images are classified correctly with the assignment. labels: their classes.
    """
    from scipy.special import bdtr

    there, row = np.unique(labels, return_inverse=True)
    counts, right = np.bincount(row), np.bincount(row, weights=correct)
    shares = right / counts
    chance = bdtr(right, counts, float(correct.mean())) * len(there)
    hardly = (shares <= HARDLY) & (chance <= 1 - SURE)
    if shares.mean() >= MOSTLY and not hardly.any():
        return None
    lowest = int(np.lexsort((chance, shares))[0])
    return Doubt(int(there[lowest]), float(shares[lowest]), int(counts[lowest]))


def _is_above_zero(gain: NDArray[np.float64], weights: NDArray[np.float64]) -> bool:
    """Return whether the weighted mean of many images' gains is certainly above zero, by Student's t."""
    from scipy.special import stdtrit  # that of scipy.stats takes longer to import

    mean = float(weights @ gain)
    error = float(np.sqrt(weights**2 @ (gain - mean) ** 2))
    return mean + float(stdtrit(len(gain) - 1, 1 - SURE)) * error > 0


def _is_likelier(count: int, of: int, chance: float) -> bool:
    """Return whether a count is certainly higher than by chance, by the exact binomial test."""
    from scipy.special import bdtrc

    return count > 0 and float(bdtrc(count - 1, of, chance)) <= 1 - SURE


def best_outputs(log_scores: NDArray[np.floating], labels: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return the output of each label, int64 (K,), for which the mean log-score of the images' labels is largest.

    Each class counts the same, and each output is taken by one label. Labels without images keep their output, or get
    one that is free.

    Parameters
    ----------
    log_scores : ndarray (N, K)
        Log-scores of the images.
    labels : ndarray of int64 (N,)
        Their classes.
    """
    from scipy.optimize import linear_sum_assignment

    count = log_scores.shape[1]
    there, row = np.unique(labels, return_inverse=True)
    means = np.zeros((len(there), count))
    np.add.at(means, row, log_scores)
    means = np.round(means / np.bincount(row)[:, None], 9)  # or rounding would decide which of equal classes is first
    _, columns = linear_sum_assignment(means, maximize=True)
    outputs = np.full(count, -1)
    outputs[there] = columns
    free = np.ones(count, bool)
    free[columns] = False
    left = np.flatnonzero(outputs < 0)
    kept = left[free[left]]
    outputs[kept], free[kept] = kept, False
    outputs[outputs < 0] = np.flatnonzero(free)
    return outputs


def _halves(labels: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return which half each image belongs to, 0 or 1; each class is divided."""
    order = np.argsort(labels, kind="stable")
    halves = np.empty(len(labels), np.int64)
    halves[order] = np.arange(len(labels)) % 2
    return halves
