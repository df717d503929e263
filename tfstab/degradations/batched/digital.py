"""Effects of files and screens: compression and coarse pixels."""

from typing import Any

from tfstab.classifier import backend
from tfstab.degradations.batched.separable import weigh
from tfstab.errors import InputError

tf = backend.tensorflow()


def jpeg(images: Any, qualities: Any, _seed: Any) -> Any:
    """Compress as JPEG and read again."""
    channels = images.shape[-1]
    if channels not in (1, 3):
        raise InputError(f"JPEG takes grey or RGB images, of 1 or 3 channels; these have {channels}.")

    def through_file(pixels_and_quality: tuple[Any, Any]) -> Any:
        """Compress and read one image, with the settings that Pillow uses."""
        file = tf.raw_ops.EncodeJpegVariableQuality(images=pixels_and_quality[0], quality=pixels_and_quality[1])
        return tf.io.decode_jpeg(file, channels=channels, fancy_upscaling=True, dct_method="INTEGER_ACCURATE")

    pixels, whole = tf.cast(tf.round(images), tf.uint8), tf.cast(qualities, tf.int32)
    read = tf.map_fn(through_file, (pixels, whole), fn_output_signature=tf.uint8)
    return tf.reshape(tf.cast(read, tf.float32), tf.shape(images))


def pixelate(images: Any, blocks: Any, _seed: Any) -> Any:
    """Replace each block of pixels by its mean."""

    def same_block(length: Any) -> Any:
        """Return the weights (B, length, length): equal for the pixels of the same block."""
        block = tf.range(length)[None] // tf.cast(blocks, tf.int32)[:, None]
        same = tf.cast(block[:, :, None] == block[:, None, :], tf.float32)
        return same / tf.reduce_sum(same, axis=2, keepdims=True)

    return weigh(images, same_block)
