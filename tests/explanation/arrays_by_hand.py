"""Explanations with given arrays, for tests of what is computed from them."""

from types import SimpleNamespace

import numpy as np

from tfstab.explanation.flatness import flatness
from tfstab.explanation.gain import Gains
from tfstab.explanation.noisy_copies import Copies


def holding(images=None, **arrays):
    """An explanation that has these arrays."""
    return SimpleNamespace(arrays=arrays.__getitem__, has=arrays.__contains__, clean=SimpleNamespace(images=images))


def copies(failed, count=20, mean=2.0, deviation=1.0, clipped=0.0, saturated=False):
    """The copies of images at sigmas; failed (n, S)."""
    shape = np.shape(failed)
    count, mean, deviation, clipped, saturated = (
        np.broadcast_to(one, shape) for one in (count, mean, deviation, clipped, saturated)
    )
    return Copies(count, np.asarray(failed), mean, deviation, clipped, saturated)


def flat(failed, minimum, sigmas=(10.0,), sigma=10.0, **other):
    n = len(failed)
    return flatness(np.arange(n), np.array(sigmas), np.asarray(minimum, float), copies(failed, **other),
                    np.ones(n, bool), sigma)  # fmt: skip


def gains(margin, names=("input", "a", "b", "logits")):
    margin = np.asarray(margin, float)
    one, network = np.ones_like(margin), np.repeat(np.arange(margin.shape[1] // len(names)), len(names))
    return Gains(np.array(names * (network[-1] + 1)), network, one, one, one, margin, one, margin > 0)


LOST = {"actual": "cat", "predicted": "dog", "clean_prediction": "cat", "clean_score": 0.9}
