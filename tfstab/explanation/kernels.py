"""The analysis `kernels`: what weights alone tell.

Which frequencies the first kernels let through, how far each layer can stretch noise, and which classes have nearly the
same output weights.
"""

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tfstab.classifier.layers import LayerCall, calls_of
from tfstab.explanation.analysis import Analysis, Arrays, Field, Material

SIZE = 32  # frequencies of the response along each axis
MOST_LAYERS = 100  # a layer takes up to a second; those after them have no spectral norm


def compute(material: Material) -> Arrays:
    """Measure the first kernels' response, the layers' spectral norms and the output weights of each network."""
    from tfstab.explanation.operators import spectral_norm

    networks = calls_of(material.classifier)
    calls = [call for network in networks for call in network]
    norms = [spectral_norm(call) if k < MOST_LAYERS else np.nan for k, call in enumerate(calls)]
    apart = [output_distances(network, material.classifier.num_classes) for network in networks]
    return {
        "names": np.array([call.name for call in calls]),
        "network": np.repeat(np.arange(len(networks)), [len(network) for network in networks]),
        "norms": np.array(norms),
        "response": np.stack([first_response(network, material.classifier.input_shape) for network in networks]),
        "nearest": np.stack([nearest for nearest, _ in apart]),
        "nearness": np.stack([nearness for _, nearness in apart]),
    }


def output_distances(calls: list[LayerCall], classes: int) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Return for each class (K,) the class with the nearest output weights, and how near: over the median of all pairs.

    NaN if the last layer is not a dense one with an output for each class.
    """
    weights = [weight for weight in calls[-1].layer.weights if len(weight.shape) == 2] if calls else []
    if len(weights) != 1 or weights[0].shape[1] != classes or classes < 3:
        return np.zeros(classes, np.int64), np.full(classes, np.nan)
    columns = np.asarray(weights[0], np.float64).T
    squares = (columns**2).sum(axis=1)
    apart = np.sqrt(np.maximum(squares[:, None] + squares - 2 * columns @ columns.T, 0))
    median = np.median(apart[np.triu_indices(classes, 1)])
    np.fill_diagonal(apart, np.inf)
    with np.errstate(divide="ignore", invalid="ignore"):
        return apart.argmin(axis=1), apart.min(axis=1) / median


def first_response(calls: list[LayerCall], shape: tuple[int, ...] = ()) -> NDArray[np.float64]:
    """Return the response of a network's first kernels to images of a shape (H, W, C); NaN if it has none.

    Several branches may begin with a convolution of their own: those that are given the same shape count together. A
    convolution of single pixels, which only scales channels, does not count. The columns of a dense layer that takes
    all pixels are kernels as large as the image.
    """
    if calls and calls[0].shape == (math.prod(shape),) and len(shape) == 3:
        weights = [weight for weight in calls[0].layer.weights if len(weight.shape) == 2]
        if weights and weights[0].shape[0] == math.prod(shape):
            return response(np.asarray(weights[0], np.float64).reshape(*shape, -1))
    kernels = [(call, kernel) for call in calls if (kernel := spatial_kernel(call)) is not None]
    if not kernels:
        return np.full((SIZE, SIZE), np.nan)
    first, like = kernels[0]
    same = [kernel for call, kernel in kernels if call.shape == first.shape and kernel.shape == like.shape]
    return response(np.concatenate(same, axis=3))


def spatial_kernel(call: LayerCall) -> NDArray[np.float64] | None:
    """Return the kernel (h, w, inputs, outputs) of a two-dimensional convolution of more than a pixel, or None."""
    from tfstab.classifier import backend

    layers, layer = backend.keras().layers, call.layer
    kinds: tuple[Any, ...] = (layers.Conv2D, layers.DepthwiseConv2D, layers.SeparableConv2D)
    if not isinstance(layer, kinds):
        return None
    kernel = layer.depthwise_kernel if isinstance(layer, layers.SeparableConv2D) else layer.kernel
    if len(kernel.shape) != 4 or max(kernel.shape[:2]) < 2:
        return None
    return np.asarray(kernel, np.float64)


def response(kernel: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the mean power (SIZE, SIZE) with which a kernel (h, w, inputs, outputs) passes each frequency on.

    The order is that of NumPy's FFT, and the mean over frequencies is 1, unless all weights are 0. Channels count each
    by itself, as for noise that differs between channels. Kernels larger than SIZE are folded, which no usual one is.
    """
    height, width = kernel.shape[:2]
    padded = np.zeros((-(-height // SIZE) * SIZE, -(-width // SIZE) * SIZE))
    power = np.zeros((SIZE, SIZE))
    for one in np.moveaxis(kernel.reshape(height, width, -1), 2, 0):
        padded[:height, :width] = one
        folded = padded.reshape(-1, SIZE, padded.shape[1] // SIZE, SIZE).sum(axis=(0, 2))
        power += np.abs(np.fft.fft2(folded)) ** 2
    return np.asarray(power / power.mean()) if power.any() else power


KERNELS = Analysis(
    "kernels",
    compute,
    {
        "names": Field(np.str_, ("layer",)),  # without the input; of one network after the other
        "network": Field(np.integer, ("layer",), 0, along="network"),
        "norms": Field(np.floating, ("layer",), 0, missing=True),  # spectral norms; NaN where not known
        # Of the first kernels of each network, by frequency in the order of NumPy's FFT; NaN without convolution.
        "response": Field(np.floating, ("network", SIZE, SIZE), 0, missing=True),
        # The class whose output weights are nearest, and their distance over the median distance of two classes.
        "nearest": Field(np.integer, ("network", "class"), 0),
        "nearness": Field(np.floating, ("network", "class"), 0, missing=True),
    },
    of_images=False,
    layers=True,
    work=30,
)
