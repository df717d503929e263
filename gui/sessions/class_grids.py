"""All classes of a sweep side by side; of each, only densities and misclassified points are kept."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QObject, Signal

from tfstab.errors import TfstabError
from tfstab.gui.background import Background
from tfstab.gui.content.points import SweepPoints, View, psnr_range, read_points
from tfstab.gui.content.selection import PointFilter, Shown, shown_of

if TYPE_CHECKING:
    from tfstab.sweep import SweepRun

WIDTH, HEIGHT = 96, 60  # cells of a class's density
MOST_ROWS = 8_000_000  # misclassified points kept, which take 200 MB


@dataclass(frozen=True, eq=False)
class Grid:
    """The densities of one class.

    Attributes
    ----------
    class_index : int
        The class.
    counts : dict of int to ndarray
        Points in each cell (HEIGHT, WIDTH) of the view, by kind of point; row 0 is at the bottom.
    shown, total : int
        Points that pass the filter, and all points.
    wrong, unchanged : int
        Misclassified and unchanged points among those shown; the latter are not in the counts.
    """

    class_index: int
    counts: dict[int, np.ndarray]
    shown: int
    total: int
    wrong: int
    unchanged: int

    @property
    def said(self) -> str:
        """How many points are shown."""
        return shown_of(self.shown, self.total, self.unchanged)


@dataclass(frozen=True, eq=False)
class _Class:
    grid: Grid
    mistakes: SweepPoints


class ClassGrids(QObject):
    """Reads all classes, one after the other.

    Attributes
    ----------
    grids : dict of int to Grid
        The classes read so far.
    view : View
        Ranges of PSNR and score that all grids cover.

    Signals
    -------
    changed
        Another class has been read.
    finished : SweepPoints
        All classes have been read; these are their misclassified points.
    """

    changed = Signal()
    finished = Signal(object)

    def __init__(self, background: Background, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._background = background
        self._turn = 0  # number of starts; results of an earlier one are dropped
        self._said: set[str] = set()  # since the last start
        self.grids: dict[int, Grid] = {}
        self.view: View = (0, 0, 1, 1)

    @property
    def said(self) -> str:
        """How many points all classes show."""
        grids = self.grids.values()
        return shown_of(*(sum(getattr(g, name) for g in grids) for name in ("shown", "total", "unchanged")))

    def start(self, run: "SweepRun", classes: list[int], chosen: PointFilter) -> None:
        """Start reading these classes, filtered by `chosen`."""
        self.stop()
        turn, self._said = self._turn, set()

        def read() -> tuple[float, float]:
            try:
                return psnr_range(run)
            except TfstabError:  # reported when the class with the damaged part is read
                return 0.0, 60.0

        def begin(ends: tuple[float, float]) -> None:
            if turn == self._turn:
                self.view = (ends[0], 0.0, ends[1], 1.0 + 1e-6)  # old grids stay until new ones are read
                self._next(turn, run, list(classes), chosen, [])

        self._background.run(read, begin)

    def stop(self) -> None:
        """Stop reading."""
        self._turn += 1

    def _next(
        self, turn: int, run: "SweepRun", left: list[int], chosen: PointFilter, mistakes: list[SweepPoints]
    ) -> None:
        if turn != self._turn:
            return
        if not left:
            if mistakes:
                # Joined in a worker too, as there may be millions.
                self._background.run(lambda: SweepPoints.join(mistakes), lambda joined: self._end(turn, joined))
            return
        room, view = MOST_ROWS - sum(map(len, mistakes)), self.view

        def read() -> _Class | TfstabError:
            try:
                return _read(run, left[0], chosen, view, room)
            except TfstabError as error:
                return error

        def show(outcome: _Class | TfstabError) -> None:
            if turn != self._turn:
                return
            if isinstance(outcome, _Class):
                self.grids[left[0]] = outcome.grid
                mistakes.append(outcome.mistakes)
                self.changed.emit()
            else:
                self._fail(str(outcome))
            self._next(turn, run, left[1:], chosen, mistakes)

        self._background.run(read, show)

    def _fail(self, sentence: str) -> None:
        """Tell that a class cannot be read, once for each damaged part: it can have images of all classes."""
        if sentence not in self._said:
            self._said.add(sentence)
            self._background.failed.emit(sentence, "")

    def _end(self, turn: int, mistakes: SweepPoints) -> None:
        if turn == self._turn:
            self.finished.emit(mistakes)


def _read(run: "SweepRun", class_index: int, chosen: PointFilter, view: View, room: int) -> _Class:
    """Read a class, keeping at most `room` misclassified points."""
    points = read_points(run, class_index)
    wrong = np.flatnonzero(points.predicted != class_index)[:room]
    shown = Shown.of(points, chosen)
    counts = {kind: cloud.density(view, WIDTH, HEIGHT) for kind, cloud in shown.clouds.items()}
    missed = int(np.count_nonzero(points.predicted[shown.places] != class_index))
    grid = Grid(class_index, counts, len(shown.places), len(points), missed, shown.unchanged)
    return _Class(grid, points.take(wrong))
