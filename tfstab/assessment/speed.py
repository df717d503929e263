"""How fast a network scores images, measured before a plan is made."""

import time
from typing import TYPE_CHECKING

import numpy as np

from tfstab.datasets import Dataset

if TYPE_CHECKING:
    from tfstab.classifier import Classifier

DEGRADING = 1.25  # times the seconds of scoring an image are needed to degrade it, too


def speed_of(classifier: "Classifier", dataset: Dataset) -> tuple[float, float]:
    """Return how many seconds it takes to compile a network, and then to score one of many images."""
    images = np.asarray(dataset.images[: classifier.batch_size])
    began = time.perf_counter()
    classifier.scores(images)  # compiles
    first = time.perf_counter()
    classifier.scores(images)
    second = time.perf_counter() - first
    # A batch that is not filled takes as long as a full one, but for a function of any number of images.
    together = len(images) if classifier.any_batch else classifier.batch_size
    return max(0.0, first - began - second), second / together
