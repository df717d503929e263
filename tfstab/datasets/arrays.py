"""Images as NumPy arrays: an npz file, or a pair of npy files, which are mapped. Nothing is unpickled."""

import contextlib
import errno
import functools
import io
import math
import os
import zipfile
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import IO, Any

import numpy as np

from tfstab import limits
from tfstab.datasets.dataset import Dataset
from tfstab.errors import DataError, InputError

KINDS = "biufcUS"  # kinds of NumPy types that are read: numbers and texts
IN_ONE_PIECE = 1 << 20  # bytes of an array that may be in memory twice while it is read
PAIR = "arrays"  # the name of data that are given as a pair of arrays


def is_pair(source: Any) -> bool:
    """Return whether this is (images, labels): images as an array of any library, and labels as an array or a list."""
    if not (isinstance(source, tuple | list) and len(source) == 2):
        return False
    images, labels = source
    return hasattr(images, "__array__") and (hasattr(labels, "__array__") or isinstance(labels, tuple | list))


def load_pair(source: Any, split: str) -> Dataset:
    """Make a data set of (images, labels); its name is always the same, so that a run can be resumed."""
    images, labels = source
    if hasattr(labels, "__array__") and (np.ndim(labels) > 2 or np.ndim(labels) == np.ndim(images) == 2):
        raise DataError(
            f"two arrays of images were given, of shapes {np.shape(images)} and {np.shape(labels)}; expected (images, "
            "labels): put all images into one array and give the class of each, as in (np.stack(images), labels)."
        )
    return Dataset.from_arrays(PAIR, split, images, labels, note="arrays given in Python")


def load_npz(path: Path, split: str) -> Dataset:
    """Load `x_SPLIT` and `y_SPLIT`, else `images` and `labels`, and `class_names` if present, from an npz file."""
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
    """Return the names of the arrays in an npz file; raise DataError if it is damaged."""
    with _npz(path) as archive:
        return list(archive.files)


def open_npz(path: Path, keys: list[str], small: int = limits.SMALL_ARRAY) -> list[np.ndarray]:
    """Return the arrays with these names.

    Parameters
    ----------
    path : Path
        The npz file.
    keys : list of str
        Names of the arrays.
    small : int, optional
        Bytes that the arrays may have together, whatever their compression ratio.

    Raises
    ------
    DataError
        The file is damaged or lacks an array, or an array declares or unpacks to too many bytes.
    """
    there = read_npz(path, keys, small)
    if missing := [key for key in keys if key not in there]:
        raise DataError(f"{path} holds no array '{missing[0]}': it is not the expected file; replace it.")
    return [there[key] for key in keys]


def read_npz(path: Path, keys: Iterable[str], small: int = limits.SMALL_ARRAY) -> dict[str, np.ndarray]:
    """Return those of the arrays with these names that an npz file has, as `open_npz` does."""
    with _npz(path) as archive:
        stored = {info.filename: info for info in archive.zip.infolist()}
        found = {key: stored.get(key) or stored.get(f"{key}.npy") for key in keys}
        members = {key: member for key, member in found.items() if member is not None}
        if _expand_too_far(list(members.values()), small):
            largest = max(members.values(), key=lambda member: member.file_size)
            raise DataError(
                f"{path} is refused: the {largest.compress_size / 1e6:.1f} MB of its '{largest.filename}' unpack to "
                f"{largest.file_size / 1e6:,.0f} MB; if that is intended, save the arrays with numpy.savez."
            )
        for member in members.values():
            _check_size(path, member)
        return {key: _read(archive.zip, member) for key, member in members.items()}


def expands_too_far(path: Path, small: int) -> bool:
    """Return whether `open_npz` refuses all arrays of an npz file together, as they are far larger than the file."""
    with _npz(path) as archive:
        return _expand_too_far(archive.zip.infolist(), small)


def _expand_too_far(members: list[zipfile.ZipInfo], small: int) -> bool:
    """Return whether these members unpack to more than `small` bytes, and to far more than they take in the file."""
    unpacked, packed = (sum(getattr(m, size) for m in members) for size in ("file_size", "compress_size"))
    return bool(unpacked > max(small, limits.MOST_ARRAY_EXPANSION * packed))


def _check_size(path: Path, member: zipfile.ZipInfo) -> None:
    """Raise DataError if an array is too large to be read into memory."""
    if member.file_size > limits.LARGEST_ARRAY:
        raise DataError(
            f"{path} holds '{member.filename}' of {member.file_size / 1e9:,.1f} GB: save it as images.npy beside "
            "labels.npy, which need not fit into memory."
        )


