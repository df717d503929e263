"""Which other open sweeps this one is compared with."""

from functools import partial

from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMenu, QPushButton, QWidget

from tfstab.gui.controller import Controller
from tfstab.gui.sessions.sweep_session import SweepSession
from tfstab.gui.widgets.tips import plain

HINT = "Open another sweep to compare it with this one"


class CompareButton(QPushButton):
    """A menu of the other sweeps; those ticked are shown beside this one in plots and tables."""

    def __init__(self, controller: Controller, session: SweepSession, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._controller, self._session = controller, session
        self.choices: dict[SweepSession, QAction] = {}
        self.setAccessibleName("Compare with other sweeps")
        self.setToolTip("Show other open sweeps beside this one, in plots and tables")
        self._menu = QMenu(self)
        self.setMenu(self._menu)
        controller.runs_changed.connect(self._fill)
        self._fill()

    def _fill(self) -> None:
        sessions = self._controller.sessions
        others = [s for s in sessions if isinstance(s, SweepSession) and s is not self._session]
        self._session.beside.compare([s for s in self._session.beside.runs if s in others])
        self._menu.clear()
        self.choices = {}
        for session in others:
            action = self._menu.addAction(session.name)
            action.setToolTip(plain(f"{session.path}\n{session.about}"))
            action.setCheckable(True)
            action.setChecked(session in self._session.beside.runs)
            action.toggled.connect(partial(self._choose, session))
            self.choices[session] = action
        if not others:
            self._menu.addAction(HINT).setEnabled(False)
        self._show()

    def _choose(self, session: SweepSession, on: bool) -> None:
        runs = [s for s in self._session.beside.runs if s is not session]
        self._session.beside.compare([*runs, session] if on else runs)
        self._show()

    def _show(self) -> None:
        names = ", ".join(s.name for s in self._session.beside.runs)
        self.setText(f"Compared with {names}" if names else "Compare with…")
