"""One number for each image: broadcasting such numbers over pixels, and drawing them."""

from typing import Any

from tfstab.classifier import backend

tf = backend.tensorflow()


def over_pixels(values: Any) -> Any:
    """Return values (B,) as (B, 1, 1, 1), to be broadcast over pixels and channels."""
    return tf.reshape(values, [-1, 1, 1, 1])


def draw(severities: Any, seed: Any, low: float = 0.0, high: float = 1.0) -> Any:
    """Draw an evenly distributed number from low to high for each image, float32 (B,)."""
    return tf.random.stateless_uniform(tf.shape(severities), seed, low, high)
