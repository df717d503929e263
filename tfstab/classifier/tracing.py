"""Traces a model on a few images of noise: what it computes for them, and the operation that it ends in."""

from typing import Any

import numpy as np

from tfstab.classifier import backend
from tfstab.classifier.rounded import are_scores
from tfstab.classifier.running import check_size, explained

ANY_SIZE = 64  # height and width, in pixels, of the images on which a model that takes any size is tried


def behind(output: Any) -> tuple[str, Any]:
    """Return type and input of the operation behind a tensor, not counting casts; ("", None) outside a graph."""
    if not hasattr(output, "graph"):
        return "", None
    operation = output.op
    while operation.type in ("Identity", "Cast"):
        operation = operation.inputs[0].op
    return operation.type, operation.inputs[0] if operation.inputs else None


def last_operation(model: Any, traced: Any = None) -> str:
    """Return the type of the TensorFlow operation that a model ends in, whatever the model is made of.

    traced: what `traced_for_noise` returned, if it was called already.
    """
    if traced is None:
        batch = model.input_shape[0] or 2
        with explained(model.name, batch):
            traced = _traced(model, (batch, *model.input_shape[1:]))
    return behind(traced.outputs[0])[0]


def gives_scores(model: Any) -> bool:
    """Return whether a model returns scores that sum to 1 and not logits, judged on a few images of noise."""
    return are_scores(of_noise(model))


def of_noise(model: Any, traced: Any = None) -> np.ndarray:
    """Return what a model computes for a few images of noise.

    traced: what `traced_for_noise` returned, if it was called already.
    """
    shape = _noise_shape(model)
    if traced is None:
        traced_for_noise(model)
    with explained(model.name, shape[0]):
        probe = np.random.Generator(np.random.Philox(key=0)).uniform(0, 255, shape)
        return np.asarray(model(probe.astype(np.float32), training=False))


def traced_for_noise(model: Any) -> Any:
    """Return the graph of what a model computes for a few images of noise, or raise ModelError if it is too large."""
    shape = _noise_shape(model)
    with explained(model.name, shape[0]):
        traced = _traced(model, shape)
        check_size(traced, model.name, shape[0])
    return traced


def _noise_shape(model: Any) -> tuple[int, ...]:
    """Return the shape of a few images that a model takes."""
    batch, *shape = model.input_shape
    return (batch or 4, *(size or ANY_SIZE for size in shape))


def _traced(model: Any, shape: tuple[int | None, ...]) -> Any:
    """Return the model's computation as a TensorFlow graph, for inputs of one shape."""
    tf = backend.tensorflow()
    # Without AutoGraph, as in `Compiled`.
    function = tf.function(lambda images: model(images, training=False), autograph=False)
    return function.get_concrete_function(tf.TensorSpec(shape, tf.float32))
