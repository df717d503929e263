"""The marked images of runs, and where the viewer shows each of them; every function may run in a worker."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from tfstab.errors import TfstabError
from tfstab.gui.content.viewpoint import Viewpoint
from tfstab.gui.sessions.class_grids import MOST_ROWS, rows_of
from tfstab.gui.sessions.marks import MarkKey, read_marks


@dataclass(frozen=True, eq=False)
class MarkedImage:
    """A marked image of a run.

    Attributes
    ----------
    degradation : str
        Title of the degradation, such as "motion blur".
    severity : float
        Severity of the degradation; NaN for minimum noise.
    at : str
        The severity in words, with the number of the copy if there are several; "–" for minimum noise.
    name : str
        File name, or "image 17".
    text : str
        Tags and note.
    there : Viewpoint
        The list of the run's marked images, in which this one is selected.
    """

    degradation: str
    severity: float
    at: str
    name: str
    text: str
    there: Viewpoint


def marked_images(runs: Sequence[Any]) -> tuple[list[MarkedImage], list[str]]:
    """Return the marked images of several runs, and why those of other runs cannot be read."""
    found: list[MarkedImage] = []
    problems: list[str] = []
    for run in runs:
        try:
            found += _of_run(run)
        except TfstabError as error:
            problems.append(str(error))
    return found, problems


def _of_run(run: Any) -> list[MarkedImage]:
    marks = read_marks(run.info)
    return [_described(run, key, marks[key].text) for key in sorted(marks) if _has(run, key)]


def _has(run: Any, key: MarkKey) -> bool:
    """Whether a run has an image; another run that shares its marks may have more images or copies."""
    of_sweep = key[1:]
    return key[0] in run.clean.indices and (
        not of_sweep or (of_sweep[0] < len(run.severities) and of_sweep[1] < run.config.copies)
    )


def _described(run: Any, key: MarkKey, text: str) -> MarkedImage:
    image, name = key[0], run.clean.name(key[0])
    if len(key) == 1:
        there = Viewpoint.at(run.path, "Results", **{"results": {}, "results-tag": "", "selected": image})
        return MarkedImage("minimum noise", math.nan, "–", name, text, there)
    severity = float(run.severities[key[1]])
    copy = f", copy {key[2]}" if run.config.copies > 1 else ""
    # In a larger run, the list of all classes leaves out images that are right.
    of_class = None if rows_of(run) <= MOST_ROWS else int(run.clean.class_index[run.clean.row(image)])
    state = {"class": of_class, "filter": {}, "listed": {"marked_only": True}, "selected": list(key)}
    there = Viewpoint.at(run.path, "Misclassifications", **state)
    return MarkedImage(run.degradation.title, severity, run.degradation.at(f"{severity:g}") + copy, name, text, there)
