"""Light and weather: a curve maps each grey level to a new one."""

from typing import Any

from tfstab.classifier import backend
from tfstab.degradations.batched.per_image import over_pixels

tf = backend.tensorflow()


def brightness(images: Any, shifts: Any, _seed: Any) -> Any:
    """Shift all grey levels."""
    return images + over_pixels(shifts)


def contrast(images: Any, factors: Any, _seed: Any) -> Any:
    """Scale distances from the mean of each channel."""
    mean = tf.reduce_mean(images, axis=[1, 2], keepdims=True)
    return mean + over_pixels(factors) * (images - mean)


def gamma(images: Any, exponents: Any, _seed: Any) -> Any:
    """Raise grey levels, as shares of 255, to a power."""
    # As powers of e, which are several times as fast to compute as other powers. Level 0 gives exp(-inf) = 0.
    return 255 * tf.exp(over_pixels(exponents) * tf.math.log(images / 255))


def fog(images: Any, densities: Any, _seed: Any) -> Any:
    """Blend with white."""
    return images + over_pixels(densities / 100) * (255 - images)
