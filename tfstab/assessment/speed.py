"""How fast a network scores images, measured before a plan is made."""

import math
import time
from typing import TYPE_CHECKING

import numpy as np

from tfstab.datasets import Dataset

if TYPE_CHECKING:
    from tfstab.classifier import Classifier

DEGRADING = 1.25  # times the seconds of scoring an image are needed to degrade it, too
# The fastest of a few calls counts, as other work may slow a single one down: at most so many, for so many seconds.
MOST_CALLS, ENOUGH_SECONDS = 5, 0.3


def speed_of(classifier: "Classifier", dataset: Dataset) -> tuple[float, float]:
    """Return how many seconds it takes to compile a network, and then to score one of many images."""
    images = np.asarray(dataset.images[: classifier.batch_size])
    first, seconds = _seconds_of(classifier, images), list[float]()  # the first call compiles
    while len(seconds) < MOST_CALLS and sum(seconds) < ENOUGH_SECONDS:
        seconds.append(_seconds_of(classifier, images))
    second = min(seconds)
    return max(0.0, first - second), second / filled(classifier, len(images))


def filled(classifier: "Classifier", images: int) -> int:
    """Return how many images take as long as these to score: a batch that is not filled takes as long as a full one."""
    if classifier.any_batch:
        return images
    return math.ceil(images / classifier.batch_size) * classifier.batch_size


def _seconds_of(classifier: "Classifier", images: np.ndarray) -> float:
    """Return how long it takes to score these images."""
    began = time.perf_counter()
    classifier.scores(images)
    return time.perf_counter() - began
