"""Storage for images that may not fit into memory: in memory while they do, else mapped from a temporary file."""

import io
import tempfile
from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np
import platformdirs
from numpy.typing import NDArray

from tfstab.errors import DataError

IN_MEMORY = 1 << 30  # most bytes of images kept in memory; larger sets are mapped from a file
AT_A_TIME = 16 << 20  # bytes of images that are processed at a time


class Store:
    """Collects images of one shape (H, W, C).

    The temporary file is deleted when neither the store nor the array `images` is in use any more.
    """

    def __init__(self, shape: tuple[int, ...]) -> None:
        self.shape, self._count = shape, 0
        self._memory: io.BytesIO | None = io.BytesIO()
        self._file: Any = None

    def add(self, images: NDArray[np.uint8]) -> None:
        """Add one image (H, W, C) or several (N, H, W, C), uint8; raise DataError if the disk is full."""
        content = np.ascontiguousarray(images).reshape(-1, *self.shape)
        self._count += len(content)
        if self._memory is not None and self._memory.tell() + content.nbytes <= IN_MEMORY:
            self._memory.write(content.data)
            return
        # The system's temporary folder will not do: it is often kept in memory.
        folder = platformdirs.user_cache_path("tfstab", appauthor=False)
        try:
            if self._memory is not None:
                folder.mkdir(parents=True, exist_ok=True)
                self._file = tempfile.TemporaryFile(dir=folder)  # noqa: SIM115  # stays open as long as the array
                self._file.write(self._memory.getbuffer())
                self._memory = None
            self._file.write(content.data)
            self._file.flush()
        except OSError as error:
            raise DataError(
                f"images that do not fit into memory cannot be stored in {folder} ({error.strerror}): free some space, "
                "take fewer, or name another folder with XDG_CACHE_HOME."
            ) from error

    @property
    def images(self) -> NDArray[np.uint8]:
        """All images added, uint8 (N, H, W, C); read-only."""
        shape = (self._count, *self.shape)
        if self._memory is not None:
            return np.frombuffer(self._memory.getbuffer(), np.uint8).reshape(shape)
        return np.asarray(np.memmap(self._file, np.uint8, "r", shape=shape))


def slices(count: int, size: int) -> Iterator[slice]:
    """Return slices that divide `count` images of `size` bytes each into portions of at most AT_A_TIME bytes."""
    step = max(1, AT_A_TIME // max(1, size))
    return (slice(start, start + step) for start in range(0, count, step))


def stored(images: Iterable[NDArray[np.uint8]], shape: tuple[int, ...]) -> NDArray[np.uint8]:
    """Return images of one shape (H, W, C) as one array (N, H, W, C), uint8."""
    store = Store(shape)
    for image in images:
        store.add(image)
    return store.images
