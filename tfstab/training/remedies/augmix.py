"""AugMix: an image and its mixtures with results of chains of simple changes should get the same scores.

`keras.layers.AugMix` is not used: it changes all images of a batch in the same way, and chooses the changes only once,
when the graph is built, from Python's global random state.
"""

from collections.abc import Sequence
from typing import Any

from tfstab.classifier import backend
from tfstab.training.remedies import draws, tables
from tfstab.training.remedies.chains import mixtures
from tfstab.training.remedies.consistency import jensen_shannon
from tfstab.training.remedies.remedy import Remedy, cross_entropy

# The paper's strength is 3 of 10, and each change draws its own level from 0.1 to that.
LEAST, MOST = 0.01, 0.3
DEGREES = 30.0  # rotation at full strength
SHEAR = 0.3  # pixels across for each pixel down, at full strength
SHIFT = 1 / 3  # of the image's size, at full strength
WEIGHT = 12.0  # of the Jensen-Shannon divergence


def _signed(images: Any, seed: Any) -> Any:
    """Draw a level with a random sign for each image: float32 (N,)."""
    tf = backend.tensorflow()
    for_sign, for_level = draws.split(seed, 2)
    level = draws.for_each(images, for_level, LEAST, MOST)
    return tf.reshape(level * tf.sign(draws.for_each(images, for_sign, -1.0, 1.0)), [-1])


def _warp(images: Any, terms: dict[int, Any]) -> Any:
    """Take pixel (x, y) from (t0 x + t1 y + t2, t3 x + t4 y + t5).

    `terms` holds the t, each (N,), that differ from those of the identity. Beyond its edge, the image is black. Grey
    levels are rounded to whole numbers, as in the paper's code.
    """
    tf, keras = backend.tensorflow(), backend.keras()
    rest = tf.zeros(tf.shape(images)[:1])
    transforms = tf.stack([terms.get(k, rest + float(k in (0, 4))) for k in range(8)], axis=1)
    return tf.round(keras.ops.image.affine_transform(images, transforms, "bilinear", "constant", 0.0, "channels_last"))


def _rotate(images: Any, seed: Any) -> Any:
    """Rotate about the centre, by whole degrees."""
    tf = backend.tensorflow()
    angle = _whole(_signed(images, seed) * DEGREES) * (3.141592653589793 / 180)
    cos, sin = tf.cos(angle), tf.sin(angle)
    x, y = (tf.cast(tf.shape(images)[axis] - 1, tf.float32) / 2 for axis in (2, 1))
    return _warp(images, {0: cos, 1: -sin, 2: x - cos * x + sin * y, 3: sin, 4: cos, 5: y - sin * x - cos * y})


def _shear_x(images: Any, seed: Any) -> Any:
    """Shear along x, with the first row in place."""
    return _warp(images, {1: _signed(images, seed) * SHEAR})


def _shear_y(images: Any, seed: Any) -> Any:
    """Shear along y, with the first column in place."""
    return _warp(images, {3: _signed(images, seed) * SHEAR})


def _shift_x(images: Any, seed: Any) -> Any:
    """Shift along x by whole pixels."""
    tf = backend.tensorflow()
    return _warp(images, {2: _whole(_signed(images, seed) * SHIFT * tf.cast(tf.shape(images)[2], tf.float32))})


def _shift_y(images: Any, seed: Any) -> Any:
    """Shift along y by whole pixels."""
    tf = backend.tensorflow()
    return _warp(images, {5: _whole(_signed(images, seed) * SHIFT * tf.cast(tf.shape(images)[1], tf.float32))})


def _whole(numbers: Any) -> Any:
    """Round towards 0, as the paper's code does."""
    tf = backend.tensorflow()
    return tf.sign(numbers) * tf.floor(tf.abs(numbers))


def _autocontrast(images: Any, seed: Any) -> Any:
    """Stretch the grey levels of each channel to 0..255."""
    tf = backend.tensorflow()
    low = tf.reduce_min(images, axis=[1, 2], keepdims=True)
    span = tf.reduce_max(images, axis=[1, 2], keepdims=True) - low
    low = tf.where(span > 0, low, 0.0)  # a channel of one grey level is left unchanged
    return tf.round((images - low) * tf.where(span > 0, 255 / tf.maximum(span, 1.0), 1.0))


def _equalize(images: Any, seed: Any) -> Any:
    """Spread the grey levels of each channel so that all are about equally frequent."""
    tf = backend.tensorflow()
    at, bins = tables.places(images), 256 * tf.shape(images)[0] * tf.shape(images)[3]
    frequencies = tf.math.bincount(tf.reshape(at, [-1]), minlength=bins, maxlength=bins)
    frequencies = tf.cast(tf.reshape(frequencies, [-1, 256]), tf.float32)
    below = tf.cumsum(frequencies, axis=1, exclusive=True)
    # Number of pixels below the brightest level that occurs. It is 0 for a single level, which is left unchanged.
    most = tf.reduce_max(tf.where(frequencies > 0, below, 0.0), axis=1, keepdims=True)
    table = tf.where(most > 0, tf.round(below * 255 / tf.maximum(most, 1.0)), tf.range(256.0))
    return tables.look_up(table, at)


def _posterize(images: Any, seed: Any) -> Any:
    """Keep only the upper three or four bits of each grey level."""
    tf = backend.tensorflow()
    step = tf.where(tf.floor(4 * draws.for_each(images, seed, LEAST, MOST)) > 0, 32.0, 16.0)
    return tf.floor(images / step) * step


def _solarize(images: Any, seed: Any) -> Any:
    """Invert grey levels from a threshold on."""
    tf = backend.tensorflow()
    threshold = 256 - tf.floor(256 * draws.for_each(images, seed, LEAST, MOST))
    return images + (255 - 2 * images) * tf.cast(images >= threshold, tf.float32)  # tf.where takes 7 times as long


CHANGES = (_autocontrast, _equalize, _posterize, _rotate, _solarize, _shear_x, _shear_y, _shift_x, _shift_y)


def _views(images: Any, seed: Any, mixture: Any) -> tuple[Any, ...]:
    """Return the clean images and two mixtures of each."""
    return images, *mixtures(images, seed, CHANGES, 2)


def _loss(labels: Any, log_scores: Sequence[Any]) -> Any:
    """Return the cross-entropy of the clean view plus the divergence of all views."""
    return cross_entropy(labels, log_scores) + WEIGHT * jensen_shannon(log_scores)


REMEDY = Remedy(
    "augmix",
    "AugMix",
    "trains on clean images, and asks for the same scores for two mixtures of each with randomly changed versions",
    "Hendrycks et al. 2020, AugMix: A Simple Data Processing Method to Improve Robustness and Uncertainty",
    _views,
    _loss,
    passes=3,
    families=(),
)
