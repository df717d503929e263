"""Images as NumPy arrays: an npz file, or a pair of npy files, which are read as needed. Never unpickles."""

import contextlib
import errno
import io
import math
import os
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

import numpy as np

from tfstab import limits
from tfstab.datasets.dataset import Dataset
from tfstab.errors import DataError, InputError

KINDS = "biufcUS"  # of values that are read: numbers and texts


def load_npz(path: Path, split: str) -> Dataset:
    """`x_SPLIT`/`y_SPLIT`, else `images`/`labels`, and `class_names` where there are some."""
    if not path.is_file():
        raise DataError(f"{path} is not a file: give an npz file with x_{split}/y_{split} or images/labels.")
    keys = set(npz_keys(path))
    if {f"x_{split}", f"y_{split}"} <= keys:
        images, labels = open_npz(path, [f"x_{split}", f"y_{split}"])
    elif {"images", "labels"} <= keys:
        images, labels = open_npz(path, ["images", "labels"])
    else:
        raise InputError(
            f"{path} holds {', '.join(sorted(keys)) or 'nothing'}; "
            f"expected x_{split} and y_{split}, or images and labels."
        )
    names = _names(path, open_npz(path, ["class_names"])[0]) if "class_names" in keys else ()
    return Dataset.from_arrays(str(path), split, images, labels, names, note=f"arrays in {path}")


def npz_keys(path: Path) -> list[str]:
    """The names of the arrays in an npz file. Raises DataError."""
    with _npz(path) as archive:
        return list(archive.files)


def open_npz(path: Path, keys: list[str], small: int = limits.SMALL_ARRAY) -> list[np.ndarray]:
    """The arrays of these keys. Raises DataError, also for what declares or unpacks to more than it should.

    small: bytes that the arrays may have together however well they are packed.
    """
    with _npz(path) as archive:
        names = [key if key in archive.zip.namelist() else f"{key}.npy" for key in keys]
        members = [archive.zip.getinfo(name) for name in names]
        unpacked, packed = (sum(getattr(m, size) for m in members) for size in ("file_size", "compress_size"))
        if unpacked > max(small, limits.MOST_ARRAY_EXPANSION * packed):
            largest = max(members, key=lambda member: member.file_size)
            raise DataError(
                f"{path} is refused: the {largest.compress_size / 1e6:.1f} MB of its '{largest.filename}' unpack to "
                f"{largest.file_size / 1e6:,.0f} MB; save the arrays with numpy.savez if they are meant."
            )
        for member in members:
            _check_member(path, archive.zip, member)
        return [archive[key] for key in keys]


