"""The menu File > Open recent."""

from functools import partial

from PySide6.QtWidgets import QMenu, QWidget

from tfstab.gui.controller import Controller


class RecentMenu(QMenu):
    """Lists the runs opened last; it is filled each time it is shown."""

    def __init__(self, controller: Controller, parent: QWidget | None = None) -> None:
        super().__init__("Open &recent", parent)
        self._controller = controller
        self.aboutToShow.connect(self.fill)

    def fill(self) -> None:
        """List the recent runs that still exist."""
        self.clear()
        settings = self._controller.settings
        paths = settings.recent()
        for path in paths:
            self.addAction(str(path), partial(self._controller.open, [path]))
        if paths:
            self.addSeparator()
            self.addAction("Clear", settings.clear_recent)
        else:
            self.addAction("No recent runs").setEnabled(False)
