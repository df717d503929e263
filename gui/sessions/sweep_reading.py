"""What is read of an open sweep run: the class in view, its points and their list, and the measures."""

from dataclasses import fields
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QObject, Signal

from tfstab.errors import RunError, TfstabError
from tfstab.gui.background import Background
from tfstab.gui.content.obstacles import of_sweeps
from tfstab.gui.content.overview import headline_of_sweep
from tfstab.gui.content.points import CLEAN_WRONG, Cloud, SweepPoints, codes, read_points
from tfstab.gui.content.runner_up import second_when_clean
from tfstab.gui.content.selection import ELSEWHERE, SECOND, Order, Places, PointFilter, shown_of
from tfstab.gui.sessions.beside import Beside
from tfstab.gui.sessions.class_grids import ClassGrids, classes_of
from tfstab.gui.sessions.session import Session
from tfstab.gui.sessions.sweep_view import SweepView
from tfstab.wording import counted

if TYPE_CHECKING:
    from tfstab.sweep import SweepRun
    from tfstab.sweep.measures import SeverityAccuracy, SweepMeasures


class SweepReading(Session):
    """Base of `SweepSession`: reads points and measures; the session selects among them.

    Attributes
    ----------
    classes : list of int
        The classes with images.
    class_index : int or None
        The class in view; None for all.
    measures : SweepMeasures or None
        The measures, once computed.
    measured : SweepRun or None
        The run with the parts that the measures are of.
    unmeasured : bool
        Whether they could not be computed at the last reading, because a part cannot be read.
    view : SweepView
        The points of the class, filtered and listed.
    grids : ClassGrids
        The densities of all classes, used while all are in view.
    beside : Beside
        The compared runs.

    Signals
    -------
    points_changed
        Another class was read.
    shown_changed
        Other points pass the filters.
    filter_changed
        Another class or filter was chosen.
    measures_changed
        The measures were computed.
    compared_changed
        Other runs are compared, or one of them was read again.
    """

    points_changed = Signal()
    shown_changed = Signal()
    filter_changed = Signal()
    measures_changed = Signal()
    compared_changed = Signal()

    def __init__(self, run: "SweepRun", background: Background, parent: QObject | None = None) -> None:
        super().__init__(run, background, parent)
        self.classes: list[int] = classes_of(run)
        self.class_index: int | None = self.classes[0]
        self.measures: SweepMeasures | None = None
        self.measured: SweepRun | None = None
        self.unmeasured = False
        self._chosen = False  # whether a class, a filter or a selection has been chosen
        self.view = SweepView(
            background, self.column, self._marked, self._named, lambda: self.run.config.distances, self
        )
        self.grids = ClassGrids(background, self)
        self.comparison = self.beside = Beside(self)
        self._shown_points: SweepPoints | None = None
        self.view.shown_changed.connect(self._follow_view)
        self.grids.finished.connect(self._take_all)
        self.marks.changed.connect(self._follow_marks)
        for signal in (self.points_changed, self.filter_changed):
            signal.connect(self.beside.follow)

    @property
    def about(self) -> str:
        """Degradation, model, data and seed in one line."""
        return f"{self.run.degradation.title}, {super().about}"

    def obstacle(self, other: Session) -> str:
        """Return why the other run cannot be compared with this one: curves and tables are compared by severity."""
        return of_sweeps(self.run, other.run) if isinstance(other, SweepReading) else super().obstacle(other)

    def takes(self, run: "SweepRun") -> bool:
        """Return True for the same run if it has no images of further classes, which the page could not offer."""
        return super().takes(run) and classes_of(run) == self.classes

    # What is shown

    @property
    def points(self) -> SweepPoints | None:
        """All points of the class or of all classes; None until they are read."""
        return self.view.points

    @property
    def has_correct(self) -> bool:
        """Whether `points` has correctly classified ones, too; of all classes of a large run they are not kept."""
        return self.class_index is not None or self.grids.complete

    @property
    def shown(self) -> Places:
        """Positions of the points that pass the filter."""
        return self.view.shown.places

    @property
    def said(self) -> str:
        """How many points of the class, or of all classes, are shown."""
        if self.class_index is None:
            return self.grids.said
        return shown_of(len(self.shown), self.total, self.view.shown.unchanged)

    @property
    def total(self) -> int:
        """How many points the class, or all classes, have."""
        if self.class_index is None:
            return sum(grid.total for grid in self.grids.grids.values())
        return 0 if self.points is None else len(self.points)

    @property
    def listed_of(self) -> str:
        """The degraded images from which the table lists some: of an image, at a severity, or right when clean."""
        severity, of_right = self.filter.severity_index, not self.filter.clean_wrong
        amount = "" if severity is None else f"{self.run.severities[severity]:g}"
        at = f" at {self.run.degradation.at(amount)}" if amount else ""
        if self.filter.image is not None:
            return f"the degraded copies of image {self.filter.image}{at}"
        total, right = (self._clean_right, " that are right when clean") if of_right else (self.total, "")
        if severity is None:
            return counted(total, "degraded image") + right
        # Each part of a sweep has all severities of its copies.
        return f"{counted(total // len(self.run.severities), 'degraded image')}{at}{right}"

    @property
    def _clean_right(self) -> int:
        """How many points of the class, or of all classes, have images that are right when clean."""
        if self.class_index is None:
            return sum(grid.clean_right for grid in self.grids.grids.values())
        return 0 if self.points is None else int(np.count_nonzero(self.points.kind != CLEAN_WRONG))

    @property
    def clouds(self) -> dict[int, Cloud]:
        """The points that pass the filter, by kind."""
        return self.view.shown.clouds

    @property
    def filter(self) -> PointFilter:
        """The chosen filter."""
        return self.view.asked.filter

    @property
    def accuracy(self) -> "list[SeverityAccuracy]":
        """The accuracy at each severity, empty until it is computed."""
        return self.measures.accuracy_by_severity() if self.measures is not None else []

    @property
    def _unread(self) -> bool:
        """Whether the points of the class in view are still to be read."""
        return self.points is None or self.points.class_index != self.class_index

    def set_filter(self, **changes: object) -> None:
        """Change fields of the filter."""
        chosen = self.filter.but(**changes)
        if chosen != self.filter:
            self.view.ask(filter=chosen)
            if self.class_index is None:
                self.grids.filter(self.run, self.classes, chosen)
            self.filter_changed.emit()

    def drop_filters(self) -> None:
        """Remove all filters of points and list, but for the class and “marked only”."""
        self.view.ask(picked=None, tag="", file="", against=None)
        self.set_filter(**vars(PointFilter()))

    def pick(self, outline: np.ndarray | None) -> None:
        """List only the points within an outline (P, 2) of PSNR and score, or all points again (None)."""
        self.view.ask(picked=outline)

    def sort(self, column: str | None, descending: bool) -> None:
        """Sort the table by a column, or not at all (None)."""
        self.view.ask(order=Order(column, descending))

    def sortable(self, column: object) -> bool:
        """Return True if `column` gives values of that name."""
        named = isinstance(column, str) and column.removeprefix(ELSEWHERE)
        known = {field.name for field in fields(SweepPoints)} - {"class_index", "kind"} | {"severity", "marked", SECOND}
        return column in known if named == column else isinstance(named, str) and named.isdecimal() and len(named) < 4

    def column(self, points: SweepPoints, name: str) -> np.ndarray:
        """Return the values (N,) of a column of the table."""
        if name == "severity":
            return np.array(self.run.severities, np.float32)[points.severity_index]
        if name == SECOND:
            return second_when_clean(self.run.clean, points.image)
        if name.startswith(ELSEWHERE):
            number, neighbours = int(name.removeprefix(ELSEWHERE)), self.beside.neighbours
            known = number < len(neighbours) and len(neighbours[number].predicted) == len(points)
            return neighbours[number].predicted if known else points.predicted
        return self._marked(points) if name == "marked" else getattr(points, name)

    def _named(self, points: SweepPoints, text: str) -> np.ndarray:
        """Return which points are of images whose file name contains a text, (N,)."""
        return np.isin(points.image, self.run.clean.named(text))

    # Reading

    def stop(self) -> None:
        """Stop reading, because the run is closed."""
        self.grids.stop()
        super().stop()

    def _take_all(self, points: SweepPoints) -> None:
        self.view.ask(points=points)

    def reload(self) -> None:
        """Read points and measures again."""
        self._read_class()
        run = self.run

        def measure() -> "tuple[SweepRun, SweepMeasures, str]":
            _ = run.measures  # so that the run itself keeps them
            now = run.snapshot()
            return now, now.measures, headline_of_sweep(now.measures)

        self.background.run(measure, self._show_measures, self._go_unmeasured)

    def _read_class(self) -> None:
        run, class_index = self.run, self.class_index
        self.grids.stop()
        if self.gone:  # its points would read as none
            self._show_unreadable(RunError(f"{self.path} no longer exists: restore the folder, then refresh (F5)."))
            return
        if class_index is None:
            self.grids.start(run, self.classes, self.filter)
            return

        def read() -> SweepPoints | TfstabError:
            try:
                return read_points(run, class_index)
            except TfstabError as error:
                return error

        def show(outcome: SweepPoints | TfstabError) -> None:
            if class_index != self.class_index:  # another class was chosen meanwhile
                return
            if isinstance(outcome, SweepPoints):
                self.view.ask(points=outcome)
            else:
                self._show_unreadable(outcome)

        self.background.run(read, show)

    def _select_again(self, before: SweepPoints | None) -> None:
        """Select in newly read points what was selected in those before, or asked for meanwhile."""
        raise NotImplementedError

    def _select_nothing(self) -> None:
        """Select nothing, because there are no points."""
        raise NotImplementedError

    def _show_unreadable(self, error: TfstabError) -> None:
        self._shown_points = None
        self.view.clear()
        self._select_nothing()
        self.points_changed.emit()
        self.background.failed.emit(str(error), "")

    def _follow_view(self) -> None:
        points, before = self.points, self._shown_points
        if points is None:
            return
        if points is before:
            self.shown_changed.emit()
            return
        self._shown_points = points
        self.points_changed.emit()
        self._select_again(before)

    def _show_measures(self, outcome: "tuple[SweepRun, SweepMeasures, str]") -> None:
        self.measured, self.measures, self.headline = outcome
        self.unmeasured = False
        self._leave_first_class(self.measures)
        self.measures_changed.emit()
        self.changed.emit()

    def _leave_first_class(self, measures: "SweepMeasures") -> None:
        """Go on from the first class, which is read before there are measures, to the one with most mistakes.

        Of unequal classes the first is often the common one, and most mistakes are of another.
        """
        if self._chosen or self.class_index is None or self.filter != PointFilter() or self.view.asked.restricts:
            return
        self._chosen = True
        metrics = measures.class_metrics()
        wrong = metrics.support - np.diag(metrics.counts)
        if wrong[self.class_index] < wrong.max():
            self.moved_itself = True
            self.select_class(int(wrong.argmax()))

    def select_class(self, class_index: int | None) -> None:
        """Show the points of another class, or of all classes (None)."""
        raise NotImplementedError

    def _go_unmeasured(self) -> None:
        """Tell that the measures cannot be computed; those computed before stay."""
        self.unmeasured = True
        self.measures_changed.emit()

    # Marks

    def _marked(self, points: SweepPoints, tag: str = "") -> np.ndarray:
        """Return which points are marked, or have a tag, (N,)."""
        keys = np.array(self.marks.keys(tag), np.int64).reshape(-1, 3)
        severities = len(self.run.severities)
        own = codes(points.image, points.severity_index, points.copy, severities)
        return np.isin(own, codes(keys[:, 0], keys[:, 1], keys[:, 2], severities))

    def _follow_marks(self) -> None:
        if self.view.asked.marked_only or self.view.asked.tag or self.view.asked.order.column == "marked":
            self.view.ask()
