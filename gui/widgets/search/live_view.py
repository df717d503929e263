"""Shows the live page in place of a run's page while the run is being searched."""

from typing import TYPE_CHECKING
from weakref import WeakSet

from PySide6.QtCore import QObject, QTimer, Signal
from PySide6.QtWidgets import QStackedWidget

from tfstab.gui.actions import Actions
from tfstab.gui.background import Steps
from tfstab.gui.controller import Controller
from tfstab.gui.jobs.job import Job
from tfstab.gui.preload import load_pages
from tfstab.gui.sessions.session import Session
from tfstab.stepwise import finished

if TYPE_CHECKING:
    from tfstab.gui.widgets.search.live_page import LivePage

STEP = 10  # ms between showing the results and leaving the live page


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
    """

    triple_changed = Signal(object)
    offers_changed = Signal()
    left = Signal()

    def __init__(self, controller: Controller, stack: QStackedWidget, commands: Actions) -> None:
        super().__init__(stack)
        self._controller, self._stack, self._commands = controller, stack, commands
        self._wanted = True  # the user wants the live page rather than the results so far
        self._known: WeakSet[Session] = WeakSet()
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
        finished(self._make_page())
        assert self.page is not None
        self._stack.setCurrentWidget(self.page)
        self.page.set_job(job, session.run)
        self.page.first().setFocus()
        return True

    def _prepare(self) -> None:
        """Make the page before a search starts, importing modules in a worker thread to keep the window responsive."""
        if self._controller.jobs.busy:
            self._controller.background.run(load_pages, lambda _: self._make_page(), owner=self)

    def _make_page(self) -> Steps:
        """Make the live page in steps, unless it has been made."""
        # Imported here because these need pyqtgraph, and the empty window should not wait for that.
        from tfstab.gui.widgets.search.history_plot import HistoryPlot, make_plots
        from tfstab.gui.widgets.search.live_page import LivePage

        if self.page is None:
            plots = yield from make_plots()
            yield
        if self.page is not None:  # also if it was needed meanwhile
            return
        self.page = page = LivePage(self._controller, self._commands, HistoryPlot(plots, replay=False))
        self._stack.addWidget(page)
        page.results_asked.connect(self._show_results)
        page.triple_changed.connect(self.triple_changed)
        page.offers_changed.connect(self.offers_changed)

    def _want(self, job: Job) -> None:
        """Watch a search that has started, if its run is in view."""
        self._wanted = True
        current = self._controller.current
        if current is not None and current.live and not self.shown and self._controller.arrivals.may_show(job):
            self.left.emit()

    def _ask(self) -> None:
        self._wanted = True
        self.left.emit()

    def _show_results(self) -> None:
        self._wanted = False
        self._leave()

    def _end(self, job: Job) -> None:
        """Show the results when the search has ended, once the end has been shown."""
        if self.shown:
            QTimer.singleShot(STEP, self, self._leave)

    def _leave(self) -> None:
        if self.shown:
            self.left.emit()
            current = self._controller.current
            self.triple_changed.emit(current.in_panel if current else None)
