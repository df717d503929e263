"""Tables of grey levels: each channel of each image has its own, for all levels 0..255."""

from typing import Any

from tfstab.classifier import backend


def places(images: Any) -> Any:
    """Return, for each value, the place of its grey level in the tables of all channels of all images.

    Parameters
    ----------
    images : tensor of float32, (N, H, W, C)
        Images in grey levels 0..255; fractions are rounded.

    Returns
    -------
    tensor of int32, (N, H, W, C)
        256 k + level, where k counts the channels of all images.
    """
    tf = backend.tensorflow()
    count, channels = tf.shape(images)[0], tf.shape(images)[3]
    first = 256 * tf.reshape(tf.range(count * channels), [count, 1, 1, channels])
    return tf.cast(tf.round(images), tf.int32) + first


def look_up(table: Any, at: Any) -> Any:
    """Return the grey levels that tables (N * C, 256) hold at the places (N, H, W, C)."""
    tf = backend.tensorflow()
    return tf.gather(tf.reshape(table, [-1]), at)
