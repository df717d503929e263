"""Augmentation: random changes of training images that depend on the recipe, seed, epoch and batch alone."""

from typing import Any

from tfstab.classifier import backend
from tfstab.training.recipes import Augmentation


def augment(images: Any, settings: Augmentation, seed: Any) -> Any:
    """Change each image of a batch at random.

    Parameters
    ----------
    images : tensor of float32, (B, H, W, C)
        Images in grey levels 0..255.
    settings : Augmentation
        The kinds of changes, and how large they may be.
    seed : tensor of int, (2,)
        Seed of the random numbers; the same images and seed give the same result.

    Returns
    -------
    tensor of float32, (B, H, W, C)
        The changed images, in grey levels.
    """
    tf, keras = backend.tensorflow(), backend.keras()
    count, height, width = tf.shape(images)[0], images.shape[1], images.shape[2]

    def draw(stream: int, largest: float) -> Any:
        """Draw a number between -largest and largest for each image; each stream gives other numbers."""
        key = seed + tf.constant([0, stream], seed.dtype)
        return tf.random.stateless_uniform([count], key, -largest, largest)

    flip = tf.where((draw(0, 1.0) < 0) & settings.flip, -1.0, 1.0)
    if settings.flip or settings.shift or settings.zoom or settings.rotation:
        shift_x, shift_y = draw(3, settings.shift), draw(4, settings.shift)
        if not (settings.zoom or settings.rotation):
            # Shift by whole pixels: fractions would blur the training images, while the test images are sharp.
            shift_x, shift_y = tf.round(shift_x), tf.round(shift_y)
        angle = draw(1, settings.rotation * 3.141592653589793 / 180)
        zoom = 1 + draw(2, settings.zoom)
        cos, sin = tf.cos(angle) * zoom, tf.sin(angle) * zoom
        # Output (x, y) is read from input (a x + b y + c, d x + e y + f); rotation and zoom are about the centre.
        a, b, d, e = cos * flip, -sin, sin * flip, cos
        middle_x, middle_y = (width - 1) / 2, (height - 1) / 2
        c = middle_x - a * middle_x - b * middle_y + shift_x
        f = middle_y - d * middle_x - e * middle_y + shift_y
        zero = tf.zeros_like(a)
        transforms = tf.stack([a, b, c, d, e, f, zero, zero], axis=1)
        images = keras.ops.image.affine_transform(
            images, transforms, interpolation="bilinear", fill_mode=settings.fill, data_format="channels_last"
        )
    if settings.contrast or settings.brightness:
        mean = tf.reduce_mean(images, axis=[1, 2, 3], keepdims=True)
        factor = tf.reshape(1 + draw(5, settings.contrast), [-1, 1, 1, 1])
        lift = tf.reshape(draw(6, settings.brightness), [-1, 1, 1, 1])
        images = tf.clip_by_value(mean + factor * (images - mean) + lift, 0.0, 255.0)
    return images
