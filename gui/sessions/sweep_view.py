"""What of a sweep's points is shown and listed: filtered and sorted in a worker, delivered whole."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace

import numpy as np
from PySide6.QtCore import QObject, Signal

from tfstab.gui.background import Background
from tfstab.gui.content.points import SweepPoints
from tfstab.gui.content.selection import Order, Places, PointFilter, Shown, list_rows

NOTHING = np.empty(0, np.intp)


@dataclass(frozen=True, eq=False)
class Ask:
    """One state of what is asked for: the points, how they are filtered, and how the table lists them.

    picked: the outline (P, 2) of PSNR and score that rows must lie in. marked: the codes of the marked points where
    only these are listed.
    """

    points: SweepPoints | None = None
    filter: PointFilter = field(default_factory=PointFilter)
    picked: np.ndarray | None = None
    correct_too: bool = False
    marked_only: bool = False
    order: Order = field(default_factory=Order)


class SweepView(QObject):
    """points, shown and rows always fit each other; they follow what is asked for as soon as it is computed.

    rows: the places that the table lists, in its order. column: the values (N,) of a column of points, and marked:
    which of the points are marked (N,), both called in a worker.
    """

    shown_changed = Signal()  # other points, or others of them pass the filter
    rows_changed = Signal()

    def __init__(
        self, background: Background, column: Callable[[SweepPoints, str], np.ndarray],
        marked: Callable[[SweepPoints], np.ndarray], parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._background, self._column, self._marked = background, column, marked
        self.points: SweepPoints | None = None
        self.shown = Shown()
        self.rows: Places = NOTHING
        self.asked = Ask()
        self._done = Ask()
        self._running = False

    def ask(self, **changes: object) -> None:
        """Change what is asked for, in the names of `Ask`. Computed at once, or after what is being computed."""
        self.asked = replace(self.asked, **changes)  # type: ignore[arg-type]
        if not self._running:
            self._run()

    def row_of(self, place: int | None) -> int | None:
        """Which row of the table has this place."""
        found = np.flatnonzero(self.rows == place) if place is not None else NOTHING
        return int(found[0]) if len(found) else None

    def clear(self) -> None:
        """Show nothing, at once."""
        self.points, self.shown, self.rows = None, Shown(), NOTHING
        self.asked = self._done = replace(self.asked, points=None, picked=None)
        self.shown_changed.emit()
        self.rows_changed.emit()

    def _run(self) -> None:
        ask, done, shown = self.asked, self._done, self.shown
        points = ask.points
        if points is None:
            return
        same = ask.points is done.points and ask.filter == done.filter

        def compute() -> tuple[Ask, Shown, Places]:
            now = shown if same else Shown.of(points, ask.filter)
            places = now.places
            if ask.marked_only:
                places = places[self._marked(points)[places]]
            correct_too, name = ask.correct_too or ask.marked_only, ask.order.column
            values = self._column(points, name) if name else None
            return ask, now, list_rows(points, places, ask.picked, correct_too, values, ask.order.descending)

        self._running = True
        self._background.run(compute, self._show, self._end, self)

    def _end(self) -> None:
        self._running = False

    def _show(self, outcome: tuple[Ask, Shown, Places]) -> None:
        self._running = False
        ask, shown, rows = outcome
        if self.asked is not ask:  # asked anew meanwhile
            self._run()
            if self.asked.points is not ask.points:
                return
        other = shown is not self.shown
        self.points, self.shown, self.rows, self._done = ask.points, shown, rows, ask
        if other:
            self.shown_changed.emit()
        self.rows_changed.emit()
