"""The checks of images, labels and names of classes that are given as arrays, from which a data set is made."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from tfstab import limits
from tfstab.datasets.store import slices
from tfstab.errors import DataError
from tfstab.names import composed, encodable, shortened


def checked_class_names(names: Sequence[str], where: str) -> tuple[str, ...]:
    """Return names of classes as `composed` makes them, by which they are matched.

    Raises DataError if there are too many names, or if one is too long or cannot be written as UTF-8.
    """
    names = tuple(composed(str(name)) for name in names)
    if len(names) > limits.MOST_CLASSES:
        raise DataError(f"{where} has {len(names):,} classes; expected at most {limits.MOST_CLASSES:,}.")
    for name in names:
        if len(name) > limits.CLASS_NAME:
            raise DataError(
                f"{where}: the class name '{shortened(name, 40)}' has {len(name):,} characters; expected at most "
                f"{limits.CLASS_NAME:,}."
            )
        if not encodable(name):
            raise DataError(f"{where}: the class name {name!a} cannot be written as UTF-8: rename the class.")
    return names


def as_uint8(images: np.ndarray, name: str) -> tuple[NDArray[np.uint8], bool]:
    """Return images as uint8 (N, H, W, C), and whether fractions were rounded, such as resizing leaves.

    Raises DataError unless all values are grey levels 0..255.
    """
    images = np.asarray(images)
    if images.ndim == 3:
        images = images[..., None]
    if images.ndim != 4 or images.shape[-1] not in (1, 3):
        first = images.ndim == 4 and images.shape[1] in (1, 3)
        advice = ": put the channels last with images.transpose(0, 2, 3, 1)" if first else ""
        raise DataError(
            f"{name}: images of shape {images.shape} were given; expected (N, H, W), (N, H, W, 1) or (N, H, W, 3)"
            f"{advice}."
        )
    if 0 in images.shape:
        raise DataError(f"{name}: it holds no images; expected at least one.")
    if images.dtype == np.uint8:
        return images, False
    if images.dtype.kind not in "iuf":
        raise DataError(f"{name}: images of type {images.dtype} were given; expected uint8 grey levels 0..255.")
    as_uint8 = np.empty(images.shape, np.uint8)
    low, high, whole = np.inf, -np.inf, True
    for few in slices(len(images), images[:1].nbytes):  # in slices, because the whole may not fit into memory
        part = images[few]
        if not np.isfinite(part).all():
            raise DataError(f"{name}: the images hold NaN or infinite values; expected grey levels 0..255.")
        low, high = min(low, part.min()), max(high, part.max())
        as_uint8[few] = np.round(np.clip(part, 0, 255))
        whole = whole and np.array_equal(as_uint8[few], part)
    if low < 0 or high > 255 or (images.dtype.kind == "f" and as_uint8.max() <= 1):
        advice = ""
        if images.dtype.kind == "f" and low >= -1 and high <= 1:
            scaled = "add 1 to images in -1..1, multiply by 127.5" if low < 0 else "multiply images in 0..1 by 255"
            own = "signed" if low < 0 else "unit"
            advice = f" ({scaled}; a model that was trained on such images needs preprocess='{own}', too)"
        elif images.dtype.kind == "f" and low < 0:
            advice = (
                " (if they were normalised as (x - mean) / std, give x * std + mean, with the mean and standard "
                "deviation in grey levels; a model that was trained on such images also needs "
                "preprocess='mean=M/std=S' with these numbers)"
            )
        raise DataError(f"{name}: values from {low:g} to {high:g} were given; expected grey levels 0..255{advice}.")
    return as_uint8, not whole


def as_labels(labels: np.ndarray, count: int, name: str) -> NDArray[np.int64]:
    """Return labels as int64 (count,); raise DataError unless they are whole numbers from 0, one for each image."""
    labels = np.asarray(labels)
    if labels.ndim == 2 and labels.shape[1] == 1:
        labels = labels[:, 0]
    if not labels.ndim and labels.dtype.kind in "iu":
        raise DataError(
            f"{name}: a single label was given; expected arrays (for one image, give images[None] and [label])."
        )
    if labels.shape != (count,):
        one_hot = labels.ndim == 2 and len(labels) == count
        advice = ": if they are one-hot, give labels.argmax(axis=1)" if one_hot else ""
        raise DataError(f"{name}: {count} images but labels of shape {labels.shape}; expected ({count},){advice}.")
    as_int = labels.astype(np.int64) if labels.dtype.kind in "iuf" and np.isfinite(labels).all() else None
    if as_int is None or not np.array_equal(as_int, labels):
        words = (
            "; give [class_names.index(label) for label in labels], where class_names lists the classes in the order "
            "of the model's outputs"
            if labels.dtype.kind in "USO"
            else ""
        )
        raise DataError(f"{name}: the labels are not whole numbers; expected 0-based class indices{words}.")
    if as_int.min() < 0:
        raise DataError(f"{name}: label {as_int.min()} is out of range; labels start at 0.")
    return as_int