def _read(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> np.ndarray:
    """Return the array of a member; raise ValueError if its header is wrong.

    A run has hundreds of small arrays, most of them with the same few headers; NumPy would take most of its time to
    parse these.
    """
    if member.file_size > IN_ONE_PIECE:
        with archive.open(member) as file:
            _check_header(file, member.file_size)
        with archive.open(member) as file:
            return np.asarray(np.lib.format.read_array(file, allow_pickle=False))
    data = archive.read(member)
    shape, by_columns, kind, start = _header(data[: _header_size(data)])
    _check_declared(shape, kind, len(data))
    values = np.frombuffer(data, kind, math.prod(shape), start)
    return values.reshape(shape, order="F" if by_columns else "C").copy(order="K")


def _header_size(data: bytes) -> int:
    """Return the bytes of an npy file's header, at most `LARGEST_ARRAY_HEADER`."""
    version = np.lib.format.read_magic(io.BytesIO(data))
    digits = 2 if version == (1, 0) else 4
    return min(8 + digits + int.from_bytes(data[8 : 8 + digits], "little"), limits.LARGEST_ARRAY_HEADER)


@functools.lru_cache(maxsize=1000)
def _header(header: bytes) -> tuple[tuple[int, ...], bool, np.dtype[Any], int]:
    """Return what the header of an npy file declares: shape, whether by columns, type; and where the values start."""
    start = io.BytesIO(header)
    version = np.lib.format.read_magic(start)
    read = np.lib.format.read_array_header_1_0 if version == (1, 0) else np.lib.format.read_array_header_2_0
    return *read(start), start.tell()


def _check_header(file: IO[bytes], size: int) -> None:
    """Raise ValueError if an npy file of `size` bytes declares more than it holds, which NumPy would allocate."""
    start = file.read(limits.LARGEST_ARRAY_HEADER)
    shape, _, kind, _ = _header(start[: _header_size(start)])
    _check_declared(shape, kind, size)


def _check_declared(shape: tuple[int, ...], kind: np.dtype[Any], size: int) -> None:
    """Raise ValueError if `size` bytes cannot hold the declared values, which NumPy would allocate.

    The same for values other than numbers and texts, and for values of 0 bytes, of which any number would fit.
    """
    if kind.kind not in KINDS:
        raise ValueError(f"it holds values of type {kind}")
    if kind.itemsize == 0 and 0 not in shape:
        raise ValueError("it holds values of 0 bytes")
    if min(shape, default=0) < 0 or math.prod(shape) * kind.itemsize > size:
        raise ValueError(f"it declares {math.prod(shape):,} values in {size:,} bytes")


def _names(path: Path, array: np.ndarray) -> tuple[str, ...]:
    """Return the class names in an array; raise DataError, before copying any, for too many or too long ones."""
    longest = array.itemsize // (4 if array.dtype.kind == "U" else 1)
    if array.size > limits.MOST_CLASSES or longest > limits.CLASS_NAME:
        raise DataError(
            f"{path} has {array.size:,} class names of up to {longest:,} characters; expected at most "
            f"{limits.MOST_CLASSES:,} of {limits.CLASS_NAME:,}."
        )
    names = np.char.decode(array, "utf-8", "replace") if array.dtype.kind == "S" else array
    return tuple(str(name) for name in names.ravel())


@contextlib.contextmanager
def _npz(path: Path) -> Iterator[Any]:
    """Open an npz file; raise DataError for damage, in the body of the `with` statement too."""
    try:
        with np.load(path, allow_pickle=False) as archive:
            yield archive
    except DataError:
        raise
    except Exception as error:  # NumPy and zipfile raise nearly anything for damaged files
        raise DataError(f"{path} is damaged, or not an npz file of plain arrays: replace it ({error}).") from error


def find_pair(folder: Path, split: str) -> Path | None:
    """Return the images' file of a pair of npy files in a folder, x_SPLIT.npy or images.npy; None if there is none."""
    for images in (folder / f"x_{split}.npy", folder / "images.npy"):
        if images.is_file() and labels_of(images).is_file():
            return images
    return None


def labels_of(images: Path) -> Path:
    """Return the labels' file for an images' file.

    It is y_NAME.npy for x_NAME.npy, the same name with "labels" for "images", or labels.npy for any other name.
    """
    if images.name.startswith("x_"):
        return images.with_name(f"y_{images.name[2:]}")
    return images.with_name(images.name.replace("images", "labels") if "images" in images.name else "labels.npy")


def load_npy(path: Path, split: str) -> Dataset:
    """Load the images of an npy file, the labels beside it, and class names from class_names.npy if it exists.

    8-bit images are mapped and stay on the disk; others are converted to 8 bits in memory.
    """
    names = path.with_name("class_names.npy")
    class_names = _names(names, open_npy(names)) if names.is_file() else ()
    labels = open_npy(labels_of(path))
    return Dataset.from_arrays(str(path), split, open_npy(path), labels, class_names, note=f"arrays in {path}")


def open_npy(path: Path) -> np.ndarray:
    """Return the array of an npy file, mapped; raise DataError if it is missing or damaged."""
    if not path.is_file():
        raise DataError(f"{path} is not a file: give images.npy beside labels.npy, or x_test.npy and y_test.npy.")
    if zipfile.is_zipfile(path):
        raise DataError(f"{path} is an npz file with another name: rename it {path.stem}.npz.")
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
    """Return whether enough of a file takes space on the disk; a sparse file of a few bytes can claim any size.

    If the file system has no holes or does not report them, the whole file counts as stored.
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
            return error.errno != errno.ENXIO  # ENXIO: no data follow; other errors: holes are not reported
        stored += place - start
    return True
