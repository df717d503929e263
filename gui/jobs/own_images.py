"""Images without classes, for the child process: one file, or all images of a folder."""

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from tfstab.datasets import Dataset
from tfstab.datasets.folders import check_file
from tfstab.datasets.images import KINDS, SUFFIXES, Resize, decode
from tfstab.errors import DataError
from tfstab.gui.jobs.protocol import IMAGES

if TYPE_CHECKING:
    from tfstab.classifier import Classifier


def load_images(classifier: "Classifier", path: Path) -> Dataset:
    """The images, made as large and as colourful as the model wants them; their classes are what the model says.

    So a search finds the noise that changes the model's mind. Raises DataError where there is no image to read.
    """
    files = [path] if path.is_file() else sorted(f for f in _listed(path) if f.suffix.lower() in SUFFIXES)
    if not files:
        raise DataError(f"{path} holds no images: give a {KINDS} file, or a folder of them.")
    height, width, channels = classifier.input_shape
    form = Resize((height, width), "stretch")
    images = np.stack([_read(file, path, channels == 1, form) for file in files])
    classes = classifier.scores(images).argmax(axis=1)
    note = f"fitted to {classifier.input_shape[0]} x {classifier.input_shape[1]}, classes as predicted"
    return Dataset.from_arrays(f"{IMAGES}{path}", "test", images, classes, classifier.class_names, note=note)


def _listed(folder: Path) -> list[Path]:
    try:
        return list(folder.iterdir())
    except OSError as error:
        raise DataError(f"{folder} cannot be read: {error.strerror}.") from error


def _read(file: Path, root: Path, grey: bool, form: Resize) -> NDArray[np.uint8]:
    check_file(file, file if file == root else root)
    try:
        return decode(file, grey, form)
    except ValueError as error:
        raise DataError(f"{file} cannot be read as an image ({error}): repair it, or choose another.") from error
