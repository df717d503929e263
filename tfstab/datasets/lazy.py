"""Images that are more than the memory holds: files decoded when first asked for, and choosing among any images."""

from collections.abc import Iterator
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tfstab.datasets import store
from tfstab.datasets.images import Resize, decode, refuse_damaged


class FileImages:
    """Images that are decoded, all together, when their pixels are first asked for; `select` asks for none.

    Stands for uint8 (N, H, W, C): `numpy.asarray` gives that, mapped from a temporary file where it is large. Raises
    DataError then, with all that are damaged.
    """

    dtype = np.dtype(np.uint8)
    ndim = 4

    def __init__(self, root: Path, files: list[Path], size: tuple[int, int], grey: bool, resize: Resize | None) -> None:
        self._root, self._files, self._size, self._grey, self._resize = root, files, size, grey, resize

    def __len__(self) -> int:
        return len(self._files)

    @property
    def shape(self) -> tuple[int, int, int, int]:
        return len(self), *self._size, 1 if self._grey else 3

    @property
    def nbytes(self) -> int:
        return int(np.prod(self.shape, dtype=np.int64))

    def select(self, rows: np.ndarray) -> "FileImages":
        """Those at these rows, not decoded."""
        chosen = [self._files[row] for row in np.arange(len(self))[rows]]
        return FileImages(self._root, chosen, self._size, self._grey, self._resize)

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> np.ndarray:
        return np.asarray(self.decoded, dtype)

    def __getitem__(self, key: Any) -> Any:
        return self.decoded[key]

    def __iter__(self) -> Iterator[NDArray[np.uint8]]:
        return iter(self.decoded)

    @cached_property
    def decoded(self) -> NDArray[np.uint8]:
        images, damaged = self.readable()
        refuse_damaged(str(self._root), list(damaged.values()), len(self), "fail")
        return images

    def readable(self) -> tuple[NDArray[np.uint8], dict[int, tuple[str, str]]]:
        """(the images that can be read, {row: (file, what is wrong)} of the others)."""
        damaged: dict[int, tuple[str, str]] = {}
        kept = store.Store(self.shape[1:])
        for row, file in enumerate(self._files):
            try:
                image = decode(file, self._grey, self._resize)
            except ValueError as error:
                damaged[row] = named(file, self._root), str(error)
            else:
                if image.shape == self.shape[1:]:
                    kept.add(image)
                else:
                    damaged[row] = named(file, self._root), "its size has changed while it was read"
        return kept.images, damaged


def named(file: Path, root: Path) -> str:
    """The file as it is called below root."""
    return str(file.relative_to(root)) if file.is_relative_to(root) else str(file)


def pick(images: "NDArray[np.uint8] | FileImages", rows: np.ndarray) -> NDArray[np.uint8]:
    """images[rows], without more of them in memory than fit: rows that follow each other are not even copied."""
    if isinstance(images, FileImages):
        return images.select(rows)  # type: ignore[return-value]  # stands for an array
    rows = np.arange(len(images))[rows]
    size = images[:1].nbytes
    if len(rows) * size <= store.IN_MEMORY:
        return images[rows]
    if np.array_equal(rows, np.arange(rows[0], rows[0] + len(rows))):
        return images[rows[0] : rows[0] + len(rows)]
    return store.stored((images[rows[few]] for few in store.slices(len(rows), size)), images.shape[1:])