def _check_member(path: Path, archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> None:
    """Raise DataError where reading the array would take more memory than images do."""
    if member.file_size > limits.LARGEST_ARRAY:
        raise DataError(
            f"{path} holds '{member.filename}' of {member.file_size / 1e9:,.1f} GB: save it as images.npy beside "
            "labels.npy, which are read as needed."
        )
    with archive.open(member) as file:
        _check_header(file, member.file_size)


def _check_header(file: IO[bytes], size: int) -> None:
    """Raise ValueError where an npy file of this size, in bytes, declares to be larger: NumPy would believe it.

    Also for values that are no numbers or texts, or that take no bytes, so that any number of them fits.
    """
    start = io.BytesIO(file.read(limits.LARGEST_ARRAY_HEADER))
    version = np.lib.format.read_magic(start)
    read = np.lib.format.read_array_header_1_0 if version == (1, 0) else np.lib.format.read_array_header_2_0
    shape, _, kind = read(start)
    if kind.kind not in KINDS:
        raise ValueError(f"it holds {kind}")
    if kind.itemsize == 0 and 0 not in shape:
        raise ValueError("it holds values of 0 bytes")
    if min(shape, default=0) < 0 or math.prod(shape) * kind.itemsize > size:
        raise ValueError(f"it declares {math.prod(shape):,} values in {size:,} bytes")


def _names(path: Path, array: np.ndarray) -> tuple[str, ...]:
    """Class names. Raises DataError, before any is copied, where they are too many or too long."""
    longest = array.itemsize // (4 if array.dtype.kind == "U" else 1)
    if array.size > limits.MOST_CLASSES or longest > limits.CLASS_NAME:
        raise DataError(
            f"{path} has {array.size:,} class names of up to {longest:,} characters; expected at most "
            f"{limits.MOST_CLASSES:,} of {limits.CLASS_NAME:,}."
        )
    return tuple(str(name) for name in array.ravel())


@contextlib.contextmanager
def _npz(path: Path) -> Iterator[Any]:
    try:
        with np.load(path, allow_pickle=False) as archive:
            yield archive
    except DataError:
        raise
    except KeyError as error:
        raise DataError(f"{path} holds no array {error}: it is not the expected file; replace it.") from error
    except Exception as error:  # NumPy and zipfile raise nearly anything for damaged files
        raise DataError(f"{path} is damaged, or not an npz file of plain arrays: replace it ({error}).") from error


def find_pair(folder: Path, split: str) -> Path | None:
    """The images of a pair of npy files in a folder, x_SPLIT.npy or images.npy; None where there is none."""
    for images in (folder / f"x_{split}.npy", folder / "images.npy"):
        if images.is_file() and labels_of(images).is_file():
            return images
    return None


def labels_of(images: Path) -> Path:
    """The file of the labels: y_NAME.npy for x_NAME.npy, else the name with `labels` for `images`, or labels.npy."""
    if images.name.startswith("x_"):
        return images.with_name(f"y_{images.name[2:]}")
    return images.with_name(images.name.replace("images", "labels") if "images" in images.name else "labels.npy")


def load_npy(path: Path, split: str) -> Dataset:
    """The images of an npy file, mapped, with the labels beside them, and the names in class_names.npy if it is there.

    Only 8-bit images stay on the disk; others are made 8-bit in memory.
    """
    names = path.with_name("class_names.npy")
    class_names = _names(names, open_npy(names)) if names.is_file() else ()
    labels = open_npy(labels_of(path))
    return Dataset.from_arrays(str(path), split, open_npy(path), labels, class_names, note=f"arrays in {path}")


def open_npy(path: Path) -> np.ndarray:
    """The array of an npy file, mapped. Raises DataError."""
    if not path.is_file():
        raise DataError(f"{path} is not a file: give images.npy beside labels.npy, or x_test.npy and y_test.npy.")
    if zipfile.is_zipfile(path):
        raise DataError(f"{path} is an npz file by another name: call it {path.stem}.npz.")
    try:
        with path.open("rb") as file:
            size = path.stat().st_size
            _check_header(file, size)
            if not _is_stored(file, size):
                raise ValueError(f"nearly all of its {size / 1e6:,.0f} MB are a hole, which takes no space on the disk")
        return np.asarray(np.load(path, mmap_mode="r", allow_pickle=False))
    except Exception as error:  # NumPy and zipfile raise nearly anything for damaged files
        raise DataError(f"{path} is damaged, or not an npy file of a plain array: replace it ({error}).") from error


def _is_stored(file: IO[bytes], size: int) -> bool:
    """Whether enough of the file is on the disk: a sparse file of a few bytes can have any size.

    Where the file system does not tell holes from zeros, or knows no holes, all of it is.
    """
    needed = size // limits.MOST_ARRAY_EXPANSION if size > limits.SMALL_ARRAY else 0
    if not needed or not hasattr(os, "SEEK_DATA"):
        return True
    place, stored = 0, 0
    while stored < needed:
        try:
            start = os.lseek(file.fileno(), place, os.SEEK_DATA)
            place = os.lseek(file.fileno(), start, os.SEEK_HOLE)
        except OSError as error:
            return error.errno != errno.ENXIO  # there are no more data; anything else: it cannot be known
        stored += place - start
    return True
