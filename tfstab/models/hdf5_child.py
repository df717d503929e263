"""A child process that reads a `.keras` file's weights (HDF5) before Keras does, within limits.

`python -P -m tfstab.models.hdf5_child FILE` prints one line of JSON: {"numbers": how many numbers the weights are}, or
{"refused": what is wrong with them}. HDF5 is a parser in C with known memory faults; what crashes, hangs or fills the
memory does so here. Needs no TensorFlow.
"""

import contextlib
import io
import json
import math
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import h5py

from tfstab.limits import HDF5_DEPTH, HDF5_MEMORY, HDF5_OBJECTS, MODEL_EXPANSION, MODEL_SMALL, cpu_seconds

WEIGHTS = "model.weights.h5"
BLOCK = 32 << 20  # bytes of a data set that are read at once


class RefusedError(Exception):
    """What is wrong with the weights, in words that follow "its weights"."""


def main() -> None:
    path = Path(sys.argv[1])
    try:
        answer: dict[str, Any] = {"numbers": _numbers(path)}
    except RefusedError as refused:
        answer = {"refused": str(refused)}
    except Exception:  # h5py raises nearly anything for damage, and the same where a filter gets no memory
        answer = {"refused": f"are damaged, or take more than {HDF5_MEMORY >> 20} MB of memory to read"}
    sys.stdout.write(json.dumps(answer))


def _numbers(path: Path) -> int:
    with zipfile.ZipFile(path) as archive:
        size = archive.getinfo(WEIGHTS).file_size
        _limit(cpu_seconds(path.stat().st_size), HDF5_MEMORY + 2 * size)
        content = io.BytesIO(archive.read(WEIGHTS))
    with h5py.File(content, "r") as weights:
        found = list(_data_sets(weights))
        stored = min(size, sum(part.id.get_storage_size() for part in found))
        declared = sum(_bytes(part) for part in found)
        if declared > max(MODEL_SMALL, MODEL_EXPANSION * stored):
            raise RefusedError(f"declare {declared / 1e6:,.0f} MB, not in it")
        for part in found:
            _read(part)
        return sum(math.prod(part.shape) for part in found)


def _data_sets(weights: h5py.File) -> Iterator[h5py.Dataset]:
    """Every data set. Raises RefusedError for anything that Keras' weights do not have."""
    left, seen, count = [(weights["/"], 1)], {h5py.h5o.get_info(weights.id).addr}, 1
    while left:
        group, depth = left.pop()
        if depth > HDF5_DEPTH:
            raise RefusedError(f"are more than {HDF5_DEPTH} levels deep")
        count += len(group) + len(group.attrs)
        if count > HDF5_OBJECTS:
            raise RefusedError(f"have more than {HDF5_OBJECTS:,} parts")
        for name in group:
            part = _member(group, name)
            address = h5py.h5o.get_info(part.id).addr
            if address in seen:
                raise RefusedError("are a group or data set that is in two places")
            seen.add(address)
            if isinstance(part, h5py.Group):
                left.append((part, depth + 1))
            else:
                _check(part)
                count += len(part.attrs)
                yield part


def _member(group: h5py.Group, name: str) -> h5py.Group | h5py.Dataset:
    if group.id.links.get_info(name.encode("utf-8", "surrogateescape")).type != h5py.h5l.TYPE_HARD:
        raise RefusedError("are a link to another file or place")
    part = group[name]
    if not isinstance(part, h5py.Group | h5py.Dataset):
        raise RefusedError("hold a part that is neither a group nor a data set")
    return part


def _check(part: h5py.Dataset) -> None:
    if part.external or part.is_virtual:
        raise RefusedError("are in another file")
    if part.shape is None or part.dtype.kind not in "biufcV" or part.dtype.hasobject:
        raise RefusedError("hold a data set that is not of numbers")
    if "dtype" in part.attrs and part.attrs.get_id("dtype").shape != ():  # the one attribute that Keras reads
        raise RefusedError("are damaged")


def _bytes(part: h5py.Dataset) -> int:
    return math.prod(part.shape) * part.dtype.itemsize


def _read(part: h5py.Dataset) -> None:
    """Read all of a data set and what Keras reads of its attributes, a block at a time, and keep nothing."""
    part.attrs.get("dtype")
    if not part.shape:
        part[()]
        return
    rows = max(1, BLOCK // max(1, _bytes(part) // max(1, part.shape[0])))
    for start in range(0, part.shape[0], rows):
        part[start : start + rows]


def _limit(seconds: int, memory: int) -> None:
    """Limit this process's CPU time, and its memory above what it has; where the system can."""
    try:
        import resource
    except ImportError:  # Windows, where the parent's deadline and the limits above must do
        return

    def lower(kind: int, value: int) -> None:
        _, hard = resource.getrlimit(kind)
        value = value if hard == resource.RLIM_INFINITY else min(value, hard)
        with contextlib.suppress(ValueError, OSError):  # macOS knows some that it does not set
            resource.setrlimit(kind, (value, value))

    lower(resource.RLIMIT_CPU, seconds)
    lower(resource.RLIMIT_CORE, 0)
    with contextlib.suppress(OSError):  # Linux alone says how much it has
        pages = int(Path("/proc/self/statm").read_text().split()[0])
        lower(resource.RLIMIT_AS, pages * resource.getpagesize() + memory)


if __name__ == "__main__":
    main()
