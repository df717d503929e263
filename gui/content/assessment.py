"""`OpenedAssessment`, a folder of runs that belong together, opened as one item."""

import contextlib
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tfstab.errors import RunError
from tfstab.runs.files import ASSESSMENT, COMPARISON, find_parts, is_side
from tfstab.runs.info import runs_in
from tfstab.wording import counted

if TYPE_CHECKING:
    from tfstab.runs import CleanImages
    from tfstab.search import SearchRun
    from tfstab.sweep import SweepRun


class OpenedAssessment:
    """The folder of an assessment, or of other runs that belong together; has what a session asks of a run.

    Parameters
    ----------
    path : str or Path
        The folder.

    Attributes
    ----------
    path : Path
        The folder.
    opened : Assessment
        Its runs; their figures are computed when they are first asked for, so ask in a worker.
    damaged : list of str
        Why runs in the folder cannot be opened, a sentence for each.
    ended : bool
        Whether the assessment, or the hardening that it is a part of, has written its results.
    largest : SweepRun or SearchRun
        The run with the most images; its clean images are those of the assessment.
    info : dict
        Model, data and seed of its largest run, in the layout of a run.json.

    Raises
    ------
    RunError
        The folder holds no run that can be opened.
    """

    kind = "assessment"
    assessed = False  # it is no part of one

    def __init__(self, path: str | Path) -> None:
        from tfstab.assessment.opened import Assessment

        self.opened = Assessment(path, skip_damaged=True)
        self.path: Path = self.opened.path
        self.ended = _has_ended(self.path)
        self.damaged = [damage.reason for damage in self.opened.unopened]
        self.largest = _largest(self.opened.runs)
        of = self.largest.info
        names = [run.path.name for run in self._all]
        self.info: dict[str, Any] = of | {"kind": self.kind, "settings": {}, "parts": names}

    @property
    def _all(self) -> list[Any]:
        """The runs in its folder; an explanation may also be beside it."""
        why = self.opened.explanation
        return [*self.opened.runs, *([] if why is None or why.path.parent != self.path else [why])]

    @property
    def seed(self) -> int:
        """Seed of the largest run."""
        return self.largest.seed

    @cached_property
    def clean(self) -> "CleanImages":
        """The clean images of the largest run."""
        return self.largest.clean

    @property
    def class_names(self) -> tuple[str, ...]:
        """Names of the classes."""
        return tuple(self.largest.class_names)

    @property
    def progress(self) -> tuple[int, int]:
        """Finished and planned parts of all its runs, and the finished ones of the sweeps of rare classes."""
        rare = sum(len(find_parts(folder)) for folder in self._rare)
        every = [run.progress for run in self._all]
        return rare + sum(done for done, _ in every), rare + sum(total for _, total in every)

    @property
    def _rare(self) -> list[Path]:
        """The folders of the sweeps of further images of rare classes, which belong to the sweeps beside."""
        from tfstab.sweep import SweepRun
        from tfstab.sweep.class_images import rare_folder

        swept = [run for run in self.opened.runs if isinstance(run, SweepRun)]
        return [folder for run in swept if (folder := rare_folder(run)) is not None]

    @property
    def share_done(self) -> float:
        """Share of the planned work that is finished, 0 to 1: the mean of its runs."""
        return float(sum(run.share_done for run in self._all) / len(self._all))

    @property
    def extent(self) -> str:
        """What it has, in words."""
        from tfstab.assessment.words import on_images
        from tfstab.sweep import SweepRun
        from tfstab.sweep.plan import block_of

        swept = [parts for run in self.opened.runs if isinstance(run, SweepRun) and (parts := run.parts)]
        images = int(self.info["data"]["images"])
        found = [[block for block in map(block_of, parts) if block is not None] for parts in swept]
        degraded = [max((block.stop for block in blocks), default=images) for blocks in found]
        fewer = f" {on_images(degraded)}" if min(degraded, default=images) < images else ""
        return f"{counted(images)}, {counted(len(swept), 'degradation')}{fewer}"

    def how_far(self) -> tuple[int, int] | None:
        """Return the progress now, None if the folder has disappeared.

        A negative total says that runs, or the results written at the end, have appeared or disappeared.
        """
        folders = runs_in(self.path) if self.path.is_dir() else []
        if not folders:
            return None
        new = len(folders) != len(self._all) + len(self.damaged) or _has_ended(self.path) != self.ended
        why = self.opened.explanation
        if new or any(run.outdated for run in self._all) or (why is not None and why.outdated):
            return 0, -1
        return self.progress


def _has_ended(folder: Path) -> bool:
    """Return whether an assessment, or the hardening around it, has written the results that it writes at its end."""
    return (folder.parent / COMPARISON if is_side(folder) else folder / ASSESSMENT).is_file()


def _largest(runs: "Sequence[SweepRun | SearchRun]") -> "SweepRun | SearchRun":
    """Return the run with the most images whose clean images are not damaged; raise RunError if all of them are."""
    first, *others = sorted(runs, key=lambda run: -int(run.info["data"]["images"]))
    for run in (first, *others):
        with contextlib.suppress(RunError):
            _ = run.clean
            return run
    _ = first.clean  # raises the error
    return first
