"""What a run folder is, and reading one.

    run.json       what was run: kind, seed, settings, model, data, versions, and the names of all parts to come
    clean.npz      the clean images and their scores
    clean.npy      the images, where they are many and the user's own
    parts/         finished parts, NAME-CHECKSUM.SUFFIX: a part is in the run once its file has this name
    log.jsonl      when what happened; the only file that differs between two runs of the same work
    run.lock       held by the one process that writes
"""

import hashlib
import json
import re
from functools import cached_property
from pathlib import Path
from typing import Any

from tfstab.errors import RunError
from tfstab.runs.clean import CLEAN, CleanImages

FORMAT = 1
CHECKSUM_DIGITS = 16
# What every reader of run.json relies on.
SHAPE = {
    "kind": str, "seed": int, "settings": dict, "model/name": str, "model/fingerprint": str,
    "data/name": str, "data/split": str, "data/images": int, "data/class_names": list, "parts": list,
}  # fmt: skip
_PART = re.compile(rf"^([a-z]+-[0-9-]*[0-9])-([0-9a-f]{{{CHECKSUM_DIGITS}}})\.(npz|parquet)$")


def checksum(path: Path) -> str:
    """The start of the file's SHA-256, as part names carry it."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()[:CHECKSUM_DIGITS]


def find_parts(folder: Path) -> dict[str, Path]:
    """The parts that are there, by name."""
    parts = {}
    for path in sorted((folder / "parts").glob("*")):
        match = _PART.match(path.name)
        if match:
            parts[match[1]] = path
    return parts


class RunFolder:
    """A run folder opened for reading, finished or not. `open_run` gives the class for its kind.

    Raises RunError where the folder is not a run or was written by a newer tfstab.
    """

    kind = ""

    def __init__(self, path: str | Path) -> None:
        self.path = Path(path).expanduser()
        self.info = read_info(self.path)
        if self.kind and self.info["kind"] != self.kind:
            raise RunError(f"{self.path} is a {self.info['kind']} run, and a {self.kind} run is needed here.")

    def __repr__(self) -> str:
        done, total = self.progress
        return f"{type(self).__name__}({str(self.path)!r}, {done} of {total} parts)"

    @cached_property
    def clean(self) -> CleanImages:
        """The clean images, their classes and scores."""
        return CleanImages.load(self.path / CLEAN, self.info["data"])

    @property
    def class_names(self) -> tuple[str, ...]:
        return tuple(self.info["data"]["class_names"])

    @property
    def seed(self) -> int:
        return int(self.info["seed"])

    @property
    def parts(self) -> dict[str, Path]:
        """The finished parts, by name, in the order of the plan."""
        there = find_parts(self.path)
        return {name: there[name] for name in self.info["parts"] if name in there}

    @property
    def progress(self) -> tuple[int, int]:
        """(parts finished, parts planned)."""
        return len(self.parts), len(self.info["parts"])

    @property
    def complete(self) -> bool:
        done, total = self.progress
        return done == total

    def damaged(self) -> list[Path]:
        """The parts whose content is not what their checksum says."""
        return [path for path in self.parts.values() if path.stem.rsplit("-", 1)[1] != checksum(path)]


def read_info(folder: Path) -> dict[str, Any]:
    """run.json. Raises RunError where there is none that this version understands."""
    path = folder / "run.json"
    if not path.is_file():
        raise RunError(f"{folder} is not a run folder: it holds no run.json.")
    try:
        info = json.loads(path.read_text("utf-8"))
        if info["format"] > FORMAT:
            raise RunError(f"{folder} was written by a newer tfstab: update tfstab to open it.")
        for keys, kind in SHAPE.items():
            value = info
            for key in keys.split("/"):
                value = value[key]
            if not isinstance(value, kind):
                raise TypeError(f"{keys} is no {kind.__name__}")
    except (ValueError, KeyError, TypeError) as error:
        raise RunError(f"{path} is damaged ({error}): restore it, or make the run anew.") from error
    return info
