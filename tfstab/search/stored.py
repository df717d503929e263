"""How a `MinimumNoise` is stored: in an npz file, which may come from anybody when it is read."""

from pathlib import Path
from typing import Any

import numpy as np

from tfstab import limits
from tfstab.errors import RunError
from tfstab.names import shortened
from tfstab.runs.arrays import Kinds, read_arrays
from tfstab.search.result import MinimumNoise

KINDS: Kinds = {  # type and number of axes of everything in a result's file
    "image": (np.integer, 0),
    "class_index": (np.integer, 0),
    "found": (np.bool_, 0),
    "clean": (np.uint8, 3),
    "noise": (np.floating, 3),
    "scores": (np.floating, 1),
    "clean_scores": (np.floating, 1),
    "l2_uint8": (np.floating, 0),
    "objective": (np.floating, 0),
    "queries": (np.integer, 0),
    "generations": (np.integer, 0),
    "stop_reason": (np.str_, 0),
    "history": (np.floating, 2),
    "repair_queries": (np.integer, 0),
    "gradients": (np.integer, 0),
    "norm": (np.str_, 0),
    "size_uint8": (np.floating, 0),
}
OLDER = {"repair_queries": 0, "gradients": 0, "norm": "l2"}  # values of what files of older versions lack
BYTES_PER_PIXEL = 5  # of the clean image and the noise together


def save(result: MinimumNoise, path: Path) -> None:
    """Write all fields but `seconds` to an npz file."""
    with path.open("wb") as file:
        arrays = {name: np.asarray(getattr(result, name)) for name in KINDS}
        course = {} if result.course is None else result.course.arrays
        np.savez_compressed(file, **arrays, **course)  # type: ignore[arg-type]


def load(path: Path, pixels: int | None = None) -> MinimumNoise:
    """Read a file that `save` wrote.

    Parameters
    ----------
    path : Path
        The npz file.
    pixels : int, optional
        Number of values in an image. A file with far larger arrays is refused before it is read.

    Returns
    -------
    MinimumNoise
        The result; its `seconds` is NaN.

    Raises
    ------
    RunError
        The file is damaged.
    """
    try:
        small = limits.SMALL_RUN if pixels is None else limits.SMALL_ARRAY + BYTES_PER_PIXEL * pixels
        arrays = read_arrays(path, KINDS, small)
        missing = {name: np.array(value) for name, value in OLDER.items() if name not in arrays}
        missing |= {"size_uint8": arrays["l2_uint8"]} if "size_uint8" not in arrays else {}
        values: dict[str, Any] = {name: (arrays | missing)[name] for name in KINDS}
    except Exception as error:
        said = shortened(str(error), 200)
        raise RunError(f"{path} is damaged ({said}): resume the search to make it again.") from error
    return MinimumNoise(**{name: value.item() if value.ndim == 0 else value for name, value in values.items()})
