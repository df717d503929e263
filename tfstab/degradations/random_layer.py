"""The Keras layer that degrades training images at random. Importing this module imports TensorFlow."""

import os
from collections.abc import Callable
from functools import partial
from typing import Any

from tfstab.checks import checked_seed
from tfstab.classifier import backend
from tfstab.degradations.batched import Batched, batched_function
from tfstab.degradations.ranges import Families, SeverityRange, severity_ranges
from tfstab.errors import InputError

tf, keras = backend.tensorflow(), backend.keras()

# For a batch with fractions: scaled or normalised images have no higher value, and images in grey levels no lower one,
# even where resizing overshoots.
BRIGHTEST, DARKEST = 4.0, -64.0


@keras.saving.register_keras_serializable(package="tfstab")
class RandomDegradation(keras.layers.Layer):  # type: ignore[name-defined]
    """Layer that degrades each image of a batch by a family and a severity drawn at random.

    It takes images in grey levels 0..255, (B, H, W, C) or one image (H, W, C), of any number type, and returns
    float32. Put it before the layer that rescales them. It degrades in training only; otherwise it returns the images
    unchanged. `tfstab.degradations.augment` makes one and describes the parameters.

    As a layer it draws new random numbers in each call. For repeatable ones, use `epoch` or `degrade`, which draw the
    same numbers for the same arguments.

    Parameters
    ----------
    families, clean_share, seed
        See `augment`.
    **settings
        Settings of a Keras layer.

    Attributes
    ----------
    families : tuple of SeverityRange
        The families and the ranges of their severities.

    Examples
    --------
    >>> from tfstab.degradations import augment
    >>> layer = augment(["fog", "rotation"])
    >>> [(part.family.name, part.strongest) for part in layer.families]
    [('fog', 80.0), ('rotation', 45.0)]
    """

    def __init__(
        self, families: Families | None = None, clean_share: float = 0.0, seed: int = 0, **settings: Any
    ) -> None:
        """Check the arguments and import the families' functions."""
        # In float32, whatever the model's precision: bfloat16 loses fractions of grey levels.
        super().__init__(**{"dtype": "float32", **settings})
        if isinstance(clean_share, bool) or not isinstance(clean_share, int | float) or not 0 <= clean_share <= 1:
            raise InputError(f"clean_share is {clean_share!r}; expected a number from 0 to 1.")
        self.families = severity_ranges(families)
        self.clean_share, self.seed = clean_share, checked_seed(seed, bits=31)
        self.supports_jit = False  # XLA needs fixed shapes, but the number of images for a family is random
        self._functions = tuple(batched_function(part.family) for part in self.families)
        self._seeds = keras.random.SeedGenerator(self.seed)

    def call(self, images: Any, training: bool | None = None) -> Any:
        """Return the degraded images in training, and otherwise the images."""
        if not training:
            return tf.cast(images, tf.float32)
        return self.degrade(images, tf.cast(self._seeds.next(), tf.int64))

    @tf.autograph.experimental.do_not_convert  # type: ignore[untyped-decorator]
    def degrade(self, images: Any, seed: Any) -> Any:
        """Degrade images. The same images and seed give the same result.

        Parameters
        ----------
        images : tensor of any number type, (B, H, W, C) or (H, W, C)
            Images in grey levels 0..255.
        seed : tensor of int64, (2,)
            Seed of the random numbers.

        Returns
        -------
        tensor of float32, of the shape of `images`
            The degraded images, 0..255.

        Raises
        ------
        InputError
            The images have another shape, or a number of channels that a family cannot take.
        tf.errors.InvalidArgumentError
            A batch of several images is clearly not in grey levels, but scaled to 0..1 or normalised, for example.

        Examples
        --------
        >>> from tfstab.degradations import augment
        >>> noise = augment(["gaussian_noise"])
        >>> first, again = (noise.degrade(digits.images, [3, 4]) for _ in range(2))
        >>> bool((first == again).numpy().all())
        True
        """
        scaled = tf.as_dtype(tf.convert_to_tensor(images).dtype).is_floating
        images, seed = tf.cast(images, tf.float32), tf.cast(seed, tf.int64)
        if images.shape.rank not in (3, 4) or images.shape[-1] is None:
            raise InputError(f"images to degrade have the shape {images.shape}; expected (B, H, W, C) or (H, W, C).")
        if images.shape.rank == 3:
            return self.degrade(images[None], seed)[0]
        images = _checked_levels(images) if scaled else images
        if self.clean_share == 1:  # as in a control of a hardening: compiling the families would take a second
            return images
        count, kinds = tf.shape(images)[:1], len(self.families)
        keys = tf.unstack(tf.random.split(seed, 2 + 2 * kinds))
        kind = tf.random.stateless_uniform(count, keys[0], 0, kinds, tf.int32)
        kind = tf.where(tf.random.stateless_uniform(count, keys[1]) < self.clean_share, kinds, kind)
        rows = tf.dynamic_partition(tf.range(count[0]), kind, kinds + 1)
        parts = [tf.gather(images, some) for some in rows]
        for k, (part, function) in enumerate(zip(self.families, self._functions, strict=True)):
            degrade = partial(_degrade, part, function, parts[k], keys[2 + 2 * k], keys[3 + 2 * k])
            parts[k] = tf.cond(tf.size(rows[k]) > 0, degrade, partial(tf.identity, parts[k]))
        return tf.ensure_shape(tf.dynamic_stitch(rows, parts), images.shape)

    def epoch(self, number: int) -> Callable[[Any], Any]:
        """Return a step for `dataset.apply` that degrades the images of one epoch.

        The random numbers depend on the layer's seed, the epoch's number and the place of each element in the pipeline.
        So an epoch can be repeated exactly, even though elements are degraded in parallel.

        Parameters
        ----------
        number : int
            Number of the epoch, from 0; each epoch has random numbers of its own.

        Returns
        -------
        callable
            A function of a `tf.data.Dataset`, whose elements are batches or single images, or tuples that begin with
            them, such as (images, labels). The rest of a tuple stays the same.

        Raises
        ------
        InputError
            The number is negative; raised by the step itself if elements have another form.

        Examples
        --------
        >>> import tensorflow as tf
        >>> from tfstab.degradations import augment
        >>> batches = tf.data.Dataset.from_tensor_slices((digits.images, digits.labels)).batch(5)
        >>> for images, labels in batches.apply(augment(["fog"]).epoch(0)):
        ...     print(images.shape, labels.numpy())
        (5, 28, 28, 1) [0 1 2 3 4]
        (5, 28, 28, 1) [5 6 7 8 9]
        """
        if number < 0:
            raise InputError(f"the epoch's number is {number}; expected 0 or more.")
        key = tf.constant([self.seed, number], tf.int64)

        def of_one(place: Any, images: Any) -> Any:
            """Degrade an element that is images alone."""
            return self.degrade(images, tf.random.experimental.stateless_fold_in(key, place))

        def of_several(place: Any, parts: Any) -> Any:
            """Degrade the images with which an element begins."""
            return of_one(place, parts[0]), *parts[1:]

        def apply(dataset: Any) -> Any:
            """Give each element its number and degrade it."""
            spec = dataset.element_spec
            if not isinstance(spec[0] if isinstance(spec, tuple) and spec else spec, tf.TensorSpec):
                raise InputError(
                    "the pipeline's elements are neither images nor tuples that begin with images, such as (images, "
                    "labels): map them to one of these first."
                )
            numbered, several = dataset.enumerate(), isinstance(spec, tuple)
            return numbered.map(of_several if several else of_one, num_parallel_calls=_batches_at_once())

        return apply

    def compute_output_shape(self, shape: Any) -> Any:
        """Return the shape of the images, which stays the same."""
        return shape

    def get_config(self) -> dict[str, Any]:
        """Return the settings from which Keras rebuilds the layer; families are stored by name."""
        families = {part.family.name: (part.weakest, part.strongest) for part in self.families}
        return {**super().get_config(), "families": families, "clean_share": self.clean_share, "seed": self.seed}


