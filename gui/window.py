"""The main window: menus, docks, and which page is in view."""

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import (
    QAction,
    QCloseEvent,
    QDragEnterEvent,
    QDropEvent,
    QKeyEvent,
    QKeySequence,
)
from PySide6.QtWidgets import (
    QDialog,
    QDockWidget,
    QFileDialog,
    QLabel,
    QMainWindow,
    QMenu,
    QMessageBox,
    QStackedWidget,
    QWidget,
)

from tfstab.gui.controller import Controller
from tfstab.gui.dialogs import ask_to_stop, show_about, show_error, show_shortcuts
from tfstab.gui.dropping import dropped
from tfstab.gui.icons import app_icon
from tfstab.gui.jobs.plan import Draft, example_orders
from tfstab.gui.sessions.session import Session
from tfstab.gui.widgets.facts_panel import FactsPanel
from tfstab.gui.widgets.jobs.jobs_panel import JobsPanel
from tfstab.gui.widgets.recent_menu import RecentMenu
from tfstab.gui.widgets.run_list import RunList
from tfstab.gui.widgets.search.live_view import LiveView
from tfstab.gui.widgets.welcome import WelcomePage

Key = QKeySequence | QKeySequence.StandardKey | None
TITLE = "tfstab viewer"


class MainWindow(QMainWindow):
    """Owns the widgets; what is open and selected is the controller's."""

    def __init__(self, controller: Controller) -> None:
        super().__init__()
        self.controller = controller
        self.setWindowTitle(TITLE)
        self.setWindowIcon(app_icon())
        self.setAcceptDrops(True)
        self.resize(1240, 760)
        self.pages: dict[Session, QWidget] = {}
        self.welcome = WelcomePage(controller, self.windowIcon())
        self.stack = QStackedWidget()
        self.stack.addWidget(self.welcome)
        self.setCentralWidget(self.stack)
        self.run_list, self.facts = RunList(controller), FactsPanel()
        self.runs_dock = self._dock("Runs", self.run_list, Qt.DockWidgetArea.LeftDockWidgetArea)
        self.jobs_panel = JobsPanel(controller)
        self.jobs_dock = self._dock("Jobs", self.jobs_panel, Qt.DockWidgetArea.LeftDockWidgetArea)
        self.facts_dock = self._dock("Facts", self.facts, Qt.DockWidgetArea.RightDockWidgetArea)
        self.resizeDocks([self.runs_dock, self.facts_dock], [170, 270], Qt.Orientation.Horizontal)
        self.busy = QLabel("Reading…")
        self.busy.hide()
        self.statusBar().addPermanentWidget(self.busy)
        self.live = LiveView(controller, self.stack)
        self._wants_jobs = bool(controller.jobs.jobs)
        self._closing = False
        self._make_menus()
        self._connect()
        self._layout = controller.settings.layout() or self.saveState()
        geometry = controller.settings.geometry()
        if geometry is not None:
            self.restoreGeometry(geometry)
        self._show_docks(False)
        self._show_current(None)

    def page(self) -> QWidget | None:
        """The page of the current run."""
        return self.pages.get(self.controller.current) if self.controller.current else None

    def ask_for_run(self) -> QFileDialog:
        """Let the user choose a run folder."""
        dialog = QFileDialog(self, "Open run (a folder with a run.json in it)", str(self._last_folder()))
        dialog.setFileMode(QFileDialog.FileMode.Directory)
        dialog.setOption(QFileDialog.Option.ShowDirsOnly)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.fileSelected.connect(lambda path: self.controller.open([path]))
        dialog.open()
        return dialog

    def ask_for_new_run(self, draft: Draft | None = None) -> QDialog:
        """Let the user say what to run; a draft is filled in."""
        from tfstab.gui.widgets.jobs.new_run_dialog import NewRunDialog

        controller = self.controller
        dialog = NewRunDialog(controller.settings, controller.background, draft or Draft(), self)
        dialog.ordered.connect(controller.jobs.add)
        dialog.open()
        return dialog

    def run_example(self) -> None:
        """Search and sweep bundled digits."""
        for order in example_orders(self.controller.settings.runs_folder()):
            self.controller.jobs.add(order)

    # What a hand does to the window

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if any(dropped(event)):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        event.acceptProposedAction()
        runs, draft = dropped(event)
        self.controller.open(runs)
        if draft is not None:
            self.ask_for_new_run(draft)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        triple = getattr(self.stack.currentWidget(), "triple", None)
        if event.key() == Qt.Key.Key_Space and triple is not None:
            if not event.isAutoRepeat():
                triple.start_blinking()
        else:
            super().keyPressEvent(event)

    def keyReleaseEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Space and not event.isAutoRepeat():
            self._stop_blinking()
        else:
            super().keyReleaseEvent(event)

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        # The release of a held key goes to the window that is active by then.
        if event.type() == QEvent.Type.ActivationChange and not self.isActiveWindow():
            self._stop_blinking()

    def closeEvent(self, event: QCloseEvent) -> None:
        if self.controller.jobs.busy and not self._closing:
            event.ignore()
            ask_to_stop(self, self.controller.jobs.active, self._stop_and_close)
            return
        settings = self.controller.settings
        settings.save_geometry(self.saveGeometry())
        settings.save_layout(self.saveState() if self.controller.sessions else self._layout)
        self.controller.shut_down()
        super().closeEvent(event)

    # Making it

    def _dock(self, title: str, widget: QWidget, area: Qt.DockWidgetArea) -> QDockWidget:
        dock = QDockWidget(title, self)
        dock.setObjectName(f"dock-{title.lower()}")  # by which the layout is restored
        dock.setWidget(widget)
        self.addDockWidget(area, dock)
        return dock

    def _make_menus(self) -> None:
        bar, controller = self.menuBar(), self.controller
        menu = bar.addMenu("&File")
        self.open_action = self._action(menu, "&Open run…", self.ask_for_run, QKeySequence.StandardKey.Open)
        self._action(menu, "&New run…", self.ask_for_new_run, QKeySequence.StandardKey.New)
        self.recent_menu = RecentMenu(controller, self)
        menu.addMenu(self.recent_menu)
        self.close_action = self._action(menu, "&Close run", self._close_run, QKeySequence("Ctrl+W"))
        menu.addSeparator()
        self._action(menu, "&Quit", self.close, QKeySequence("Ctrl+Q"))
        menu = bar.addMenu("&View")
        self.refresh_action = self._action(menu, "&Refresh", controller.refresh, QKeySequence("F5"))
        self.fit_action = self._action(menu, "Reset &zoom", self._fit, QKeySequence("Ctrl+0"))
        menu.addSeparator()
        self.next_action = self._action(menu, "&Next image or row", partial(controller.step, 1), QKeySequence("Right"))
        self.previous_action = self._action(
            menu, "&Previous image or row", partial(controller.step, -1), QKeySequence("Left")
        )
        menu.addSeparator()
        for dock in (self.runs_dock, self.jobs_dock, self.facts_dock):
            menu.addAction(dock.toggleViewAction())
        menu = bar.addMenu("&Help")
        self._action(menu, "&Keyboard and mouse…", self._show_shortcuts, QKeySequence("F1"))
        self._action(menu, "&About tfstab…", lambda: show_about(self))

    def _action(self, menu: QMenu, text: str, slot: Callable[[], object], key: Key = None) -> QAction:
        action = QAction(text, self)
        if key is not None:
            action.setShortcut(key)
        action.triggered.connect(lambda _checked=False: slot())
        menu.addAction(action)
        return action

    def _connect(self) -> None:
        controller = self.controller
        self.welcome.open_asked.connect(self.ask_for_run)
        self.welcome.new_asked.connect(self.ask_for_new_run)
        self.welcome.example_asked.connect(self.run_example)
        self.live.triple_changed.connect(self._show_facts)
        self.live.left.connect(lambda: self._show_current(controller.current))
        self.jobs_dock.toggleViewAction().triggered.connect(self._want_jobs)
        controller.jobs.jobs_changed.connect(lambda: self._want_jobs(True))
        controller.current_changed.connect(self._show_current)
        controller.triple_changed.connect(self._show_facts)
        controller.runs_changed.connect(self._drop_pages)
        controller.said.connect(self.statusBar().showMessage)
        controller.busy_changed.connect(self.busy.setVisible)
        controller.failed.connect(self._show_error)

    # Following the controller

    def _show_current(self, session: Session | None) -> None:
        self._stop_blinking()
        if session is None:
            self.stack.setCurrentWidget(self.welcome)
            self.setWindowTitle(TITLE)
        else:
            if not self.live.show_session(session):
                page = self.pages.get(session) or self._make_page(session)
                self.stack.setCurrentWidget(page)
                page.setFocus()
            self.setWindowTitle(f"{session.name} – {TITLE}")
        self._show_docks(session is not None)
        for action in (self.close_action, self.refresh_action, self.fit_action):
            action.setEnabled(session is not None)
        for action in (self.next_action, self.previous_action):
            action.setEnabled(session is not None)

    def _make_page(self, session: Session) -> QWidget:
        # The pages need pyqtgraph, whose import would keep the empty window from showing for 0.3 s.
        from tfstab.gui.widgets.pages import make_page

        page = make_page(self.controller, session)
        self.pages[session] = page
        self.stack.addWidget(page)
        return page

    def _show_docks(self, show: bool) -> None:
        """The welcome page has the window for itself; the layout of the docks comes back with a run."""
        docks, shown = (self.runs_dock, self.facts_dock), self.runs_dock.toggleViewAction().isEnabled()
        if show and not shown:
            self.restoreState(self._layout)
        elif shown and not show:
            self._layout = self.saveState() if self.pages else self._layout
            for dock in docks:
                dock.hide()
        for dock in docks:
            dock.toggleViewAction().setEnabled(show)
        self.jobs_dock.setVisible(self._wants_jobs)

    def _want_jobs(self, want: bool) -> None:
        """Jobs are shown on the welcome page too, from the first one on, until the user hides them."""
        self._wants_jobs = want
        self.jobs_dock.setVisible(want)

    def _drop_pages(self) -> None:
        for session in [s for s in self.pages if s not in self.controller.sessions]:
            page = self.pages.pop(session)
            self.stack.removeWidget(page)
            page.deleteLater()

    def _show_facts(self, triple: object) -> None:
        self.facts.set_triple(triple)  # type: ignore[arg-type]

    def _show_error(self, sentence: str, details: str) -> None:
        boxes = self.findChildren(QMessageBox)
        if not any(box.isVisible() and box.text() == sentence for box in boxes):  # one damaged file is read twice
            show_error(self, sentence, details)

    def _stop_blinking(self) -> None:
        triple = getattr(self.stack.currentWidget(), "triple", None)
        if triple is not None:
            triple.stop_blinking()

    def _stop_and_close(self) -> None:
        self._closing = True
        self.close()

    def _close_run(self) -> None:
        if self.controller.current is not None:
            self.controller.close(self.controller.current)

    def _fit(self) -> None:
        page: Any = self.stack.currentWidget()
        if page is not self.welcome:
            page.fit()

    def _show_shortcuts(self) -> None:
        show_shortcuts(self, [a for menu in self.menuBar().findChildren(QMenu) for a in menu.actions()])

    def _last_folder(self) -> Path:
        recent = self.controller.settings.recent()
        return recent[0].parent if recent else Path.cwd()
