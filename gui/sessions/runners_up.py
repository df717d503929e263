"""The runners-up of degraded images, which sweeps do not record, computed by the model for the rows in view."""

from collections import OrderedDict
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


class RunnersUp(QObject):
    """Runners-up by the key of a degraded image.

    Signals
    -------
    arrived
        More are known.
    """

    arrived = Signal()

    def __init__(self, session: Session, scorer: Scorer, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._session, self._scorer = session, scorer
        self._kept: OrderedDict[Key, int] = OrderedDict()
        self._wanted: OrderedDict[Key, None] = OrderedDict()
        self._asked: set[Key] = set()  # not answered yet
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
                self._timer.start()
        return self._kept.get(key, UNKNOWN)

    @property
    def _answerable(self) -> bool:
        model = model_of(self._session.run.info)
        return self._scorer.knows(model) and not self._scorer.has_failed(model)

    def _make(self) -> None:
        if self._asking or not self._wanted or self._session.stopped:
            return
        if not self._answerable:  # looked up here, as a table asks for each row each time that it is painted
            self._wanted.clear()
            return
        keys, self._wanted = list(self._wanted), OrderedDict()
        run, self._asking = self._session.run, True
        self._asked |= set(keys)

        def make() -> dict[Key, np.ndarray]:
            made = {}
            for key in keys:
                try:
                    made[key] = run.degraded_image(*key)
                except TfstabError:  # reported when the image is selected
                    continue
            return made

        self._session.background.run(make, self._ask, self._end, self)

    def _ask(self, made: dict[Key, np.ndarray]) -> None:
        self._end()
        if not made or self._session.stopped:
            return

        def show(_: str, values: dict[str, Any]) -> None:
            keep(runner_up(values["scores"]).tolist())

        def keep(found: list[int]) -> None:
            self._kept |= zip(made, found, strict=True)
            self._asked -= made.keys()
            while len(self._kept) > MOST_KEPT:
                self._kept.popitem(last=False)
            self.arrived.emit()

        # Failures are told when an image is selected; here the cells stay empty.
        images = {"images": np.stack(list(made.values()))}
        model = model_of(self._session.run.info)
        self._scorer.ask(model, "scores", images, show, lambda *_: keep([UNKNOWN] * len(made)), self)

    def _end(self) -> None:
        """Go on with the rows that have come into view meanwhile."""
        self._asking = False
        if self._wanted:
            self._timer.start()
