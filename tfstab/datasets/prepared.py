"""Folders that TensorFlow Datasets (TFDS) has prepared as TFRecord files, such as NAME/1.0.0."""

import json
import struct
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from tfstab import limits
from tfstab.datasets.checked_arrays import checked_class_names
from tfstab.datasets.damaged_files import refuse_damaged
from tfstab.datasets.dataset import Dataset
from tfstab.datasets.folders import check_file
from tfstab.datasets.images import FilePart, Look, look
from tfstab.datasets.lazy import FileImages
from tfstab.datasets.remarks import remarked, remarks_on
from tfstab.datasets.resize import ONE_SIZE, Resize
from tfstab.errors import DataError, InputError
from tfstab.names import shortened
from tfstab.paths import check_path
from tfstab.reading import read_bytes

FEATURES = "features.json"  # the file by which a prepared folder is recognised


@dataclass(frozen=True)
class Records:
    """The records of a split, whose images' headers have been read.

    Attributes
    ----------
    path : Path
        The folder.
    split : str
        The split.
    files : list of FilePart
        The image file in each record.
    labels : ndarray
        Class of each record (N,), int64.
    class_names : tuple of str
        Name of each class.
    numbered : bool
        As in `Dataset`.
    channels : int or None
        Channels of all images; None if the folder does not say.
    looks : dict
        {row: what its header says} of all images with a readable header.
    wrong : dict
        {row: (name, what is wrong)} of all others.
    """

    path: Path
    split: str
    files: list[FilePart]
    labels: NDArray[np.int64]
    class_names: tuple[str, ...]
    numbered: bool
    channels: int | None
    looks: dict[int, Look]
    wrong: dict[int, tuple[str, str]]


def read_records(path: Path, split: str) -> Records:
    """Read labels and the headers of images, without running code from the folder.

    Raises
    ------
    DataError
        The folder is damaged or has another format.
    InputError
        It does not have the split.
    """
    image_key, label_key, channels, classes = _features(path)
    own = _class_names(path / f"{label_key}.labels.txt")
    names = checked_class_names(own or tuple(str(k) for k in range(classes)), str(path))
    shards = sorted(path.glob(f"*-{split}.tfrecord*"))
    if not shards:
        there = sorted({f.name.partition(".")[0].rpartition("-")[2] for f in path.glob("*-*.*-*-of-*")})
        raise InputError(f"{path} has no TFRecord files of the split '{split}'; it has: {', '.join(there) or 'none'}.")
    files, labels, looks, wrong = [], [], {}, {}
    for row, (file, content, label) in enumerate(_examples(shards, image_key, label_key)):
        files.append(file)
        labels.append(label)
        try:
            looks[row] = look(content)
        except ValueError as error:
            wrong[row] = file.name, str(error)
    return Records(path, split, files, np.array(labels, np.int64), names, not own, channels, looks, wrong)


def load_records(records: Records, resize: Resize | None, damaged: str, lazy: bool = False) -> Dataset:
    """Make a data set of records.

    Parameters
    ----------
    records : Records
        The records.
    resize : Resize or None
        How to resize the images; None if all must have one size.
    damaged : str
        "fail" raises for images that cannot be read; "skip" leaves them out and warns.
    lazy : bool, optional
        Whether no image is decoded before its pixels are needed, so that only images without a readable header are
        known to be damaged; by default, all are decoded at once.

    Raises
    ------
    DataError
        The sizes differ and no `resize` is given, or images are damaged, or there are none.
    """
    path, looks, wrong, count = records.path, records.looks, dict(records.wrong), len(records.files)
    if not looks:
        refuse_damaged(str(path), list(wrong.values()), count, damaged)
        raise DataError(
            f"{path} has no images of the split '{records.split}'; prepare it again with tensorflow_datasets."
        )
    rows, first = np.array(list(looks), np.int64), next(iter(looks.values()))
    other = next((seen.size for seen in looks.values() if seen.size != first.size), None)
    if resize is None and other is not None:
        raise DataError(
            f"{path} holds images of {other[1]} x {other[0]} and of {first.size[1]} x {first.size[0]} pixels: "
            f"{ONE_SIZE}"
        )
    grey = first.grey if records.channels is None else records.channels == 1
    size = first.size if resize is None else resize.size
    images = FileImages(path, [records.files[row] for row in rows], size, grey, resize)
    pixels: NDArray[np.uint8] = images  # type: ignore[assignment]
    if not lazy:
        pixels, more = images.readable()
        wrong |= {int(rows[k]): why for k, why in more.items()}
        rows = np.delete(rows, list(more))
    refuse_damaged(str(path), [wrong[row] for row in sorted(wrong)], count, damaged, at_least=lazy)
    remarks, note = remarks_on(resize, len(wrong), (looks[row] for row in rows)), f"TFDS's records in {path}"
    unread = np.broadcast_to(np.uint8(0), pixels.shape)  # checking the pixels themselves would decode them
    labels, names = records.labels[rows], records.class_names
    made = Dataset.from_arrays(f"folder:{path}", records.split, unread, labels, names, note=note)
    return remarked(replace(made, images=pixels, indices=rows, numbered=records.numbered), remarks)


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


def _examples(shards: list[Path], image: str, label: str) -> Iterator[tuple[FilePart, bytes, int]]:
    """Yield the image file in each record, its content, and the record's label."""
    places = [(shard, start) for shard in shards for start in _places(shard)]
    import tensorflow as tf

    try:
        records = tf.data.TFRecordDataset([str(shard) for shard in shards]).as_numpy_iterator()
        for number, (record, (shard, start)) in enumerate(zip(records, places, strict=True), 1):
            feature = tf.train.Example.FromString(record).features.feature
            content = feature[image].bytes_list.value[0]
            part = FilePart(shard, start + record.index(content), len(content), f"record {number}")
            yield part, content, feature[label].int64_list.value[0]
    except Exception as error:  # where protobuf's DecodeError is defined depends on its version
        if isinstance(error, DataError):
            raise
        said = str(error)[:80] or type(error).__name__
        raise DataError(f"{shards[0].parent} holds damaged records ({said}): prepare the data again.") from error


def _places(shard: Path) -> list[int]:
    """Return where the data of each record begin, in bytes.

    Raises DataError if a record declares more bytes than the file holds, which TensorFlow would allocate. The same for
    records larger than any image file, and for records too small for one, of which a sparse file can hold any number.
    """
    check_file(shard, shard.parent)
    size, place, places = shard.stat().st_size, 0, []
    with shard.open("rb") as file:
        while place < size:
            file.seek(place)
            head = file.read(12)  # the length and its checksum; the data and their checksum follow
            length = struct.unpack("<Q", head[:8])[0] if len(head) == 12 else size
            if place + length <= size and not limits.SMALLEST_RECORD <= length <= limits.LARGEST_RECORD:
                raise DataError(f"{shard} holds damaged records (one of {length:,} bytes): prepare the data again.")
            places.append(place + 12)
            place += 16 + length
    if place > size:
        raise DataError(f"{shard} is damaged or cut short: prepare the data again.")
    return places
