"""Reads a run folder."""

import copy
from functools import cached_property
from pathlib import Path
from typing import Self

from tfstab import limits
from tfstab.classifier.source import DEFAULTS
from tfstab.datasets.remarks import with_split
from tfstab.errors import RunError
from tfstab.paths import user_path
from tfstab.runs.clean import CleanImages
from tfstab.runs.files import ASSESSMENT, assessment_around, find_parts, is_whole
from tfstab.runs.info import noted, read_info
from tfstab.runs.sharing import load_shared
from tfstab.wording import counted, with_article


class RunFolder:
    """A run folder opened for reading, finished or not. `open_run` returns the subclass for its kind.

    Only files in the folder are read, and none that it names, except official data sets (see `CleanImages.load`).

    Parameters
    ----------
    path : str or Path
        The run folder.

    Attributes
    ----------
    path : Path
        The run folder.
    info : dict
        The content of run.json.

    Raises
    ------
    RunError
        The folder is not a run, is damaged, leads out of itself, or was written by a newer tfstab.
    """

    kind = ""
    _fixed: dict[str, Path] | None = None  # the parts of a snapshot

    def __init__(self, path: str | Path) -> None:
        self.path = user_path(path)
        self._stamp = _stamp(self.path)  # before reading, so that no change is missed
        self.info = read_info(self.path)
        if self.kind and self.info["kind"] != self.kind:
            what, needed = with_article(f"{self.info['kind']} run"), with_article(f"{self.kind} run")
            raise RunError(f"{self.path} is {what}, and {needed} is needed here.")
        self._whole: set[str] = set()  # names of the files that have been compared with their checksums

    def __repr__(self) -> str:
        """Return the class, the path, and how many parts are finished."""
        done, total = self.progress
        return f"{type(self).__name__}({str(self.path)!r}, {done} of {counted(total, 'part')})"

    @cached_property
    def clean(self) -> CleanImages:
        """The clean images, their classes and scores."""
        clean = load_shared(self.path / "clean.npz", self.info["data"])
        scores, names = clean.scores.shape[1], len(self.class_names)
        if not scores <= names <= scores + limits.SPARE_CLASSES:
            raise RunError(
                f"{self.path} is damaged (scores of {scores} classes, names of {names}): restore it, or make the run "
                "again."
            )
        return clean

    @property
    def heading(self) -> str:
        """One line: what it is, the model, the data, and how far it is if it is unfinished."""
        data = self.info["data"]
        line = (
            f"{getattr(self, 'title', self.kind)} of {self.info['model']['name']} on {with_split(data['name'], data)}, "
            f"{data['images']:,} image{'s' * (data['images'] != 1)}"
        )
        return line if self.complete else f"{line}; so far {self.extent.removesuffix(' so far')}"

    @property
    def model(self) -> str:
        """Name of the model."""
        return str(self.info["model"]["name"])

    @property
    def class_names(self) -> tuple[str, ...]:
        """Names of the K classes."""
        return tuple(self.info["data"]["class_names"])

    @property
    def threshold(self) -> float:
        """Decision threshold of a model for two classes, by which scores are shifted; 0.5 shifts nothing."""
        return float(self.info["model"].get("threshold", DEFAULTS["threshold"]))

    @property
    def seed(self) -> int:
        """Seed of the run."""
        return int(self.info["seed"])

    @property
    def input_note(self) -> str:
        """What the check of the inputs said when the images were scored, "" for nothing; older runs do not have it."""
        return noted(self.info)

    @property
    def parts(self) -> dict[str, Path]:
        """Paths of the finished parts, by name, in the order of the plan."""
        if self._fixed is not None:
            return dict(self._fixed)
        there = find_parts(self.path)
        return {name: there[name] for name in self.info["parts"] if name in there}

    def snapshot(self) -> Self:
        """Return the run with the parts that are finished now, to which no later ones are added.

        A run that is being written grows at any time. What is computed from several readings of it needs a snapshot, so
        that all of them are of the same parts. What has been read already is not read again.

        Examples
        --------
        >>> now = sweep.snapshot()
        >>> now.progress == sweep.progress
        True
        """
        fixed = copy.copy(self)
        fixed._fixed = self.parts
        return fixed

    @property
    def progress(self) -> tuple[int, int]:
        """Numbers of finished and of planned parts."""
        return len(self.parts), len(self.info["parts"])

    @property
    def share_done(self) -> float:
        """Share of the planned work that is finished, 0 to 1."""
        done, total = self.progress
        return done / max(total, 1)

    @property
    def complete(self) -> bool:
        """Whether all parts are finished."""
        done, total = self.progress
        return done == total

    @property
    def extent(self) -> str:
        """What the run has so far, in words."""
        done, total = self.progress
        return f"{done:,} of {counted(total, 'part')}"

    @property
    def amount(self) -> str:
        """What the run has, in words that do not mention what else was planned."""
        return self.extent

    @property
    def assessed(self) -> bool:
        """Whether it is part of an assessment that has ended, which plans more than its time is enough for."""
        if self.info["kind"] not in ("sweep", "search"):
            return False
        return (assessment_around(self.path) / ASSESSMENT).is_file()

    @property
    def outdated(self) -> bool:
        """Whether run.json has other content than was read, such as more parts of a run that was given more work."""
        stamp = _stamp(self.path)
        if stamp == self._stamp:
            return False
        if read_info(self.path) != self.info:
            return True
        self._stamp = stamp
        return False

    @property
    def again(self) -> str:
        """What to do so that missing parts are made, as in "resume the sweep"."""
        return "run `tfstab assess` again" if self.assessed else f"resume the {self.info['kind']}"

    def damaged(self) -> list[Path]:
        """Return the parts whose content does not have its checksum."""
        return [path for path in self.parts.values() if not is_whole(path)]

    def check_whole(self, *parts: Path) -> None:
        """Raise RunError if a part that is read for the first time does not have its checksum."""
        for part in parts:
            if part.name not in self._whole and not is_whole(part):
                raise RunError(f"{part} is damaged: {self.again} to make it again.")
            self._whole.add(part.name)


def _stamp(folder: Path) -> tuple[int, int] | None:
    """Return the size and the time of change (ns) of a run's run.json, or None if it cannot be looked at."""
    try:
        status = (folder / "run.json").stat()
    except (OSError, ValueError):
        return None
    return status.st_size, status.st_mtime_ns
