"""The verdict on the user's own picture in the Explorer: whether the photograph or the model is the reason."""

from typing import Any

import numpy as np
from PySide6.QtCore import QObject, Signal

from tfstab.gui.content.assessment import OpenedAssessment
from tfstab.gui.content.own_picture import OwnPicture
from tfstab.gui.jobs.scorer import Scorer
from tfstab.gui.sessions.explorer import Explorer
from tfstab.runs.info import model_of


class PictureVerdict(QObject):
    """Asks for the verdict on a picture once its true class is chosen, if the model predicts another one.

    Attributes
    ----------
    sentence : str
        The verdict, or why there is none; "" until it is known, and if there is nothing to say.

    Signals
    -------
    changed
        `sentence` has changed.
    """

    changed = Signal()

    def __init__(self, explorer: Explorer, scorer: Scorer, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._explorer, self._scorer = explorer, scorer
        self._about: OwnPicture | None = None
        self._ticket: int | None = None
        self.sentence = ""
        explorer.image_changed.connect(self._follow)

    def _follow(self) -> None:
        own = self._explorer.state.own
        if own is self._about:
            return
        self._scorer.drop(self._ticket)
        self._about, self._ticket = own, None
        self._say("")
        if own is None or own.undone is None or own.actual in (None, int(own.scores.argmax())):
            return
        run = self._explorer.run
        arguments = {
            "images": np.stack([own.image, *own.undone]),
            "class_index": own.actual,
            "folder": str(run.largest.path if isinstance(run, OpenedAssessment) else run.path),
        }
        self._ticket = self._scorer.ask(model_of(run.info), "verdict", arguments, self._take, self._fail, self)

    def _take(self, _: str, values: dict[str, Any]) -> None:
        self._ticket = None
        self._say(values["sentence"])

    def _fail(self, sentence: str, _details: str) -> None:
        self._ticket = None
        self._say(sentence)

    def _say(self, sentence: str) -> None:
        if sentence != self.sentence:
            self.sentence = sentence
            self.changed.emit()
