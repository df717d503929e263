"""The scatter plot of a sweep with those of the runs that it is compared with beside it."""

from functools import partial
from html import escape

from PySide6.QtCore import QRectF, Signal
from PySide6.QtWidgets import QLabel, QSplitter, QWidget

from tfstab.gui.content.selection import shown_of
from tfstab.gui.sessions.beside import Neighbour
from tfstab.gui.sessions.sweep_session import SweepSession
from tfstab.gui.widgets.elided import ElidedLabel
from tfstab.gui.widgets.layouts import fill_column
from tfstab.gui.widgets.sweep.scatter_plot import ScatterPlot
from tfstab.gui.widgets.tips import plain


class BesidePlots(QSplitter):
    """The session's own scatter plot first, then the others; all zoom and move together, and have titles if several.

    Signals
    -------
    chosen : SweepSession, Key
        A point of another run was clicked.
    named : str
        Description of the point under the mouse, "" for none.
    """

    chosen = Signal(object, object)
    named = Signal(str)

    def __init__(self, session: SweepSession, own: ScatterPlot, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session, self._own = session, own
        self._following = False
        self._own_title = _Title()
        self.addWidget(_titled(self._own_title, own))
        self.plots: list[ScatterPlot] = []
        self._titles: list[_Title] = []
        self._wholes: list[QWidget] = []
        self.setChildrenCollapsible(False)
        own.range_changed.connect(self._follow_range)
        session.beside.changed.connect(self.show_neighbours)
        for changed in (session.shown_changed, session.compared_changed):
            changed.connect(self._title_own)
        self.show_neighbours()

    def show_neighbours(self) -> None:
        """Draw the points of the runs that the sweep is now compared with."""
        neighbours = self._session.beside.neighbours
        while len(self.plots) > len(neighbours):
            self.plots.pop()
            self._titles.pop()
            self._wholes.pop().deleteLater()
        while len(self.plots) < len(neighbours):
            self._add()
        for plot, title, neighbour in zip(self.plots, self._titles, neighbours, strict=True):
            shown = neighbour.shown
            title.say(neighbour.name, shown_of(len(shown.places), len(neighbour.points), shown.unchanged))
            plot.set_clouds(neighbour.shown.clouds)
        self._follow_range()
        self._title_own()

    def _add(self) -> None:
        number, plot, title = len(self.plots), ScatterPlot(), _Title()
        self.plots.append(plot)
        self._titles.append(title)
        self._wholes.append(_titled(title, plot))
        self.addWidget(self._wholes[-1])
        plot.range_changed.connect(self._follow_range)
        plot.clicked.connect(partial(self._choose, number))
        plot.hovered.connect(partial(self._name, number))
        self.setSizes([self.width()] * self.count())

    def _title_own(self) -> None:
        """Write the title of the session's own plot, and say which runs cannot be shown."""
        beside = self._session.beside
        unlike = [beside.name_of(s) for s in beside.unlike]
        missing = f"not shown because of different class names: {', '.join(unlike)}" if unlike else ""
        self._own_title.setVisible(bool(self.plots or unlike))
        self._own_title.say(beside.names[0], self._session.said, missing)

    def _follow_range(self) -> None:
        """Show the same range in all plots."""
        if self._following:
            return
        self._following = True
        moved = next((plot for plot in self.plots if plot is self.sender()), self._own)
        (left, right), (bottom, top) = moved.viewRange()
        for plot in (self._own, *self.plots):
            if plot is not moved:
                plot.setRange(QRectF(left, bottom, right - left, top - bottom), padding=0)
        self._following = False

    def _neighbour(self, number: int) -> Neighbour | None:
        neighbours = self._session.beside.neighbours
        return neighbours[number] if number < len(neighbours) else None

    def _choose(self, number: int, place: int) -> None:
        neighbour = self._neighbour(number)
        if neighbour is not None:
            self.chosen.emit(neighbour.session, neighbour.points.key(place))

    def _name(self, number: int, place: int | None) -> None:
        """Mark and describe the point under the mouse."""
        neighbour = self._neighbour(number)
        if number >= len(self.plots):  # its plot is being removed
            return
        if neighbour is not None and place is not None:
            at = float(neighbour.points.psnr[place]), float(neighbour.points.score[place])
            self.plots[number].mark_near(at)
            self.named.emit(neighbour.session.describe(place, neighbour.points))
        else:
            self.plots[number].mark_near(None)
            self.named.emit("")


class _Title(ElidedLabel):
    """The name of a run and how many of its points are shown."""

    def say(self, name: str, shown: str, missing: str = "") -> None:
        """Show name, number of points shown, and in brackets what is missing."""
        end = f" &nbsp; ({escape(missing)})" if missing else ""
        self.setText(f"<b>{escape(name)}</b> &nbsp; {shown}{end}")
        self.setToolTip(plain(f"{name}: {shown}  {missing}".strip()))


def _titled(title: QLabel, plot: QWidget) -> QWidget:
    """Put a title above a plot."""
    whole = QWidget()
    title.setContentsMargins(6, 0, 0, 0)
    fill_column(whole, title, plot)
    return whole
