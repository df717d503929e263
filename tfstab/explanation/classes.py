"""How the classes of an explained network differ: in margin, in accuracy, and in how sure the network is of them.

Intervals are 95 % for all classes together (Bonferroni).
"""

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from tfstab.explanation.run import ExplanationRun
from tfstab.metrics import Estimate
from tfstab.metrics.estimate import CONFIDENCE, normal_quantile
from tfstab.metrics.kept import share_of
from tfstab.names import all_quoted, printed, shortened

SURE = 0.9  # a score of at least this is sure
LONGEST = 60  # characters of a class's name
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


def short_names(run: ExplanationRun, classes: Iterable[int]) -> list[str]:
    """Return names of classes for use in a sentence: in quotes if they are not single words, and shortened."""
    return all_quoted(shortened(printed(run.class_names[c]), LONGEST) for c in classes)


def sure_share(run: ExplanationRun, but: tuple[int, ...]) -> float:
    """Return the share of clean images that the network is sure of, but those of some classes; 0 if there are none."""
    others = ~np.isin(run.clean.class_index, but)
    return float(is_sure(run)[others].mean()) if others.any() else 0.0


def weaker_classes(run: ExplanationRun, good: NDArray[np.bool_], gap: float) -> dict[int, tuple[Estimate, float]]:
    """Return the classes with a share of good images that is certainly lower than that of the others, by over a gap.

    With each class, that share and that of the other classes. The interval of the share is the exact one, for all
    classes at once: text shows Wilson's, as of any share of clean images.
    """
    both = plain_shares(run, good)
    below = {c: others for c, (own, others) in both.items() if own < others - gap}
    found = {c: (share_in(run, good, c, len(both)), others) for c, others in below.items()}
    return {c: pair for c, pair in found.items() if pair[0].high < pair[1] - gap}


def plain_shares(run: ExplanationRun, good: NDArray[np.bool_]) -> dict[int, tuple[float, float]]:
    """Return for each class with enough clean images its share of good ones, and that of all other classes."""
    classes = run.clean.class_index  # of all images, also those not explained yet
    there = [int(c) for c in np.unique(classes) if (classes == c).sum() >= LEAST_IMAGES and (classes != c).any()]
    return {c: (float(good[classes == c].mean()), float(good[classes != c].mean())) for c in there}


def at_once(run: ExplanationRun, tested: int) -> str:
    """Return for which classes an interval holds: "for all 10 classes at once"; some may have too few images."""
    if tested == len(run.class_names):
        return f"for {'both' if tested == 2 else f'all {tested}'} classes at once"
    return f"for the {tested} classes with enough images at once"


def share_in(run: ExplanationRun, good: NDArray[np.bool_], index: int, tested: int) -> Estimate:
    """Return a class's share of good images with its exact interval, which holds for all classes tested at once."""
    return share_of(good[run.clean.class_index == index], 1 - (1 - CONFIDENCE) / tested)
