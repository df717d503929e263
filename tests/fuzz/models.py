"""Changed HDF5 files of weights."""

import io
from collections.abc import Callable
from typing import Any

import h5py
import numpy as np
from fuzz.values import changed_bytes
from hypothesis import strategies as st

FILLS = st.sampled_from([np.nan, np.inf, 1e38, -1, 0])
SHAPES = st.sampled_from([(), (0,), (1,), (3, 3), (2,) * 9])
KINDS = st.sampled_from(
    ["i1", "u8", "f8", "f2", "S4", h5py.string_dtype(), h5py.vlen_dtype("i4"), np.dtype([("a", "f4")]), "?"]
)
HUGE = st.sampled_from([(2**40,), (2**20, 2**20), (2**62,), (10**5, 10**4)])
FILES = st.sampled_from(["/etc/passwd", ".", "m.keras"])


def _datasets(file: h5py.File) -> list[str]:
    names: list[str] = []
    file.visititems(lambda name, item: names.append(name) if isinstance(item, h5py.Dataset) else None)
    return names


@st.composite
def changed_hdf5(draw: Any, good: bytes) -> bytes:
    """A weights file with links, groups, types, sizes, values or bytes changed."""
    if draw(st.integers(0, 3)) == 0:
        return draw(changed_bytes(good))
    written = io.BytesIO(good)
    with h5py.File(written, "r+") as file:
        for _ in range(draw(st.integers(1, 2))):
            names = _datasets(file)
            if names:
                name, other = draw(st.sampled_from(names)), draw(st.sampled_from(names))
                _change(draw, file, name, file[other])
    return written.getvalue()


def _change(draw: Any, file: h5py.File, name: str, other: h5py.Dataset) -> None:
    what = draw(st.sampled_from(["value", "attribute", "cycle", *IN_PLACE]))
    dataset = file[name]
    if what == "value":
        if dataset.size:
            dataset[...] = draw(FILLS)
    elif what == "attribute":
        attribute = draw(st.sampled_from(["x", "layer_names", "weight_names"]))
        file.attrs[attribute] = draw(st.sampled_from([b"x", 3, [1.5] * 99]))
    elif what == "cycle":
        folder = file[name.rpartition("/")[0]]
        folder[f"again{len(folder)}"] = file
    else:
        shape, kind = dataset.shape, dataset.dtype
        del file[name]
        IN_PLACE[what](draw, file, name, shape, kind, other)


def _virtual(draw: Any, file: h5py.File, name: str, *_: Any) -> None:
    layout = h5py.VirtualLayout((4,), "f4")
    layout[:] = h5py.VirtualSource(draw(FILES), "x", (4,))
    file.create_virtual_dataset(name, layout)


def _declared(draw: Any, file: h5py.File, name: str, shape: Any, kind: Any, other: Any) -> None:
    sizes = draw(HUGE)
    file.create_dataset(name, sizes, kind, chunks=tuple(min(size, 1024) for size in sizes))


def _groups(draw: Any, file: h5py.File, name: str, *_: Any) -> None:
    for number in range(draw(st.sampled_from([1, 300]))):
        file.create_group(f"{name}/{number}")


# What may be put in the place of a dataset.
IN_PLACE: dict[str, Callable[..., None]] = {
    "nothing": lambda *_: None,
    "shape": lambda draw, file, name, shape, kind, other: file.create_dataset(name, draw(SHAPES), kind),
    "kind": lambda draw, file, name, shape, kind, other: file.create_dataset(name, shape, draw(KINDS)),
    "soft link": lambda draw, file, name, *_: file.__setitem__(
        name, h5py.SoftLink(draw(st.sampled_from(["/", "/nowhere", f"/{name}", "/layers"])))
    ),
    "external link": lambda draw, file, name, *_: file.__setitem__(name, h5py.ExternalLink(draw(FILES), "/x")),
    "hard link": lambda draw, file, name, shape, kind, other: file.__setitem__(name, other),
    "values elsewhere": lambda draw, file, name, shape, kind, other: file.create_dataset(
        name, shape, kind, external=[("/etc/passwd", 0, h5py.h5f.UNLIMITED)]
    ),
    "virtual": _virtual,
    "declared": _declared,
    "named type": lambda draw, file, name, *_: file.__setitem__(name, np.dtype("f4")),
    "groups": _groups,
}
