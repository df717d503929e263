"""How the classes of an explained network differ: in margin, in accuracy, and in how sure the network is of them.

Intervals are 95 % for all classes together (Bonferroni).
"""

import numpy as np
from numpy.typing import NDArray

from tfstab.explanation.run import ExplanationRun
from tfstab.metrics import Estimate
from tfstab.metrics.estimate import CONFIDENCE, normal_quantile
from tfstab.metrics.kept import share_of

SURE = 0.9  # a score of at least this is sure
LEAST_IMAGES = 5  # of a class; fewer say nothing of it
LEAST_OF_NETWORK = 20  # images; fewer say nothing of a network


def class_ratios(margins: NDArray[np.float64], classes: NDArray[np.int64]) -> dict[int, Estimate]:
    """Return by how much larger the margins of a class typically are than those of the other classes.

    The ratio of a class is the median over all pairs of an image of the class and another one (Hodges and Lehmann),
    its interval that of the Mann-Whitney test; 95 % for all classes together. Images that are wrong do not count.
    """
    there = np.isfinite(margins) & (margins > 0)
    logs = np.log(margins[there])
    classes, ratios = classes[there], {}
    counts = np.bincount(classes)
    tested = [int(c) for c in np.flatnonzero(counts >= LEAST_IMAGES) if counts.sum() - counts[c] >= LEAST_IMAGES]
    for c in tested:
        own, others = logs[classes == c], logs[classes != c]
        pairs = np.sort((own[:, None] - others).ravel())
        tests = len(tested) if len(tested) > 2 else 1  # of two classes, either test is that of the other
        reach = normal_quantile(1 - (1 - CONFIDENCE) / tests)
        reach *= np.sqrt(len(pairs) * (len(own) + len(others) + 1) / 12)
        ends = np.clip(np.round(len(pairs) / 2 + np.array([0, -reach, reach])), 0, len(pairs) - 1).astype(int)
        ratios[c] = Estimate(*(float(ratio) for ratio in np.exp(pairs[ends])))
    return ratios


def is_sure(run: ExplanationRun) -> NDArray[np.bool_]:
    """Return for each clean image (N,) whether its true class has a score that is sure."""
    classes = run.clean.class_index
    return np.asarray(run.clean.scores[np.arange(len(classes)), classes] >= SURE)


def sure_share(run: ExplanationRun, but: tuple[int, ...]) -> float:
    """Return the share of clean images that the network is sure of, but those of some classes; 0 if there are none."""
    others = ~np.isin(run.clean.class_index, but)
    return float(is_sure(run)[others].mean()) if others.any() else 0.0


def weaker_classes(run: ExplanationRun, good: NDArray[np.bool_], gap: float) -> dict[int, tuple[Estimate, float]]:
    """Return the classes with a share of good images that is lower than that of the others by more than a gap.

    With each class, that share and that of the other classes. The interval of the share is the exact one, for all
    classes at once: text shows Wilson's, as of any share of clean images.
    """
    classes = run.clean.class_index  # of all images, also those not explained yet
    there = [c for c in np.unique(classes) if (classes == c).sum() >= LEAST_IMAGES and (classes != c).any()]
    found = {}
    for c in there:
        own = share_of(good[classes == c], 1 - (1 - CONFIDENCE) / len(there))
        others = float(good[classes != c].mean())
        if own.high < others - gap:
            found[int(c)] = own, others
    return found
