"""The main window: the page in view, and the commands."""

from functools import partial

from PySide6.QtCore import QEvent, Qt, QThreadPool, QTimer
from PySide6.QtGui import QCloseEvent, QKeyEvent, QShowEvent
from PySide6.QtWidgets import (
    QAbstractButton,
    QApplication,
    QDialog,
    QLabel,
    QMainWindow,
)

from tfstab.gui.actions import Actions
from tfstab.gui.closing import CloseQuestion
from tfstab.gui.commands import Offer, Offers
from tfstab.gui.content.guide import BY_MOUSE
from tfstab.gui.content.triple import Triple
from tfstab.gui.content.viewpoint import Viewpoint
from tfstab.gui.controller import Controller
from tfstab.gui.dialogs import show_about, show_job_error, show_keys
from tfstab.gui.dropping import Dropped
from tfstab.gui.guide import Guide
from tfstab.gui.icons import app_icon
from tfstab.gui.jobs.draft import Draft, draft_of_job
from tfstab.gui.jobs.job import Job
from tfstab.gui.kinds import SHOWN
from tfstab.gui.own_code import Failures
from tfstab.gui.panels import Panels
from tfstab.gui.preload import load_pages
from tfstab.gui.sessions.session import Session, named_apart
from tfstab.gui.theme import THEMES, apply_theme, restyle
from tfstab.gui.toolbar import Toolbar
from tfstab.gui.widgets import asking
from tfstab.gui.widgets.facts_panel import FactsPanel
from tfstab.gui.widgets.file_drops import FileDrops
from tfstab.gui.widgets.jobs.jobs_panel import JobsPanel, job_offers
from tfstab.gui.widgets.layouts import Pages, Shrinkable
from tfstab.gui.widgets.page import Page
from tfstab.gui.widgets.recent_menu import RecentMenu
from tfstab.gui.widgets.run_list import RunList
from tfstab.gui.widgets.search.live_view import LiveView
from tfstab.gui.widgets.welcome import WelcomePage

TITLE = "tfstab viewer"
SOON = 300  # ms after the window has been shown
READ = 12_000  # ms after which a message in the status bar is out of date


