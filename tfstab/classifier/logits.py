"""A model's logits, which its softmax hides, and the log-scores that follow from them."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tfstab.classifier import backend
from tfstab.classifier.keras_graph import is_functional, last_layer, producer
from tfstab.classifier.running import check_size, explained
from tfstab.errors import ModelError

ANY_SIZE = 64  # pixels, to try a model on that takes any size
Function = Callable[[Any], Any]


@dataclass(frozen=True)
class Logits:
    """What is behind the softmax of a model, and of each member of an ensemble.

    outputs: a function of images (B, H, W, C) that gives logits (B, width), in a TensorFlow graph; those of an
    ensemble's members side by side. width: K, or the sum of the members'. layer: the ensemble's `CombineScores`.
    """

    outputs: Function
    width: int
    members: tuple["Logits", ...] = field(default=())
    layer: Any = None

    def log_scores(self, outputs: np.ndarray) -> NDArray[np.float64]:
        """Natural logarithms of the scores, float64 (N, K), from the outputs (N, width).

        Not in TensorFlow, whose logarithm gives the last elements of a batch other bits than the first.
        """
        if self.layer is None:
            return log_softmax(outputs)
        parts = np.split(outputs, np.cumsum([member.width for member in self.members])[:-1], axis=1)
        several = [member.log_scores(part) for member, part in zip(self.members, parts, strict=True)]
        return self.layer.combined(several)

    def in_graph(self, outputs: Any) -> Any:
        """The same in a TensorFlow graph, float32, to be differentiated."""
        tf = backend.tensorflow()
        if self.layer is None:
            return tf.nn.log_softmax(outputs)
        parts = tf.split(outputs, [member.width for member in self.members], axis=1)
        several = [member.in_graph(part) for member, part in zip(self.members, parts, strict=True)]
        return self.layer.combined_in_graph(several)


def log_softmax(logits: np.ndarray) -> NDArray[np.float64]:
    """Logarithms of the softmax, float64 (N, K)."""
    shifted = logits.astype(np.float64)
    shifted -= shifted.max(axis=1, keepdims=True)
    return shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))


def logits_of(model: Any) -> Logits:
    """The logits of a built Keras model (N, H, W, C) to (N, K).

    A softmax at the end is taken off, and off each member of an ensemble, so that its saturation costs nothing; of two
    classes behind one sigmoid, the logits are 0 and that of class 1. A model that ends otherwise is asked: outputs that
    are scores become their logarithms, others are taken as logits.
    """
    return _seen(model) or _asked(model)


def _seen(model: Any) -> Logits | None:
    """The logits, as far as the model's last layer shows them."""
    from tfstab.classifier.adapting_layers import TwoClasses
    from tfstab.classifier.combine import CombineScores

    keras, tf = backend.keras(), backend.tensorflow()
    if not is_functional(model):
        return None
    last, inputs = last_layer(model)
    if isinstance(last, CombineScores):
        members = tuple(logits_of(keras.Model(model.inputs, tensor)) for tensor in inputs)

        def side_by_side(images: Any) -> Any:
            return tf.concat([member.outputs(images) for member in members], axis=1)

        return Logits(side_by_side, sum(member.width for member in members), members, last)
    if isinstance(last, TwoClasses):
        logit = _logit(keras.Model(model.inputs, inputs[0]), last.from_logits)

        def of_both(images: Any) -> Any:
            second = tf.cast(logit(images), tf.float32)
            return tf.concat([tf.zeros_like(second), second], axis=1)

        return Logits(of_both, 2)
    if isinstance(last, keras.Model) and len(inputs) == 1:
        inner, body = _seen(last), keras.Model(model.inputs, inputs[0])
        return inner and replace(inner, outputs=lambda images: inner.outputs(body(images, training=False)))
    before = before_activation(model, "softmax")
    return before and Logits(before, int(model.output_shape[1]))


