"""Looks now and then whether open runs have grown or gone, off the window's thread."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, QTimer, Signal

from tfstab.gui.background import Background
from tfstab.gui.sessions.session import Session

EVERY = 2_000  # ms


class RunWatcher(QObject):
    """Polls, since file watchers do not work on network drives."""

    grown = Signal(object)  # Session: its folder holds more than was read

    def __init__(self, sessions: Callable[[], list[Session]], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._sessions = sessions
        self._background = Background(self)  # of its own: what it does is no reading that the window speaks of
        self._timer = QTimer(self, interval=EVERY)
        self._timer.timeout.connect(self.look)
        self._timer.start()

    def look(self) -> None:
        """Look now."""
        sessions = list(self._sessions())
        if sessions and not self._background.busy:
            runs = [(session.run, session.complete) for session in sessions]
            self._background.run(lambda: [how_far(*run) for run in runs], lambda found: self._compare(sessions, found))

    def stop(self) -> None:
        self._timer.stop()
        self._background.stop()

    def _compare(self, sessions: list[Session], found: list[tuple[int, int] | None]) -> None:
        for session, progress in zip(sessions, found, strict=True):
            if session not in self._sessions():
                continue
            if progress is None:
                session.lose()
            elif progress != session.progress or session.gone:
                self.grown.emit(session)


def how_far(run: Any, complete: bool) -> tuple[int, int] | None:
    """A run's progress, or None where its folder is gone. A complete run does not grow."""
    if not (Path(run.path) / "run.json").is_file():
        return None
    total = len(run.info["parts"])
    return (total, total) if complete else run.progress
