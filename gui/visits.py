"""Visits of viewpoints: every link, back and forward, and saved views go this way."""

import os
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from platformdirs import user_data_path
from PySide6.QtCore import QObject, QTimer, Signal

from tfstab.errors import InputError, TfstabError
from tfstab.gui.commands import Offers
from tfstab.gui.content.history import History
from tfstab.gui.content.saved_views import SavedView, SavedViews, clean_name
from tfstab.gui.content.viewpoint import State, Viewpoint
from tfstab.gui.sessions.marks import fingerprint
from tfstab.gui.sessions.session import Session

if TYPE_CHECKING:
    from tfstab.gui.controller import Controller

PAUSE = 700  # ms without a change after which what is in view becomes part of the history
MOST_COMPARED = 100  # runs


class Visits(QObject):
    """Brings viewpoints into view, opening their runs if necessary, and keeps the history.

    Attributes
    ----------
    here : callable
        Returns the viewpoint in view, or None; the window sets it.
    history : History
        What was in view before.
    saved : SavedViews
        The views that the user has saved.

    Signals
    -------
    arrived : Session, Viewpoint
        The run is in view and its session restored; the page is to show the tab.
    changed
        Going back or forward has become possible or impossible.
    """

    arrived = Signal(object, object)
    changed = Signal()

    def __init__(self, controller: "Controller") -> None:
        super().__init__(controller)
        self._controller = controller
        self.here: Callable[[], Viewpoint | None] = lambda: None
        self.history = History()
        self.saved = SavedViews(user_data_path("tfstab", appauthor=False) / "views.json")
        self._turn = 0
        self._arriving = False
        self._possible: tuple[bool, bool] = (False, False)
        self._pause = QTimer(self)
        self._pause.setSingleShot(True)
        self._pause.setInterval(PAUSE)
        self._pause.timeout.connect(self.note)

    def offers(self) -> Offers:
        """Return the commands that go back and forward, if there is anything to go to."""
        steps = {"back": -1, "forward": 1}
        return {name: partial(self.step, by) for name, by in steps.items() if self.history.look(by)}

    def follow(self) -> None:
        """Record what is in view once nothing has changed for a moment."""
        self._pause.start()

    def note(self) -> None:
        """Record what is in view now."""
        self._pause.stop()
        here, session = self.here(), self._controller.current
        if here is not None and session is not None:
            if session.moved_itself:
                self.history.amend(here)
            session.moved_itself = False
            self.history.note(here)
            self._tell()

    def leave(self, left: Viewpoint | None) -> None:
        """Record what was last chosen in a view or run that another one now replaces."""
        if left is not None and not self._arriving:  # `visit` and `step` record it themselves
            self.history.leave(left)

    def visit(self, viewpoint: Viewpoint) -> None:
        """Bring a viewpoint into view; the present one stays in the history."""
        self.note()
        self._go(viewpoint, self.history.add, lambda: None)

    def save(self, name: str) -> None:
        """Save what is in view under a name."""
        here, session = self.here(), self._controller.current
        if here is None or session is None:
            return
        try:
            self.saved.add([SavedView(clean_name(name), here, fingerprint(session.run.info))])
            self._controller.said.emit(f"Saved the view {clean_name(name)}.")
        except TfstabError as error:
            self._controller.failed.emit(str(error), "")

    def visit_saved(self, view: SavedView) -> None:
        """Visit a saved view, wherever its run is now: in its folder, or open from another one.

        If its folder holds another run, only that run comes into view, and `failed` says so.
        """
        if not os.path.isdir(view.viewpoint.run):  # noqa: PTH112  # Path.is_dir raises OSError for some paths
            known = (s for s in self._controller.sessions if fingerprint(s.run.info) == view.fingerprint)
            session = next(known, None)
            if session is None:
                self._controller.failed.emit(
                    f"The run of the view {view.name} is not at {view.viewpoint.run}: open its folder, then the view.",
                    "",
                )
                return
            view = replace(view, viewpoint=replace(view.viewpoint, run=str(session.real_path)))
        self.note()
        self._go(view.viewpoint, self.history.add, lambda: None, view)

    def step(self, by: int) -> None:
        """Go back (-1) or forward (1)."""
        self.note()
        there = self.history.look(by)
        if there is not None:
            self._go(there, lambda here: self.history.move(by, here), lambda: self.history.drop(by))

    def _go(
        self,
        viewpoint: Viewpoint,
        record: Callable[[Viewpoint], None],
        give_up: Callable[[], None],
        saved: SavedView | None = None,
    ) -> None:
        self._turn += 1
        turn, controller = self._turn, self._controller
        try:
            folders = [viewpoint.run, *compared_folders(viewpoint)]
        except InputError as error:
            controller.failed.emit(str(error), "")
            return

        def arrive() -> None:
            if turn != self._turn:
                return
            session = controller.session_of(Path(viewpoint.run))
            if session is None:  # the controller has said why
                give_up()
            elif saved is not None and saved.fingerprint not in ("", fingerprint(session.run.info)):
                self._show(session, Viewpoint(viewpoint.run), [])
                controller.failed.emit(
                    f"{session.path} holds another run than when the view {saved.name} was saved, so the view cannot "
                    "be shown; this is the run that is there now.",
                    "",
                )
                record(self.here() or viewpoint)
            else:
                self._show(session, viewpoint, folders[1:])
                record(self.here() or viewpoint)
            self._tell()

        closed = [folder for folder in folders if controller.session_of(Path(folder)) is None]
        if closed:
            controller.open(closed, look=False, then=arrive)
        else:
            arrive()

    def _show(self, session: Session, viewpoint: Viewpoint, compared: list[str]) -> None:
        self._arriving = True
        try:
            self._bring(session, viewpoint, compared)
        finally:
            self._arriving = False

    def _bring(self, session: Session, viewpoint: Viewpoint, compared: list[str]) -> None:
        controller = self._controller
        controller.select(session)
        try:
            session.restore(viewpoint.state)
        except InputError as error:
            controller.failed.emit(str(error), "")
        if "compared" in viewpoint.state and session.comparison is not None:
            found = [controller.session_of(Path(folder)) for folder in compared]
            session.comparison.compare([s for s in found if s is not None and session.comparable(s)])
        self.arrived.emit(session, viewpoint)

    def _tell(self) -> None:
        possible = self.history.look(-1) is not None, self.history.look(1) is not None
        if possible != self._possible:
            self._possible = possible
            self.changed.emit()


def compared_folders(viewpoint: Viewpoint) -> list[str]:
    """Return the folders of the runs that a viewpoint compares with; raise InputError if they are not folders."""
    state = State(viewpoint.state)
    folders = state.items("compared", MOST_COMPARED) or []
    for folder in folders:
        if not isinstance(folder, str) or not Path(folder).is_absolute() or "\0" in folder:
            state.refuse("compared", folder)
    return folders
