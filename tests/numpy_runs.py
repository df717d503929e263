"""Runs of tiny classifiers in NumPy, made in milliseconds in the test's own process, without TensorFlow."""

import numpy as np

from tfstab import Classifier, Dataset, SearchConfig, SweepConfig, run_search, run_sweep

SIDE = 4
NAMES = ("cat", "dog", "2")


def brightness(images):
    """Scores of three classes: dark, middling and bright images."""
    level = images.mean(axis=(1, 2, 3)) / 255
    logits = np.stack([4 - 12 * level, 2 - 8 * np.abs(level - 0.5), 12 * level - 8], axis=1)
    scores = np.exp(logits)
    return scores / scores.sum(axis=1, keepdims=True)


def classifier(function=brightness, fingerprint="brightness", channels=1):
    return Classifier.from_function(
        function, (SIDE, SIDE, channels), 3, fingerprint=fingerprint, class_names=NAMES, name=fingerprint
    )


def dataset(count=9, channels=1, seed=0):
    """Images of falling darkness with three classes; the last is wrong when clean."""
    rng = np.random.default_rng(seed)
    levels = np.linspace(60, 200, count).reshape(-1, 1, 1, 1)
    images = np.clip(levels + rng.integers(-40, 41, (count, SIDE, SIDE, channels)), 0, 255).astype(np.uint8)
    labels = classifier(channels=channels).scores(images).argmax(axis=1)
    labels[-1] = 0
    return Dataset.from_arrays("levels", "test", images, labels, NAMES)


def sweep(folder, config=None, data=None, model=None):
    return run_sweep(
        model or classifier(), data or dataset(), config or SweepConfig(sigmas=(5, 90, 30), copies=6), folder
    )


def search_and_sweep(folder, queries=100):
    """A folder with a search and a sweep."""
    search(folder / "search", queries=queries)
    sweep(folder / "sweep")
    return folder


def search(folder, data=None, queries=300, **settings):
    return run_search(classifier(), data or dataset(), SearchConfig(max_queries=queries, **settings), folder)
