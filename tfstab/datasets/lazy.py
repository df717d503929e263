"""Images that may not fit into memory: files decoded when first needed, and the selection of rows of any images."""

from collections.abc import Iterator, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tfstab.datasets import store
from tfstab.datasets.damaged_files import refuse_damaged
from tfstab.datasets.images import FilePart, decode
from tfstab.datasets.resize import Resize


class FileImages:
    """Image files that are decoded, all at once, when their pixels are first needed.

    It takes the place of a uint8 array (N, H, W, C); `numpy.asarray` returns that array, mapped from a temporary file
    if it is large. `select` decodes nothing. Decoding raises DataError, naming the damaged files, if there are any.

    Parameters
    ----------
    root : Path
        The folder that messages name, and relative to which they name files.
    files : sequence of Path or FilePart
        The image files.
    size : tuple of int
        (height, width) of all images, in pixels.
    grey : bool
        Whether the images have one channel; otherwise three.
    resize : Resize or None
        How files of another size are resized.
    """

    dtype = np.dtype(np.uint8)
    ndim = 4

    def __init__(
        self, root: Path, files: Sequence[Path | FilePart], size: tuple[int, int], grey: bool, resize: Resize | None
    ) -> None:
        self._root, self._files, self._size, self._grey, self._resize = root, files, size, grey, resize

    def __len__(self) -> int:
        """Return the number of images."""
        return len(self._files)

    @property
    def shape(self) -> tuple[int, int, int, int]:
        """(N, H, W, C)."""
        return len(self), *self._size, 1 if self._grey else 3

    @property
    def nbytes(self) -> int:
        """Bytes of all decoded images."""
        return int(np.prod(self.shape, dtype=np.int64))

    def select(self, rows: np.ndarray) -> "FileImages":
        """Return the images at these rows, without decoding them."""
        chosen = [self._files[row] for row in np.arange(len(self))[rows]]
        return FileImages(self._root, chosen, self._size, self._grey, self._resize)

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> np.ndarray:
        """Return the decoded images (N, H, W, C)."""
        return np.asarray(self.decoded, dtype)

    def __getitem__(self, key: Any) -> Any:
        """Return an element or slice of the decoded images."""
        return self.decoded[key]

    def __iter__(self) -> Iterator[NDArray[np.uint8]]:
        """Iterate over the decoded images."""
        return iter(self.decoded)

    @cached_property
    def decoded(self) -> NDArray[np.uint8]:
        """All images, uint8 (N, H, W, C); raises DataError if a file is damaged."""
        images, damaged = self.readable()
        refuse_damaged(str(self._root), list(damaged.values()), len(self), "fail")
        return images

    def readable(self) -> tuple[NDArray[np.uint8], dict[int, tuple[str, str]]]:
        """Decode all files that can be read.

        Returns
        -------
        images : ndarray
            The images that can be read, (n, H, W, C), uint8.
        damaged : dict
            {row: (file name, what is wrong)} of all others.
        """
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
                    damaged[row] = named(file, self._root), "its size changed while it was being read"
        return kept.images, damaged


def named(file: Path | FilePart, root: Path) -> str:
    """Return the file's path relative to root, or the whole path if it is elsewhere."""
    if isinstance(file, FilePart):
        return file.name
    return str(file.relative_to(root)) if file.is_relative_to(root) else str(file)


def pick(images: "NDArray[np.uint8] | FileImages", rows: np.ndarray) -> NDArray[np.uint8]:
    """Return images[rows], uint8 (n, H, W, C); if they do not fit into memory, as a view or mapped from a file."""
    if isinstance(images, FileImages):
        return images.select(rows)  # type: ignore[return-value]  # behaves like an array
    rows = np.arange(len(images))[rows]
    size = images[:1].nbytes
    if len(rows) * size <= store.IN_MEMORY:
        return np.asarray(images[rows])
    if np.array_equal(rows, np.arange(rows[0], rows[0] + len(rows))):
        return images[rows[0] : rows[0] + len(rows)]
    return store.stored((images[rows[few]] for few in store.slices(len(rows), size)), images.shape[1:])