def _checked_levels(images: Any) -> Any:
    """Return the batch within 0..255, with a check that fails if it is clearly not in grey levels.

    Noise would bury images in 0..1, and normalised ones are clipped to black.
    """
    fractions = tf.reduce_any(images != tf.round(images))
    one = tf.shape(images)[0] < 2  # a single image may be all black
    grey_levels = one | ~fractions | ((tf.reduce_max(images) > BRIGHTEST) & (tf.reduce_min(images) > DARKEST))
    text = (
        "images to degrade are scaled (to 0..1, to -1..1 or by their mean and standard deviation, for example); "
        "expected grey levels 0..255: rescale them after degrading."
    )
    with tf.control_dependencies([tf.debugging.Assert(grey_levels, [text])]):
        return tf.clip_by_value(images, 0.0, 255.0)


def _degrade(part: SeverityRange, function: Batched, images: Any, severity_seed: Any, seed: Any) -> Any:
    """Degrade images, one or more, by one family at severities drawn evenly from its range."""
    (low, high), count = part.ends, tf.shape(images)[:1]
    if part.family.whole:
        drawn = tf.random.stateless_uniform(count, severity_seed, int(low), int(high) + 1, tf.int32)
        severities = tf.cast(drawn, tf.float32)
    else:
        # `away` is below 1, so the weakest severity, which may be the neutral one, is never drawn.
        away = tf.random.stateless_uniform(count, severity_seed)
        severities = tf.clip_by_value(part.strongest + (part.weakest - part.strongest) * away, low, high)
    return tf.clip_by_value(function(images, severities, seed), 0.0, 255.0)


def _batches_at_once() -> int:
    """Return how many batches a pipeline degrades in parallel, by cores.

    The number does not change in an epoch: tf.data's own tuner can delay the end of one.
    """
    return max(2, min(8, os.cpu_count() or 2))
