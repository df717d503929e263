"""Sweeps of eight images whose every prediction is given; the fixture `assessed` makes an assessment of them."""

import numpy as np

from made_runs import made_sweep
from tfstab import SweepConfig

LABELS, CLEAN = [0, 0, 0, 1, 1, 1, 2, 2], [0, 0, 0, 1, 1, 1, 2, 0]  # the last is wrong when clean
FOG = SweepConfig(degradation="fog", severities=(20, 55, 80))
JPEG = SweepConfig(degradation="jpeg", severities=(90, 10))
NOISE = SweepConfig(sigmas=(40, 10, 20), copies=2)


def predictions(config, right):
    """As which class each copy is predicted, (N, S, copies): its own at the severities that `right` names."""
    labels = np.array(LABELS)
    taken = np.tile(((labels + 1) % 3)[:, None, None], (1, len(config.severities), config.copies))
    for image, places in right.items():
        taken[image, places] = labels[image]
    return taken


def sweep(path, config, right, **others):
    return made_sweep(path, config, predictions(config, right), LABELS, CLEAN, **others)
