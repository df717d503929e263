"""Scores of the other classes, which a sweep does not record, computed by its model for the selected point."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
from PySide6.QtCore import QObject, QTimer, Signal

from tfstab.gui.content.predictions import LEAD, score_bars
from tfstab.gui.content.triple import Triple
from tfstab.gui.jobs.scorer import Scorer
from tfstab.gui.sessions.session import Session
from tfstab.runs.info import FUNCTION, model_of, without_classes

PATIENCE = 400  # ms for which a point must stay selected before its scores are computed


class PointScores(QObject):
    """Completes the triple in view if scores are missing in it.

    Signals
    -------
    said : str
        A sentence for the status bar.
    """

    said = Signal(str)

    def __init__(self, scorer: Scorer, current: Callable[[], Session | None], parent: QObject | None = None) -> None:
        """Take the scorer to ask and a function that returns the session in view."""
        super().__init__(parent)
        self._scorer, self._current = scorer, current
        self._triple: Triple | None = None
        self._ticket: int | None = None
        self._timer = QTimer(self, singleShot=True, interval=PATIENCE)
        self._timer.timeout.connect(self._ask)
        scorer.located.connect(lambda: self.follow(self._triple))

    def follow(self, triple: Triple | None) -> None:
        """Take the triple that is now in view; its missing scores are asked for if it stays there."""
        self._scorer.drop(self._ticket)
        self._ticket, self._triple = None, triple
        if triple is not None and any(bar.degraded is None for bar in triple.bars):
            self._timer.start()
        else:
            self._timer.stop()

    def _ask(self) -> None:
        session, triple = self._current(), self._triple
        if triple is None or session is None or session.triple is not triple or session.mark_key is None:
            return
        model, image = model_of(session.run.info), session.mark_key[0]
        if not self._scorer.knows(model):
            why = "was a Python function" if model.get(FUNCTION) else "is not here"
            self.said.emit(f"The other classes' scores are not recorded, and the model {model['name']} {why}.")
            return
        if self._scorer.has_failed(model):  # and a dialog has said so
            self.said.emit(f"The other classes' scores are not recorded, and {model['name']} cannot score.")
            return
        self._ticket = self._scorer.score(
            model, triple.degraded[None], lambda scores: self._complete(session, triple, image, scores[0])
        )

    def _complete(self, session: Session, triple: Triple, image: int, scores: np.ndarray) -> None:
        if session.triple is triple:
            session.complete_triple(with_scores(triple, scores, session.run, image))


def with_scores(triple: Triple, scores: np.ndarray, run: Any, image: int) -> Triple:
    """Return the triple of a sweep's point with the scores (K,) of all classes and, from them, the exact lead."""
    row = run.clean.row(image)
    actual = int(run.clean.class_index[row])
    known = dict(enumerate(scores.tolist()))
    lead = f"{np.delete(scores, actual).max() - scores[actual]:+.3g}"
    facts = tuple(
        (heading, tuple((name, lead if name == LEAD else value) for name, value in pairs))
        for heading, pairs in triple.facts
    )
    judged = not without_classes(run.info)
    bars = score_bars(run.clean.scores[row], known, actual, run.class_names, known=judged)
    return replace(triple, facts=facts, bars=bars)
