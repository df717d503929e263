"""The one that knows which runs are open and which is looked at. Widgets speak through it, never to each other."""

from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, Signal

from tfstab.errors import RunError, TfstabError
from tfstab.gui.background import Background
from tfstab.gui.search_session import SearchSession
from tfstab.gui.session import Session
from tfstab.gui.settings import Settings
from tfstab.gui.sweep_session import SweepSession

SESSIONS: dict[str, type[Session]] = {"search": SearchSession, "sweep": SweepSession}


class Controller(QObject):
    """The open runs (`sessions`), the one in view (`current`), and what the whole window shows of it."""

    runs_changed = Signal()
    current_changed = Signal(object)  # Session or None
    triple_changed = Signal(object)  # Triple of the current run or None
    said = Signal(str)  # a line for the status bar
    busy_changed = Signal(bool)
    failed = Signal(str, str)  # one sentence, details or ""

    def __init__(self, settings: Settings, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.settings = settings
        self.sessions: list[Session] = []
        self.current: Session | None = None
        self.opening = 0
        self.background = Background(self)
        self.background.busy_changed.connect(self.busy_changed)
        self.background.failed.connect(self.failed)

    @property
    def busy(self) -> bool:
        """Whether something is still being read."""
        return self.background.busy

    def open(self, paths: Sequence[str | Path]) -> None:
        """Open run folders and look at the first of them; one that cannot be opened is said by `failed`."""
        if not paths:
            return
        self.opening += 1
        self.current_changed.emit(self.current)  # an empty window says that it is opening something
        self.background.run(lambda: [open_folder(path) for path in paths], self._opened)

    def close(self, session: Session) -> None:
        """Close a run; its neighbour comes into view."""
        place = self.sessions.index(session)
        self.sessions.remove(session)
        if session is self.current:
            left = self.sessions[min(place, len(self.sessions) - 1)] if self.sessions else None
            self.current = left
            self.current_changed.emit(left)
            self.triple_changed.emit(left.triple if left else None)
        self.runs_changed.emit()
        # Not deleteLater: a worker may still have something to deliver to it.
        session.setParent(None)

    def select(self, session: Session) -> None:
        """Look at another open run."""
        if session is not self.current:
            self.current = session
            self.current_changed.emit(session)
            self.triple_changed.emit(session.triple)

    def refresh(self) -> None:
        """Read the current run again, which may have grown."""
        session = self.current
        if session is None:
            return

        def again(opened: Any) -> None:
            if isinstance(opened, TfstabError):
                self.failed.emit(str(opened), "")
            else:
                session.replace(opened)
                self.runs_changed.emit()
                self.said.emit(f"{session.name}: {session.done_of_total} done.")

        self.background.run(lambda: open_folder(session.path), again)

    def step(self, by: int) -> None:
        """Select the next (1) or previous (-1) image of the current run."""
        if self.current is not None:
            self.current.step(by)

    def shut_down(self) -> None:
        """Stop reading; nothing is delivered any more."""
        self.background.stop()

    def _opened(self, outcomes: list[Any]) -> None:
        self.opening -= 1
        first: Session | None = None
        for outcome in outcomes:
            if isinstance(outcome, TfstabError):
                self.failed.emit(str(outcome), "")
            else:
                session = self._session(outcome)
                self.settings.add_recent(session.path)
                first = first or session
        self.runs_changed.emit()
        if first is not None:
            self.select(first)
        else:
            self.current_changed.emit(self.current)

    def _session(self, run: Any) -> Session:
        """The session of a run: the one that is open already, else a new one."""
        for session in self.sessions:
            if session.path.resolve() == run.path.resolve():
                return session
        session = SESSIONS[run.kind](run, self.background, self)
        session.triple_changed.connect(partial(self._forward_triple, session))
        self.sessions.append(session)
        return session

    def _forward_triple(self, session: Session, triple: Any) -> None:
        if session is self.current:
            self.triple_changed.emit(triple)


def open_folder(path: str | Path) -> Any:
    """The run of a folder with its clean images read, or the error that says in one sentence why there is none."""
    from tfstab.runs import open_run  # a quarter of a second, spent in a worker

    try:
        run = open_run(path)
        if run.kind not in SESSIONS:
            return RunError(f"{path} is a {run.kind} run, which this viewer cannot show: update tfstab.")
        _ = run.clean
        return run
    except TfstabError as error:
        return error
    except OSError as error:
        return RunError(f"{path} cannot be read: {error.strerror or error}.")
