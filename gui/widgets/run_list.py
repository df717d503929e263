"""The list of open runs."""

from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QListWidget, QListWidgetItem, QMenu, QWidget

from tfstab.gui.controller import Controller
from tfstab.gui.sessions.session import Session
from tfstab.gui.widgets.tips import plain


class RunList(QListWidget):
    """Lists the open runs and selects the one in view."""

    def __init__(self, controller: Controller, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._controller = controller
        self.setAccessibleName("Open runs")
        self.setTextElideMode(Qt.TextElideMode.ElideRight)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setSpacing(2)
        self.setMinimumWidth(135)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.customContextMenuRequested.connect(self._offer)
        self.currentRowChanged.connect(self._select)
        controller.runs_changed.connect(self._fill)
        controller.current_changed.connect(self._mark)

    def _fill(self) -> None:
        """Rebuild the list without emitting signals, because the controller decides which run is selected."""
        self.blockSignals(True)
        self.clear()
        for session in self._controller.sessions:
            item = QListWidgetItem(f"{session.name}\n{session.kind}, {session.extent}")
            item.setToolTip(plain(f"{session.path}\n{session.about}"))
            self.addItem(item)
        self.blockSignals(False)
        self._mark(self._controller.current)

    def _mark(self, session: Session | None) -> None:
        sessions = self._controller.sessions
        if session in sessions and self.count() == len(sessions):
            self.setCurrentRow(sessions.index(session))

    def _select(self, row: int) -> None:
        if row >= 0:
            self._controller.select(self._controller.sessions[row])

    def _offer(self, position: QPoint) -> None:
        item = self.itemAt(position)
        if item is not None:
            session = self._controller.sessions[self.row(item)]
            menu = QMenu(self)
            menu.addAction("Close run", lambda: self._controller.close(session))
            menu.popup(self.viewport().mapToGlobal(position))
