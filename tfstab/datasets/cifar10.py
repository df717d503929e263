"""CIFAR-10 (Krizhevsky 2009) from the official Python archive, whose pickles are read without running code."""

import gzip
import io
import pickle
import tarfile
import zlib
from pathlib import Path
from typing import Any

import numpy as np

from tfstab import limits
from tfstab.datasets.dataset import Dataset
from tfstab.datasets.download import Archive, is_official, locate
from tfstab.errors import DataError

ARCHIVE = Archive(
    "cifar-10-python.tar.gz",
    "https://www.cs.toronto.edu/~kriz/cifar-10-python.tar.gz",
    "sha256:6d958be074577803d12ecdefd02955f39262c83c16fe9348329d7fe0b5c001ce",
)
CLASS_NAMES = ("airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck")
BATCHES = {"train": [f"data_batch_{k}" for k in range(1, 6)], "test": ["test_batch"]}


def load(split: str, data_dir: Path | None) -> Dataset:
    """Load the 50,000 training or 10,000 test photographs, 32 x 32 RGB, in the archive's order."""
    path = locate(ARCHIVE, data_dir)
    batches = _read_batches(path, BATCHES[split])
    images = np.concatenate([b[b"data"] for b in batches]).reshape(-1, 3, 32, 32).transpose(0, 2, 3, 1)
    labels = np.concatenate([b[b"labels"] for b in batches])
    official = is_official(ARCHIVE, path)
    note = "official CIFAR-10" if official else "a copy of CIFAR-10 that is not the official archive"
    return Dataset.from_arrays("cifar10", split, np.ascontiguousarray(images), labels, CLASS_NAMES, note=note)


def _read_batches(path: Path, names: list[str]) -> list[dict[bytes, Any]]:
    """Return the batches with these names from the archive; raise DataError if one is missing or damaged."""
    found: dict[str, dict[bytes, Any]] = {}
    try:
        with gzip.open(path) as unpacked, _read_through(_Bounded(unpacked)) as tar:
            for member in tar:
                name = member.name.rsplit("/", 1)[-1]
                if name in names and member.isfile() and member.size <= limits.LARGEST_CIFAR_BATCH:
                    found[name] = _load_arrays(tar.extractfile(member).read(), f"{path.name}: {name}")  # type: ignore[union-attr]
                if len(found) == len(names):
                    break
    except (tarfile.TarError, EOFError, OSError, zlib.error) as error:
        raise DataError(
            f"{path} is damaged or not a gzipped tar archive: remove it, and it will be downloaded again."
        ) from error
    missing = [name for name in names if name not in found]
    if missing:
        raise DataError(f"{path} holds no {missing[0]}: it is not CIFAR-10's Python archive; replace it.")
    return [found[name] for name in names]


def _read_through(stream: Any) -> tarfile.TarFile:
    """Open a tar archive that is read from start to end."""
    return tarfile.open(fileobj=stream, mode="r|")


class _Bounded:
    """A stream that raises an error once it has unpacked to far more than CIFAR-10; tarfile would read on."""

    def __init__(self, stream: gzip.GzipFile) -> None:
        self._stream, self._left = stream, limits.LARGEST_CIFAR_ARCHIVE

    def read(self, size: int) -> bytes:
        """Return the next bytes, at most `size`; raise ReadError beyond the limit."""
        content = self._stream.read(size)
        self._left -= len(content)
        if self._left < 0:
            raise tarfile.ReadError(f"it unpacks to more than {limits.LARGEST_CIFAR_ARCHIVE:,} bytes")
        return content


NUMPY_NAMES = {
    ("numpy.core.multiarray", "_reconstruct"),
    ("numpy._core.multiarray", "_reconstruct"),
    ("numpy", "ndarray"),
    ("numpy", "dtype"),
}


class _Stored:
    """Takes the place of an array or dtype and keeps what the pickle says about it.

    NumPy's own classes trust the pickle: `ndarray(1, "O", bytes)` makes objects from any addresses in memory.
    """

    def __init__(self, *arguments: Any) -> None:
        self.arguments = arguments
        self.state: Any = None

    def __setstate__(self, state: Any) -> None:
        """Keep the state."""
        self.state = state


class _ArraysOnly(pickle.Unpickler):
    """Unpickles dicts, lists, strings, numbers and `_Stored` arrays; refuses all other classes and functions."""

    def find_class(self, module: str, name: str) -> Any:
        """Return `_Stored` for NumPy's array and dtype; raise UnpicklingError for any other name."""
        if (module, name) in NUMPY_NAMES:
            return _Stored
        raise pickle.UnpicklingError(f"{module}.{name}")


def _load_arrays(payload: bytes, where: str) -> dict[bytes, Any]:
    """Return a batch, {b"data": uint8 (N, 3072), b"labels": N numbers}; raise DataError for any other content."""
    try:
        batch = _ArraysOnly(io.BytesIO(payload), encoding="bytes").load()
    except Exception as error:
        raise DataError(
            f"{where} holds more than arrays ({error}) or is damaged: it was not loaded; use the official archive."
        ) from error
    data = _rows_of_bytes(batch.get(b"data")) if isinstance(batch, dict) else None
    if data is None:
        raise DataError(f"{where} does not hold uint8 data of shape (N, 3072): use the official archive.")
    labels = batch.get(b"labels")
    if not isinstance(labels, list) or len(labels) != len(data) or not all(isinstance(k, int) for k in labels):
        raise DataError(f"{where} does not hold one label an image: use the official archive.")
    return {b"data": data, b"labels": labels}


def _rows_of_bytes(stored: Any) -> np.ndarray | None:
    """Return a stored uint8 array (N, 3072), or None if it is anything else."""
    match getattr(stored, "state", None):
        case (_, (int(rows), 3072), _Stored(arguments=("u1" | b"u1", *_)), 0, bytes(content)):
            return np.frombuffer(content, np.uint8).reshape(rows, 3072) if len(content) == rows * 3072 else None
    return None
