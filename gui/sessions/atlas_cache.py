"""Maps kept in the user's cache folder, so that each is computed once."""

import hashlib
import io
import json
from collections.abc import Mapping
from pathlib import Path

import numpy as np
from platformdirs import user_cache_path

from tfstab.errors import TfstabError
from tfstab.gui.content.atlas import Mapped
from tfstab.gui.jobs.mapping import ANGLE, CLEAN, ITERATIONS, PERPLEXITY
from tfstab.runs.atomic import make_folder, write_atomically
from tfstab.runs.info import begun_with

VERSION = 1  # to be changed with the maps' definition
DIGEST = 32  # bytes of the checksum at the start of a file
LARGEST = 64 << 20  # bytes of a file that is read
MOST_FILES = 50
Arrays = dict[str, np.ndarray]


def cache_path(mapped: Mapped) -> Path:
    """Return the file of a map, wherever the folders of its runs are."""
    runs = [(begun_with(mapped.run.info), CLEAN)]
    runs += [(begun_with(state.run.info), state.severity_index) for state in mapped.states]
    method = [VERSION, PERPLEXITY, ITERATIONS, ANGLE]
    keys = np.ascontiguousarray(mapped.keys, "<i8").tobytes()
    what = json.dumps([method, runs], sort_keys=True).encode() + keys
    return user_cache_path("tfstab", appauthor=False) / "atlas" / f"{hashlib.sha256(what).hexdigest()[:32]}.map"


def read_map(path: Path, count: int) -> Arrays | None:
    """Return the arrays of a map of so many points; None if there is none, or it is damaged."""
    try:
        if path.stat().st_size > LARGEST:
            return None
        content = path.read_bytes()
        if hashlib.sha256(content[DIGEST:]).digest() != content[:DIGEST]:
            return None
        with np.load(io.BytesIO(content[DIGEST:]), allow_pickle=False) as file:
            arrays = {name: file[name] for name in file.files}
    except Exception:  # a damaged archive can raise anything
        return None
    shapes = {"predicted": (count,), "map": (count, 2), "explained": (2,), "features": (), "tsne": (count, 2)}
    fits = arrays.keys() == shapes.keys() and all(arrays[name].shape == shape for name, shape in shapes.items())
    return arrays if fits else None


def keep_map(path: Path, arrays: Mapping[str, np.ndarray]) -> None:
    """Write a map, and remove the oldest ones if there are too many; what cannot be written is computed again."""
    file = io.BytesIO()
    np.savez_compressed(file, **arrays)  # type: ignore[arg-type]
    content = file.getvalue()
    try:
        make_folder(path.parent)
        write_atomically(path, lambda temporary: temporary.write_bytes(hashlib.sha256(content).digest() + content))
        kept = sorted(path.parent.glob("*.map"), key=lambda other: other.stat().st_mtime)
        for old in kept[:-MOST_FILES]:
            old.unlink(missing_ok=True)
    except (TfstabError, OSError):
        pass
