"""PRIME: mixtures of an image with the results of random filters, colour curves and smooth warps.

The settings are those of the paper's code for CIFAR-10, but each image of a batch draws its own strengths. The
consistency loss of AugMix, which the paper adds for CIFAR-10, is left out, because it is too strong for fine-tuning.
After 120 batches of 128 images had passed through it, `cifar10-quick` classified 45 % of 1,000 test images correctly
under the mixture of all families if trained with that loss, and 65 % without it; before fine-tuning it was 62 %.
"""

import math
from typing import Any

from tfstab.classifier import backend
from tfstab.training.remedies import draws, tables
from tfstab.training.remedies.chains import mixtures
from tfstab.training.remedies.remedy import Remedy

FILTER = 4.0  # largest standard deviation of the entries of a 3 x 3 filter
CURVE = 0.01  # largest variance of the amplitude of each sine of a colour curve, for colours 0..1
SINES = 100  # most sines in a colour curve
WAVES = 100  # finest waves of a warp: half waves across the image
COARSEST = 2  # half waves of the coarsest warp


def _filter(images: Any, seed: Any) -> Any:
    """Convolve each image with a random 3 x 3 filter, the same for all channels; black is assumed beyond the edge."""
    tf = backend.tensorflow()
    for_sigma, for_entries = draws.split(seed, 2)
    count = tf.shape(images)[0]
    entries = tf.random.stateless_normal([9, count, 1, 1, 1], for_entries)
    entries *= draws.for_each(images, for_sigma, 0.0, FILTER)
    kernels = tf.reshape(entries, [3, 3, count, 1]) + tf.reshape(tf.one_hot(4, 9), [3, 3, 1, 1])
    # A kernel for each image is a depthwise convolution of images in place of channels.
    filtered = tf.nn.depthwise_conv2d(tf.transpose(images, [3, 1, 2, 0]), kernels, [1, 1, 1, 1], "SAME")
    return tf.clip_by_value(tf.transpose(filtered, [3, 1, 2, 0]), 0.0, 255.0)


def _colours(images: Any, seed: Any) -> Any:
    """Map grey levels by a random curve for each channel: the level plus a random sum of sines."""
    tf = backend.tensorflow()
    for_number, for_variance, for_amplitudes = draws.split(seed, 3)
    count, channels = tf.shape(images)[0], tf.shape(images)[3]
    numbers = tf.range(1.0, SINES + 1)
    number = tf.reshape(draws.for_each(images, for_number, 1.0, SINES + 1.0), [-1, 1, 1])  # rounded down, 1 to SINES
    variance = tf.reshape(draws.for_each(images, for_variance, 0.0, CURVE), [-1, 1, 1])
    amplitudes = tf.sqrt(variance) * tf.random.stateless_normal([count, channels, SINES], for_amplitudes)
    amplitudes *= tf.cast(numbers <= number, tf.float32)
    levels = tf.range(256.0)
    sines = tf.sin(math.pi / 255 * numbers[:, None] * levels)
    table = levels + 255 * tf.matmul(tf.reshape(amplitudes, [-1, SINES]), sines)
    return tables.look_up(tf.clip_by_value(table, 0.0, 255.0), tables.places(images))


