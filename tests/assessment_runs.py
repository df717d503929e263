"""Sweeps with given right and wrong predictions, for figures and the verdict; and images to assess."""

import numpy as np

from made_runs import made_sweep
from tfstab import Dataset, SweepConfig

CLASSES = 3
LEVELS = np.array([40, 120, 200])
PLENTY = 10  # minutes that are not needed: all images have been used before, also on a slow machine


def sweep_of(folder, family, right, severities=(20, 40, 60), copies=1, clean=None, **other):
    """A sweep in which `right`, bool (N, S, copies), says which copies are right; others are taken for class + 1."""
    right = np.asarray(right)
    labels = np.arange(len(right)) % CLASSES
    wrong = (labels + 1) % CLASSES
    predicted = np.where(right, labels[:, None, None], wrong[:, None, None])
    config = SweepConfig(degradation=family, severities=severities, copies=copies)
    clean = None if clean is None else np.where(clean, labels, wrong)
    return made_sweep(folder / family, config, predicted, labels=labels, clean=clean, classes=CLASSES, **other)


def first_of(shares, images, copies=1):
    """Which copies are right: at each severity the first share of the images. bool (N, S, copies)."""
    rows = (np.arange(images)[:, None] + 0.5) / images < np.array(shares)
    return np.broadcast_to(rows[:, :, None], (images, len(shares), copies))


def texts(v, *kinds):
    """What a verdict says in its findings of these kinds."""
    return [f.text for f in v.of_kind(*kinds)]


def grey_squares(count=6):
    """Grey squares of three classes; the network gets one of six wrong."""
    labels = np.arange(count) % 3
    levels = LEVELS[labels] + np.resize([-20, 0, 20, 10, -10, -60], count)
    images = levels[:, None, None, None] + np.zeros((1, 4, 4, 1), np.int64)
    return Dataset.from_arrays("squares", "test", images, labels)
