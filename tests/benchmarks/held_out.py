"""The images of the search's benchmarks: those that tuning may see, and those that it may not.

Whoever tunes the search uses the first images of a test set (`first`); tables are of the last ones (`last`). All are
right when clean. `--images first:12` on the command line of a benchmark is `parse("first:12")`.
"""

import numpy as np

from tfstab import Classifier
from tfstab.datasets import Dataset


def first(classifier: Classifier, dataset: Dataset, count: int) -> Dataset:
    """Return the first `count` images that are classified correctly, for tuning."""
    return dataset.select(_right(classifier, dataset, np.arange(len(dataset)), count))


def last(classifier: Classifier, dataset: Dataset, count: int) -> Dataset:
    """Return the last `count` images that are classified correctly, for reports."""
    return dataset.select(_right(classifier, dataset, np.arange(len(dataset))[::-1], count)[::-1])


def parse(text: str, classifier: Classifier, dataset: Dataset) -> Dataset:
    """Return the images that "first:N" or "last:N" names."""
    which, _, count = text.partition(":")
    return {"first": first, "last": last}[which](classifier, dataset, int(count))


def _right(classifier: Classifier, dataset: Dataset, order: np.ndarray, count: int) -> np.ndarray:
    """Return the first `count` rows, in this order, that are classified correctly."""
    found: list[int] = []
    for start in range(0, len(order), 256):
        rows = order[start : start + 256]
        right = classifier.scores(dataset.images[rows]).argmax(axis=1) == dataset.labels[rows]
        found += rows[right].tolist()
        if len(found) >= count:
            return np.array(found[:count])
    raise ValueError(f"{classifier.name} gets {len(found)} images of {dataset.name} right; {count} were asked for.")
