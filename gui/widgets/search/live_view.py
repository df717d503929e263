"""Shows the live page in place of a run's page while the run is being searched."""

from typing import TYPE_CHECKING
from weakref import WeakSet

from PySide6.QtCore import QObject, QTimer, Signal
from PySide6.QtWidgets import QStackedWidget

from tfstab.gui.actions import Actions
from tfstab.gui.controller import Controller
from tfstab.gui.jobs.job import Job
from tfstab.gui.preload import load_pages
from tfstab.gui.sessions.session import Session

if TYPE_CHECKING:
    from tfstab.gui.widgets.search.history_plot import Curves
    from tfstab.gui.widgets.search.live_page import LivePage

STEP = 10  # ms between the steps of longer work; with 0, Qt would do all steps before handling other events


class LiveView(QObject):
    """Decides between the live page and the results so far, and makes the live page when it is first needed.

    Signals
    -------
    triple_changed : Triple or None
        The triple of the page in view has changed.
    offers_changed
        The commands of the page in view have changed.
    left
        The window should choose again which page to show.
    ending
        The page of the results is about to be shown.
    """

    triple_changed = Signal(object)
    offers_changed = Signal()
    left = Signal()
    ending = Signal()

    def __init__(self, controller: Controller, stack: QStackedWidget, commands: Actions) -> None:
        super().__init__(stack)
        self._controller, self._stack, self._commands = controller, stack, commands
        self._wanted = True  # the user wants the live page rather than the results so far
        self._known: WeakSet[Session] = WeakSet()
        self._plots: list[Curves] = []  # made beforehand for the next page
        self.page: LivePage | None = None
        controller.jobs.jobs_changed.connect(self._prepare)
        controller.jobs.opened.connect(self._want)
        controller.jobs.ended.connect(self._end)

    @property
    def shown(self) -> bool:
        """Whether the live page is in view."""
        return self.page is not None and self._stack.currentWidget() is self.page

    def show_session(self, session: Session) -> bool:
        """Show the running search that writes this run, if there is one and the user wants to see it.

        Returns
        -------
        bool
            Whether the search is shown.
        """
        if session not in self._known:
            self._known.add(session)
            session.live_asked.connect(self._ask)
        job = self._controller.jobs.active
        if job is None or not session.live or not self._wanted:
            return False
        self.page = self.page or self._make_page()
        self._stack.setCurrentWidget(self.page)
        self.page.set_job(job, session.run)
        self.page.first().setFocus()
        return True

    def take_plots(self) -> "list[Curves] | None":
        """Return the plots of a HistoryPlot if they have been made beforehand; they take most of a page's making."""
        from tfstab.gui.widgets.search.history_plot import PLOTS

        if len(self._plots) < PLOTS:
            return None
        plots, self._plots = self._plots, []
        return plots

    def _prepare(self) -> None:
        """Make the page before a search starts, importing modules in a worker thread to keep the window responsive."""
        if self._controller.jobs.busy:
            self._controller.background.run(load_pages, self._make_early)

    def _make_early(self, _loaded: object = None) -> None:
        """Make the page, and the plots for the page of results, in steps too short to be noticed."""
        from tfstab.gui.widgets.search.history_plot import PLOTS, make_plot

        if len(self._plots) < PLOTS:
            self._plots.append(make_plot(len(self._plots)))
        elif self.page is None:
            self.page = self._make_page()
        else:
            return
        QTimer.singleShot(STEP, self, self._make_early)

    def _make_page(self) -> "LivePage":
        # Imported here because these need pyqtgraph, and the empty window should not wait for that.
        from tfstab.gui.widgets.search.history_plot import HistoryPlot
        from tfstab.gui.widgets.search.live_page import LivePage

        page = LivePage(self._controller, self._commands, HistoryPlot(replay=False, plots=self.take_plots()))
        self._stack.addWidget(page)
        page.results_asked.connect(self._show_results)
        page.triple_changed.connect(self.triple_changed)
        page.offers_changed.connect(self.offers_changed)
        return page

    def _want(self, job: Job) -> None:
        """Watch a search that has started, if its run is in view."""
        self._wanted = True
        current = self._controller.current
        if current is not None and current.live and not self.shown:
            self.left.emit()

    def _ask(self) -> None:
        self._wanted = True
        self.left.emit()

    def _show_results(self) -> None:
        self._wanted = False
        self._leave()

    def _end(self, job: Job) -> None:
        """Show the results when the search has ended, in separate steps: doing all at once would be noticeable."""

        def then_leave() -> None:
            self.ending.emit()
            QTimer.singleShot(STEP, self, self._leave)

        if self.shown:
            QTimer.singleShot(STEP, self, then_leave)

    def _leave(self) -> None:
        if self.shown:
            self.left.emit()
            current = self._controller.current
            self.triple_changed.emit(current.triple if current else None)
