"""Images from a `tf.data.Dataset`."""

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tfstab.datasets.dataset import ROUNDED, Dataset
from tfstab.datasets.store import Store
from tfstab.errors import DataError, InputError

UNSCALED = "expected grey levels 0..255: remove its scaling, and name the model's with preprocess."
PAIRS = (("image", "label"), ("images", "labels"))


def is_dataset(source: Any) -> bool:
    """Return whether this is a tf.data.Dataset, without importing TensorFlow."""
    return hasattr(source, "element_spec") and hasattr(source, "as_numpy_iterator")


def load_object(source: Any, split: str) -> Dataset:
    """Read a tf.data.Dataset of (image, label) or {"image": ..., "label": ...}, batched or not, to its end.

    Images are (H, W) or (H, W, C), grey levels 0..255; fractions, which resizing leaves, are rounded, and the note says
    so. Labels are class indices or one-hot. Class names are taken from `source.class_names`, which Keras sets.

    Raises
    ------
    InputError
        Its elements have another form, or it never ends.
    DataError
        Reading it fails.
    """
    import tensorflow as tf

    if int(source.cardinality()) == tf.data.INFINITE_CARDINALITY:
        raise InputError("the tf.data.Dataset never ends: leave repeat() out, or end it with take(N).")
    kept: Store | None = None
    labels: list[np.ndarray] = []
    fractions, rounded, brightest = False, False, 0
    try:
        for images, classes in _batches(source):
            levels = _levels(images)
            fractions, brightest = images.dtype.kind == "f", max(brightest, int(levels.max()))
            rounded = rounded or not np.array_equal(levels, images)
            kept = kept or Store(levels.shape[1:])
            kept.add(levels)
            labels.append(classes)
    except (tf.errors.OpError, ValueError) as error:
        if isinstance(error, DataError | InputError):
            raise
        raise DataError(f"the tf.data.Dataset cannot be read to its end: {str(error).splitlines()[0]}") from error
    if kept is None:
        raise DataError("the tf.data.Dataset has no images; expected at least one.")
    if fractions and brightest <= 1:
        raise InputError(f"the tf.data.Dataset gives values in 0..1; {UNSCALED}")
    names = tuple(str(name) for name in getattr(source, "class_names", ()))
    note = "a tf.data.Dataset" + (f", {ROUNDED}" if rounded else "")
    return Dataset.from_arrays("tf.data", split, kept.images, np.concatenate(labels), names, note=note)


def _batches(source: Any) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Yield images (B, H, W, C) and labels (B,) of each element; B is 1 if there are no batches."""
    spec = source.element_spec
    if isinstance(spec, dict):
        image, label = next((pair for pair in PAIRS if set(pair) <= set(spec)), (None, None))
    else:
        image, label = (0, 1) if isinstance(spec, tuple) and len(spec) == 2 else (None, None)  # type: ignore[assignment]
    if image is None or None in (_rank(spec[image]), _rank(spec[label])):
        raise InputError(f"the tf.data.Dataset gives {spec}; expected (image, label), or a dict of the two.")
    batched = _is_batched(spec[image].shape, spec[label].shape)
    shape: tuple[int, ...] | None = None
    for element in source.as_numpy_iterator():
        images, labels = np.asarray(element[image]), np.asarray(element[label])
        if not batched:
            images, labels = images[None], labels[None]
        images = images[..., None] if images.ndim == 3 else images
        shape = shape or images.shape[1:]
        if images.shape[1:] != shape:
            raise InputError(
                f"the tf.data.Dataset has images of {shape} and of {images.shape[1:]}; expected one shape."
            )
        one_hot = labels.ndim == 2 and labels.shape[1] > 1
        yield images, labels.argmax(axis=1) if one_hot else labels.reshape(-1)


def _is_batched(image: Any, label: Any) -> bool:
    """Return whether elements with these shapes, of image and label, are batches."""
    if image.rank == 3 and label.rank == 1:  # (H, W, C) and a one-hot label, or a batch of (H, W)
        return image[-1] not in (1, 3)
    return bool(label.rank > 0 and image.rank > 2)


def _rank(spec: Any) -> int | None:
    """Return the number of axes of a part of an element; None if it is unknown or not a tensor."""
    return getattr(getattr(spec, "shape", None), "rank", None)


def _levels(images: np.ndarray) -> NDArray[np.uint8]:
    """Return images as uint8; raise InputError unless they are numbers in 0..255."""
    if images.dtype.kind not in "uif":
        raise InputError(f"the tf.data.Dataset gives images of {images.dtype}; expected grey levels 0..255 as numbers.")
    low, high = float(images.min()), float(images.max())
    if not (low >= 0 and high <= 255):
        raise InputError(f"the tf.data.Dataset gives values from {low:g} to {high:g}; {UNSCALED}")
    return np.round(images).astype(np.uint8)
