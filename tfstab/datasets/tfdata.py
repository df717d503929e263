"""TensorFlow's own data sets: `tf.data.Dataset`, and folders that TensorFlow Datasets (TFDS) has prepared."""

import json
import struct
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tfstab import limits
from tfstab.datasets.dataset import Dataset, check_class_names
from tfstab.datasets.folders import check_file
from tfstab.datasets.images import ONE_SIZE, Look, Resize, decode, look, note_of, refuse_damaged
from tfstab.datasets.store import Store
from tfstab.errors import DataError, InputError
from tfstab.names import shortened
from tfstab.paths import check_path
from tfstab.reading import read_bytes

FEATURES = "features.json"  # the file by which a folder prepared by TFDS is recognised
UNSCALED = "expected grey levels 0..255: remove its scaling, and name the model's with preprocess."
PAIRS = (("image", "label"), ("images", "labels"))


def is_dataset(source: Any) -> bool:
    """Return whether this is a tf.data.Dataset, without importing TensorFlow."""
    return hasattr(source, "element_spec") and hasattr(source, "as_numpy_iterator")


def load_object(source: Any, split: str) -> Dataset:
    """Read a tf.data.Dataset of (image, label) or {"image": ..., "label": ...}, batched or not, to its end.

    Images are (H, W) or (H, W, C), grey levels 0..255; fractions, which resizing leaves, are rounded. Labels are class
    indices or one-hot. Class names are taken from `source.class_names`, which Keras sets.

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
    fractions, brightest = False, 0
    try:
        for images, classes in _batches(source):
            levels = _levels(images)
            fractions, brightest = images.dtype.kind == "f", max(brightest, int(levels.max()))
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
    return Dataset.from_arrays("tf.data", split, kept.images, np.concatenate(labels), names, note="a tf.data.Dataset")


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


def load_prepared(path: Path, split: str, resize: Resize | None, damaged: str) -> Dataset:
    """Load a folder that TFDS has prepared as TFRecord files, such as NAME/1.0.0, without running code from it.

    Raises
    ------
    DataError
        The folder is damaged or has another format.
    InputError
        It does not have the split.
    """
    image_key, label_key, channels, classes = _features(path)
    names = _class_names(path / f"{label_key}.labels.txt") or tuple(str(k) for k in range(classes))
    check_class_names(names, str(path))
    shards = sorted(path.glob(f"*-{split}.tfrecord*"))
    if not shards:
        there = sorted({f.name.partition(".")[0].rpartition("-")[2] for f in path.glob("*-*.*-*-of-*")})
        raise InputError(f"{path} has no TFRecord files of the split '{split}'; it has: {', '.join(there) or 'none'}.")
    kept: Store | None = None
    labels, rows, wrong, count, with_alpha = [], [], [], 0, 0
    for count, (content, label) in enumerate(_examples(shards, image_key, label_key), 1):
        try:
            seen = look(content)
            grey = kept.shape[2] == 1 if kept else channels == 1 or (channels is None and seen.grey)
            image = decode(content, grey, resize)
        except ValueError as error:
            wrong.append((f"record {count}", str(error)))
            continue
        kept = kept or Store(image.shape)
        if image.shape != kept.shape:
            raise DataError(_sizes(path, seen, kept.shape))
        kept.add(image)
        labels.append(label)
        rows.append(count - 1)
        with_alpha += seen.alpha
    refuse_damaged(str(path), wrong, count, damaged)
    if kept is None:
        raise DataError(f"{path} has no images of the split '{split}'; prepare it again with tensorflow_datasets.")
    note = note_of(f"TFDS's records in {path}", resize, len(wrong), with_alpha)
    made = Dataset.from_arrays(f"folder:{path}", split, kept.images, np.array(labels), names, note=note)
    return replace(made, indices=np.array(rows, np.int64))


def _sizes(path: Path, seen: Look, shape: tuple[int, ...]) -> str:
    """Return the message for images of different sizes."""
    return f"{path} holds images of {seen.size[1]} x {seen.size[0]} and of {shape[1]} x {shape[0]} pixels: {ONE_SIZE}"


def _features(path: Path) -> tuple[str, str, int | None, int]:
    """Return the image's key, the label's key, the channels (None if any) and the number of classes of a folder."""
    try:
        check_file(path / FEATURES, path)
        content = read_bytes(path / FEATURES, limits.LARGEST_FEATURES)
        features = json.loads(content.decode("utf-8", "replace"))["featuresDict"]["features"]
        images = [key for key, value in features.items() if "image" in value]
        labels = [key for key, value in features.items() if "classLabel" in value]
        if len(images) != 1 or len(labels) != 1:
            found = f"{len(images)} images and {len(labels)} class labels"
            raise DataError(f"{path} has {found} in each record; expected one of each, as image classification has.")
        dimensions = features[images[0]]["image"].get("shape", {}).get("dimensions") or ["-1"]
        channels = int(dimensions[-1]) if str(dimensions[-1]) in ("1", "3") else None
        if Path(labels[0]).name != labels[0]:  # the file of class names is named after it
            raise ValueError(f"a label is called {labels[0]}")
        check_path(path / f"{labels[0]}.labels.txt")
        classes = int(features[labels[0]]["classLabel"].get("numClasses", 0))
        if not 0 <= classes <= limits.MOST_CLASSES:
            raise ValueError(f"it declares {classes:,} classes; expected at most {limits.MOST_CLASSES:,}")
        return images[0], labels[0], channels, classes
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        if isinstance(error, DataError):
            raise
        said = shortened(repr(error), 200)
        raise DataError(f"{path / FEATURES} is damaged ({said}): prepare the data again.") from error


def _class_names(path: Path) -> tuple[str, ...]:
    """Return the class names in a text file, one a line; empty if there is no such file."""
    if not path.exists():
        return ()
    check_file(path, path.parent)
    try:
        return tuple(read_bytes(path, limits.LARGEST_NAMES).decode("utf-8", "replace").splitlines())
    except (OSError, ValueError) as error:
        raise DataError(f"{path} is damaged ({error}): prepare the data again.") from error


def _examples(shards: list[Path], image: str, label: str) -> Iterator[tuple[bytes, int]]:
    """Yield the image file's content and the label of each record."""
    for shard in shards:
        _check_lengths(shard)
    import tensorflow as tf

    try:
        for record in tf.data.TFRecordDataset([str(shard) for shard in shards]).as_numpy_iterator():
            feature = tf.train.Example.FromString(record).features.feature
            yield feature[image].bytes_list.value[0], feature[label].int64_list.value[0]
    except Exception as error:  # where protobuf's DecodeError is defined depends on its version
        if isinstance(error, DataError):
            raise
        said = str(error)[:80] or type(error).__name__
        raise DataError(f"{shards[0].parent} holds damaged records ({said}): prepare the data again.") from error


def _check_lengths(shard: Path) -> None:
    """Raise DataError if a record declares more bytes than the file holds, which TensorFlow would allocate.

    The same for records larger than any image file, and for records too small for one, of which a sparse file can hold
    any number.
    """
    check_file(shard, shard.parent)
    size, place = shard.stat().st_size, 0
    with shard.open("rb") as file:
        while place < size:
            file.seek(place)
            head = file.read(12)  # the length and its checksum; the data and their checksum follow
            length = struct.unpack("<Q", head[:8])[0] if len(head) == 12 else size
            if place + length <= size and not limits.SMALLEST_RECORD <= length <= limits.LARGEST_RECORD:
                raise DataError(f"{shard} holds damaged records (one of {length:,} bytes): prepare the data again.")
            place += 16 + length
    if place > size:
        raise DataError(f"{shard} is damaged or cut short: prepare the data again.")
