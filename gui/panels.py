"""The panels around the page, and the layout of the window between starts."""

from pathlib import Path

from PySide6.QtCore import QByteArray, QEvent, QObject, QSize, Qt
from PySide6.QtWidgets import QApplication, QDockWidget, QMainWindow, QWidget

from tfstab.gui.placing import fitting
from tfstab.gui.settings import Settings

SIZE = QSize(1240, 760)  # of a new window
WIDTHS = 212, 320  # of new panels left and right
LEAST_SEEN = 80  # pixels of the window that must be on a screen so that it can be moved


class Panels(QObject):
    """The panels of runs, jobs and the selected image.

    Beside the welcome page, only that of jobs can be shown; that of the image comes with the first image of a run.
    """

    def __init__(self, window: QMainWindow, settings: Settings, runs: QWidget, jobs: QWidget, facts: QWidget) -> None:
        super().__init__(window)
        self._window, self._settings = window, settings
        left, right = Qt.DockWidgetArea.LeftDockWidgetArea, Qt.DockWidgetArea.RightDockWidgetArea
        self.runs = self._dock("Runs", runs, left)
        self.jobs = self._dock("Jobs", jobs, left)
        self.facts = self._dock("Image", facts, right)
        self._jobs_wanted, self._image_wanted = False, True
        self._run: Path | None = None  # folder of the one in view
        self._with_image = False  # whether an image of it has been in view
        self.jobs.toggleViewAction().triggered.connect(self.want_jobs)
        self.facts.toggleViewAction().triggered.connect(self.want_image)
        for dock in (self.jobs, self.facts):
            dock.installEventFilter(self)

    @property
    def all(self) -> tuple[QDockWidget, ...]:
        """All panels."""
        return self.runs, self.jobs, self.facts

    def restore(self) -> None:
        """Restore the places of window and panels from the last start, if they are on a screen."""
        self._window.resize(self.first_size())
        self._window.resizeDocks([self.runs, self.facts], list(WIDTHS), Qt.Orientation.Horizontal)
        self._first = self._window.saveState()
        self._layout = self._settings.layout() or self._first
        geometry = self._settings.geometry()
        if geometry is not None and self._window.restoreGeometry(geometry):
            self._bring_on_screen()
            self._window.resize(fitting(self._window, self._window.size()))
        self._follow()

    def reset(self) -> None:
        """Restore the initial places of window and panels."""
        self._window.showNormal()
        self._window.resize(self.first_size())
        self._layout = self._first
        self._restore()
        self._follow()

    def save(self) -> None:
        """Save the places of window and panels."""
        self._settings.save_geometry(self._window.saveGeometry())
        self._settings.save_layout(self._state() if self._run is not None else self._layout)

    def show_for(self, run: Path | None) -> None:
        """Show the panels of a run as they were when a run was last in view, or hide them if there is none."""
        before, self._run = self._run, run
        if run == before:
            return
        if before is None:
            self._restore()
        elif run is None:
            self._layout = self._state()
        self._with_image = False
        self._follow()

    def show_image(self, image: object) -> None:
        """Show the panel of the selected image once there is one, unless the user does not want it."""
        if image is not None:
            self._with_image = True
            self._follow()

    def want_image(self, want: bool) -> None:
        """Show or hide the panel of the selected image, even if there is none."""
        self._image_wanted = want
        self._with_image = self._with_image or want
        self._follow()

    def want_jobs(self, want: bool) -> None:
        """Show or hide the panel of jobs, which is also shown beside the welcome page."""
        self._jobs_wanted = want
        self.jobs.setVisible(want)

    def tell_waiting(self, jobs: int) -> None:
        """Say in the title of the panel of jobs how many wait: their rows may be below those in sight."""
        self.jobs.setWindowTitle(f"Jobs · {jobs:,} waiting" if jobs else "Jobs")

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Note that the user has closed a panel."""
        if event.type() == QEvent.Type.Close:  # closed by its button
            if watched is self.jobs:
                self._jobs_wanted = False
            else:
                self._image_wanted = False
        return super().eventFilter(watched, event)

    def _follow(self) -> None:
        with_run = self._run is not None
        for dock in (self.runs, self.facts):
            dock.toggleViewAction().setEnabled(with_run)
        if not with_run:
            self.runs.hide()
        self.facts.setVisible(with_run and self._with_image and self._image_wanted)
        self.jobs.setVisible(self._jobs_wanted)

    def _state(self) -> QByteArray:
        """Return the places of the panels, that of the image shown if it is wanted."""
        self.facts.setVisible(self._image_wanted)
        return self._window.saveState()

    def _restore(self) -> None:
        self._window.restoreState(self._layout)
        self._image_wanted = not self.facts.isHidden()

    def _bring_on_screen(self) -> None:
        """Move the window to a screen if the one it was on is gone."""
        place = self._window.frameGeometry()
        for screen in QApplication.screens():
            seen = screen.availableGeometry().intersected(place)
            if seen.width() >= LEAST_SEEN and seen.height() >= LEAST_SEEN:
                return
        self._window.resize(self.first_size())
        middle = QApplication.primaryScreen().availableGeometry().center()
        self._window.move(middle - self._window.rect().center())

    def first_size(self) -> QSize:
        """Return the size of a new window, which fits on the screen with its frame."""
        return fitting(self._window, SIZE)

    def _dock(self, title: str, widget: QWidget, area: Qt.DockWidgetArea) -> QDockWidget:
        dock = QDockWidget(title, self._window)
        dock.setObjectName(f"dock-{title.lower()}")  # identifies it when the layout is restored
        dock.setWidget(widget)
        self._window.addDockWidget(area, dock)
        return dock
