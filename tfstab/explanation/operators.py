"""The linear maps of layers: what a convolution or a dense layer does without its bias and its activation.

Importing this module starts TensorFlow.
"""

import contextlib
from collections.abc import Iterator
from typing import Any

import numpy as np

from tfstab.classifier import backend
from tfstab.classifier.layers import LayerCall
from tfstab.classifier.running import Compiled

tf, keras = backend.tensorflow(), backend.keras()

EXACT = 1024  # a kernel of so many rows or columns is decomposed within a second
# Residuals at which the iteration ends, relative: the error of a norm is far smaller. The second is for layers that
# stretch many inputs nearly alike, such as convolutions of a large stride.
PRECISION = (1e-2, 1e-1)
STEPS = 32  # vectors that the iteration keeps, or fewer if they would take more memory
MEMORY = 256 << 20  # bytes
RESTARTS = 10
_SEED = 0


def spectral_norm(call: LayerCall) -> float:
    """Return the largest factor by which a layer's linear map stretches any input of its true size.

    Biases and activations are left out. NaN for a layer whose map is not known to be linear.
    """
    layer = call.layer
    if not is_linear(layer) or None in call.shape:
        return float("nan")
    if isinstance(layer, keras.layers.Dense):  # acts on the last axis alone
        kernel = np.asarray(layer.kernel, np.float64)
        return float(np.linalg.norm(kernel, 2)) if min(kernel.shape) <= EXACT else _largest(kernel.astype(np.float32))
    return _largest(_operator(call))


def is_linear(layer: Any) -> bool:
    """Return whether a layer is linear but for its bias and its activation.

    A layer of a subclass that computes in a way of its own is not known to be.
    """
    layers = keras.layers
    kinds = (
        layers.Dense, layers.Conv1D, layers.Conv2D, layers.Conv3D, layers.DepthwiseConv1D, layers.DepthwiseConv2D,
        layers.SeparableConv1D, layers.SeparableConv2D, layers.Conv1DTranspose, layers.Conv2DTranspose,
        layers.Conv3DTranspose,
    )  # fmt: skip
    return any(isinstance(layer, kind) and type(layer).call is kind.call for kind in kinds)


@contextlib.contextmanager
def _only_linear(layer: Any) -> Iterator[None]:
    """Leave out a layer's bias and activation while it is traced."""
    kept = layer.use_bias, layer.activation
    try:
        object.__setattr__(layer, "use_bias", False)
        object.__setattr__(layer, "activation", None)
        yield
    finally:
        object.__setattr__(layer, "use_bias", kept[0])
        object.__setattr__(layer, "activation", kept[1])


def _operator(call: LayerCall) -> Any:
    """Return a layer's linear map as an operator of SciPy, with its transpose."""
    from scipy.sparse.linalg import LinearOperator

    spec = tf.TensorSpec((1, *call.shape), tf.float32)

    def linear(x: Any) -> Any:
        with _only_linear(call.layer):
            return tf.cast(call.layer(x), tf.float32)

    forward = Compiled(linear, [spec], call.layer.name)
    forward.prepare()
    shape = tuple(forward.function.get_concrete_function().outputs[0].shape[1:])

    def transposed(x: Any, y: Any) -> Any:
        with tf.GradientTape() as tape:
            tape.watch(x)
            product = tf.reduce_sum(linear(x) * y)
        return tape.gradient(product, x)

    backward = Compiled(transposed, [spec, tf.TensorSpec((1, *shape), tf.float32)], call.layer.name)
    nothing = np.zeros(spec.shape, np.float32)  # the gradient of a linear map does not depend on where it is taken

    def apply(x: np.ndarray) -> np.ndarray:
        return np.ravel(forward(np.reshape(x, spec.shape).astype(np.float32)).numpy())

    def apply_transposed(y: np.ndarray) -> np.ndarray:
        return np.ravel(backward(nothing, np.reshape(y, (1, *shape)).astype(np.float32)).numpy())

    size = int(np.prod(shape)), int(np.prod(call.shape))
    return LinearOperator(size, matvec=apply, rmatvec=apply_transposed, dtype=np.float32)


def _largest(operator: Any) -> float:
    """Return the largest singular value, by SciPy's restarted Lanczos iteration from a fixed start, in bounded time."""
    from scipy.sparse.linalg import ArpackNoConvergence, LinearOperator, eigsh

    rows, columns = operator.shape
    wide = rows < columns
    start = np.random.default_rng(_SEED).standard_normal(min(rows, columns)).astype(np.float32)

    def squared(x: np.ndarray) -> np.ndarray:
        return np.asarray(operator @ (operator.T @ x) if wide else operator.T @ (operator @ x))

    if len(start) <= 3:  # the iteration wants more columns than vectors
        return float(np.sqrt(np.linalg.norm(np.stack([squared(x) for x in np.eye(len(start), dtype=np.float32)]), 2)))
    if not squared(start).any():  # all weights are 0, of which ARPACK makes an error
        return 0.0
    square = LinearOperator((len(start),) * 2, matvec=squared, dtype=np.float32)
    kept = min(len(start), max(4, min(STEPS, MEMORY // start.nbytes)))
    settings = {"k": 1, "which": "LA", "v0": start, "ncv": kept, "maxiter": RESTARTS, "return_eigenvectors": False}
    for precision in PRECISION:
        with contextlib.suppress(ArpackNoConvergence):
            [found] = eigsh(square, tol=precision, **settings)
            return float(np.sqrt(max(0.0, found)))
    return float("nan")
