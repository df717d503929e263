"""How fast a network scores images, measured before a plan is made, and batches that suit the time and the images."""

import math
import time
from typing import TYPE_CHECKING

import numpy as np

from tfstab.classifier.inputs import STEADY, steady
from tfstab.datasets import Dataset
from tfstab.runs.environment import is_gpu
from tfstab.sweep.score import in_large_batches

if TYPE_CHECKING:
    from tfstab.classifier import Classifier

DEGRADING = 1.25  # times the seconds of scoring an image are needed to degrade it, too
REPEATED = 0.03  # of the time; a first call that takes more is not repeated by `quick_speed_of`
BATCH_SHARE = 0.02  # of the time, for a batch of a predict function
SMALLEST_BATCH = 32
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


def quick_speed_of(classifier: "Classifier", dataset: Dataset, budget: float) -> tuple[float, float]:
    """Return how many seconds it takes to compile a network, and then to degrade and score one of many images.

    dataset: images, at most a batch; budget: the seconds for everything.
    """
    images = np.asarray(dataset.images)
    began = time.perf_counter()
    classifier.compile()
    compiling, second = time.perf_counter() - began, 0.0
    for _ in range(2):  # the first call is slower, of a large network several times
        second = DEGRADING * _seconds_of(classifier, images)
        if second > REPEATED * budget:
            break
    return compiling, second / filled(classifier, len(images))


def with_short_batches(classifier: "Classifier", dataset: Dataset, seconds: float) -> "Classifier":
    """Return a predict function with smaller batches if a large one would take too much of the time.

    It may be a service that takes a second for an image. A compiled model would be compiled again.
    """
    few = classifier.with_batch_size(2)
    images = np.asarray(dataset.images[:2])
    most = int(BATCH_SHARE * seconds * few.batch_size / _seconds_of(few, images))
    return classifier.with_batch_size(min(classifier.batch_size, max(2, most)))


def with_filled_batches(classifier: "Classifier", fewest: int) -> "Classifier":
    """Return the classifier with large batches, but hardly larger than needed.

    A batch that is not filled takes as long as a full one. An assessment that is later given more images may use
    another size, which changes no score on a CPU (see `STEADY`). On a GPU it might, so there batches stay large.

    fewest: the smallest number of degraded images of a family.
    """
    classifier = in_large_batches(classifier)
    if None in classifier.input_shape or is_gpu(classifier.device):
        return classifier
    return classifier.with_batch_size(min(classifier.batch_size, max(SMALLEST_BATCH, steady(fewest + STEADY - 1))))


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