class MainWindow(QMainWindow):
    """Owns the widgets; the controller owns what is open and selected."""

    def __init__(self, controller: Controller) -> None:
        super().__init__()
        self.controller = controller
        self.setWindowTitle(TITLE)
        self.setWindowIcon(app_icon())
        self.pages: dict[Session, Page] = {}
        self.commands = Actions(self)
        self.guide = Guide(lambda: self._page_in_view().guide_place())
        self.welcome = WelcomePage(controller, self.windowIcon())
        self.stack = Pages()
        self.stack.addWidget(self.welcome)
        self.setCentralWidget(Shrinkable(self.stack))
        self.run_list = RunList(controller, partial(asking.run_offers, self, controller))
        self.jobs_panel = JobsPanel(controller)
        self.facts = FactsPanel(controller.card, controller.background)
        self._without: tuple[int, str] | None = None  # the image in view if it has no card
        self.panels = Panels(self, controller.settings, self.run_list, self.jobs_panel, self.facts)
        self.busy = QLabel("Reading…")
        self.busy.hide()
        self.statusBar().addPermanentWidget(self.busy)
        self.failures = Failures(self, controller.refresh, controller.said.emit)
        self.live = LiveView(controller, self.stack, self.commands)
        self._closing = self._told_to_wait = False
        self._known_jobs = set(controller.jobs.jobs)
        self._theme = controller.settings.theme()
        self._make_menus()
        FileDrops(self, controller.background, self._take, lambda refused: self.statusBar().showMessage(refused, READ))
        self.panels.restore()
        self._connect()
        self.panels.want_jobs(bool(controller.jobs.jobs))
        self._show_current(None)

    def page(self) -> Page | None:
        """Return the page of the current run, or None."""
        return self.pages.get(self.controller.current) if self.controller.current else None

    def ask_for_new_run(self, draft: Draft | None = None) -> QDialog:
        """Show the dialog of a new run, filled with a draft."""
        return asking.ask_for_new_run(self, self.controller, draft)

    def show_guide(self, place: str) -> None:
        """Open the guide in its window at "TOPIC" or "TOPIC#ANCHOR"."""
        self.guide.show(place)

    def set_theme(self, theme: str) -> None:
        """Use a theme now and at the next start."""
        self._theme = theme
        self.controller.settings.save_theme(theme)
        app = QApplication.instance()
        assert isinstance(app, QApplication)
        apply_theme(app, theme)
        self._serve()

    # Events

    def showEvent(self, event: QShowEvent) -> None:
        """Watch what the user does, and import the modules of pages soon after."""
        super().showEvent(event)
        self.controller.arrivals.activity.watch(self.windowHandle())
        # While the user looks at the welcome page, because importing later would be noticed.
        QTimer.singleShot(SOON, self, lambda: QThreadPool.globalInstance().start(load_pages))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Blink the images while Space is held, and press the button that has the focus on Enter."""
        triple, focused = self._page_in_view().images(), self.focusWidget()
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and isinstance(focused, QAbstractButton):
            focused.click()
        elif event.key() == Qt.Key.Key_Space and triple is not None:
            if not event.isAutoRepeat():
                triple.start_blinking()
        else:
            super().keyPressEvent(event)

    def keyReleaseEvent(self, event: QKeyEvent) -> None:
        """Stop blinking."""
        if event.key() == Qt.Key.Key_Space and not event.isAutoRepeat():
            self._stop_blinking()
        else:
            super().keyReleaseEvent(event)

    def changeEvent(self, event: QEvent) -> None:
        """Stop blinking when another window becomes active, and follow the palette."""
        super().changeEvent(event)
        # The window that is active when a key is released gets the event.
        if event.type() == QEvent.Type.ActivationChange and not self.isActiveWindow():
            self._stop_blinking()
        elif event.type() == QEvent.Type.PaletteChange:
            self.commands.recolour()
            restyle(self)

    def closeEvent(self, event: QCloseEvent) -> None:
        """Ask before jobs are stopped, and wait until everything is saved."""
        if self.controller.jobs.busy and not self._closing:
            event.ignore()
            asked = self.findChild(CloseQuestion) or CloseQuestion(self, self.controller.jobs, self._stop_and_close)
            asked.open()
            return
        if self.controller.background.saving and not self._told_to_wait:
            event.ignore()
            self._told_to_wait = True
            self.statusBar().showMessage(
                "The window will close when everything is saved; close it again to discard the rest."
            )
            self.controller.background.saved.connect(self.close)
            return
        self.panels.save()
        self.controller.shut_down()
        self.guide.close()
        super().closeEvent(event)

    def _take(self, found: Dropped) -> None:
        self.controller.open(found.runs)
        page = self.page()
        if found.picture is not None and page is not None and page.explore(found.picture):
            return
        if found.draft is not None:
            asking.ask_for_dropped(self, self.controller, found.draft)
        if found.problem:
            self.controller.failed.emit(found.problem, "")

    # Commands

    def _make_menus(self) -> None:
        commands = self.commands
        commands.recolour()
        commands.fill_menus()
        self.recent_menu = RecentMenu(self.controller, self)
        commands.menus["File"].insertMenu(commands["example"], self.recent_menu)
        self.toolbar = Toolbar(self, commands, self.controller.settings)
        self.addToolBar(self.toolbar)
        switches = [dock.toggleViewAction() for dock in self.panels.all]
        commands.menus["View"].insertActions(commands["toolbar-text"], [*switches, self.toolbar.toggleViewAction()])

    def _serve(self) -> None:
        """Offer the commands of the window and the page in view."""
        self.commands.serve({**self._offers(), **self._page_in_view().offers()})
        self.controller.visits.follow()  # what changes the offers is often another place

    def _offers(self) -> Offers:
        controller, session = self.controller, self.controller.current
        offers: Offers = {
            "open": partial(asking.ask_for_run, self, controller),
            "new": partial(asking.ask_for_run_like, self, controller),
            "example": partial(asking.run_example, controller),
            "quit": self.close,
            "reset-layout": self.panels.reset,
            "full-screen": Offer(self._full_screen, self.isFullScreen()),
            "keys": lambda: show_keys(self, self.commands.listed()),
            "about": lambda: show_about(self),
            "views": partial(asking.show_views, self, controller),
        }
        offers |= {f"theme-{name}": Offer(partial(self.set_theme, name), name == self._theme) for name in THEMES}
        if session is not None:
            offers |= {
                "close": partial(controller.close, session),
                "refresh": self._refresh,
                "next": partial(controller.step, 1),
                "previous": partial(controller.step, -1),
                **asking.run_offers(self, controller, session),
                "save-view": lambda: asking.ask_for_view(self, controller, self._page_in_view().viewpoint()),
            }
            if session.live and not self.live.shown:
                offers["live"] = session.live_asked.emit
        return (
            offers
            | controller.visits.offers()
            | self.toolbar.offers()
            | self.guide.offers()
            | job_offers(controller.jobs)
        )

    def _refresh(self) -> None:
        self.failures.forget()
        self.controller.refresh()

    def _full_screen(self) -> None:
        self.setWindowState(self.windowState() ^ Qt.WindowState.WindowFullScreen)

    def _connect(self) -> None:
        controller = self.controller
        self.welcome.open_asked.connect(partial(asking.ask_for_run, self, controller))
        self.welcome.new_asked.connect(partial(asking.ask_for_run_like, self, controller))
        self.welcome.tutorial_asked.connect(partial(self.show_guide, BY_MOUSE))
        self.welcome.example_asked.connect(partial(asking.run_example, controller))
        self.live.left.connect(lambda: self._show_current(controller.current))
        self.live.offers_changed.connect(self._serve)
        self.toolbar.offers_changed.connect(self._serve)
        self.stack.currentChanged.connect(self._serve)
        controller.jobs.jobs_changed.connect(self._show_new_jobs)
        self.jobs_panel.edit_asked.connect(self._edit)
        for signal in (controller.jobs.job_changed, controller.jobs.ended):
            signal.connect(lambda _job: self._serve())
        for signal in (controller.jobs.jobs_changed, controller.jobs.job_changed):
            signal.connect(lambda *_job: self.panels.tell_waiting(len(controller.jobs.waiting)))
        controller.current_changed.connect(self._show_current)
        for source in (controller, self.live):
            source.triple_changed.connect(self.facts.set_triple)
            source.triple_changed.connect(self._show_panel)
        controller.card.explain_asked.connect(lambda image: self._page_in_view().explain(image))
        controller.runs_changed.connect(self._drop_pages)
        controller.runs_changed.connect(self._name_window)
        controller.visits.here = lambda: self._page_in_view().viewpoint()
        controller.visits.arrived.connect(self._show_viewpoint)
        controller.visits.changed.connect(self._serve)
        controller.said.connect(lambda said: self.statusBar().showMessage(said, READ))
        controller.busy_changed.connect(self.busy.setVisible)
        controller.failed.connect(self.failures.show)
        controller.job_failed.connect(lambda job: show_job_error(self, job, partial(self._edit, job)))

    # Following the controller

    def _show_panel(self, triple: Triple | None) -> None:
        """Show the panel Image once the user has picked an image, even one without a card: there it says why.

        For such an image, the panel comes back even if the user has closed it.
        """
        session, without = self.controller.current, self.controller.card.without if triple is None else None
        if without is not None and without != self._without:
            self.panels.want_image(True)
        elif session is None or session.picked:
            self.panels.show_image(without if triple is None else triple)
        self._without = without

    def _page_in_view(self) -> Page:
        page = self.stack.currentWidget()
        assert isinstance(page, Page)
        return page

    def _show_current(self, session: Session | None) -> None:
        self._stop_blinking()
        self.controller.visits.leave(self._page_in_view().viewpoint())
        if session is None:
            self.stack.setCurrentWidget(self.welcome)
            self.welcome.first().setFocus()
        elif not self.live.show_session(session):
            self._bring(self._page_of(session))
        self._name_window()
        self.panels.show_for(None if session is None else session.path)
        self._serve()

    def _name_window(self) -> None:
        session, named = self.controller.current, named_apart(self.controller.sessions)
        self.setWindowTitle(TITLE if session is None else f"{named[session]} – {TITLE}")

    def _bring(self, page: Page) -> None:
        """Show a page; one that is in view already keeps the focus where the user has it."""
        if self.stack.currentWidget() is not page:
            self.stack.setCurrentWidget(page)
            page.first().setFocus()

    def _show_viewpoint(self, session: Session, viewpoint: Viewpoint) -> None:
        page = self._page_of(session)
        self.stack.setCurrentWidget(page)
        page.go_to(viewpoint)

    def _page_of(self, session: Session) -> Page:
        """Return the session's page, making it when it is first needed."""
        if session in self.pages:
            return self.pages[session]
        # Imported here: pages need pyqtgraph, whose import would delay the empty window by 0.3 s.
        page: Page = SHOWN[session.kind].load("page")(self.controller, session, self.commands)
        page.offers_changed.connect(self._serve)
        page.left.connect(self.controller.visits.leave)
        self.pages[session] = page
        self.stack.addWidget(page)
        return page

    def _drop_pages(self) -> None:
        for session in [s for s in self.pages if s not in self.controller.sessions]:
            page = self.pages.pop(session)
            self.stack.removeWidget(page)
            page.deleteLater()

    def _edit(self, job: Job) -> None:
        """Show the form of a job again, to try again if it failed, or to measure more."""
        self.ask_for_new_run(draft_of_job(job))

    def _show_new_jobs(self) -> None:
        """Show the panel of jobs when a job was added."""
        known, self._known_jobs = self._known_jobs, set(self.controller.jobs.jobs)
        if self._known_jobs - known:
            self.panels.want_jobs(True)

    def _stop_blinking(self) -> None:
        triple = self._page_in_view().images()
        if triple is not None:
            triple.stop_blinking()

    def _stop_and_close(self) -> None:
        self._closing = True
        self.close()
