"""Keras networks in PyTorch, for the attacks of other libraries: the same function, whose gradients PyTorch computes.

`port` rebuilds a functional or Sequential model layer by layer and compares the logits of both on real images. A
`Ported` network takes images (B, C, H, W) in 0..1, as the attacks do, and gives logits (B, K); an ensemble's are the
logarithms of its combined scores.
"""

from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from tfstab import Classifier
from tfstab.classifier.keras_graph import producer

TOLERANCE = 1e-4  # largest difference of logits, relative to the largest logit of the batch where that is above 1
Function = Callable[..., Tensor]


class Ported(torch.nn.Module):
    """A Keras model's layers as PyTorch functions, in the order in which they are computed.

    The softmax at the end is left out. A layer that this module does not know raises TypeError with its name.
    """

    def __init__(self, model: Any) -> None:
        super().__init__()
        self.steps: list[tuple[Function, list[int], int]] = []  # function, its inputs, its output
        self.output = self._add(model.outputs[0], {id(model.inputs[0])}, model.inputs[0])
        self.input = id(model.inputs[0])

    def _add(self, tensor: Any, known: set[int], images: Any) -> int:
        """Add what computes a symbolic tensor, after what that needs; return the tensor's key."""
        if id(tensor) not in known:
            layer, inputs = producer(tensor)
            if not inputs:  # an input layer of the model
                raise TypeError(f"{layer.name} is a second input; expected a model of one.")
            keys = [self._add(before, known, images) for before in inputs]
            self.steps.append((_function(layer), keys, id(tensor)))
            known.add(id(tensor))
        return id(tensor)

    def forward(self, images: Tensor) -> Tensor:
        """Return the logits (B, K) of images (B, C, H, W) in 0..1."""
        return self.values(images.float() * 255)

    def values(self, grey_levels: Tensor) -> Tensor:
        """Return the logits of images in grey levels, 0..255."""
        values = {self.input: grey_levels}
        for function, keys, key in self.steps:
            values[key] = function(*(values[k] for k in keys))
        return values[self.output]


def port(classifier: Classifier, images: np.ndarray) -> Ported:
    """Return a classifier's network in PyTorch, after comparing the logits of images (N, H, W, C), grey levels.

    Raises ValueError if they differ by more than `TOLERANCE`, up to the constant that a softmax ignores.
    """
    ported = Ported(classifier.model).eval()
    batch = images.astype(np.float32)
    with torch.no_grad():
        log_scores = functional.log_softmax(ported(to_torch(batch)).double(), dim=1).numpy()
    expected = classifier.log_scores(batch)
    error = np.abs(log_scores - expected).max() / max(1.0, np.abs(expected).max())
    if not error <= TOLERANCE:
        raise ValueError(f"the logits of {classifier.name} in PyTorch differ by {error:.1e} of the largest.")
    return ported


def to_torch(images: np.ndarray) -> Tensor:
    """Return images (B, H, W, C) in grey levels as a tensor (B, C, H, W) in 0..1."""
    return torch.from_numpy(np.ascontiguousarray(images.astype(np.float32).transpose(0, 3, 1, 2) / np.float32(255)))


def to_grey_levels(images: Tensor) -> np.ndarray:
    """Return a tensor (B, C, H, W) in 0..1 as images (B, H, W, C) in grey levels, float32."""
    return images.detach().numpy().transpose(0, 2, 3, 1) * np.float32(255)


def _function(layer: Any) -> Function:
    """Return a layer as a function of tensors (B, C, H, W) or (B, F)."""
    kind = type(layer).__name__
    if hasattr(layer, "outputs"):  # a model as a layer
        return Ported(layer).values
    if kind not in _LAYERS:
        raise TypeError(f"{layer.name} is a {kind}, which is not ported; known are {', '.join(_LAYERS)}.")
    made = _LAYERS[kind](layer)
    return _followed(made, _activation(layer)) if "activation" in layer.get_config() else made


def _followed(first: Function, second: Function) -> Function:
    return lambda *inputs: second(first(*inputs))


def _same(*inputs: Tensor) -> Tensor:
    return inputs[0]


def _weights(layer: Any) -> list[Tensor]:
    return [torch.from_numpy(np.array(weight, np.float32)) for weight in layer.get_weights()]


def _activation(layer: Any) -> Function:
    """Return a layer's activation. A softmax is left out: it ends the model, or a member of an ensemble."""
    name = layer.get_config()["activation"]
    known = {"linear": _same, "softmax": _same, "relu": functional.relu}
    if name == "leaky_relu":
        return lambda x: functional.leaky_relu(x, 0.2)  # Keras' slope; PyTorch's is 0.01
    if name not in known:
        raise TypeError(f"{layer.name} has the activation {name}, which is not ported.")
    return known[name]


