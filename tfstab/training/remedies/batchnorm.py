"""BatchNorm re-estimation: mean and variance of each BatchNormalization layer, measured on degraded images.

In a network trained on clean images, BatchNorm layers normalise by the statistics of clean images. Degraded images have
other statistics, so the layers that follow get inputs in a range on which they were not trained.

Schneider et al. estimate the statistics of the test images, all under one degradation, while the network is used. Here
they are estimated once, on training images under all degradations that the network is hardened against, and stay fixed,
so that the network remains an ordinary Keras model whose scores of an image do not depend on other images.

References
----------
Schneider, Rusak, Eck, Bringmann, Brendel and Bethge, Improving robustness against common corruptions by covariate shift
adaptation, NeurIPS 2020.
"""

import contextlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tfstab.classifier import Classifier, backend
from tfstab.classifier.keras_graph import nested_layers
from tfstab.classifier.layers import replaced_attribute
from tfstab.classifier.running import explained
from tfstab.models.copying import copy_classifier
from tfstab.training.remedies.kept import KeptArrays


@dataclass(frozen=True, eq=False)
class Statistics:
    """Means and variances of the inputs of a network's BatchNorm layers.

    Attributes
    ----------
    images : int
        Number of images on which they were measured.
    moments : list of tuple of ndarray, or None
        Mean and variance, float64 (C,) each, of the layers in the order of `batch_norm_layers`; None for a layer that
        the network does not use.
    """

    images: int
    moments: list[tuple[NDArray[np.float64], NDArray[np.float64]] | None]


def batch_norm_layers(model: Any) -> list[Any]:
    """Return all BatchNormalization layers of a Keras model and of the models inside it, each once."""
    kind = backend.keras().layers.BatchNormalization
    return list({id(layer): layer for layer in nested_layers(model) if isinstance(layer, kind)}.values())


def measure_statistics(classifier: Classifier, batches: Iterable[Any]) -> Statistics:
    """Measure the statistics of a network's BatchNorm layers on batches of images.

    Each batch is normalised by its own statistics, as in training, so that deeper layers are measured on the inputs
    that they get after re-estimation. All other layers, such as dropout, work as at test time. The network is
    not changed.

    Parameters
    ----------
    classifier : Classifier
        A classifier with a Keras model.
    batches : iterable of tensor or ndarray
        Batches of equal size, float32 (B, H, W, C), grey levels 0..255: degraded images of all classes in random order,
        since each batch should be representative of all images.

    Returns
    -------
    Statistics
        The means and the variances over all batches.

    Raises
    ------
    ModelError
        The network cannot be copied or cannot compute scores.
    """
    model, images = copy_classifier(classifier, classifier.name).model, 0
    layers = batch_norm_layers(model)
    seen: list[list[tuple[np.ndarray, np.ndarray]]] = [[] for _ in layers]
    with contextlib.ExitStack() as replacements:
        for layer, moments in zip(layers, seen, strict=True):
            replacements.enter_context(replaced_attribute(layer, "call", _by_own_statistics(layer, moments)))
        for batch in batches:
            with explained(classifier.name, len(batch)):
                model(batch, training=False)
            images += len(batch)
    return Statistics(images, [_of_all(moments) for moments in seen])


def keep_statistics(statistics: Statistics, kept: KeptArrays) -> None:
    """Keep statistics, so that an interruption does not lose them."""
    for k, moments in enumerate(statistics.moments):
        if moments is not None:
            kept.put(f"statistics of layer {k}", np.stack(moments))
    kept.put("statistics: images", np.array([statistics.images], np.float64))
    kept.save()  # all in one file


def kept_statistics(kept: KeptArrays, model: Any) -> Statistics | None:
    """Return the statistics of a model's layers that were kept, or None."""
    images = kept.get("statistics: images", (1,), np.float64)
    if images is None or not 1 <= images[0] < 1 << 31:
        return None
    channels = (layer.moving_mean.shape[0] for layer in batch_norm_layers(model))
    there = [kept.get(f"statistics of layer {k}", (2, count), np.float64) for k, count in enumerate(channels)]
    return Statistics(int(images[0]), [None if both is None else (both[0], both[1]) for both in there])


def with_statistics(classifier: Classifier, statistics: Statistics, prior: float) -> Classifier:
    """Return a classifier whose BatchNorm layers use an average of their own statistics and those measured.

    No other weight changes.

    Parameters
    ----------
    classifier : Classifier
        The original, which stays unchanged.
    statistics : Statistics
        What `measure_statistics` returns for it.
    prior : float
        Number of images for which the original statistics count. The mean becomes (prior * original + n * measured) /
        (prior + n), where n is the number of images that were measured, and the variance likewise (equation 2 of
        Schneider et al., who call the prior N). 0 replaces the original statistics.

    Returns
    -------
    Classifier
        The new classifier; its model has the same form of inputs and outputs as the original.

    Raises
    ------
    ModelError
        The network cannot be copied.
    """
    changed = copy_classifier(classifier, classifier.name)
    old = prior / (prior + statistics.images)
    for layer, moments in zip(batch_norm_layers(changed.model), statistics.moments, strict=True):
        for weight, measured in zip((layer.moving_mean, layer.moving_variance), moments or (), strict=False):
            weight.assign(old * weight.numpy().astype(np.float64) + (1 - old) * measured)
    return changed


def _by_own_statistics(layer: Any, moments: list[tuple[np.ndarray, np.ndarray]]) -> Callable[..., Any]:
    """Return a replacement for a layer's `call` that normalises a batch by its own statistics and records them."""
    ops, call = backend.keras().ops, layer.call

    def normalised(inputs: Any, *rest: Any, **options: Any) -> Any:
        axes = [axis for axis in range(len(inputs.shape)) if axis != layer.axis % len(inputs.shape)]
        mean, variance = ops.moments(ops.cast(inputs, "float32"), axes)
        layer.moving_mean.assign(mean)
        layer.moving_variance.assign(variance)
        moments.append((mean.numpy().astype(np.float64), variance.numpy().astype(np.float64)))
        return call(inputs, *rest, **options)

    return normalised


def _of_all(moments: list[tuple[np.ndarray, np.ndarray]]) -> tuple[NDArray[np.float64], NDArray[np.float64]] | None:
    """Return mean and variance over several batches of equal size; None if there are none."""
    if not moments:
        return None
    means, variances = (np.stack(part) for part in zip(*moments, strict=True))
    return means.mean(axis=0), variances.mean(axis=0) + means.var(axis=0)
