"""The wrapper that every other part scores images with."""

from collections.abc import Iterator
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tfstab.classifier import backend
from tfstab.classifier.fingerprint import fingerprint
from tfstab.classifier.logits import Logits, combining_layer, logits_of, member_models
from tfstab.errors import InputError, ModelError

DEFAULT_BATCH = 256


class Classifier:
    """A Keras image classifier that takes grey levels 0..255 and normalises them itself.

    model: a built Keras model with one input (N, H, W, C) and one output (N, K): softmax scores or logits.
    class_names: K names, "0", "1", ... by default. name: how it is called in tables. batch_size: the one shape
    that is compiled; calls of any size are cut and padded to it, which leaves every score the same to the bit
    (a shape of 1 would not, so batch_size >= 2). Raises ModelError for a model of another form.
    """

    def __init__(
        self, model: Any, class_names: tuple[str, ...] | None = None, name: str | None = None,
        batch_size: int = DEFAULT_BATCH,
    ) -> None:
        if batch_size < 2:
            raise InputError(f"batch_size is {batch_size}; expected 2 or more.")
        if not isinstance(model, backend.keras().Model):
            raise ModelError(f"an object of type {type(model).__name__} was given; expected a built Keras 3 model.")
        self.model = model
        self.name = name or model.name
        self.batch_size = batch_size
        self.input_shape = _input_shape(model)
        self.num_classes = _num_classes(model)
        self.class_names = tuple(class_names or (str(k) for k in range(self.num_classes)))
        if len(self.class_names) != self.num_classes:
            raise ModelError(
                f"{self.name} has {self.num_classes} classes but {len(self.class_names)} class names were given."
            )

    def __repr__(self) -> str:
        return f"Classifier({self.name!r}, input={self.input_shape}, classes={self.num_classes})"

    @cached_property
    def fingerprint(self) -> str:
        """SHA-256 of the layers and their weights, the same after saving and loading."""
        return fingerprint(self.model)

    @property
    def combine(self) -> str | None:
        """How an ensemble made by `make_ensemble` combines its members ("mean", ...); None for any other model."""
        return combining_layer(self.model).combine if member_models(self.model) else None

    def with_batch_size(self, batch_size: int) -> "Classifier":
        """The same model compiled for another batch size."""
        same = Classifier(self.model, self.class_names, self.name, batch_size)
        if "fingerprint" in self.__dict__:
            same.__dict__["fingerprint"] = self.fingerprint
        return same

    def compile(self) -> None:
        """Compile `scores` now, and not in its first call; after it, several threads may call that at a time."""
        # `_logits` is asked for first: it may try the model on images, which cannot be done amid a trace.
        self._compiled[1 if self._logits.members else 0].get_concrete_function()

    def scores(self, images: np.ndarray) -> NDArray[np.float32]:
        """Softmax scores, float32 (N, K), of uint8 or float32 images (N, H, W, C), grey levels 0..255.

        Raises InputError for images of another shape or with NaN, ModelError where the model returns NaN.
        """
        if self._logits.members:
            return np.exp(self.log_scores(images)).astype(np.float32)
        return self._map(images, self._compiled[0], self.num_classes)

    def log_scores(self, images: np.ndarray) -> NDArray[np.float64]:
        """Natural logarithms of the scores, float64 (N, K), computed in float64 from the logits.

        A score that has saturated at 1.0 in float32 keeps its slope here. Same input and errors as `scores`.
        """
        return self._logits.log_scores(self._map(images, self._compiled[1], self._logits.width))

    def gradients(
        self, images: np.ndarray, weights: np.ndarray
    ) -> tuple[NDArray[np.float64], NDArray[np.float32]]:
        """(log-scores float64 (N, K), gradients float32 (N, H, W, C)) at images (N, H, W, C), grey levels 0..255.

        The gradient is that of sum_k weights[n, k] log_score_k, per grey level. Raises as `scores`.
        """
        images, weights = np.asarray(images), np.asarray(weights, np.float32)
        self.check(images)
        logits = np.empty((len(images), self._logits.width), np.float32)
        gradients = np.empty((len(images), *self.input_shape), np.float32)
        padded = np.zeros((self.batch_size, self.num_classes), np.float32)
        for start, batch in self._batches(images):
            part = slice(start, start + self.batch_size)
            count = len(images[part])
            padded[:count] = weights[part]
            output, gradient = self._gradients(batch, padded)
            logits[part], gradients[part] = output.numpy()[:count], gradient.numpy()[:count]
        if not (np.isfinite(logits).all() and np.isfinite(gradients).all()):
            raise ModelError(f"{self.name} returned NaN or infinite gradients: its weights are damaged or diverged.")
        return self._logits.log_scores(logits), gradients

    def check(self, images: np.ndarray) -> None:
        """Raise InputError unless these are images (N, H, W, C) that the model takes, with finite values."""
        if images.ndim != 4 or images.shape[1:] != self.input_shape:
            height, width, channels = self.input_shape
            raise InputError(
                f"images of shape {images.shape} were given, but {self.name} takes (N, {height}, {width}, {channels}): "
                "resize or convert them, or choose another model."
            )
        if images.dtype.kind not in "buif":
            raise InputError(f"images of type {images.dtype} were given; expected grey levels 0..255 as numbers.")
        # The sum is quick, and finite only where all are; a sum that overflows is looked into.
        if images.dtype.kind == "f" and not np.isfinite(images.sum()) and not np.isfinite(images).all():
            raise InputError("the images hold NaN or infinite values; expected grey levels 0..255.")

    def _map(self, images: np.ndarray, function: Any, width: int) -> NDArray[np.float32]:
        images = np.asarray(images)
        self.check(images)
        output = np.empty((len(images), width), np.float32)
        for start, batch in self._batches(images):
            output[start : start + self.batch_size] = function(batch).numpy()[: len(images) - start]
        if not np.isfinite(output).all():
            raise ModelError(f"{self.name} returned NaN or infinite scores: its weights are damaged or diverged.")
        return output

    def _batches(self, images: np.ndarray) -> Iterator[tuple[int, NDArray[np.float32]]]:
        for start in range(0, len(images), self.batch_size):
            batch = images[start : start + self.batch_size].astype(np.float32, copy=False)
            if len(batch) < self.batch_size:  # pad: a new shape would be traced anew
                padded = np.zeros((self.batch_size, *self.input_shape), np.float32)
                padded[: len(batch)] = batch
                batch = padded
            yield start, batch

    @cached_property
    def _logits(self) -> Logits:
        return logits_of(self.model)

    @cached_property
    def _compiled(self) -> tuple[Any, Any]:
        """(scores, logits) as functions of one fixed shape."""
        tf = backend.tensorflow()
        signature = [tf.TensorSpec((self.batch_size, *self.input_shape), tf.float32)]

        def logits(batch: Any) -> Any:
            return tf.cast(self._logits.outputs(batch), tf.float32)

        scores = tf.function(lambda batch: tf.nn.softmax(logits(batch)), input_signature=signature)
        return scores, tf.function(logits, input_signature=signature)

    @cached_property
    def _gradients(self) -> Any:
        """(logits, gradient of the weighted log-scores), of the same fixed shape."""
        tf = backend.tensorflow()
        logits = self._compiled[1]
        signature = [
            tf.TensorSpec((self.batch_size, *self.input_shape), tf.float32),
            tf.TensorSpec((self.batch_size, self.num_classes), tf.float32),
        ]

        def gradients(batch: Any, weights: Any) -> Any:
            with tf.GradientTape() as tape:
                tape.watch(batch)
                output = logits(batch)
                weighted = tf.reduce_sum(weights * self._logits.in_graph(output))
            return output, tape.gradient(weighted, batch)

        return tf.function(gradients, input_signature=signature)


def _input_shape(model: Any) -> tuple[int, int, int]:
    shape = getattr(model, "input_shape", None)
    if not isinstance(shape, tuple) or len(shape) != 4 or None in shape[1:]:
        raise ModelError(f"{model.name} takes input of shape {shape}; expected one image input (N, H, W, C).")
    return int(shape[1]), int(shape[2]), int(shape[3])


def _num_classes(model: Any) -> int:
    shape = getattr(model, "output_shape", None)
    if not isinstance(shape, tuple) or len(shape) != 2 or shape[1] is None or shape[1] < 2:
        raise ModelError(f"{model.name} has output of shape {shape}; expected scores (N, K) of 2 or more classes.")
    return int(shape[1])
