"""The other open sweeps, to be compared with this one."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QLabel, QListWidget, QListWidgetItem, QVBoxLayout, QWidget

from tfstab.gui.content.comparison import Compared
from tfstab.gui.controller import Controller
from tfstab.gui.sessions.sweep_session import SweepSession


class CompareList(QWidget):
    """`changed` tells that other runs are ticked, or that a ticked one has been read."""

    changed = Signal()

    def __init__(self, controller: Controller, session: SweepSession, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._controller, self._session = controller, session
        self._ticked: list[SweepSession] = []
        self._heard: set[SweepSession] = set()
        self.list = QListWidget()
        self.list.setAccessibleName("Sweeps to compare with")
        self.list.setTextElideMode(Qt.TextElideMode.ElideMiddle)
        self.hint = QLabel("Open another sweep to compare it.")
        self.hint.setWordWrap(True)
        self.hint.setAlignment(Qt.AlignmentFlag.AlignTop)
        title = QLabel("Compare with:")
        title.setBuddy(self.list)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(2)
        layout.addWidget(title)
        layout.addWidget(self.list, 1)
        layout.addWidget(self.hint, 1)
        self.list.itemChanged.connect(self._tick)
        controller.runs_changed.connect(self._fill)
        self._fill()

    def compared(self) -> list[Compared]:
        """This run and the ticked ones, as far as they are read."""
        sessions = [self._session, *self._ticked]
        return [Compared(s.name, s.run.class_names, s.measures) for s in sessions if s.measures is not None]

    def _others(self) -> list[SweepSession]:
        return [s for s in self._controller.sessions if isinstance(s, SweepSession) and s is not self._session]

    def _fill(self) -> None:
        others = self._others()
        ticked = [s for s in self._ticked if s in others]
        self.list.blockSignals(True)
        self.list.clear()
        for session in others:
            item = QListWidgetItem(session.name)
            item.setToolTip(f"{session.path}\n{session.about}")
            item.setFlags(Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsUserCheckable | Qt.ItemFlag.ItemIsSelectable)
            item.setCheckState(Qt.CheckState.Checked if session in ticked else Qt.CheckState.Unchecked)
            self.list.addItem(item)
        self.list.blockSignals(False)
        self.list.setVisible(bool(others))
        self.hint.setVisible(not others)
        for session in set(others) - self._heard:
            self._heard.add(session)
            session.measures_changed.connect(self._tell)
        if ticked != self._ticked:
            self._ticked = ticked
            self.changed.emit()

    def _tick(self) -> None:
        states = [self.list.item(row).checkState() for row in range(self.list.count())]
        self._ticked = [s for s, state in zip(self._others(), states, strict=True) if state == Qt.CheckState.Checked]
        self.changed.emit()

    def _tell(self) -> None:
        if self.sender() in self._ticked:
            self.changed.emit()
