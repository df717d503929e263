"""Runs models of any origin: their errors become one sentence, and models that need too much memory are refused."""

import contextlib
import math
import re
import threading
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tfstab.classifier import backend
from tfstab.classifier.inputs import batches, padded
from tfstab.classifier.keras_graph import name_scopes_closed
from tfstab.errors import ModelError, TfstabError
from tfstab.limits import TENSOR_OF_BATCH, TENSOR_OF_IMAGE
from tfstab.names import printed, shortened

LONGEST_REASON = 200
_tracing = threading.RLock()  # a search may need two functions of a model at the same time, and Keras traces one
_NOISE = re.compile(r"\x1b\[[0-9;]*m|\{\{[^}]*\}\} ")  # colour codes, and references to nodes of a graph
_TRACEBACK = re.compile(r"Exception encountered|Graph execution error|Detected at node|<stack traces|\s*File \"")
_ERROR_NAME = re.compile(r"^\s*\w+(?:Error|Exception): ", re.MULTILINE)


class Compiled:
    """A function as a TensorFlow graph, for inputs of one signature whose first axis is the batch.

    It is traced and checked by `prepare` or by the first call. Calls raise ModelError for whatever TensorFlow raises,
    except LookupError, which says that an operation has no gradient.

    Parameters
    ----------
    function : callable
        Takes and returns tensors.
    signature : sequence of tf.TensorSpec
        The inputs, with their batch size.
    name : str
        The model's name, for messages.
    """

    def __init__(self, function: Callable[..., Any], signature: Sequence[Any], name: str) -> None:
        # Without AutoGraph, which takes most of the time that tracing takes, and never converts what Keras calls.
        self.function = backend.tensorflow().function(function, input_signature=signature, autograph=False)
        self.signature = tuple(signature)
        self.name, self.batch = name, int(signature[0].shape[0])
        self.ready = False

    def prepare(self) -> None:
        """Trace the function now. Raises ModelError if it cannot be traced or needs too much memory."""
        with _tracing, explained(self.name, self.batch):
            check_size(self.function.get_concrete_function(), self.name, self.batch)
        self.ready = True

    def __call__(self, *inputs: Any) -> Any:
        """Call the function on tensors or arrays that fit the signature."""
        if not self.ready:
            self.prepare()
        with explained(self.name, self.batch):
            return self.function(*inputs)


def compile_logits(outputs: Callable[[Any], Any], batch: int, shape: tuple[int, int, int], name: str) -> Compiled:
    """Return the compiled function of a model's logits.

    Parameters
    ----------
    outputs : callable
        Maps images to logits in a TensorFlow graph.
    batch : int
        How many images are scored at once.
    shape : tuple of int
        Shape (H, W, C) of the images.
    name : str
        The model's name, for messages.
    """
    tf = backend.tensorflow()
    signature = [tf.TensorSpec((batch, *shape), tf.float32)]

    def logits(images: Any) -> Any:
        return tf.cast(outputs(images), tf.float32)

    return Compiled(logits, signature, name)


def compile_gradients(logits: Compiled, in_graph: Callable[[Any], Any], classes: int) -> Compiled:
    """Return the compiled function of images and weights that returns logits and gradients by the images.

    Parameters
    ----------
    logits : Compiled
        Maps images (B, H, W, C) to logits.
    in_graph : callable
        Maps logits to log-scores (B, K) in a TensorFlow graph.
    classes : int
        K.
    """
    tf = backend.tensorflow()
    signature = [*logits.signature, tf.TensorSpec((logits.batch, classes), tf.float32)]

    def gradients(images: Any, weights: Any) -> Any:
        with tf.GradientTape() as tape:
            tape.watch(images)
            output = logits.function(images)
            weighted = tf.reduce_sum(weights * in_graph(output))
        return output, tape.gradient(weighted, images)

    return Compiled(gradients, signature, logits.name)


def outputs_of(
    function: Callable[[NDArray[np.float32]], Any], images: np.ndarray, size: int, width: int, name: str
) -> NDArray[np.float32]:
    """Return what a compiled function computes for any number of images, float32 (N, width).

    Parameters
    ----------
    function : callable
        Maps images float32 (B, H, W, C) to a tensor (B, width).
    images : ndarray
        Images (N, H, W, C).
    size : int
        B.
    width : int
        Numbers for each image, such as scores or logits.
    name : str
        The model's name, for messages.
    """
    outputs = np.empty((len(images), width), np.float32)
    for start, batch in batches(images, size):
        outputs[start : start + size] = function(batch).numpy()[: len(images) - start]
    if not np.isfinite(outputs).all():
        raise ModelError(f"{name} returned NaN or infinite scores: its weights are damaged or diverged.")
    return outputs


