"""Finds a model's logits, which its softmax hides, and computes log-scores from them."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tfstab.classifier import backend
from tfstab.classifier.keras_graph import is_functional, last_layer, producer
from tfstab.classifier.rounded import are_scores
from tfstab.classifier.threshold import shift_of
from tfstab.classifier.tracing import behind, last_operation, of_noise, traced_for_noise
from tfstab.errors import ModelError

# Names of operations, by which `Network.look` finds the last layer behind the logits: what shifts logits, what adds the
# logit 0 of class 0 to that of class 1, and the product of a Dense layer whose activation is left out.
THRESHOLD, BOTH_CLASSES, SPLIT_DENSE = "decision_threshold", "logits_of_both_classes", "dense_without_activation"
Function = Callable[[Any], Any]


@dataclass(frozen=True)
class Logits:
    """The logits of a model, or of each member of an ensemble.

    Attributes
    ----------
    outputs : callable
        Maps images (B, H, W, C) to logits (B, width) in a TensorFlow graph. The logits of an ensemble's members stand
        side by side.
    width : int
        K, or the sum of the members' widths.
    members : tuple of Logits
        The members of an ensemble; empty for any other model.
    layer : CombineScores or None
        The ensemble's last layer.
    of_scores : bool
        Whether the model itself returns scores; otherwise it returns these logits.
    shift : float
        What a decision threshold adds to the logarithm of an ensemble's score of class 1, in nats. For any other model,
        it has been added to the logits.
    """

    outputs: Function
    width: int
    members: tuple["Logits", ...] = field(default=())
    layer: Any = None
    of_scores: bool = True
    shift: float = 0.0

    def log_scores(self, outputs: np.ndarray) -> NDArray[np.float64]:
        """Return the natural logarithms of the scores, float64 (N, K), from outputs (N, width).

        Computed with NumPy, since TensorFlow's logarithm gives the last elements of a batch other bits than the first.
        """
        if self.layer is None:
            return log_softmax(outputs)
        parts = np.split(outputs, np.cumsum([member.width for member in self.members])[:-1], axis=1)
        several = [member.log_scores(part) for member, part in zip(self.members, parts, strict=True)]
        combined = np.asarray(self.layer.combined(several))
        return log_softmax(combined + np.array([0, self.shift])) if self.shift else combined

    def in_graph(self, outputs: Any) -> Any:
        """Return the log-scores, float32 (N, K), as differentiable tensors of a TensorFlow graph."""
        tf = backend.tensorflow()
        if self.layer is None:
            return tf.nn.log_softmax(outputs)
        parts = tf.split(outputs, [member.width for member in self.members], axis=1)
        several = [member.in_graph(part) for member, part in zip(self.members, parts, strict=True)]
        combined = self.layer.combined_in_graph(several)
        return tf.nn.log_softmax(combined + tf.constant([0, self.shift], combined.dtype)) if self.shift else combined


def training_log_scores(model: Any, images: Any, of_scores: bool) -> Any:
    """Return the log-scores of images that a model computes in training mode, with dropout and batch statistics.

    Parameters
    ----------
    model : keras.Model
        A model (N, H, W, C) to (N, K).
    images : tensor
        float32 (B, H, W, C), in a TensorFlow graph.
    of_scores : bool
        Whether the model returns scores; otherwise it returns logits.

    Returns
    -------
    tensor
        float32 (B, K), differentiable.
    """
    tf = backend.tensorflow()
    given = model(images, training=True)
    kind, before = behind(given)
    if kind == "Softmax":
        return tf.nn.log_softmax(tf.cast(before, tf.float32))
    given = tf.cast(given, tf.float32)
    return tf.math.log(tf.maximum(given, np.finfo(np.float32).tiny)) if of_scores else tf.nn.log_softmax(given)


def log_softmax(logits: np.ndarray) -> NDArray[np.float64]:
    """Return the logarithms of the softmax of logits (N, K), float64 (N, K)."""
    shifted = logits.astype(np.float64)
    shifted -= shifted.max(axis=1, keepdims=True)
    return np.asarray(shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True)))


def logits_of(model: Any) -> Logits:
    """Return the logits of a built Keras model (N, H, W, C) to (N, K).

    A softmax at the end is left out, also that of each member of an ensemble, so that its saturation does no harm. Two
    classes behind one sigmoid have the logits 0 and that of class 1. A decision threshold shifts that of class 1. A
    model that ends in another way is tried on images of noise: if its outputs are scores, their logarithms are used,
    otherwise the outputs are taken as logits.
    """
    return _seen(model) or _asked(model)


def _seen(model: Any) -> Logits | None:
    """Return the logits if the model's last layer shows where they are, otherwise None."""
    from tfstab.classifier.adapting_layers import DecisionThreshold, TwoClasses
    from tfstab.classifier.combine import CombineScores

    keras, tf = backend.keras(), backend.tensorflow()
    if not is_functional(model):
        return None
    last, inputs = last_layer(model)
    if isinstance(last, CombineScores):
        members = tuple(logits_of(keras.Model(model.inputs, tensor)) for tensor in inputs)

        def side_by_side(images: Any) -> Any:
            """Return the logits of all members, one member after the other."""
            return tf.concat([member.outputs(images) for member in members], axis=1)

        return Logits(side_by_side, sum(member.width for member in members), members, last)
    if isinstance(last, DecisionThreshold):
        own = logits_of(keras.Model(model.inputs, inputs[0]))
        return _shifted(own, shift_of(last.threshold), of_scores=not last.from_logits)
    if isinstance(last, TwoClasses):
        logit = _logit(keras.Model(model.inputs, inputs[0]), last.from_logits)

        def of_both(images: Any) -> Any:
            """Return the logits of both classes."""
            return tf.pad(tf.cast(logit(images), tf.float32), ((0, 0), (1, 0)), name=BOTH_CLASSES)

        return Logits(of_both, 2)
    if isinstance(last, keras.Model) and len(inputs) == 1:
        inner, body = _seen(last), keras.Model(model.inputs, inputs[0])
        return inner and replace(inner, outputs=lambda images: inner.outputs(body(images, training=False)))
    before = before_activation(model, "softmax")
    return before and Logits(before, int(model.output_shape[1]))


