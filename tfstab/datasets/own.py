"""The user's own images: a folder with one folder a class, or an npz file."""

import contextlib
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from tfstab.datasets.dataset import Dataset
from tfstab.errors import DataError, InputError

FORMATS = ("PNG", "JPEG", "PPM", "BMP")
# What NumPy and zipfile raise for damaged files; TypeError: an npy file is an array, not a context manager.
DAMAGE = (ValueError, TypeError, OSError, EOFError, RuntimeError, MemoryError, zipfile.BadZipFile, zlib.error)
SUFFIXES = {".png", ".jpg", ".jpeg", ".ppm", ".pgm", ".bmp"}


def load_folder(path: Path, split: str) -> Dataset:
    """Images in class folders; `PATH/train` and `PATH/test` are used where they are there.

    Class names are the folders' names in sorted order. Grey images stay grey if all are. Raises DataError where
    there are no images, one cannot be read, or the sizes differ.
    """
    if not path.is_dir():
        raise DataError(f"{path} is not a folder: give a folder that holds one folder of images a class.")
    root = path / split if (path / split).is_dir() else path
    folders = sorted(f for f in root.iterdir() if f.is_dir() and not f.name.startswith(".") and _has_images(f))
    files = [(k, f) for k, d in enumerate(folders) for f in sorted(d.iterdir()) if f.suffix.lower() in SUFFIXES]
    if not files:
        raise DataError(f"{root} holds no images: expected one folder a class with PNG, JPEG, PPM or BMP files.")
    images = [_read(file) for _, file in files]
    if len({image.ndim for image in images}) > 1:
        images = [image if image.ndim == 3 else np.repeat(image[..., None], 3, -1) for image in images]
    for image, (_, file) in zip(images, files, strict=True):
        if image.shape != images[0].shape:
            raise DataError(
                f"{file} is {image.shape[1]} x {image.shape[0]} pixels but {files[0][1].name} is "
                f"{images[0].shape[1]} x {images[0].shape[0]}: all images must have one size; resize them first."
            )
    names = tuple(folder.name for folder in folders)
    labels = np.array([k for k, _ in files])
    return Dataset.from_arrays(f"folder:{path}", split, np.stack(images), labels, names, note=f"images in {root}")


def _has_images(folder: Path) -> bool:
    return any(f.suffix.lower() in SUFFIXES for f in folder.iterdir())


def _read(file: Path) -> np.ndarray:
    try:
        with Image.open(file, formats=FORMATS) as image:
            if image.mode[0] in "IF":  # Pillow would clip them to 255
                raise ValueError("it has more than 8 bits a channel")
            return np.asarray(image if image.mode == "L" else image.convert("RGB"))
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
        raise DataError(f"{file} cannot be read as an image ({error}): repair or remove it.") from error


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


def open_npz(path: Path, keys: list[str]) -> list[np.ndarray]:
    """The arrays of these keys. Never unpickles. Raises DataError."""
    with _npz(path) as archive:
        return [archive[key] for key in keys]


@contextlib.contextmanager
def _npz(path: Path) -> Iterator[Any]:
    try:
        with np.load(path, allow_pickle=False) as archive:
            yield archive
    except KeyError as error:
        raise DataError(f"{path} holds no array {error}: it is not the expected file; replace it.") from error
    except DAMAGE as error:
        raise DataError(f"{path} is damaged, or not an npz file of plain arrays: replace it ({error}).") from error
