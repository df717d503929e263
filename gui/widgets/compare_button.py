"""The button that chooses which other open runs of the same kind a run is compared with."""

from functools import partial

from PySide6.QtCore import Qt
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QPushButton, QWidget

from tfstab.gui.controller import Controller
from tfstab.gui.sessions.comparison import Comparison
from tfstab.gui.sessions.session import Session, named_apart
from tfstab.gui.widgets.staying_menu import StayingMenu
from tfstab.gui.widgets.tips import plain

MOST = 14  # characters of the names of runs; more would leave no room on a small screen


class CompareButton(QPushButton):
    """A menu of the other open runs; those ticked are shown beside this one in plots and tables.

    Attributes
    ----------
    choices : dict of Session to QAction
        The runs that can be compared.
    refused : dict of Session to QAction
        Those that cannot, which is why they are disabled; the text says why.
    """

    def __init__(
        self, controller: Controller, session: Session, comparison: Comparison, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._controller, self._session, self._comparison = controller, session, comparison
        self.choices: dict[Session, QAction] = {}
        self.refused: dict[Session, QAction] = {}
        self.setAccessibleName(f"Compare with another {session.kind}")
        self._menu = StayingMenu(self)
        self._menu.setToolTipsVisible(True)
        self.setMenu(self._menu)
        controller.runs_changed.connect(self._fill)
        comparison.runs_changed.connect(self._show)
        self._fill()

    def _fill(self) -> None:
        sessions, comparison = self._controller.sessions, self._comparison
        obstacles = {s: self._session.obstacle(s) for s in sessions if s is not self._session}
        others = [s for s, obstacle in obstacles.items() if not obstacle]
        comparison.compare([s for s in comparison.runs if s in others])
        self._named = named = named_apart(sessions)
        self._menu.clear()
        self.choices, self.refused = {}, {}
        for session in others:
            action = self._menu.addAction(_literal(named[session]))
            action.setToolTip(plain(f"{session.path}\n{session.about}"))
            action.setCheckable(True)
            action.setChecked(session in comparison.runs)
            action.toggled.connect(partial(self._choose, session))
            self.choices[session] = action
        if not others:
            self._menu.addAction(f"Open another {self._session.kind} to compare it with this one").setEnabled(False)
        for session, obstacle in obstacles.items():
            if obstacle and session.kind == self._session.kind:
                action = self._menu.addAction(_literal(f"{named[session]}: {obstacle.partition(':')[0]}"))
                action.setToolTip(plain(f"{session.path}\nThis run cannot be compared: {obstacle}."))
                action.setEnabled(False)
                self.refused[session] = action
        self._show()

    def _choose(self, session: Session, on: bool) -> None:
        runs = [s for s in self._comparison.runs if s is not session]
        self._comparison.compare([*runs, session] if on else runs)

    def _show(self) -> None:
        for session, action in self.choices.items():
            action.blockSignals(True)
            action.setChecked(session in self._comparison.runs)
            action.blockSignals(False)
        names = ", ".join(self._named[s] for s in self._comparison.runs)
        metrics = self.fontMetrics()
        short = metrics.elidedText(names, Qt.TextElideMode.ElideMiddle, MOST * metrics.averageCharWidth())
        self.setText(_literal(f"Compared with {short}") if names else "Compare with…")
        tip = f"Show the results of another open {self._session.kind} beside these"
        self.setToolTip(plain(f"{tip}\n{names}" if short != names else tip))


def _literal(text: str) -> str:
    """Return a text for a menu or a button that shows its ampersands, which otherwise mark shortcuts."""
    return text.replace("&", "&&")