def gradients_of(
    function: Compiled, images: np.ndarray, weights: NDArray[np.float32], width: int, name: str
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Return logits (N, width) and gradients (N, H, W, C) for any number of images.

    Parameters
    ----------
    function : Compiled
        As `compile_gradients` returns it.
    images : ndarray
        Images (N, H, W, C).
    weights : ndarray
        Weight (N, K) of each log-score.
    width : int
        Logits of each image.
    name : str
        The model's name, for messages.
    """
    logits = np.empty((len(images), width), np.float32)
    gradients = np.empty(images.shape, np.float32)
    for start, batch in batches(images, function.batch):
        part = slice(start, start + function.batch)
        count = len(images[part])
        try:
            output, gradient = function(batch, padded(weights[part], function.batch))
        except LookupError:  # an operation of a SavedModel without a gradient
            gradient = None
        if gradient is None:
            raise ModelError(
                f"{name} has no gradients; expected engine 'labels', 'pygad' or 'random', without refine "
                "('labels' is the best one for models that round their inputs or scores)."
            )
        logits[part], gradients[part] = output.numpy()[:count], gradient.numpy()[:count]
    if not (np.isfinite(logits).all() and np.isfinite(gradients).all()):
        raise ModelError(f"{name} returned NaN or infinite gradients: its weights are damaged or diverged.")
    return logits, gradients


def multiply_adds(compiled: Compiled) -> float:
    """Return the multiply-adds of one image in a compiled function, as TensorFlow's profiler counts them in its graph.

    Operations inside loops and custom operations are not counted.
    """
    profiler = backend.tensorflow().compat.v1.profiler
    options = profiler.ProfileOptionBuilder.float_operation() | {"output": "none"}
    if not compiled.ready:
        compiled.prepare()
    counted = profiler.profile(compiled.function.get_concrete_function().graph, options=options)
    # Two digits: what is computed once a batch must not make the figure depend on the batch size.
    return float(f"{counted.total_float_ops / 2 / compiled.batch:.1e}")


@contextlib.contextmanager
def explained(name: str, batch: int) -> Iterator[None]:
    """Raise whatever running a model raises, except LookupError, as a ModelError with the model's name."""
    errors = backend.tensorflow().errors
    try:
        with name_scopes_closed():
            yield
    except TfstabError:
        raise
    except (errors.ResourceExhaustedError, MemoryError) as error:
        raise ModelError(
            f"{name} needs more memory for a batch of {batch} images than there is: choose a smaller batch_size, or "
            "another model."
        ) from error
    except Exception as error:  # a user's own layers can raise anything
        if type(error) is LookupError:  # not a KeyError or IndexError: how TensorFlow says that there is no gradient
            raise
        raise ModelError(f"{name} cannot score images: {reason_of(error)}") from error


def reason_of(error: Exception) -> str:
    """Return the line of an error's text that says what is wrong, shortened."""
    text = _NOISE.sub("", str(error))
    if text.startswith("in user code"):  # an error in tracing: its traceback, and the error itself at the end
        text = _ERROR_NAME.split(text)[-1]
    lines = [line.strip() for line in text.splitlines() if line.strip() and not _TRACEBACK.match(line)]
    return shortened(printed(lines[0]), LONGEST_REASON) if lines else type(error).__name__


def check_size(concrete: Any, name: str, batch: int) -> None:
    """Raise ModelError if an operation of a traced function returns a tensor that is too large, judged by its shape.

    Tensors inside loops are not seen here; TensorFlow itself fails on them.
    """
    for operation in concrete.graph.get_operations():
        for tensor in operation.outputs:
            size = tensor.dtype.size * math.prod(tensor.shape) if tensor.shape.is_fully_defined() else 0
            if size <= TENSOR_OF_IMAGE:
                continue
            where = f"its operation '{shortened(printed(operation.name), LONGEST_REASON)}' gives {size / 1e9:,.1f} GB"
            if size > TENSOR_OF_IMAGE * batch:
                raise ModelError(f"{name} is refused: {where} for {batch} images.")
            if size > TENSOR_OF_BATCH:
                raise ModelError(f"{name} is refused: {where} for {batch} images; choose a smaller batch_size.")
