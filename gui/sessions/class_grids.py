"""All classes of a sweep side by side: their densities and points, of large sweeps only the misclassified ones."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, Signal

from tfstab.errors import TfstabError
from tfstab.gui.background import Background
from tfstab.gui.content.points import CLEAN_WRONG, SweepPoints, View, psnr_range, read_points
from tfstab.gui.content.selection import KINDS, PointFilter, shown_of

if TYPE_CHECKING:
    from tfstab.sweep import SweepRun

WIDTH, HEIGHT = 96, 60  # cells of a class's density
MOST_ROWS = 8_000_000  # points kept, which take 200 MB


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
    clean_right : int
        All points whose images are right when clean.
    """

    class_index: int
    counts: dict[int, np.ndarray]
    shown: int
    total: int
    wrong: int
    unchanged: int
    clean_right: int = 0

    @property
    def said(self) -> str:
        """How many points are shown."""
        return shown_of(self.shown, self.total, self.unchanged)


@dataclass(frozen=True, eq=False)
class _Class:
    grid: Grid
    mistakes: SweepPoints


@dataclass(frozen=True, eq=False)
class _Whole:
    points: SweepPoints
    grids: dict[int, Grid]
    view: View


class ClassGrids(QObject):
    """Reads all classes: at once if their points can be kept, else one after the other.

    Attributes
    ----------
    grids : dict of int to Grid
        The classes read so far.
    view : View
        Ranges of PSNR and score that all grids cover.
    complete : bool
        Whether all points are kept, not only the misclassified ones.

    Signals
    -------
    changed
        Another class has been read, or several.
    finished : SweepPoints
        All classes have been read; these are their points, or only the misclassified ones.
    """

    changed = Signal()
    finished = Signal(object)

    def __init__(self, background: Background, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._background = background
        self._turn = 0  # number of starts; results of an earlier one are dropped
        self._said: set[str] = set()  # since the last start
        self._points: SweepPoints | None = None  # all points, if they can be kept
        self.grids: dict[int, Grid] = {}
        self.view: View = (0, 0, 1, 1)

    @property
    def said(self) -> str:
        """How many points all classes show."""
        grids = self.grids.values()
        return shown_of(*(sum(getattr(g, name) for g in grids) for name in ("shown", "total", "unchanged")))

    @property
    def complete(self) -> bool:
        """Whether all points are kept, not only the misclassified ones."""
        return self._points is not None

    def start(self, run: "SweepRun", classes: list[int], chosen: PointFilter) -> None:
        """Start reading these classes, filtered by `chosen`."""
        self.stop()
        turn, self._said = self._turn, set()

        def read() -> _Whole | View:
            if classes == classes_of(run) and rows_of(run) <= MOST_ROWS:
                try:
                    points = read_points(run, None)
                except TfstabError:  # reported when the class with the damaged part is read
                    pass
                else:
                    view = _view(psnr_range(run, points))
                    return _Whole(points, grids_of(points, classes, chosen, view), view)
            try:
                return _view(psnr_range(run))
            except TfstabError:
                return _view((0.0, 60.0))

        def begin(outcome: _Whole | View) -> None:
            if turn != self._turn:
                return
            if isinstance(outcome, _Whole):
                self._show(outcome)
                self.finished.emit(outcome.points)
            else:
                self.view = outcome  # old grids stay until new ones are read
                self._next(turn, run, list(classes), chosen, [])

        self._background.run(read, begin)

    def filter(self, run: "SweepRun", classes: list[int], chosen: PointFilter) -> None:
        """Show other densities of the points that are kept; read them again if they are not."""
        points, view = self._points, self.view
        if points is None:
            self.start(run, classes, chosen)
            return
        self._turn += 1
        turn = self._turn

        def show(outcome: _Whole) -> None:
            if turn == self._turn:
                self._show(outcome)

        self._background.run(lambda: _Whole(points, grids_of(points, classes, chosen, view), view), show)

    def stop(self) -> None:
        """Stop reading, and forget the points."""
        self._turn += 1
        self._points = None

    def _show(self, whole: _Whole) -> None:
        self._points, self.grids, self.view = whole.points, whole.grids, whole.view
        self.changed.emit()

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


def classes_of(run: "SweepRun") -> list[int]:
    """Return the classes that have images."""
    return [int(k) for k in np.unique(run.clean.class_index)]


def rows_of(run: "SweepRun") -> int:
    """Return how many degraded images a run has so far, at most."""
    return len(run.clean.indices) * len(run.severities) * run.copies_done[1]


def grids_of(points: SweepPoints, classes: list[int], chosen: PointFilter, view: View) -> dict[int, Grid]:
    """Return the grids of classes from the points of all, which are sorted by class."""
    places = chosen.select(points)
    grids = {}
    for class_index in classes:
        first, stop = np.searchsorted(points.actual, (class_index, class_index + 1))
        start, end = np.searchsorted(places, (first, stop))
        grids[class_index] = _grid(points, places[start:end], class_index, points.kind[first:stop], view)
    return grids


def _grid(points: SweepPoints, places: np.ndarray, class_index: int, kinds: np.ndarray, view: View) -> Grid:
    """Return the grid of a class, whose points at these places are shown, of all points, which are of these kinds."""
    kind, psnr = points.kind[places], points.psnr[places]
    cells = _cells(psnr, points.score[places], view)
    drawn = cells >= 0
    size = WIDTH * HEIGHT
    flat = np.bincount(kind[drawn].astype(np.int64) * size + cells[drawn], minlength=len(KINDS) * size)
    counts = {k: flat[k * size : (k + 1) * size].reshape(HEIGHT, WIDTH) for k in KINDS}
    wrong = np.count_nonzero(points.predicted[places] != class_index)
    unchanged, clean_right = np.count_nonzero(~np.isfinite(psnr)), np.count_nonzero(kinds != CLEAN_WRONG)
    return Grid(class_index, counts, len(places), len(kinds), int(wrong), int(unchanged), int(clean_right))


def _cells(x: np.ndarray, y: np.ndarray, view: View) -> NDArray[np.int64]:
    """Return the number of the grid's cell that each point lies in, row by row from the bottom; -1 outside."""
    left, bottom, right, top = view
    inside = (x >= left) & (x < right) & (y >= bottom) & (y < top)
    across = np.where(inside, x - np.float32(left), 0) * np.float32(WIDTH / (right - left))
    along = np.where(inside, y - np.float32(bottom), 0) * np.float32(HEIGHT / (top - bottom))
    column = np.minimum(across.astype(np.int64), WIDTH - 1)
    row = np.minimum(along.astype(np.int64), HEIGHT - 1)
    return np.where(inside, row * WIDTH + column, -1)


def _view(ends: tuple[float, float]) -> View:
    return ends[0], 0.0, ends[1], 1.0 + 1e-6


def _read(run: "SweepRun", class_index: int, chosen: PointFilter, view: View, room: int) -> _Class:
    """Read a class, keeping at most `room` misclassified points."""
    points = read_points(run, class_index)
    wrong = np.flatnonzero(points.predicted != class_index)[:room]
    return _Class(_grid(points, chosen.select(points), class_index, points.kind, view), points.take(wrong))
