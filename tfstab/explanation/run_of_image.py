"""Which of several runs of a model, such as those of an assessment, says most about one of their images."""

from collections.abc import Sequence
from pathlib import Path
from typing import Protocol, runtime_checkable

from tfstab.search import SearchRun
from tfstab.sweep import SweepRun

Run = SweepRun | SearchRun


@runtime_checkable
class Runs(Protocol):
    """Several runs of a model in a folder, such as an `Assessment`.

    Attributes
    ----------
    path : Path
        The folder.
    whole : sequence of SweepRun and SearchRun
        Those that are not damaged.
    """

    path: Path

    @property
    def whole(self) -> Sequence[Run]:
        """The runs."""


def run_to_explain(runs: Sequence[Run], image: int) -> Run | None:
    """Return the run whose degraded image explains best why an image fails; None if no run has finished it.

    It is the sweep with the largest share of failing copies, or the search if no copy fails.

    Parameters
    ----------
    runs : sequence of SweepRun or SearchRun
        The runs, some of which may not have the image.
    image : int
        Index of the image in the full split.
    """
    sweep, search = most_failing(runs, image), search_of(runs, image)
    fails = sweep is not None and sweep.measures_of(image).wrong_share.any()
    return search if search is not None and not fails else sweep


def search_of(runs: Sequence[Run], image: int) -> SearchRun | None:
    """Return the search that has finished an image, or None. runs, image: as in `run_to_explain`."""
    return next((run for run in runs if isinstance(run, SearchRun) and image in run.images), None)


def most_failing(runs: Sequence[Run], image: int) -> SweepRun | None:
    """Return the sweep with the largest share of failing copies of an image; None if none has finished it.

    For an image that is wrong when clean, it is the sweep with the smallest share. runs, image: as in `run_to_explain`.
    """
    sweeps = [run for run in runs if isinstance(run, SweepRun) and image in run.clean.indices]
    measured = [(run, run.measures_of(image)) for run in sweeps]
    failing = {run: float(measures.wrong_share.mean()) for run, measures in measured if len(measures)}
    sign = 1 if all(run.clean.correct[run.clean.row(image)] for run in sweeps) else -1
    return max(failing, key=lambda run: sign * failing[run], default=None)
