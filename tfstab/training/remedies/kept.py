"""Arrays that a folder keeps while remedies without training are measured, so that a stop or a kill loses only seconds.

They are written to parts/remedies-NUMBER-CHECKSUM.npz, and are read in the order of these names if they are of the same
work.
"""

import hashlib
import json
import time
from pathlib import Path
from typing import Any

import numpy as np

from tfstab import limits
from tfstab.datasets.arrays import read_npz
from tfstab.errors import DiskError, TfstabError, on_disk
from tfstab.runs.arrays import Kinds, read_arrays, write_arrays
from tfstab.runs.atomic import remove_temporaries
from tfstab.runs.environment import environment, of_scores
from tfstab.runs.files import PARTS, check_parts, find_parts, is_whole
from tfstab.runs.scoring import NotKeptInterrupt

KEEP = 20.0  # seconds of work that a kill may lose; Ctrl-C loses what is computed at that moment
OF_REMEDIES = "remedies"  # how the names of the files begin
HEADER: Kinds = {"key": (np.str_, 1), "names": (np.str_, 1)}


class KeptArrays:
    """Arrays by name; a context manager that saves the latest ones if the work ends before its end.

    Parameters
    ----------
    folder : Path or None
        The folder, which this process has locked; None keeps nothing.
    work : object
        All that the arrays depend on, as values that JSON can hold.
    device : str
        The device that computes them.
    """

    def __init__(self, folder: Path | None, work: object = None, device: str = "") -> None:
        self._folder = folder
        of_work = json.dumps([work, of_scores(environment(device))], sort_keys=True)
        self._key = hashlib.sha256(of_work.encode()).hexdigest()
        self._there: dict[str, np.ndarray] = {}
        self._waiting: dict[str, np.ndarray] = {}
        self._saved = time.monotonic()

    def __enter__(self) -> "KeptArrays":
        """Read what the folder keeps."""
        if self._folder is not None:
            check_parts(self._folder)
            for path in self._files():
                self._there |= self._read(path)
        return self

    def __exit__(self, kind: type[BaseException] | None, *exception: object) -> None:
        """Save the latest arrays, unless an error of tfstab ended the work."""
        if kind is not None and issubclass(kind, TfstabError):
            return
        try:
            self.save()
        except DiskError as error:
            if kind is not None and issubclass(kind, KeyboardInterrupt):
                raise NotKeptInterrupt(f"some of the finished work is not kept, as {error}") from error
            if kind is None:
                raise

    def get(self, name: str, like: tuple[int | None, ...], dtype: type[np.generic] = np.float32) -> np.ndarray | None:
        """Return the array of this name if it has this type, and this shape where that is not None; else None."""
        array = self._there.get(name)
        if array is None or array.dtype != dtype or array.ndim != len(like):
            return None
        fits = all(size in (None, there) for size, there in zip(like, array.shape, strict=True))
        return array if fits and array.size else None

    def put(self, name: str, array: np.ndarray) -> None:
        """Take an array, which is written from time to time."""
        if self._folder is None:
            return
        self._there[name] = self._waiting[name] = array
        if time.monotonic() - self._saved >= KEEP:
            self.save()

    def save(self) -> None:
        """Write the arrays that are not written yet."""
        self._saved = time.monotonic()
        if not self._waiting or self._folder is None:
            return
        arrays: dict[str, Any] = {"key": np.array([self._key]), "names": np.array(list(self._waiting))}
        arrays |= {_entry(k): array for k, array in enumerate(self._waiting.values())}
        write_arrays(self._folder / PARTS, f"{OF_REMEDIES}-{len(self._files()):06}", arrays)
        self._waiting.clear()

    def _files(self) -> list[Path]:
        """Return the files of the folder."""
        return [] if self._folder is None else files_of_remedies(self._folder)

    def _read(self, path: Path) -> dict[str, np.ndarray]:
        """Return the arrays of a file; none if it is damaged or of other work."""
        try:
            header = read_arrays(path, HEADER, limits.SMALL_RUN) if is_whole(path) else {}
            if header.keys() != HEADER.keys() or header["key"].tolist() != [self._key]:
                return {}
            names = header["names"].tolist()
            arrays = read_npz(path, list(map(_entry, range(len(names)))), limits.SMALL_RUN)
            named = {name: arrays[_entry(k)] for k, name in enumerate(names)}
        except Exception:  # a stranger's file, or a damaged one: the work is done again
            return {}
        sound = all(array.dtype.kind == "f" and np.isfinite(array).all() for array in named.values())
        return named if sound else {}


def files_of_remedies(folder: Path) -> list[Path]:
    """Return the files in a folder that have arrays kept by `KeptArrays`."""
    return [path for name, path in find_parts(folder).items() if name.startswith(f"{OF_REMEDIES}-")]


def discard_kept(folder: Path) -> None:
    """Remove the arrays that were kept, as their work is finished."""
    if not (folder / PARTS).is_dir() or (folder / PARTS).is_symlink():
        return
    with on_disk(folder):
        remove_temporaries(folder / PARTS, lambda name: name.startswith(f"{OF_REMEDIES}-"))
        for path in files_of_remedies(folder):
            path.unlink(missing_ok=True)
        if not any((folder / PARTS).iterdir()):
            (folder / PARTS).rmdir()


def _entry(number: int) -> str:
    """Return the name in the file of an array, whose own name may have any characters."""
    return f"array-{number:05d}"
