"""A child process that reads the weights (HDF5) of a `.keras` file, within limits, before Keras reads them.

`python -P -m tfstab.models.hdf5_child FILE` prints one line of JSON: {"numbers": number of weights}, or {"refused":
what is wrong with them}. HDF5 is a C library with known memory errors: a file that makes it crash, hang or fill the
memory does so only in the child. No TensorFlow is imported.
"""

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
from tfstab.models.child import limit

WEIGHTS = "model.weights.h5"
BLOCK = 32 << 20  # bytes of a data set that are read at a time


class RefusedError(Exception):
    """The weights are refused; the message is the rest of a sentence that begins with "its weights"."""


def main() -> None:
    """Check the file that the command line names, and print the answer."""
    path = Path(sys.argv[1])
    try:
        answer: dict[str, Any] = {"numbers": _numbers(path)}
    except RefusedError as refused:
        answer = {"refused": str(refused)}
    except Exception:  # h5py raises nearly anything for damaged data, also when memory runs out
        answer = {"refused": f"are damaged, or take more than {HDF5_MEMORY >> 20} MB of memory to read"}
    sys.stdout.write(json.dumps(answer))


def _numbers(path: Path) -> int:
    """Return the number of weights after reading all of them within the limits."""
    with zipfile.ZipFile(path) as archive:
        size = archive.getinfo(WEIGHTS).file_size
        limit(cpu_seconds(path.stat().st_size), HDF5_MEMORY + 2 * size)
        content = io.BytesIO(archive.read(WEIGHTS))
    with h5py.File(content, "r") as weights:
        found = list(_data_sets(weights))
        stored = min(size, sum(part.id.get_storage_size() for part in found))
        declared = sum(_bytes(part) for part in found)
        if declared > max(MODEL_SMALL, MODEL_EXPANSION * stored):
            raise RefusedError(f"declare {declared / 1e6:,.0f} MB, which the file does not hold")
        for part in found:
            _read(part)
        return sum(math.prod(part.shape) for part in found)


def _data_sets(weights: h5py.File) -> Iterator[h5py.Dataset]:
    """Yield every data set; raise RefusedError for anything that does not occur in weights saved by Keras."""
    left, seen, count = [(weights["/"], 1)], {h5py.h5o.get_info(weights.id).addr}, 1
    while left:
        group, depth = left.pop()
        if depth > HDF5_DEPTH:
            raise RefusedError(f"are nested more than {HDF5_DEPTH} levels deep")
        count += len(group) + len(group.attrs)
        if count > HDF5_OBJECTS:
            raise RefusedError(f"have more than {HDF5_OBJECTS:,} parts")
        for name in group:
            part = _member(group, name)
            address = h5py.h5o.get_info(part.id).addr
            if address in seen:
                raise RefusedError("hold a group or data set that appears in two places")
            seen.add(address)
            if isinstance(part, h5py.Group):
                left.append((part, depth + 1))
            else:
                _check(part)
                count += len(part.attrs)
                yield part


def _member(group: h5py.Group, name: str) -> h5py.Group | h5py.Dataset:
    """Return a group's member, or raise RefusedError if it is a link or of another kind."""
    if group.id.links.get_info(name.encode("utf-8", "surrogateescape")).type != h5py.h5l.TYPE_HARD:
        raise RefusedError("hold a link to another file or place")
    part = group[name]
    if not isinstance(part, h5py.Group | h5py.Dataset):
        raise RefusedError("hold a part that is neither a group nor a data set")
    return part


def _check(part: h5py.Dataset) -> None:
    """Raise RefusedError unless the data set holds numbers and is stored in this file."""
    if part.external or part.is_virtual:
        raise RefusedError("are stored in another file")
    if part.shape is None or part.dtype.kind not in "biufcV" or part.dtype.hasobject:
        raise RefusedError("hold a data set that does not consist of numbers")
    if "dtype" in part.attrs and part.attrs.get_id("dtype").shape != ():  # the only attribute that Keras reads
        raise RefusedError("are damaged")


def _bytes(part: h5py.Dataset) -> int:
    """Return the size that the data set declares."""
    count: int = math.prod(part.shape) * part.dtype.itemsize
    return count


def _read(part: h5py.Dataset) -> None:
    """Read a data set block by block, and the attribute that Keras reads, without keeping anything."""
    part.attrs.get("dtype")
    if not part.shape:
        part[()]
        return
    rows = max(1, BLOCK // max(1, _bytes(part) // max(1, part.shape[0])))
    for start in range(0, part.shape[0], rows):
        part[start : start + rows]


if __name__ == "__main__":
    main()
