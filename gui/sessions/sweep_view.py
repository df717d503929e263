"""The points of a sweep that are shown and listed, filtered and sorted in a worker thread."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace

import numpy as np
from PySide6.QtCore import QObject, Signal

from tfstab.gui.background import Background
from tfstab.gui.content.grouping import Groups, group_rows
from tfstab.gui.content.points import SweepPoints
from tfstab.gui.content.selection import Against, Order, Places, PointFilter, Shown, list_rows

NOTHING = np.empty(0, np.intp)


@dataclass(frozen=True, eq=False)
class Ask:
    """What is to be shown and listed.

    Attributes
    ----------
    points : SweepPoints or None
        All points.
    filter : PointFilter
        Filter of the points shown.
    picked : ndarray or None
        Outline (P, 2) of PSNR and score within which listed points must lie.
    correct_too : bool
        Whether correctly classified points are listed too.
    marked_only : bool
        Whether only marked points are listed.
    tag : str
        Only points with this tag are listed, unless it is "".
    file : str
        Only points of images whose file name contains this, ignoring case, are listed.
    order : Order
        Order of the list.
    against : Against or None
        What another run must predict for the listed points; the correct ones are then listed too.
    group : str or None
        By what the rows are grouped, as in `group_rows`.
    """

    points: SweepPoints | None = None
    filter: PointFilter = field(default_factory=PointFilter)
    picked: np.ndarray | None = None
    correct_too: bool = False
    marked_only: bool = False
    tag: str = ""
    file: str = ""
    order: Order = field(default_factory=Order)
    against: Against | None = None
    group: str | None = None

    @property
    def lists_correct(self) -> bool:
        """Whether correctly classified points are listed, as asked for or because other conditions choose them."""
        return self.correct_too or self.marked_only or bool(self.tag) or self.against is not None

    @property
    def restricts(self) -> bool:
        """Whether the list is restricted by anything other than the class and right or wrong predictions."""
        others = self.marked_only, self.tag, self.file, self.against is not None, self.picked is not None
        return self.filter != PointFilter() or any(others)

    @property
    def words(self) -> list[str]:
        """All that determines the list besides class and filter, in words for a file name."""
        words = ["correct ones too"] if self.correct_too else []
        words += ["marked"] if self.marked_only else []
        words += [f"tag {self.tag}"] if self.tag else []
        words += [f"file {self.file}"] if self.file else []
        words += ["outlined"] if self.picked is not None else []
        return words if self.against is None else [*words, self.against.outcome]


Outcome = tuple[Ask, Shown, Places, Groups | None]


class SweepView(QObject):
    """Computes the points, the ones shown and the table's rows; the three always belong together.

    Parameters
    ----------
    background : Background
        Runs the computation.
    column : callable
        Returns the values (N,) of a column of points; called in a worker.
    marked : callable
        Returns which points are marked, or have a tag unless it is "", (N,); called in a worker.
    named : callable
        Returns which points are of images whose file name contains a text, (N,); called in a worker.
    distances : callable
        Returns how strong each severity is, (S,); called in a worker.
    parent : QObject, optional

    Attributes
    ----------
    points : SweepPoints or None
        All points.
    shown : Shown
        Those that pass the filter.
    rows : ndarray
        Positions of the listed points, in order of the list.
    groups : Groups or None
        The groups of the rows, if there are any.
    asked : Ask
        The latest request.

    Signals
    -------
    shown_changed
        There are other points, or others pass the filter.
    rows_changed
        Other points are listed, or in another order.
    """

    shown_changed = Signal()
    rows_changed = Signal()

    def __init__(
        self,
        background: Background,
        column: Callable[[SweepPoints, str], np.ndarray],
        marked: Callable[[SweepPoints, str], np.ndarray],
        named: Callable[[SweepPoints, str], np.ndarray],
        distances: Callable[[], np.ndarray],
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._background, self._distances = background, distances
        self._column, self._marked, self._named = column, marked, named
        self.points: SweepPoints | None = None
        self.shown = Shown()
        self.rows: Places = NOTHING
        self.groups: Groups | None = None
        self.asked = Ask()
        self._done = Ask()
        self._running = False

    def ask(self, **changes: object) -> None:
        """Change fields of the request; it is computed now, or after the computation that is running."""
        self.asked = replace(self.asked, **changes)  # type: ignore[arg-type]
        if not self._running:
            self._run()

    @property
    def settled(self) -> bool:
        """Whether the latest request has been computed."""
        return self.points is not None and self._done is self.asked

    @property
    def lists_correct(self) -> bool:
        """Whether `rows` may have correctly classified points."""
        return self._done.lists_correct

    def row_of(self, place: int | None) -> int | None:
        """Return the row that lists the point at this position, or None."""
        found = np.flatnonzero(self.rows == place) if place is not None else NOTHING
        return int(found[0]) if len(found) else None

    def clear(self) -> None:
        """Show nothing, without waiting for a computation."""
        self.points, self.shown, self.rows, self.groups = None, Shown(), NOTHING, None
        self.asked = self._done = replace(self.asked, points=None, picked=None)
        self.shown_changed.emit()
        self.rows_changed.emit()

    def _run(self) -> None:
        ask, done, shown = self.asked, self._done, self.shown
        points = ask.points
        if points is None:
            return
        same = ask.points is done.points and ask.filter == done.filter

        def compute() -> Outcome:
            # All classes are drawn by the densities of `ClassGrids`.
            now = shown if same else Shown.of(points, ask.filter, to_draw=points.class_index is not None)
            places = now.places
            if ask.marked_only or ask.tag:
                places = places[self._marked(points, ask.tag)[places]]
            if ask.file:
                places = places[self._named(points, ask.file)[places]]
            if ask.against is not None:
                places = ask.against.select(points, places, self._column(points, ask.against.column))
            name = ask.order.column
            values = self._column(points, name) if name else None
            rows = list_rows(points, places, ask.picked, ask.lists_correct, values, ask.order.descending)
            if ask.group is None:
                return ask, now, rows, None
            return ask, now, *group_rows(points, rows, ask.group, self._distances())

        self._running = True
        self._background.run(compute, self._show, self._end, self)

    def _end(self) -> None:
        self._running = False

    def _show(self, outcome: Outcome) -> None:
        self._running = False
        ask, shown, rows, groups = outcome
        if self.asked is not ask:  # the request has changed meanwhile
            self._run()
            if self.asked.points is not ask.points:
                return
        other = shown is not self.shown
        self.points, self.shown, self.rows, self.groups, self._done = ask.points, shown, rows, groups, ask
        if other:
            self.shown_changed.emit()
        self.rows_changed.emit()
