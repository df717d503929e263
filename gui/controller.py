"""The controller: which runs are open and which is in view; widgets communicate through it."""

import os
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, Signal

from tfstab.errors import TfstabError
from tfstab.gui.arrivals import Arrivals
from tfstab.gui.background import Background
from tfstab.gui.collector import Collector
from tfstab.gui.content.viewpoint import Viewpoint
from tfstab.gui.jobs.job import State
from tfstab.gui.jobs.queue import JobQueue
from tfstab.gui.jobs.scorer import Scorer
from tfstab.gui.kinds import KINDS, SHOWN
from tfstab.gui.opening import in_one_message, look_again, open_folders
from tfstab.gui.sessions.comparison import compare_hardened
from tfstab.gui.sessions.failure_card import FailureCard
from tfstab.gui.sessions.point_scores import PointScores
from tfstab.gui.sessions.run_watcher import RunWatcher
from tfstab.gui.sessions.session import Session
from tfstab.gui.settings import Settings
from tfstab.gui.visits import Visits
from tfstab.runs.files import is_side
from tfstab.runs.info import is_grown


class Controller(QObject):
    """Opens, selects and closes runs, and connects them with jobs and scores.

    Attributes
    ----------
    settings : Settings
        What is remembered between starts.
    sessions : list of Session
        The open runs.
    current : Session or None
        The run in view.
    opening : int
        How many requests to open runs are being worked on.
    jobs : JobQueue
        The jobs.
    arrivals : Arrivals
        Opens what jobs have made.
    visits : Visits
        Brings viewpoints into view and keeps the history.

    Signals
    -------
    runs_changed
        A run was opened, closed or read again.
    current_changed : Session or None
        Another run is in view.
    triple_changed : Triple or None
        What the panel *Image* is to show has changed.
    said : str
        A line for the status bar.
    busy_changed : bool
        Reading has started or ended.
    failed : str, str
        Something failed: one sentence, and details or "".
    job_failed : Job
        A job failed, while the user may be doing something else.
    """

    runs_changed = Signal()
    current_changed = Signal(object)
    triple_changed = Signal(object)
    said = Signal(str)
    busy_changed = Signal(bool)
    failed = Signal(str, str)
    job_failed = Signal(object)

    def __init__(self, settings: Settings, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.settings = settings
        self.sessions: list[Session] = []
        self.current: Session | None = None
        self.opening = 0
        self.background = Background(self)
        self.background.busy_changed.connect(self.busy_changed)
        self.background.failed.connect(self.failed)
        self.jobs = JobQueue(settings, self)
        self.arrivals = Arrivals(self)
        self.scorer = Scorer(self)
        self.scorer.failed.connect(self.failed)
        self.point_scores = PointScores(self.scorer, lambda: self.current, self)
        self.point_scores.said.connect(self.said)
        self.triple_changed.connect(self.point_scores.follow)
        self.card = FailureCard(self.scorer, self.background, lambda: self.current, self)
        self.visits = Visits(self)
        self.card.visit_asked.connect(self.visit)
        self.collector = Collector(self)
        self.watcher = RunWatcher(lambda: self.sessions, self)
        self.watcher.grown.connect(self._refresh_grown)

    @property
    def busy(self) -> bool:
        """Whether something is being read."""
        return self.background.busy

    def open(self, paths: Sequence[str | Path], look: bool = True, then: Callable[[], None] | None = None) -> None:
        """Open run folders; `failed` reports those that cannot be opened.

        Parameters
        ----------
        paths : sequence of str or Path
            The run folders.
        look : bool
            Whether the first of them comes into view even if another run is in view.
        then : callable, optional
            Called when they are open, or it is known that they cannot be opened.
        """
        if not paths:
            return
        self.opening += 1
        self.current_changed.emit(self.current)  # the empty window shows that it is opening something
        self.background.run(partial(open_folders, paths), partial(self._opened, look, then), self._not_opened)

    def close(self, session: Session) -> None:
        """Close a run; if it is in view, its neighbour comes into view."""
        place = self.sessions.index(session)
        self.sessions.remove(session)
        if session is self.current:
            left = self.sessions[min(place, len(self.sessions) - 1)] if self.sessions else None
            self.current = left
            self.current_changed.emit(left)
            self.triple_changed.emit(left.in_panel if left else None)
        self.runs_changed.emit()
        self._let_go(session)

    def select(self, session: Session) -> None:
        """Bring another open run into view."""
        if session is not self.current:
            self.current = session
            self.current_changed.emit(session)
            self.triple_changed.emit(session.in_panel)

    def refresh(self) -> None:
        """Read the current run again, as it may have grown."""
        session = self.current
        if session is not None:
            self.read_again(session, partial(self._tell_refreshed, session))

    def step(self, by: int) -> None:
        """Select the next (1) or previous (-1) image of the current run."""
        if self.current is not None:
            self.current.step(by)

    def shut_down(self) -> None:
        """Stop all reading, jobs and scoring, because the window closes."""
        self.watcher.stop()
        for session in self.sessions:
            session.stop()
        self.background.stop()
        self.jobs.shut_down()
        self.scorer.shut_down()
        self.collector.stop()

    def read_again(self, session: Session, done: Callable[[Any], None] = lambda _: None) -> None:
        """Read a run again in a worker, then call `done` with it, or with why it cannot be read."""
        run = session.run

        def again(opened: Any) -> None:
            if session in self.sessions and not isinstance(opened, TfstabError):
                self._take_over(session, opened)
            done(opened)

        self.background.run(lambda: look_again(run), again)

    def _not_opened(self) -> None:
        self.opening -= 1
        self.current_changed.emit(self.current)

    def _take_over(self, session: Session, opened: Any) -> Session:
        """Use what the folder contains now: the same run, perhaps grown, or another one, which gets a new session."""
        if session.takes(opened):
            session.replace(opened)
        else:
            place, new = self.sessions.index(session), self._make_session(opened)
            self.sessions[place] = new
            if session is self.current:
                self.select(new)
            self._let_go(session)
            self.mark_live()
            grown = is_grown(session.run.info, opened.info)
            what = (
                "has images of further classes now" if grown else "contains another run than before, which is now shown"
            )
            self.said.emit(f"{new.path} {what}.")
            session = new
        self.runs_changed.emit()
        return session

    def _tell_refreshed(self, session: Session, opened: Any) -> None:
        if isinstance(opened, TfstabError):
            self.failed.emit(str(opened), "")
        elif session in self.sessions:
            self.said.emit(f"{session.name}: {session.extent} done.")

    def _refresh_grown(self, session: Session) -> None:
        # Not while something is being read, or a long read would be requested again and again.
        if not self.background.busy:
            self.read_again(session)

    def mark_live(self) -> None:
        """Tell the sessions which of them a job is making."""
        job = self.jobs.active
        kind = None if job is None else KINDS.get(job.order.title)
        searching = job is not None and kind is not None and kind.live and job.state is not State.STARTING
        out = job.out.resolve() if job is not None and job.measures else None
        for session in self.sessions:
            path = session.real_path
            # A run of an assessment is one folder inside that of the job, and a run of a hardening two.
            now = searching and path == out, out in (path, *path.parents[:2])
            if now != (session.live, session.at_work):
                session.live, session.at_work = now
                session.changed.emit()

    def reveal(self, folder: Path) -> bool:
        """Bring the run of this folder into view and return True, if it is open."""
        session = self.session_of(folder)
        if session is not None:
            self.select(session)
        return session is not None

    def visit(self, viewpoint: Viewpoint) -> None:
        """Bring a viewpoint into view, opening its run if necessary; every link goes this way."""
        self.visits.visit(viewpoint)

    def session_of(self, folder: Path) -> Session | None:
        """Return the session of the run in this folder, or None if it is not open."""
        real = Path(os.path.realpath(folder))  # unlike resolve(), it takes any path that a saved view may have
        return next((session for session in self.sessions if session.real_path == real), None)

    def _opened(self, look: bool, then: Callable[[], None] | None, outcomes: list[Any]) -> None:
        self.opening -= 1
        before, first = list(self.sessions), None
        tabs = [outcome for outcome in outcomes if isinstance(outcome, Viewpoint)]
        if errors := [str(outcome) for outcome in outcomes if isinstance(outcome, TfstabError)]:
            self.failed.emit(*in_one_message(errors))
        for outcome in outcomes:
            if not isinstance(outcome, TfstabError | Viewpoint):
                session = self._session(outcome)
                if all(other.real_path != session.real_path.parent for other in self.sessions):
                    # Of a hardening, the folder of both networks, which are compared when they are opened together;
                    # nothing for a part of an assessment that is open, too.
                    self.settings.add_recent(session.path.parent if is_side(session.path) else session.path)
                first = first or session
        self.mark_live()
        self.runs_changed.emit()
        compare_hardened([session for session in self.sessions if session not in before], self.sessions)
        if first is not None and (look or self.current is None):
            self.select(first)
        else:
            self.current_changed.emit(self.current)
        if tabs and look:
            self.visit(tabs[0])
        if then is not None:
            then()

    def _session(self, run: Any) -> Session:
        """Return the session of a run, a new one unless it is open already."""
        for session in self.sessions:
            if session.real_path == Path(os.path.realpath(run.path)):
                return session if session.run.info == run.info else self._take_over(session, run)
        session = self._make_session(run)
        self.sessions.append(session)
        return session

    def _make_session(self, run: Any) -> Session:
        session: Session = SHOWN[run.kind].load("session")(run, self.background, self)
        session.panel_changed.connect(self._show_in_panel)
        return session

    def _let_go(self, session: Session) -> None:
        session.stop()
        # Not deleteLater, because a worker may still deliver a result to it.
        session.setParent(None)

    def _show_in_panel(self) -> None:
        # A lambda with the session in it would keep the session alive.
        if self.current is not None and self.sender() is self.current:
            self.triple_changed.emit(self.current.in_panel)
