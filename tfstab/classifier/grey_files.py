"""Image files with three equal channels, which a model for grey images takes."""

from dataclasses import replace

import numpy as np

from tfstab.datasets import Dataset
from tfstab.datasets.store import slices, stored
from tfstab.errors import InputError
from tfstab.names import printed

LISTED = 3  # files that an error names


def in_grey(dataset: Dataset, taken: tuple[int | None, int | None, int], name: str) -> Dataset:
    """Return images of files with one channel if a model takes grey images of their size, and no file has colours.

    All other images are returned unchanged. The files are decoded, once, only if a model for grey images gets three
    channels.

    Parameters
    ----------
    dataset : Dataset
        The images (N, H, W, C).
    taken : tuple
        (height, width, channels) that the model takes; None for any height or width.
    name : str
        Of the model, for the error.

    Raises
    ------
    InputError
        Files have colours; the message names them.
    """
    height, width, channels = dataset.image_shape
    fits = taken[0] in (None, height) and taken[1] in (None, width)
    if dataset.names is None or (channels, taken[2]) != (3, 1) or not fits:
        return dataset
    images = np.asarray(dataset.images)
    parts = list(slices(len(images), images[:1].nbytes))
    coloured = np.concatenate([(images[few] != images[few][..., :1]).any((1, 2, 3)) for few in parts])
    if coloured.any():
        raise _has_colours(dataset, np.flatnonzero(coloured), name)
    return replace(dataset, images=stored((images[few][..., :1] for few in parts), (height, width, 1)))


def _has_colours(dataset: Dataset, rows: np.ndarray, name: str) -> InputError:
    """Return the error for coloured files, given by their rows."""
    files = ", ".join(printed(dataset.name_of(row)) for row in rows[:LISTED])
    more = f" and {len(rows) - LISTED:,} more" if len(rows) > LISTED else ""
    verb = "is" if len(rows) == 1 else "are"
    return InputError(
        f"{printed(name)} takes grey images, but {len(rows):,} of the {len(dataset):,} files of "
        f"{printed(dataset.name)} {verb} in colour ({files}{more}): convert them to grey, remove them, or choose "
        "a colour model."
    )
