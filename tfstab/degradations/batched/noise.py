"""Noise: the grey level of each pixel and channel is disturbed independently."""

from typing import Any

from tfstab.classifier import backend
from tfstab.degradations.batched.per_image import over_pixels

tf = backend.tensorflow()


def gaussian_noise(images: Any, sigmas: Any, seed: Any) -> Any:
    """Add normal noise."""
    return images + over_pixels(sigmas) * _normal(images, seed)


def salt_and_pepper(images: Any, percent: Any, seed: Any) -> Any:
    """Set a share of the grey levels to 0 or 255."""
    drawn, share = tf.random.stateless_uniform(tf.shape(images), seed), over_pixels(percent / 100)
    return tf.where(drawn < share, tf.where(drawn < share / 2, 0.0, 255.0), images)


def poisson(images: Any, gains: Any, seed: Any) -> Any:
    """Replace each grey level by a number of photons times the gain."""
    gains = over_pixels(gains)
    return gains * tf.random.stateless_poisson(tf.shape(images), seed, images / gains, tf.float32)


def speckle(images: Any, sigmas: Any, seed: Any) -> Any:
    """Add normal noise in proportion to the grey level."""
    return images + images * over_pixels(sigmas) * _normal(images, seed)


def uniform_noise(images: Any, widths: Any, seed: Any) -> Any:
    """Add uniform noise."""
    return images + over_pixels(widths) * tf.random.stateless_uniform(tf.shape(images), seed, -1.0, 1.0)


def _normal(images: Any, seed: Any) -> Any:
    """Draw standard normal numbers of the images' shape."""
    return tf.random.stateless_normal(tf.shape(images), seed)
