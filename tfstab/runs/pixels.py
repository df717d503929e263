"""Whether two runs have the same images. No TensorFlow is imported."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from tfstab.datasets.store import slices
from tfstab.runs.folder import RunFolder

COMPARED = 20  # images by whose pixels the data of two runs are known to be the same; runs may have different samples


def rows_of(run: RunFolder, images: np.ndarray) -> list[int]:
    """Return the rows of these images in the run's arrays of clean images."""
    return [run.clean.row(int(image)) for image in images]


def same_pixels(first: RunFolder, second: RunFolder, images: np.ndarray) -> bool:
    """Return whether two runs have the same pixels of some images.

    Parameters
    ----------
    first, second : RunFolder
        The runs. If their images have the same fingerprints, the pixels are not read.
    images : ndarray of int, (N,)
        Indices of the images, which both runs have.
    """
    if fingerprints(first) == fingerprints(second):
        return True
    steps = slices(len(images), first.clean.images[:1].nbytes)
    return all(np.array_equal(_images(first, images[few]), _images(second, images[few])) for few in steps)


def fingerprints(run: RunFolder) -> tuple[Any, Any]:
    """Return the fingerprints of a run's images and of their indices; of an old run without them its folder."""
    data = run.info["data"]
    found = data.get("images_fingerprint"), data.get("indices_fingerprint")
    return found if all(found) else (run.path, None)


def _images(run: RunFolder, images: np.ndarray) -> NDArray[np.uint8]:
    """Return the pixels of these images."""
    return run.clean.images[rows_of(run, images)]
