"""Geometry: rotation, translation and scaling about the image's centre, with bilinear interpolation."""

import math
from typing import Any

from tfstab.classifier import backend
from tfstab.degradations.batched.per_image import draw

tf = backend.tensorflow()


def rotation(images: Any, degrees: Any, _seed: Any) -> Any:
    """Rotate counter-clockwise."""
    angles = degrees * (math.pi / 180)
    cosines, sines = tf.cos(angles), tf.sin(angles)
    return _warp(images, [cosines, -sines, sines, cosines])


def translation(images: Any, percent: Any, seed: Any) -> Any:
    """Shift in a random direction."""
    shorter = tf.cast(tf.reduce_min(tf.shape(images)[1:3]), tf.float32)
    angles, lengths = draw(percent, seed, 0, 2 * math.pi), percent / 100 * shorter
    ones, zeros = tf.ones_like(percent), tf.zeros_like(percent)
    return _warp(images, [ones, zeros, zeros, ones], -lengths * tf.cos(angles), -lengths * tf.sin(angles))


def scaling(images: Any, factors: Any, _seed: Any) -> Any:
    """Shrink or enlarge the contents."""
    zeros = tf.zeros_like(factors)
    return _warp(images, [1 / factors, zeros, zeros, 1 / factors])


def _warp(images: Any, inverse: list[Any], right: Any = 0.0, down: Any = 0.0) -> Any:
    """Take each pixel (column, row) of the result from inverse @ (pixel - centre) + centre + (right, down).

    `inverse` has the elements of the 2 x 2 matrices, row by row, each (B,). Beyond the image, its edge is repeated.
    """
    a, b, c, d = inverse
    size = tf.shape(images)[1:3]
    y, x = tf.unstack((tf.cast(size, tf.float32) - 1) / 2)
    zeros = tf.zeros_like(a)
    transforms = tf.stack([a, b, x - a * x - b * y + right, c, d, y - c * x - d * y + down, zeros, zeros], axis=1)
    return tf.raw_ops.ImageProjectiveTransformV3(
        images=images, transforms=transforms, output_shape=size, fill_value=0.0, interpolation="BILINEAR",
        fill_mode="NEAREST",
    )  # fmt: skip