def _padded(x: Tensor, size: tuple[int, int], stride: tuple[int, int], padding: str, value: float) -> Tensor:
    """Pad as Keras' "same" does, whose odd row or column comes last."""
    if padding == "valid":
        return x
    borders: list[int] = []
    for axis in (1, 0):  # PyTorch names the last axis first
        length = x.shape[2 + axis]
        total = max((-(-length // stride[axis]) - 1) * stride[axis] + size[axis] - length, 0)
        borders += [total // 2, total - total // 2]
    return functional.pad(x, borders, value=value)


def _convolution(layer: Any) -> Function:
    kernel, *bias = _weights(layer)
    kernel, size, stride = kernel.permute(3, 2, 0, 1).contiguous(), layer.kernel_size, layer.strides

    def convolve(x: Tensor) -> Tensor:
        x = _padded(x, size, stride, layer.padding, 0)
        return functional.conv2d(x, kernel, *bias, stride=stride, dilation=layer.dilation_rate, groups=layer.groups)

    return convolve


def _depthwise(layer: Any) -> Function:
    kernel, *bias = _weights(layer)
    height, width, channels, multiplier = kernel.shape
    kernel = kernel.permute(2, 3, 0, 1).reshape(channels * multiplier, 1, height, width).contiguous()
    size, stride = layer.kernel_size, layer.strides

    def convolve(x: Tensor) -> Tensor:
        x = _padded(x, size, stride, layer.padding, 0)
        return functional.conv2d(x, kernel, *bias, stride=stride, groups=channels)

    return convolve


def _max_pooling(layer: Any) -> Function:
    size, stride = layer.pool_size, layer.strides
    return lambda x: functional.max_pool2d(_padded(x, size, stride, layer.padding, -torch.inf), size, stride)


def _average_pooling(layer: Any) -> Function:
    if layer.padding != "valid":
        raise TypeError(f"{layer.name} averages over padding, which is not ported.")
    return lambda x: functional.avg_pool2d(x, layer.pool_size, layer.strides)


def _dense(layer: Any) -> Function:
    kernel, *bias = _weights(layer)
    kernel = kernel.T.contiguous()
    return lambda x: functional.linear(x, kernel, *bias)


def _rescaling(layer: Any) -> Function:
    scale, offset = float(layer.scale), float(layer.offset)
    return lambda x: x * scale + offset


def _normalisation(layer: Any) -> Function:
    scale = 1 / np.sqrt(np.array(layer.moving_variance) + layer.epsilon)
    scale = scale * np.array(layer.gamma) if layer.scale else scale
    shift = -np.array(layer.moving_mean) * scale + (np.array(layer.beta) if layer.center else 0)
    factor, offset = (torch.from_numpy(v.astype(np.float32)) for v in (scale, shift))

    def normalise(x: Tensor) -> Tensor:
        shape = (1, -1, 1, 1)[: x.ndim]
        return x * factor.reshape(shape) + offset.reshape(shape)

    return normalise


def _combined(layer: Any) -> Function:
    if layer.combine not in ("mean", "geometric"):
        raise TypeError(f"{layer.name} combines by {layer.combine}, which has no gradient.")

    def combine(*logits: Tensor) -> Tensor:
        log_scores = functional.log_softmax(torch.stack(logits), dim=-1)
        return log_scores.logsumexp(0) - np.log(len(logits)) if layer.combine == "mean" else log_scores.mean(0)

    return combine


_LAYERS: dict[str, Callable[[Any], Function]] = {
    "Rescaling": _rescaling,
    "Conv2D": _convolution,
    "DepthwiseConv2D": _depthwise,
    "Dense": _dense,
    "MaxPooling2D": _max_pooling,
    "AveragePooling2D": _average_pooling,
    "GlobalAveragePooling2D": lambda layer: lambda x: x.mean((2, 3)),
    "BatchNormalization": _normalisation,
    "Flatten": lambda layer: lambda x: x.movedim(1, -1).flatten(1),
    "Concatenate": lambda layer: lambda *x: torch.cat(x, 1),
    "Add": lambda layer: lambda *x: sum(x[1:], x[0]),
    "Activation": lambda layer: _same,  # the activation follows
    "ReLU": lambda layer: functional.relu,
    "LeakyReLU": lambda layer: lambda x: functional.leaky_relu(x, float(layer.negative_slope)),
    "Dropout": lambda layer: _same,
    "CombineScores": _combined,
}
