"""The rival of each image: the class to which its minimum noise leads, against which margins are measured.

The margin over one fixed class, f_c - f_j, has a gradient everywhere that its two logits have one. The margin over the
best of all other classes bends wherever another class becomes the best, and would mix several functions in one map.
"""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from tfstab.explanation.analysis import Material


def rivals_of(material: Material) -> NDArray[np.int64]:
    """Return the rival class (n,) of each image: the best other class with its minimum noise, or clean if none."""
    log_scores = material.classifier.log_scores(material.degraded)
    log_scores[np.arange(len(log_scores)), material.clean.class_index] = -np.inf
    return np.asarray(log_scores.argmax(axis=1), np.int64)


def margin_weights(material: Material, rivals: NDArray[np.int64]) -> NDArray[np.float32]:
    """Return the weights (n, K) of the log-scores in the margin f_c - f_j: 1, -1 and zeros."""
    rows = np.arange(len(rivals))
    weights = np.zeros((len(rivals), material.classifier.num_classes), np.float32)
    weights[rows, material.clean.class_index], weights[rows, rivals] = 1, -1
    return weights


def mean_colour(images: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return uniform images (n, H, W, C), each of the mean colour of one image."""
    means = images.mean(axis=(1, 2), keepdims=True, dtype=np.float64)
    return np.broadcast_to(means, images.shape).astype(np.float32)


def batches_of(rows: int, points: int, batch: int) -> Iterator[tuple[NDArray[np.intp], NDArray[np.intp]]]:
    """Yield the pairs (row, point) in batches, row by row: only one batch of images is in memory at a time."""
    for start in range(0, rows * points, batch):
        pairs = np.arange(start, min(start + batch, rows * points))
        yield pairs // points, pairs % points
