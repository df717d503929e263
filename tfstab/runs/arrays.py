"""The arrays of a run's npz file, which may be anybody's: those that are expected, of their kinds."""

from collections.abc import Mapping
from pathlib import Path

import numpy as np

from tfstab import limits
from tfstab.datasets.arrays import npz_keys, open_npz

Kinds = Mapping[str, tuple[type[np.generic], int]]  # by name, what the values are and how many axes there are


def read_arrays(path: Path, kinds: Kinds, small: int = limits.SMALL_RUN) -> dict[str, np.ndarray]:
    """The arrays of these names, but for those that are not there; others are not read.

    small: bytes that they may have together, however well they are packed.
    Raises DataError for a file that is damaged or unpacks to more than it should, ValueError where an array is not of
    its kind.
    """
    there = [name for name in kinds if name in set(npz_keys(path))]
    arrays = dict(zip(there, open_npz(path, there, small), strict=True))
    for name, array in arrays.items():
        kind, axes = kinds[name]
        if not np.issubdtype(array.dtype, kind) or array.ndim != axes:
            raise ValueError(f"{name} has {array.ndim} axes of {array.dtype}; expected {axes} of {kind.__name__}")
        if array.dtype.kind != "U" and (array.itemsize > 8 or not array.dtype.isnative):
            raise ValueError(f"{name} holds {array.dtype}; expected at most 64 bits in native order")
    return arrays
