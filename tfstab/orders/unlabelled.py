"""Images without classes: one file, or all images of a folder."""

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from tfstab.datasets import Dataset
from tfstab.datasets.dataset import AS_PREDICTED
from tfstab.datasets.folders import check_file
from tfstab.datasets.images import KINDS, SUFFIXES, decode
from tfstab.datasets.other_formats import CONVERT
from tfstab.datasets.remarks import joined, remarked
from tfstab.datasets.resize import Resize
from tfstab.errors import DataError

if TYPE_CHECKING:
    from tfstab.classifier import Classifier


def unlabelled_images(classifier: "Classifier", path: Path, name: str, form: Resize) -> Dataset:
    """Return images with the model's predictions as their classes.

    A search then finds the noise that changes the prediction.

    Parameters
    ----------
    classifier : Classifier
        Model that predicts the classes; images get its number of channels.
    path : Path
        An image file, or a folder with image files.
    name : str
        Name of the data set.
    form : Resize
        How the images are resized.

    Raises
    ------
    DataError
        There is no image, or one cannot be read.
    """
    files = [path] if path.is_file() else sorted(f for f in _listed(path) if f.suffix.lower() in SUFFIXES)
    if not files:
        raise DataError(f"{path} holds no images: give a {KINDS} file, or a folder of them.")
    images = np.stack([read_image(file, path, classifier.input_shape[2] == 1, form) for file in files])
    classes = classifier.scores(images).argmax(axis=1)
    made = Dataset.from_arrays(name, "test", images, classes, classifier.class_names, names=[f.name for f in files])
    return remarked(made, joined(form, AS_PREDICTED))


def _listed(folder: Path) -> list[Path]:
    try:
        return list(folder.iterdir())
    except OSError as error:
        raise DataError(f"{folder} cannot be read: {error.strerror}.") from error


def read_image(file: Path, root: Path, grey: bool, form: Resize | None = None) -> NDArray[np.uint8]:
    """Return an image (H, W, C) from a file that is `root` or lies inside it, with one channel or three.

    Raises DataError if it cannot be read.
    """
    check_file(file, file if file == root else root)
    try:
        return decode(file, grey, form)
    except ValueError as error:
        if str(error).endswith(CONVERT):
            raise DataError(f"{file} cannot be read as an image: {error}.") from error
        raise DataError(f"{file} cannot be read as an image ({error}): repair it, or choose another.") from error
