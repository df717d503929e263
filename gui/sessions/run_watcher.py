"""Checks regularly whether open runs have grown or disappeared, in a worker thread."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, QTimer, Signal

from tfstab.errors import TfstabError
from tfstab.gui.background import Background
from tfstab.gui.content.assessment import OpenedAssessment
from tfstab.gui.sessions.session import Session
from tfstab.runs.folder import RunFolder

EVERY = 2_000  # ms


class RunWatcher(QObject):
    """Polls the run folders, because file watchers do not work on network drives.

    Signals
    -------
    grown : Session
        Its folder contains more than was read.
    """

    grown = Signal(object)

    def __init__(self, sessions: Callable[[], list[Session]], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._sessions = sessions
        self._background = Background(self)  # its own, as the window does not show this work as reading
        self._timer = QTimer(self, interval=EVERY)
        self._timer.timeout.connect(self.look)
        self._timer.start()

    def look(self) -> None:
        """Check all open runs now."""
        sessions = list(self._sessions())
        if sessions and not self._background.busy:
            runs = [(session.run, session.complete) for session in sessions]
            self._background.run(lambda: [how_far(*run) for run in runs], lambda found: self._compare(sessions, found))

    def stop(self) -> None:
        """Stop polling."""
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
    """Return the progress of a run, None if its folder has disappeared.

    The parts of a complete run are not listed, unless its run.json has changed, as it does when more is planned.
    """
    if isinstance(run, OpenedAssessment):
        return run.how_far()
    if not (Path(run.path) / "run.json").is_file():
        return None
    try:
        if run.outdated:
            return RunFolder(run.path).progress
    except TfstabError:  # run.json is damaged, or was removed just now; the run as it was read can still be shown
        pass
    total = len(run.info["parts"])
    return (total, total) if complete else run.progress
