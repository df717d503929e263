"""Where images are kept that may be too many for the memory: there, or mapped from a temporary file."""

import io
import tempfile
from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np
import platformdirs
from numpy.typing import NDArray

from tfstab.errors import DataError

IN_MEMORY = 1 << 30  # bytes of images; more are mapped from a file
AT_A_TIME = 16 << 20  # bytes of images that are handled at a time


class Store:
    """Collects images of one shape (H, W, C); `images` has all. The temporary file goes when nothing needs it."""

    def __init__(self, shape: tuple[int, ...]) -> None:
        self.shape, self._count = shape, 0
        self._memory: io.BytesIO | None = io.BytesIO()
        self._file: Any = None

    def add(self, images: NDArray[np.uint8]) -> None:
        """images: (H, W, C) or (N, H, W, C). Raises DataError where the disk is full."""
        content = np.ascontiguousarray(images).reshape(-1, *self.shape)
        self._count += len(content)
        if self._memory is not None and self._memory.tell() + content.nbytes <= IN_MEMORY:
            self._memory.write(content.data)
            return
        # Not the system's temporary folder, which often is memory itself.
        folder = platformdirs.user_cache_path("tfstab", appauthor=False)
        try:
            if self._memory is not None:
                folder.mkdir(parents=True, exist_ok=True)
                self._file = tempfile.TemporaryFile(dir=folder)  # noqa: SIM115  # it lives as long as the array
                self._file.write(self._memory.getbuffer())
                self._memory = None
            self._file.write(content.data)
            self._file.flush()
        except OSError as error:
            raise DataError(
                f"images that do not fit the memory cannot be kept in {folder} ({error.strerror}): free some space, "
                "take fewer, or name another folder with XDG_CACHE_HOME."
            ) from error

    @property
    def images(self) -> NDArray[np.uint8]:
        """uint8 (N, H, W, C); mapped read-only where there are many."""
        shape = (self._count, *self.shape)
        if self._memory is not None:
            return np.frombuffer(self._memory.getbuffer(), np.uint8).reshape(shape)
        return np.asarray(np.memmap(self._file, np.uint8, "r", shape=shape))


def slices(count: int, size: int) -> Iterator[slice]:
    """Slices of `count` images of `size` bytes that are handled at a time."""
    step = max(1, AT_A_TIME // max(1, size))
    return (slice(start, start + step) for start in range(0, count, step))


def stored(images: Iterable[NDArray[np.uint8]], shape: tuple[int, ...]) -> NDArray[np.uint8]:
    """Images of one shape (H, W, C), as one array."""
    store = Store(shape)
    for image in images:
        store.add(image)
    return store.images
