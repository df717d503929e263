"""Blur: each pixel becomes a weighted mean of its neighbourhood. Beyond the image, its edge is repeated."""

import math
from typing import Any

from tfstab.classifier import backend
from tfstab.degradations.batched.per_image import draw
from tfstab.degradations.batched.separable import weigh

tf = backend.tensorflow()


def gaussian_blur(images: Any, sigmas: Any, _seed: Any) -> Any:
    """Blur with a Gaussian that ends at 4 standard deviations, as SciPy's does."""
    sigmas = tf.cast(sigmas, tf.float64)[:, None]
    reach = tf.floor(4 * sigmas + 0.5)

    def weights(length: Any) -> Any:
        """Return the weights (B, length, length) of a row or column.

        The first and the last pixel also stand for everything beyond the edge. So the weights are differences of the
        cumulated kernel, which counts as 0 before the first pixel and as 1 from the last one on.
        """
        most = tf.maximum(tf.cast(tf.reduce_max(reach), tf.int32), length)
        distance = tf.cast(tf.range(-most, most + 1), tf.float64)
        kernel = tf.where(tf.abs(distance) <= reach, tf.exp(-0.5 * (distance / sigmas) ** 2), 0)
        cumulated = tf.cumsum(kernel / tf.reduce_sum(kernel, axis=1, keepdims=True), axis=1)
        place = tf.range(length)
        between = tf.gather(cumulated, most + place[None, :-1] - place[:, None], axis=1)
        edge = tf.zeros_like(cumulated[:, :1, None]) + tf.zeros([length, 1], tf.float64)
        cumulated = tf.concat([edge, between, edge + 1], axis=2)
        return tf.cast(cumulated[:, :, 1:] - cumulated[:, :, :-1], tf.float32)

    return weigh(images, weights)


def motion_blur(images: Any, lengths: Any, seed: Any) -> Any:
    """Blur along a line of random direction."""
    return convolve(images, lines(lengths, draw(lengths, seed, 0, math.pi)))


def defocus_blur(images: Any, radii: Any, _seed: Any) -> Any:
    """Blur with a disk."""
    return convolve(images, disks(radii))


def lines(lengths: Any, angles: Any) -> Any:
    """Return kernels (B, K, K) of sum 1: centred lines, as `tfstab.degradations.blur.line` makes them."""
    lengths, angles = tf.cast(lengths, tf.float64)[:, None], tf.cast(angles, tf.float64)[:, None]
    points = 4 * tf.math.ceil(lengths) + 1
    number = tf.range(tf.reduce_max(points), dtype=tf.float64)[None]
    places = lengths * (number / (points - 1) - 0.5)
    reach = tf.math.ceil(tf.reduce_max(lengths) / 2)
    pixels = tf.range(-reach, reach + 1, dtype=tf.float64)

    def shares(position: Any) -> Any:
        """Return the share (B, points, K) of each point that falls to each of the two pixels beside it."""
        return tf.maximum(1 - tf.abs(position[..., None] - pixels), 0)

    rows = shares(places * tf.sin(angles)) * tf.cast(number < points, tf.float64)[..., None]
    return tf.matmul(rows, shares(places * tf.cos(angles)), transpose_a=True) / points[..., None]


def disks(radii: Any) -> Any:
    """Return kernels (B, K, K) of sum 1: disks, as `tfstab.degradations.blur.disk` makes them."""
    radii = tf.cast(radii, tf.float64)[:, None, None]
    reach = tf.math.ceil(tf.reduce_max(radii))
    pixels = tf.range(-reach, reach + 1, dtype=tf.float64)
    kernels = tf.clip_by_value(radii + 0.5 - tf.sqrt(pixels[:, None] ** 2 + pixels**2), 0, 1)
    return kernels / tf.reduce_sum(kernels, axis=[1, 2], keepdims=True)


def convolve(images: Any, kernels: Any) -> Any:
    """Convolve each image with a kernel of its own, (B, K, K) with odd K, that is symmetric about its centre."""
    count, height, width, channels = tf.unstack(tf.shape(images))
    reach = tf.shape(kernels)[1] // 2
    for axis, length in ((1, height), (2, width)):
        places = tf.clip_by_value(tf.range(-reach, length + reach), 0, length - 1)
        images = tf.gather(images, places, axis=axis)
    # All images become channels of one image, because a depthwise convolution has a kernel for each channel.
    side_by_side = tf.reshape(tf.transpose(images, [1, 2, 0, 3]), [1, height + 2 * reach, width + 2 * reach, -1])
    filters = tf.repeat(tf.transpose(tf.cast(kernels, tf.float32), [1, 2, 0]), channels, axis=2)[..., None]
    blurred = tf.nn.depthwise_conv2d(side_by_side, filters, [1, 1, 1, 1], "VALID")
    return tf.transpose(tf.reshape(blurred, [height, width, count, channels]), [2, 0, 1, 3])
