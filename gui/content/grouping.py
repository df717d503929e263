"""Rows of a table in groups, each with a title row, under which its rows are listed while it is open."""

from collections.abc import Set
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from tfstab.gui.content.points import SweepPoints
from tfstab.gui.content.selection import Places
from tfstab.wording import capital

if TYPE_CHECKING:
    from tfstab.sweep import SweepRun

IMAGE, PAIR, SEVERITY = "image", "pair", "severity"
CLASSES = 1 << 15  # more than any run has, as classes are stored as int16


@dataclass(frozen=True, eq=False)
class Groups:
    """G groups of rows.

    Attributes
    ----------
    by : str
        IMAGE, PAIR or SEVERITY.
    codes : ndarray of int64, shape (G,)
        What the rows of a group have in common: the image's index, actual * CLASSES + predicted class, or the severity
        index.
    starts : ndarray of int, shape (G + 1,)
        Where the groups start among the rows, and where the last one ends.
    """

    by: str
    codes: NDArray[np.int64]
    starts: NDArray[np.intp]

    @property
    def counts(self) -> NDArray[np.intp]:
        """Number of rows of each group."""
        return np.diff(self.starts)

    def group_of(self, row: int) -> int:
        """Return the group that has this row."""
        return int(np.searchsorted(self.starts, row, side="right")) - 1

    def lines(self, rows: Places, opened: Set[int]) -> Places:
        """Return the lines of a table: -1 - g for the title of group g, followed by its rows if its code is opened."""
        wanted = np.isin(self.codes, np.fromiter(opened, np.int64, len(opened)))
        kept = rows[np.repeat(wanted, self.counts)]
        listed = np.where(wanted, self.counts, 0)
        return np.insert(kept, np.cumsum(listed) - listed, -1 - np.arange(len(self.codes)))

    def title(self, group: int, run: "SweepRun") -> str:
        """Return the title of a group."""
        code = int(self.codes[group])
        if self.by == IMAGE:
            return f"{run.clean.title(code)}: {run.class_names[run.clean.class_index[run.clean.row(code)]]}"
        if self.by == PAIR:
            return " → ".join(run.class_names[k] for k in divmod(code, CLASSES))
        return capital(run.degradation.at(f"{run.severities[code]:g}"))


def group_rows(points: SweepPoints, rows: Places, by: str, distances: np.ndarray) -> tuple[Places, Groups]:
    """Divide rows into groups, in which they keep their order; runs in a worker.

    Parameters
    ----------
    points : SweepPoints
        All points.
    rows : ndarray of int
        Positions of the points that are listed.
    by : str
        IMAGE or PAIR, largest group first, or SEVERITY, mildest first.
    distances : ndarray, shape (S,)
        How strong each severity is.
    """
    if by == PAIR:
        code = points.actual[rows].astype(np.int64) * CLASSES + points.predicted[rows]
    else:
        code = (points.image if by == IMAGE else points.severity_index)[rows].astype(np.int64)
    order = np.argsort(code, kind="stable")
    codes, first, counts = np.unique(code[order], return_index=True, return_counts=True)
    ranked = np.argsort(distances[codes] if by == SEVERITY else -counts, kind="stable")
    counts = counts[ranked]
    starts = np.concatenate([[0], np.cumsum(counts)]).astype(np.intp)
    places = np.repeat(first[ranked] - starts[:-1], counts) + np.arange(len(rows))
    return rows[order[places]], Groups(by, codes[ranked], starts)
