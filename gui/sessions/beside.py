"""The runs that a sweep is compared with, point by point."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from PySide6.QtCore import Signal, SignalInstance

from tfstab.errors import TfstabError
from tfstab.gui.content.matching import filter_for, places_elsewhere, predictions
from tfstab.gui.content.points import SweepPoints, read_points
from tfstab.gui.content.predictions import class_label
from tfstab.gui.content.selection import Shown
from tfstab.gui.content.triple import Facts
from tfstab.gui.sessions.class_grids import MOST_ROWS, rows_of
from tfstab.gui.sessions.comparison import Comparison
from tfstab.runs.info import without_classes
from tfstab.wording import scored

if TYPE_CHECKING:
    from tfstab.gui.sessions.sweep_reading import SweepReading
    from tfstab.gui.sessions.sweep_session import SweepSession


@dataclass(frozen=True, eq=False)
class Neighbour:
    """The points of another run.

    Attributes
    ----------
    session : SweepSession
        Session of the other run.
    name : str
        What that run is called beside the others.
    points : SweepPoints
        Its points of the class in view.
    shown : Shown
        Those that pass the filter.
    places : ndarray
        int64 (N,): where it has the session's own points, NOT_THERE where it does not.
    predicted : ndarray
        Its predictions (N,), int16, for the session's own points.
    """

    session: "SweepSession"
    name: str
    points: SweepPoints
    shown: Shown
    places: np.ndarray
    predicted: np.ndarray

    def facts(self, place: int) -> Facts:
        """Return what this run says about the session's own point at this position."""
        heading = f"The same image in {self.name}"
        there = int(self.places[place])
        if there < 0:
            return ((heading, (("Prediction when degraded", "not in that run"),)),)
        points, run = self.points, self.session.run
        row, names = run.clean.row(int(points.image[there])), run.class_names
        clean, predicted = run.clean.scores[row], int(points.predicted[there])
        true_score = f"{scored(clean[int(points.actual[there])])} → {scored(points.true_score[there])}"
        return (
            (
                heading,
                (
                    ("Model", str(run.info["model"]["name"])),
                    ("Prediction when clean", f"{class_label(int(clean.argmax()), names)}  ({scored(clean.max())})"),
                    ("Prediction when degraded", f"{class_label(predicted, names)}  ({scored(points.score[there])})"),
                    *(() if without_classes(run.info) else (("Score of the true class", true_score),)),
                ),
            ),
        )


class Beside(Comparison):
    """Reads the points of compared sweeps that correspond to those in view.

    Attributes
    ----------
    neighbours : list of Neighbour
        The other runs' points. While all classes are in view, none are drawn, and of large runs there are none.

    Signals
    -------
    changed
        `neighbours` is another list.
    """

    changed = Signal()
    runs: "list[SweepSession]"
    _session: "SweepReading"

    def __init__(self, session: "SweepReading") -> None:
        super().__init__(session)
        self._turn = 0
        self._read: dict[tuple[Any, int | None], SweepPoints] = {}  # by run and class
        self.neighbours: list[Neighbour] = []

    def _news(self, session: "SweepSession") -> SignalInstance:
        return session.measures_changed

    def _tell(self) -> None:
        self._session.compared_changed.emit()
        self.follow()

    @property
    def unlike(self) -> "list[SweepSession]":
        """The compared runs with other names of classes, whose points correspond to none of this run."""
        return [s for s in self.runs if s.run.class_names != self._session.run.class_names]

    def _read_again(self) -> None:
        """Drop what was read of a compared run that was read again, as it may have grown."""
        fresh = [s.run for s in self.runs if s is not self.sender()]
        self._read = {key: points for key, points in self._read.items() if key[0] in fresh}
        self._tell()

    def follow(self) -> None:
        """Read the corresponding points of the compared runs."""
        session, self._turn = self._session, self._turn + 1
        points, class_index, turn = session.points, session.class_index, self._turn
        if not self.runs or points is None or points.class_index != class_index or not session.has_correct:
            self._show(turn, [])
            return
        chosen, known = session.filter, self._read
        others = [(s, self.name_of(s)) for s in self.runs if s not in self.unlike]

        def compute() -> list[Neighbour]:
            found = []
            for other, name in others:
                try:
                    if class_index is None and rows_of(other.run) > MOST_ROWS:
                        continue
                    theirs = known.get((other.run, class_index)) or read_points(other.run, class_index)
                except TfstabError:  # reported when that run itself is in view
                    continue
                theirs_filter = filter_for(chosen, session.run, other.run)
                drawn = theirs_filter if class_index is not None else None
                shown = Shown() if drawn is None else Shown.of(theirs, drawn)
                places = places_elsewhere(session.run, points, other.run, theirs)
                found.append(Neighbour(other, name, theirs, shown, places, predictions(places, theirs)))
            return found

        session.background.run(compute, lambda found: self._show(turn, found))

    def _show(self, turn: int, neighbours: list[Neighbour]) -> None:
        if turn != self._turn or (not neighbours and not self.neighbours):
            return
        self.neighbours = neighbours
        self._read = {(n.session.run, n.points.class_index): n.points for n in neighbours}
        self.changed.emit()
