"""Random numbers for a batch, from a seed alone."""

from typing import Any

from tfstab.classifier import backend


def split(seed: Any, number: int) -> list[Any]:
    """Return independent seeds made from one.

    Parameters
    ----------
    seed : tensor of int64, (2,)
        The seed to divide; it must not be used for anything else.
    number : int
        How many seeds to make.

    Returns
    -------
    list of tensor of int64, (2,)
        The seeds.
    """
    tf = backend.tensorflow()
    return list(tf.unstack(tf.random.split(seed, number), num=number))


def for_each(images: Any, seed: Any, low: float, high: float) -> Any:
    """Draw a number for each image, evenly from low to high.

    Parameters
    ----------
    images : tensor, (B, H, W, C)
        The batch.
    seed : tensor of int64, (2,)
        Seed.
    low, high : float
        The range.

    Returns
    -------
    tensor of float32, (B, 1, 1, 1)
        The numbers, which broadcast against `images`.
    """
    tf = backend.tensorflow()
    return tf.random.stateless_uniform([tf.shape(images)[0], 1, 1, 1], seed, low, high)


def add_noise(images: Any, sigmas: Any, seed: Any) -> Any:
    """Add Gaussian noise and clip the result.

    Parameters
    ----------
    images : tensor of float32, (B, H, W, C)
        Images in grey levels 0..255.
    sigmas : tensor of float32
        Standard deviations in grey levels, of a shape that broadcasts against `images`.
    seed : tensor of int64, (2,)
        Seed.

    Returns
    -------
    tensor of float32, (B, H, W, C)
        Noisy images, 0..255.
    """
    tf = backend.tensorflow()
    return tf.clip_by_value(images + sigmas * tf.random.stateless_normal(tf.shape(images), seed), 0.0, 255.0)
