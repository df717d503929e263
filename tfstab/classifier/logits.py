"""A model's logits, which its softmax hides, and the log-scores that follow from them."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tfstab.classifier import backend

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
    """The logits of a built Keras model.

    A softmax at the end is taken off, and off each member of an ensemble, so that its saturation costs nothing. A
    model that ends otherwise is asked: outputs that are scores become their logarithms, others are taken as logits.
    """
    keras, tf = backend.keras(), backend.tensorflow()
    layer = combining_layer(model)
    if layer is not None:
        last, node, _ = model.outputs[0]._keras_history
        scores = last._inbound_nodes[node].input_tensors
        members = tuple(logits_of(keras.Model(model.inputs, tensor)) for tensor in scores)

        def side_by_side(images: Any) -> Any:
            return tf.concat([member.outputs(images) for member in members], axis=1)

        return Logits(side_by_side, sum(member.width for member in members), members, layer)
    width = int(model.output_shape[1])
    before = _before_softmax(model)
    if before is not None:
        return Logits(before, width)
    if not gives_scores(model):
        return Logits(lambda images: model(images, training=False), width)
    least = np.finfo(np.float32).tiny
    return Logits(lambda images: tf.math.log(tf.maximum(model(images, training=False), least)), width)


def gives_scores(model: Any) -> bool:
    """Whether a model gives scores that sum to 1, and not logits: it is tried on a few images of noise."""
    probe = np.random.Generator(np.random.Philox(key=0)).uniform(0, 255, (4, *model.input_shape[1:]))
    output = np.asarray(model(probe.astype(np.float32), training=False))
    return bool((output >= 0).all() and np.allclose(output.sum(axis=1), 1, atol=1e-3))


def combining_layer(model: Any) -> Any:
    """The `CombineScores` that an ensemble or a smoothed model ends in, or None for any other model."""
    from tfstab.classifier.combine import CombineScores

    last = model.outputs[0]._keras_history[0]
    return last if isinstance(last, CombineScores) else None


def member_models(model: Any) -> list[Any]:
    """The models whose scores of one image an ensemble made by `make_ensemble` combines; none for any other model.

    A smoothed model combines too, but the scores of one network, of changed images.
    """
    layer = combining_layer(model)
    if layer is None:
        return []
    _, node, _ = model.outputs[0]._keras_history
    histories = [tensor._keras_history for tensor in layer._inbound_nodes[node].input_tensors]
    of_the_image = all(
        isinstance(member, backend.keras().Model) and member._inbound_nodes[k].input_tensors[0] is model.inputs[0]
        for member, k, _ in histories
    )
    return [member for member, *_ in histories] if of_the_image else []


def _before_softmax(model: Any) -> Function | None:
    """Images to logits, for a model whose last layer, or its last model's last layer, is a softmax; else None."""
    keras, tf = backend.keras(), backend.tensorflow()
    # Not `model.layers[-1].input`: a layer that other models use too has an input in each of them.
    last, node, _ = model.outputs[0]._keras_history
    inputs = last._inbound_nodes[node].input_tensors
    if len(inputs) != 1:
        return None
    body = keras.Model(model.inputs, inputs[0])
    if isinstance(last, keras.Model):
        inner = _before_softmax(last) if getattr(last, "outputs", None) else None
        return inner and (lambda images: inner(body(images, training=False)))
    is_softmax = getattr(last, "activation", None) is keras.activations.softmax
    if isinstance(last, keras.layers.Softmax) or (isinstance(last, keras.layers.Activation) and is_softmax):
        return lambda images: body(images, training=False)
    if isinstance(last, keras.layers.Dense) and is_softmax:
        kernel, bias = last.kernel, last.bias

        def dense(images: Any) -> Any:
            # Features may be of half precision.
            product = tf.matmul(tf.cast(body(images, training=False), kernel.dtype), kernel.value)
            return product if bias is None else product + bias.value

        return dense
    return None
