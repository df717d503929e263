"""Tiny classifiers in NumPy, with exact gradients, so that a whole search takes milliseconds and no TensorFlow."""

import numpy as np

from tfstab.classifier.function import FunctionClassifier
from tfstab.classifier.logits import log_softmax

SHAPE = (8, 8, 1)


class NumpyNetwork(FunctionClassifier):
    """logits = tanh((x / 255 - 0.5) V) W + bias; without V, logits = (x / 255) W + bias."""

    def __init__(self, output, bias=None, hidden=None, name="numpy"):
        self.output, self.hidden = np.asarray(output, np.float64), hidden
        classes = self.output.shape[1]
        self.bias = np.zeros(classes) if bias is None else np.asarray(bias, np.float64)
        super().__init__(self._logits_of, SHAPE, classes, name, None, name, "logits", None, self._slopes_of)

    def _features(self, images):
        pixels = images.reshape(len(images), -1).astype(np.float64) / 255
        return pixels if self.hidden is None else np.tanh((pixels - 0.5) @ self.hidden)

    def _logits_of(self, images):
        return self._features(images) @ self.output + self.bias

    def _slopes_of(self, images, weights):
        """The gradient of sum_k weights[n, k] log_score_k."""
        log_scores = log_softmax(self._logits_of(images))
        slopes = weights - weights.sum(axis=1, keepdims=True) * np.exp(log_scores)
        slopes = slopes @ self.output.T
        if self.hidden is not None:
            slopes = (slopes * (1 - self._features(images) ** 2)) @ self.hidden.T
        return (slopes / 255).astype(np.float32).reshape(images.shape)


def curved(classes=4, seed=0):
    """A network with curved boundaries."""
    rng = np.random.default_rng(seed)
    return NumpyNetwork(rng.normal(size=(12, classes)) * 3, hidden=rng.normal(size=(64, 12)) / 2, name=f"curved {seed}")


def linear(gap, classes=2):
    """Class 0 leads a grey image of level 128 by `gap` log-odds; class k > 0 gains k per 255 of pixel k alone."""
    output = np.zeros((64, classes))
    output[np.arange(1, classes), np.arange(1, classes)] = np.arange(1, classes)
    bias = -output.sum(axis=0) * 128 / 255
    bias[0] += gap
    return NumpyNetwork(output, bias, name=f"linear {gap}")


def images_of(classifier, count, seed=1):
    """(images uint8, their predicted classes): random images."""
    images = np.random.default_rng(seed).integers(0, 256, (count, *SHAPE), dtype=np.uint8)
    return images, classifier.scores(images).argmax(axis=1)
