"""Light and weather: a curve maps each grey level to a new one."""

from typing import Any

from tfstab.classifier import backend
from tfstab.degradations.batched.per_image import over_pixels

tf = backend.tensorflow()


def brightness(images: Any, shifts: Any, _seed: Any) -> Any:
    """Shift all grey levels."""
    return images + over_pixels(shifts)


def underexposure(images: Any, stops: Any, _seed: Any) -> Any:
    """Halve the light at each stop, by the transfer function of sRGB (IEC 61966-2-1)."""
    encoded = images / 255
    light = tf.where(encoded <= 0.04045, encoded / 12.92, _power((encoded + 0.055) / 1.055, 2.4))
    light *= _power(0.5, over_pixels(stops))
    return 255 * tf.where(light <= 0.0031308, 12.92 * light, 1.055 * _power(light, 1 / 2.4) - 0.055)


def contrast(images: Any, factors: Any, _seed: Any) -> Any:
    """Scale distances from the mean of each channel."""
    mean = tf.reduce_mean(images, axis=[1, 2], keepdims=True)
    return mean + over_pixels(factors) * (images - mean)


def gamma(images: Any, exponents: Any, _seed: Any) -> Any:
    """Raise grey levels, as shares of 255, to a power."""
    return 255 * _power(images / 255, over_pixels(exponents))


def fog(images: Any, densities: Any, _seed: Any) -> Any:
    """Blend with white."""
    return images + over_pixels(densities / 100) * (255 - images)


def _power(base: Any, exponent: Any) -> Any:
    """Return a power as one of e, which is several times as fast to compute as others. 0 gives exp(-inf) = 0."""
    return tf.exp(exponent * tf.math.log(base))
