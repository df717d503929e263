"""The runners-up of degraded images, which sweeps do not record, computed by the model for the rows in view."""

from collections import OrderedDict
from contextlib import suppress
from typing import Any

import numpy as np
from PySide6.QtCore import QObject, QTimer, Signal

from tfstab.errors import TfstabError
from tfstab.gui.content.points import Key
from tfstab.gui.content.runner_up import UNKNOWN, runner_up
from tfstab.gui.jobs.scorer import Scorer
from tfstab.gui.sessions.session import Session
from tfstab.runs.info import model_of

PATIENCE = 1_000  # ms for which rows must stay in view before they are scored
MOST_ASKED = 64  # images scored at once
MOST_KEPT = 100_000
NOT_RECORDED = "Sweeps do not record the runner-up."


class RunnersUp(QObject):
    """Runners-up by the key of a degraded image.

    Signals
    -------
    arrived
        More are known, or `unknown` says something else.
    """

    arrived = Signal()

    def __init__(self, session: Session, scorer: Scorer, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._session, self._scorer = session, scorer
        self._kept: OrderedDict[Key, int] = OrderedDict()
        self._wanted: OrderedDict[Key, None] = OrderedDict()
        self._asked: set[Key] = set()  # not answered yet
        self._why = ""  # why the model cannot be asked
        self._failure = ""  # why it could not answer last
        self._asking = False
        self._timer = QTimer(self, singleShot=True, interval=PATIENCE)
        self._timer.timeout.connect(self._make)

    def get(self, key: Key) -> int:
        """Return a runner-up, or UNKNOWN; `arrived` follows if it can be computed."""
        known = any(key in keys for keys in (self._kept, self._wanted, self._asked))
        if not known:
            self._wanted[key] = None
            while len(self._wanted) > MOST_ASKED:
                self._wanted.popitem(last=False)
            if not self._asking:
                if not self._timer.isActive():
                    self._why = self._unanswerable()  # once for all rows that are painted, because it reads a file
                self._timer.start()
        return self._kept.get(key, UNKNOWN)

    @property
    def known(self) -> dict[Key, int]:
        """Those that have been computed."""
        return {key: found for key, found in self._kept.items() if found != UNKNOWN}

    def ask_again(self) -> None:
        """Let what is in view be asked for again, because the model may be found now."""
        self._kept = OrderedDict((key, found) for key, found in self._kept.items() if found != UNKNOWN)
        self.arrived.emit()

    def unknown(self, key: Key) -> tuple[str, str]:
        """Return what is shown in place of a runner-up that is not known, and why it is not known."""
        why = self._failure if key in self._kept else self._why
        if why:
            return "–", f"{NOT_RECORDED} {why}"
        return "…", f"{NOT_RECORDED} The model, which takes some seconds to load, computes it."

    def _unanswerable(self) -> str:
        model = model_of(self._session.run.info)
        return self._scorer.lacks(model) or (f"{model['name']} cannot score." if self._scorer.has_failed(model) else "")

    def _make(self) -> None:
        if self._session.stopped:
            return
        if self._why:
            self._wanted.clear()
            return
        keys, self._wanted = list(self._wanted), OrderedDict()
        run, self._asking = self._session.run, True
        self._asked |= set(keys)

        def make() -> dict[Key, np.ndarray]:
            made = {}
            for key in keys:
                with suppress(TfstabError):  # reported when the image is selected
                    made[key] = run.degraded_image(*key)
            return made

        self._session.background.run(make, self._ask, self._end, self)

    def _ask(self, made: dict[Key, np.ndarray]) -> None:
        self._end()
        if not made or self._session.stopped:
            return

        def show(_: str, values: dict[str, Any]) -> None:
            keep(runner_up(values["scores"]).tolist())

        def fail(sentence: str, _: str) -> None:
            self._failure = sentence
            keep([UNKNOWN] * len(made))

        def keep(found: list[int]) -> None:
            self._kept |= zip(made, found, strict=True)
            self._asked -= made.keys()
            while len(self._kept) > MOST_KEPT:
                self._kept.popitem(last=False)
            self.arrived.emit()

        images = {"images": np.stack(list(made.values()))}
        model = model_of(self._session.run.info)
        self._scorer.ask(model, "scores", images, show, fail, self)

    def _end(self) -> None:
        """Go on with the rows that have come into view meanwhile."""
        self._asking = False
        if self._wanted:
            self._timer.start()
