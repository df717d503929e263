"""The arrays of an npz file that may be anybody's: as expected, without pickles, and no more than the file holds."""

import math
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import IO

import numpy as np

Kinds = Mapping[str, tuple[type[np.generic], int]]  # by name, what the values are and how many axes there are
MOST_EXPANSION, SMALL = 100, 1 << 30  # how often its own size a file may unpack to, once that is more than SMALL bytes


def read_arrays(path: Path, kinds: Kinds) -> dict[str, np.ndarray]:
    """The arrays of these names, but for those that are not there; others are not read.

    Raises nearly anything for a file that is damaged; ValueError where an array is not of its kind or too large.
    """
    arrays = {}
    with zipfile.ZipFile(path) as archive:
        members = {member.filename: member.file_size for member in archive.infolist()}
        wanted = {name: f"{name}.npy" for name in kinds if f"{name}.npy" in members}
        unpacked = sum(members[member] for member in wanted.values())
        if unpacked > max(SMALL, MOST_EXPANSION * path.stat().st_size):
            raise ValueError(f"its {path.stat().st_size / 1e6:.1f} MB unpack to {unpacked / 1e6:,.0f} MB")
        for name, member in wanted.items():
            with archive.open(member) as file:
                shape, dtype = _header(file)
            kind, axes = kinds[name]
            if not np.issubdtype(dtype, kind) or len(shape) != axes:
                raise ValueError(f"{name} has {len(shape)} axes of {dtype}; expected {axes} of {kind.__name__}")
            if math.prod(shape) * dtype.itemsize > members[member]:
                raise ValueError(f"{name} is said to be larger than it is")
            with archive.open(member) as file:
                arrays[name] = np.lib.format.read_array(file, allow_pickle=False)
    return arrays


def _header(file: IO[bytes]) -> tuple[tuple[int, ...], np.dtype]:
    form = np.lib.format
    readers = {(1, 0): form.read_array_header_1_0, (2, 0): form.read_array_header_2_0}
    shape, _, dtype = readers[form.read_magic(file)](file)
    return shape, dtype
