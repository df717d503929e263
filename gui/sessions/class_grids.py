"""All classes of a sweep side by side: read one after the other, kept as densities and their mistakes alone."""

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
MOST_ROWS = 8_000_000  # mistakes of all classes that are kept, 200 MB of them


@dataclass(frozen=True, eq=False)
class Grid:
    """One class in small. counts: points in each cell (HEIGHT, WIDTH) of the view, by kind; row 0 is the bottom."""

    class_index: int
    counts: dict[int, np.ndarray]
    shown: int
    total: int
    wrong: int  # of those shown
    unchanged: int  # of those shown, not in the counts

    @property
    def said(self) -> str:
        return shown_of(self.shown, self.total, self.unchanged)


@dataclass(frozen=True, eq=False)
class _Class:
    grid: Grid
    mistakes: SweepPoints


class ClassGrids(QObject):
    """grids: the classes read so far, by class. view: what all of them show."""

    changed = Signal()  # another class is read
    finished = Signal(object)  # the mistakes of all classes, SweepPoints

    def __init__(self, background: Background, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._background = background
        self._turn = 0  # of starts; what comes from an earlier one is dropped
        self.grids: dict[int, Grid] = {}
        self.view: View = (0, 0, 1, 1)

    @property
    def said(self) -> str:
        """How much all of them show."""
        grids = self.grids.values()
        return shown_of(*(sum(getattr(g, name) for g in grids) for name in ("shown", "total", "unchanged")))

    def start(self, run: "SweepRun", classes: list[int], chosen: PointFilter) -> None:
        """Read these classes; `finished` tells when all are there."""
        self.stop()
        turn = self._turn

        def read() -> tuple[float, float]:
            try:
                return psnr_range(run)
            except TfstabError:  # said when the class with the damaged part is read
                return 0.0, 60.0

        def begin(ends: tuple[float, float]) -> None:
            if turn == self._turn:
                self.view = (ends[0], 0.0, ends[1], 1.0 + 1e-6)  # the grids stay until others are read
                self._next(turn, run, list(classes), chosen, [])

        self._background.run(read, begin)

    def stop(self) -> None:
        """Read no more."""
        self._turn += 1

    def _next(
        self, turn: int, run: "SweepRun", left: list[int], chosen: PointFilter, mistakes: list[SweepPoints]
    ) -> None:
        if turn != self._turn:
            return
        if not left:
            if mistakes:
                # Millions of rows: joined in a worker too.
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
                self._background.failed.emit(str(outcome), "")
            self._next(turn, run, left[1:], chosen, mistakes)

        self._background.run(read, show)

    def _end(self, turn: int, mistakes: SweepPoints) -> None:
        if turn == self._turn:
            self.finished.emit(mistakes)


def _read(run: "SweepRun", class_index: int, chosen: PointFilter, view: View, room: int) -> _Class:
    points = read_points(run, class_index)
    wrong = np.flatnonzero(points.predicted != class_index)[:room]
    shown = Shown.of(points, chosen)
    counts = {kind: cloud.density(view, WIDTH, HEIGHT) for kind, cloud in shown.clouds.items()}
    missed = int(np.count_nonzero(points.predicted[shown.places] != class_index))
    grid = Grid(class_index, counts, len(shown.places), len(points), missed, shown.unchanged)
    return _Class(grid, points.take(wrong))
