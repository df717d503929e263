"""Patch Gaussian: each image with Gaussian noise within a square at a random place."""

from typing import Any

from tfstab.classifier import backend
from tfstab.training.noise import LARGEST_SIGMA
from tfstab.training.remedies import draws
from tfstab.training.remedies.remedy import Remedy

# The paper chooses both for each network. As the rest of the image stays clean, the noise may be stronger than where it
# covers everything: twice the largest sigma of the remedy "fresh_noise".
SIDE = 25 / 32  # of the shorter side of the image
SIGMA = 2 * LARGEST_SIGMA  # grey levels


def _views(images: Any, seed: Any, mixture: Any) -> tuple[Any, ...]:
    """Return the images with noise in a square, whose centre is any pixel; the image's edge may cut it."""
    tf = backend.tensorflow()
    for_y, for_x, for_sigma, for_noise = draws.split(seed, 4)
    height, width = tf.shape(images)[1], tf.shape(images)[2]
    half = tf.round(SIDE * tf.cast(tf.minimum(height, width), tf.float32)) / 2
    rows = tf.reshape(_within(draws.for_each(images, for_y, 0.0, 1.0), height, half), [-1, height, 1, 1])
    columns = tf.reshape(_within(draws.for_each(images, for_x, 0.0, 1.0), width, half), [-1, 1, width, 1])
    sigmas = draws.for_each(images, for_sigma, 0.0, SIGMA) * rows * columns
    return (draws.add_noise(images, sigmas, for_noise),)


def _within(place: Any, length: Any, half: Any) -> Any:
    """Return 1 for pixels of an axis at most `half` from its pixel at `place` (0..1), else 0; (B, 1, 1, length)."""
    tf = backend.tensorflow()
    length = tf.cast(length, tf.float32)
    # The centre lies between two pixels if the side is even.
    centre = tf.floor(place * length) - tf.math.floormod(half + 0.5, 1.0)
    return tf.cast(tf.abs(tf.range(length) - centre) < half, tf.float32)


REMEDY = Remedy(
    "patch_gaussian",
    "Patch Gaussian",
    f"adds Gaussian noise within a square at a random place, at a sigma drawn evenly from 0 to {SIGMA:g}",
    "Lopes et al. 2019, Improving Robustness Without Sacrificing Accuracy with Patch Gaussian Augmentation",
    _views,
    families=("gaussian_noise",),
)
