"""The images of the search's benchmarks: some for tuning, others for reporting.

The search is tuned on the first images of a test set (`first`), and reported on the last ones (`last`), which the
tuning has not seen. All are classified correctly when clean. A benchmark's `--images first:12` becomes
`parse("first:12", ...)`.
"""

import argparse

import numpy as np

from tfstab import Classifier
from tfstab.datasets import Dataset


def first(classifier: Classifier, dataset: Dataset, count: int) -> Dataset:
    """Return the first `count` images that are classified correctly, for tuning."""
    return dataset.select(_right(classifier, dataset, np.arange(len(dataset)), count))


def last(classifier: Classifier, dataset: Dataset, count: int) -> Dataset:
    """Return the last `count` images that are classified correctly, for reports."""
    return dataset.select(_right(classifier, dataset, np.arange(len(dataset))[::-1], count)[::-1])


def options(description: str, data: str) -> argparse.ArgumentParser:
    """Return a parser with the options that name a model and images; `data` is the default data set."""
    parser = argparse.ArgumentParser(description=description, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", default="mnist-lenet")
    parser.add_argument("--data", default=data)
    parser.add_argument("--data-dir")
    parser.add_argument(
        "--images",
        default="last:20",
        help="first:N for tuning, last:N for tables, of those right when clean",
    )
    return parser


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