def _shifted(own: Logits, shift: float, of_scores: bool) -> Logits:
    """Return the logits of a model for two classes with a decision threshold."""
    if own.members:
        return replace(own, of_scores=of_scores, shift=own.shift + shift)
    tf = backend.tensorflow()

    def outputs(images: Any) -> Any:
        """Return the logits, that of class 1 shifted."""
        return tf.add(tf.cast(own.outputs(images), tf.float32), tf.constant([0, shift], tf.float32), name=THRESHOLD)

    return replace(own, outputs=outputs, of_scores=of_scores)


def _asked(model: Any) -> Logits:
    """Return the logits of a model whose layers do not show them, such as a subclassed model."""
    tf, least, width = backend.tensorflow(), np.finfo(np.float32).tiny, int(model.output_shape[1])
    traced = traced_for_noise(model)
    given = of_noise(model, traced)
    if not are_scores(given):
        if given.min() >= 0 and given.max() <= 1 and last_operation(model, traced) == "Sigmoid":
            raise several_sigmoids(model.name)
        return Logits(lambda images: model(images, training=False), width, of_scores=False)

    def outputs(images: Any) -> Any:
        """Return what the softmax at the end takes, or the logarithms of the scores if there is none."""
        scores = model(images, training=False)
        kind, before = behind(scores)
        return before if kind == "Softmax" else tf.math.log(tf.maximum(scores, least))

    return Logits(outputs, width)


def _logit(model: Any, from_logits: bool) -> Function:
    """Return a function from images to the logit of class 1, (N, 1), of a model that returns it or its probability."""
    if from_logits:
        return lambda images: model(images, training=False)
    before = before_activation(model, "sigmoid")
    if before is not None:
        return before
    tf, least = backend.tensorflow(), np.finfo(np.float32).tiny

    def asked(images: Any) -> Any:
        """Return what the sigmoid at the end takes, or the logit of the probability if there is none."""
        given = model(images, training=False)
        kind, logit = behind(given)
        if kind == "Sigmoid":
            return logit
        return tf.math.log(tf.maximum(given, least)) - tf.math.log(tf.maximum(1 - given, least))

    return asked


def several_sigmoids(name: str) -> ModelError:
    """Return the error for a model that ends in several sigmoids."""
    return ModelError(
        f"{name} ends in several sigmoids, which may all be near 1 at once; expected scores that sum to 1: "
        "replace them by a softmax, or take them off."
    )


def combining_layer(model: Any) -> Any:
    """Return the `CombineScores` layer that an ensemble or a smoothed model ends in, or None for any other model."""
    from tfstab.classifier.combine import CombineScores

    last = last_layer(model)[0] if is_functional(model) else None
    return last if isinstance(last, CombineScores) else None


def member_models(model: Any) -> list[Any]:
    """Return the models that an ensemble made by `make_ensemble` combines; [] for any other model.

    A smoothed model also combines scores, but those of one network for several changed images.
    """
    if combining_layer(model) is None:
        return []
    _, scores = last_layer(model)
    members = [producer(tensor) for tensor in scores]
    of_the_image = all(
        isinstance(member, backend.keras().Model) and inputs[0] is model.inputs[0] for member, inputs in members
    )
    return [member for member, _ in members] if of_the_image else []


def before_activation(model: Any, name: str) -> Function | None:
    """Return a function from images to what the activation at a model's end takes, or None if there is no such end.

    The activation may be the last layer or belong to it, also inside a model that is itself the last layer.
    """
    keras, tf = backend.keras(), backend.tensorflow()
    if not is_functional(model):
        return None
    last, inputs = last_layer(model)
    if len(inputs) != 1:
        return None
    body = keras.Model(model.inputs, inputs[0])
    if isinstance(last, keras.Model):
        inner = before_activation(last, name)
        return inner and (lambda images: inner(body(images, training=False)))
    has_it = getattr(last, "activation", None) is getattr(keras.activations, name)
    if (isinstance(last, keras.layers.Softmax) and name == "softmax") or (
        isinstance(last, keras.layers.Activation) and has_it
    ):
        return lambda images: body(images, training=False)
    if isinstance(last, keras.layers.Dense) and has_it:
        kernel, bias = last.kernel, last.bias

        def dense(images: Any) -> Any:
            features = tf.cast(body(images, training=False), kernel.dtype)  # they may be in half precision
            product = tf.matmul(features, kernel.value, name=SPLIT_DENSE)
            return product if bias is None else product + bias.value

        return dense
    return None