def _warp(images: Any, seed: Any) -> Any:
    """Move each pixel by a smooth random field, a sum of waves that are 0 at the image's edge.

    The field is that of Petrini et al. 2021, Relative stability toward diffeomorphisms indicates performance in deep
    nets.
    """
    tf = backend.tensorflow()
    for_most, for_finest, for_temperature, for_field = draws.split(seed, 4)
    count, height, width = tf.unstack(tf.shape(images)[:3], num=3)
    side = tf.cast(tf.minimum(height, width), tf.float32)
    most = tf.floor(draws.for_each(images, for_most, COARSEST + 1.0, WAVES + 1.0))
    finest = tf.floor(COARSEST + _arcsine(images, for_finest) * (most + 1 - COARSEST))
    # The variance of the waves lies between that for a typical shift of half a pixel and the largest at which the warp
    # does not fold the image over.
    log = tf.math.log(finest)
    least = 1 / (math.pi * side**2 * log)
    largest = tf.maximum(least, 4 / (math.pi**3 * finest**2 * log))
    temperature = least + _arcsine(images, for_temperature) * (largest - least)
    # Waves finer than the pixels cannot be drawn.
    waves = tf.range(1.0, tf.minimum(WAVES + 1.0, side))
    frequency = tf.sqrt(waves[:, None] ** 2 + waves**2)
    drawn = tf.random.stateless_normal(tf.stack([2, count, tf.size(waves), tf.size(waves)]), for_field)
    used = tf.cast(frequency < tf.reshape(finest, [-1, 1, 1]) + 0.5, tf.float32)
    field = used * tf.reshape(tf.sqrt(temperature), [-1, 1, 1]) * drawn / frequency
    across, down = (tf.sin(math.pi * waves[:, None] * tf.linspace(0.0, 1.0, n)) for n in (width, height))
    # Not matmul: with the fields of one image, TensorFlow's oneDNN reads beyond them and can crash.
    moves = tf.tensordot(tf.tensordot(field, across, 1), down, [[2], [0]])
    moves = tf.transpose(moves, [0, 1, 3, 2])
    y, x = tf.range(tf.cast(height, tf.float32))[:, None], tf.range(tf.cast(width, tf.float32))
    return _bilinear(images, y - moves[0] * tf.cast(height, tf.float32), x - moves[1] * tf.cast(width, tf.float32))


def _arcsine(images: Any, seed: Any) -> Any:
    """Draw a number from Beta(1/2, 1/2) for each image: more likely near 0 or 1 than in between."""
    tf = backend.tensorflow()
    return tf.sin(draws.for_each(images, seed, 0.0, math.pi / 2)) ** 2


def _bilinear(images: Any, y: Any, x: Any) -> Any:
    """Take each pixel from the point y, x, each (N, H, W), by bilinear interpolation; the image's edge is repeated."""
    tf = backend.tensorflow()
    count, height, width, channels = tf.unstack(tf.shape(images), num=4)
    top, down = _cell(y, height)
    left, right = _cell(x, width)
    pixels = tf.reshape(images, [-1, channels])
    first = width * (top + height * tf.range(count)[:, None, None]) + left
    next_row, next_column = tf.minimum(width, width * (height - 1)), tf.minimum(1, width - 1)
    upper = _between(tf.gather(pixels, first), tf.gather(pixels, first + next_column), right)
    first += next_row
    lower = _between(tf.gather(pixels, first), tf.gather(pixels, first + next_column), right)
    return tf.ensure_shape(_between(upper, lower, down), images.shape)


def _cell(place: Any, length: Any) -> tuple[Any, Any]:
    """Return the pixel before each place on an axis, as int32, and how far the place is from it, 0..1."""
    tf = backend.tensorflow()
    place = tf.clip_by_value(place, 0.0, tf.cast(length - 1, tf.float32))
    before = tf.minimum(tf.floor(place), tf.cast(tf.maximum(length - 2, 0), tf.float32))
    return tf.cast(before, tf.int32), (place - before)[..., None]


def _between(one: Any, other: Any, share: Any) -> Any:
    """Interpolate linearly: `one` at share 0, `other` at share 1."""
    return one + share * (other - one)


CHANGES = (_filter, _colours, _warp)


def _views(images: Any, seed: Any, mixture: Any) -> tuple[Any, ...]:
    """Return one mixture of each image."""
    return tuple(mixtures(images, seed, CHANGES, 1))


REMEDY = Remedy(
    "prime",
    "PRIME",
    "mixes each image with versions of it changed by random filters, colour curves and warps",
    "Modas et al. 2022, PRIME: A Few Primitives Can Boost Robustness to Common Corruptions",
    _views,
    families=(),
)