def _asked(model: Any) -> Logits:
    """The logits of a model whose layers do not show them, such as a subclassed one."""
    tf, least, width = backend.tensorflow(), np.finfo(np.float32).tiny, int(model.output_shape[1])
    given = _of_noise(model)
    if not _are_scores(given):
        if given.min() >= 0 and given.max() <= 1 and last_operation(model) == "Sigmoid":
            raise several_sigmoids(model)
        return Logits(lambda images: model(images, training=False), width)

    def outputs(images: Any) -> Any:
        scores = model(images, training=False)
        kind, before = behind(scores)
        return before if kind == "Softmax" else tf.math.log(tf.maximum(scores, least))

    return Logits(outputs, width)


def _logit(model: Any, from_logits: bool) -> Function:
    """Images to the logit of class 1, (N, 1), of a model that gives it or its probability."""
    if from_logits:
        return lambda images: model(images, training=False)
    before = before_activation(model, "sigmoid")
    if before is not None:
        return before
    tf, least = backend.tensorflow(), np.finfo(np.float32).tiny

    def asked(images: Any) -> Any:
        given = model(images, training=False)
        kind, logit = behind(given)
        if kind == "Sigmoid":
            return logit
        return tf.math.log(tf.maximum(given, least)) - tf.math.log(tf.maximum(1 - given, least))

    return asked


def behind(output: Any) -> tuple[str, Any]:
    """(type of the operation, its input) that a graph's tensor ends in, casts apart; ("", None) outside a graph."""
    if not hasattr(output, "graph"):
        return "", None
    operation = output.op
    while operation.type in ("Identity", "Cast"):
        operation = operation.inputs[0].op
    return operation.type, operation.inputs[0] if operation.inputs else None


def last_operation(model: Any) -> str:
    """The type of the TensorFlow operation that a model (N, H, W, C) to (N, K) ends in, whatever it is made of."""
    tf = backend.tensorflow()
    batch = model.input_shape[0] or 2
    spec = tf.TensorSpec((batch, *model.input_shape[1:]), tf.float32)
    with explained(model.name, batch):
        return behind(_traced(model, spec).outputs[0])[0]


def several_sigmoids(model: Any) -> ModelError:
    """What to say of sigmoids, of which any number may be near 1."""
    return ModelError(
        f"{model.name} ends in several sigmoids, which may all be near 1 at once; expected scores that sum to 1: "
        "replace them by a softmax, or take them off."
    )


def gives_scores(model: Any) -> bool:
    """Whether a model gives scores that sum to 1, and not logits: it is tried on a few images of noise."""
    return _are_scores(_of_noise(model))


def _of_noise(model: Any) -> np.ndarray:
    batch, *shape = model.input_shape
    shape = [size or ANY_SIZE for size in shape]
    batch, tf = batch or 4, backend.tensorflow()
    with explained(model.name, batch):
        check_size(_traced(model, tf.TensorSpec((batch, *shape), tf.float32)), model.name, batch)
        probe = np.random.Generator(np.random.Philox(key=0)).uniform(0, 255, (batch, *shape))
        return np.asarray(model(probe.astype(np.float32), training=False))


def _traced(model: Any, spec: Any) -> Any:
    """The model's computation as a TensorFlow graph, for inputs of this shape."""
    return backend.tensorflow().function(lambda images: model(images, training=False)).get_concrete_function(spec)


def _are_scores(output: np.ndarray) -> bool:
    return bool((output >= 0).all() and np.allclose(output.sum(axis=1), 1, atol=1e-3))


def combining_layer(model: Any) -> Any:
    """The `CombineScores` that an ensemble or a smoothed model ends in, or None for any other model."""
    from tfstab.classifier.combine import CombineScores

    last = last_layer(model)[0] if is_functional(model) else None
    return last if isinstance(last, CombineScores) else None


def member_models(model: Any) -> list[Any]:
    """The models whose scores of one image an ensemble made by `make_ensemble` combines; none for any other model.

    A smoothed model combines too, but the scores of one network, of changed images.
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
    """Images to what the activation of this name takes, for a model whose last layer, or its last model's last layer,
    is that activation or has it; else None.
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
            # Features may be of half precision.
            product = tf.matmul(tf.cast(body(images, training=False), kernel.dtype), kernel.value)
            return product if bias is None else product + bias.value

        return dense
    return None
