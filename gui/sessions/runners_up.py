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
        self._asking = False
        self._timer = QTimer(self, singleShot=True, interval=PATIENCE)
        self._timer.timeout.connect(self._make)

    def get(self, key: Key) -> int:
        """Return a runner-up, or UNKNOWN; `arrived` follows if it can be computed."""
        if key not in self._kept and self._answerable:
            self._wanted[key] = None
            self._wanted.move_to_end(key)
            while len(self._wanted) > MOST_ASKED:
                self._wanted.popitem(last=False)
            if not self._asking:
                self._timer.start()
        return self._kept.get(key, UNKNOWN)

    @property
    def _answerable(self) -> bool:
        model = self._session.run.info["model"]
        return self._scorer.knows(model) and not self._scorer.has_failed(model)

    def _make(self) -> None:
        keys, self._wanted = list(self._wanted), OrderedDict()
        if self._asking or not keys or self._session.stopped:
            return
        run, self._asking = self._session.run, True

        def make() -> tuple[list[Key], list[np.ndarray]]:
            made = {}
            for key in keys:
                try:
                    made[key] = run.degraded_image(*key)
                except TfstabError:  # reported when the image is selected
                    continue
            return list(made), list(made.values())

        self._session.background.run(make, self._ask, self._end, self)

    def _ask(self, made: tuple[list[Key], list[np.ndarray]]) -> None:
        keys, images = made
        self._asking = False
        if not keys or self._session.stopped:
            return

        def show(_: str, values: dict[str, Any]) -> None:
            self._kept |= zip(keys, runner_up(values["scores"]).tolist(), strict=True)
            while len(self._kept) > MOST_KEPT:
                self._kept.popitem(last=False)
            self.arrived.emit()

        # Failures are told when an image is selected; here the cells stay empty.
        self._scorer.ask(self._session.run.info["model"], "scores", {"images": np.stack(images)}, show, lambda *_: None)

    def _end(self) -> None:
        self._asking = False
