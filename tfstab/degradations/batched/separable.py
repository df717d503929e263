"""Weighted means along the rows and the columns of each image, as products of matrices."""

from collections.abc import Callable
from typing import Any

from tfstab.classifier import backend

tf = backend.tensorflow()


def weigh(images: Any, weights: Callable[[Any], Any]) -> Any:
    """Replace each pixel by a weighted mean of those in its column, then in its row.

    Parameters
    ----------
    images : tensor of float32, (B, H, W, C)
        The images.
    weights : callable
        Called with a length L, a tensor; returns float32 (B, L, L): in row i the weights of all pixels for pixel i.

    Returns
    -------
    tensor of float32, (B, H, W, C)
        The means.
    """
    return _down_the_columns(_down_the_columns(images, weights), weights)


def _down_the_columns(images: Any, weights: Callable[[Any], Any]) -> Any:
    """Replace each pixel by a weighted mean of those in its column, and swap rows and columns."""
    count, height, width, channels = tf.unstack(tf.shape(images))
    means = tf.matmul(weights(height), tf.reshape(images, [count, height, width * channels]))
    return tf.transpose(tf.reshape(means, tf.shape(images)), [0, 2, 1, 3])
