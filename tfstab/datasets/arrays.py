"""Images as NumPy arrays: an npz file, or a pair of npy files, which are read as needed. Never unpickles."""

import contextlib
import io
import math
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

import numpy as np

from tfstab.datasets.dataset import Dataset
from tfstab.errors import DataError, InputError

MOST_EXPANSION, SMALL = 200, 64 << 20  # how often its packed size an array may have, once that is more than SMALL
LARGEST_HEADER = 64 << 10  # bytes; those of arrays of numbers have 128
LARGEST_ARRAY = 8 << 30  # bytes of an array in an npz file, which is read into memory
# What NumPy and zipfile raise for damaged files; TypeError: an npy file is an array, not a context manager.
DAMAGE = (ValueError, TypeError, OSError, EOFError, RuntimeError, MemoryError, zipfile.BadZipFile, zlib.error)


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
    names = tuple(str(n) for n in open_npz(path, ["class_names"])[0].ravel()) if "class_names" in keys else ()
    return Dataset.from_arrays(str(path), split, images, labels, names, note=f"arrays in {path}")


def npz_keys(path: Path) -> list[str]:
    """The names of the arrays in an npz file. Raises DataError."""
    with _npz(path) as archive:
        return list(archive.files)


def open_npz(path: Path, keys: list[str], small: int = SMALL) -> list[np.ndarray]:
    """The arrays of these keys. Raises DataError, also for what declares or unpacks to more than it should.

    small: bytes that an array may have however well it is packed.
    """
    with _npz(path) as archive:
        for key in keys:
            _check_member(path, archive.zip, key if key in archive.zip.namelist() else f"{key}.npy", small)
        return [archive[key] for key in keys]


def _check_member(path: Path, archive: zipfile.ZipFile, name: str, small: int) -> None:
    """Raise DataError where reading the array would take more memory than images do."""
    member = archive.getinfo(name)
    if member.file_size > max(small, MOST_EXPANSION * member.compress_size):
        raise DataError(
            f"{path} is refused: the {member.compress_size / 1e6:.1f} MB of its '{name}' unpack to "
            f"{member.file_size / 1e6:,.0f} MB; save the arrays with numpy.savez if they are meant."
        )
    if member.file_size > LARGEST_ARRAY:
        raise DataError(
            f"{path} holds '{name}' of {member.file_size / 1e9:,.1f} GB: save it as images.npy beside labels.npy, "
            "which are read as needed."
        )
    with archive.open(member) as file:
        _check_header(file, member.file_size)


def _check_header(file: IO[bytes], size: int) -> None:
    """Raise ValueError where an npy file of this size, in bytes, declares to be larger: NumPy would believe it."""
    start = io.BytesIO(file.read(LARGEST_HEADER))
    version = np.lib.format.read_magic(start)
    read = np.lib.format.read_array_header_1_0 if version == (1, 0) else np.lib.format.read_array_header_2_0
    shape, _, kind = read(start)
    if min(shape, default=0) < 0 or math.prod(shape) * kind.itemsize > size:
        raise ValueError(f"it declares {math.prod(shape):,} numbers in {size:,} bytes")


@contextlib.contextmanager
def _npz(path: Path) -> Iterator[Any]:
    try:
        with np.load(path, allow_pickle=False) as archive:
            yield archive
    except DataError:
        raise
    except KeyError as error:
        raise DataError(f"{path} holds no array {error}: it is not the expected file; replace it.") from error
    except DAMAGE as error:
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
    class_names = tuple(str(name) for name in open_npy(names).ravel()) if names.is_file() else ()
    labels = np.array(open_npy(labels_of(path)))
    return Dataset.from_arrays(str(path), split, open_npy(path), labels, class_names, note=f"arrays in {path}")


def open_npy(path: Path) -> np.ndarray:
    """The array of an npy file, mapped. Raises DataError."""
    if not path.is_file():
        raise DataError(f"{path} is not a file: give images.npy beside labels.npy, or x_test.npy and y_test.npy.")
    if zipfile.is_zipfile(path):
        raise DataError(f"{path} is an npz file by another name: call it {path.stem}.npz.")
    try:
        with path.open("rb") as file:
            _check_header(file, path.stat().st_size)
        return np.asarray(np.load(path, mmap_mode="r", allow_pickle=False))
    except DAMAGE as error:
        raise DataError(f"{path} is damaged, or not an npy file of a plain array: replace it ({error}).") from error
