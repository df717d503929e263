"""Occlusion: part of the image is covered."""

from typing import Any

from tfstab.classifier import backend
from tfstab.degradations.batched.per_image import draw
from tfstab.degradations.occlusion import GREY

tf = backend.tensorflow()


def occlusion(images: Any, percent: Any, seed: Any) -> Any:
    """Cover a rectangle at a random position."""
    sides = tf.sqrt(tf.cast(percent, tf.float64) / 100)
    (_, height, width, _), keys = tf.unstack(tf.shape(images)), tf.unstack(tf.random.split(seed))
    rows, columns = _covered(height, sides, keys[0]), _covered(width, sides, keys[1])
    return tf.where((rows[:, :, None] & columns[:, None, :])[..., None], GREY, images)


def _covered(length: Any, sides: Any, seed: Any) -> Any:
    """Return which of the rows or columns are covered, boolean (B, length)."""
    covered = tf.cast(tf.round(sides * tf.cast(length, tf.float64)), tf.int32)
    # As float64: in float32 a number just below 1 would be rounded to 1, and the rectangle would leave the image.
    places = tf.cast(draw(sides, seed), tf.float64) * tf.cast(length - covered + 1, tf.float64)
    start = tf.cast(tf.floor(places), tf.int32)
    each = tf.range(length)[None]
    return (each >= start[:, None]) & (each < (start + covered)[:, None])
