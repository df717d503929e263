"""Reads the expected arrays of a run's npz file, which may come from anybody, and writes such a file."""

import functools
from collections.abc import Mapping
from pathlib import Path

import numpy as np

from tfstab.datasets.arrays import read_npz
from tfstab.errors import on_disk
from tfstab.runs.atomic import make_folder, temporary_path, write_then_name
from tfstab.runs.files import checksum

Kinds = Mapping[str, tuple[type[np.generic], int]]  # by name: the kind of the values and the number of axes


def read_arrays(path: Path, kinds: Kinds, small: int) -> dict[str, np.ndarray]:
    """Return the arrays of these names that a file has; others are not read.

    Parameters
    ----------
    path : Path
        The npz file.
    kinds : mapping of str to (type, int)
        Names of arrays, with the kind of their values and their number of axes.
    small : int
        Bytes that the arrays may have together once they are unpacked.

    Raises
    ------
    DataError
        The file is damaged or unpacks to more than it may.
    ValueError
        An array is not of its kind.
    """
    arrays = read_npz(path, kinds, small)
    for name, array in arrays.items():
        kind, axes = kinds[name]
        if not np.issubdtype(array.dtype, kind) or array.ndim != axes:
            raise ValueError(f"{name} has {array.ndim} axes of {array.dtype}; expected {axes} of {kind.__name__}")
        if array.dtype.kind != "U" and (array.itemsize > 8 or not array.dtype.isnative):
            raise ValueError(f"{name} holds {array.dtype}; expected at most 64 bits in native order")
    return arrays


def write_arrays(folder: Path, name: str, arrays: Mapping[str, np.ndarray]) -> None:
    """Write arrays to the file NAME-CHECKSUM.npz in a folder, which is made if missing.

    The file gets this name only once it is whole.

    Raises
    ------
    DiskError
        The file cannot be written.
    """
    with on_disk(folder):
        make_folder(folder)
        write_then_name(
            temporary_path(folder / f"{name}.npz"),
            functools.partial(_write, arrays),
            lambda temporary: folder / f"{name}-{checksum(temporary)}.npz",
        )


def _write(arrays: Mapping[str, np.ndarray], path: Path) -> None:
    """Write arrays to a file."""
    with path.open("wb") as file:
        np.savez(file, **arrays)  # type: ignore[arg-type]
