"""The assessments that an assessment is compared with."""

import os
from typing import TYPE_CHECKING

from PySide6.QtCore import Signal, SignalInstance

from tfstab.errors import TfstabError
from tfstab.gui.background import unexpected
from tfstab.gui.content.obstacles import of_sweeps
from tfstab.gui.content.pairing import Pairing, pair_of_assessments
from tfstab.gui.sessions.comparison import Comparison
from tfstab.wording import distinct_names

if TYPE_CHECKING:
    from tfstab.gui.sessions.assessment_session import AssessmentSession


class ComparedAssessments(Comparison):
    """The compared assessments, and the paired differences between their networks and this one's.

    Attributes
    ----------
    pairings : list of Pairing
        One for each compared assessment whose figures are known; empty until they are computed.
    problem : str
        Why there are no pairings, or "".

    Signals
    -------
    changed
        Other assessments are compared, the figures of one or of the session are others, or `pairings` is another list.
    """

    changed = Signal()
    runs: "list[AssessmentSession]"
    _session: "AssessmentSession"

    def __init__(self, session: "AssessmentSession") -> None:
        super().__init__(session)
        self.pairings: list[Pairing] = []
        self.problem = ""
        session.computed_changed.connect(self._tell)

    @property
    def names(self) -> list[str]:
        """What this assessment and the compared ones are called: by their networks, if the names of these differ."""
        every = self._all
        return distinct_names([s.real_path for s in every], [s.model_name for s in every])

    def sweeps_beside(self, folder: str) -> list[str]:
        """Return the sweeps of the compared assessments that can be compared with the sweep of this one in a folder."""
        families = [] if self._session.computed is None else self._session.computed.figures.families
        own = next((f for f in families if os.path.realpath(f.run.path) == folder), None)
        if own is None:
            return []
        others = [s.computed.figures.family(own.name) for s in self.runs if s.computed is not None]
        return [os.path.realpath(f.run.path) for f in others if f is not None and not of_sweeps(own.run, f.run)]

    def _news(self, session: "AssessmentSession") -> SignalInstance:
        return session.computed_changed

    def _tell(self) -> None:
        own, chosen = self._session.computed, list(self.runs)
        self.pairings = []
        self.problem = next((f"{self.name_of(s)}: {s.problem}" for s in chosen if s.computed is None and s.problem), "")
        self.changed.emit()
        others = [s.computed.figures for s in chosen if s.computed is not None]
        if own is None or not others or len(others) < len(chosen):
            return
        names = self.names[1:]

        def compute() -> list[Pairing] | str:
            try:
                return [pair_of_assessments(own.figures, *other) for other in zip(others, names, strict=True)]
            except TfstabError as error:
                return str(error)

        def show(found: list[Pairing] | str) -> None:
            if chosen == self.runs and own is self._session.computed:
                if isinstance(found, str):
                    self.problem = found
                else:
                    self.pairings = found
                self.changed.emit()

        self._session.background.run(compute, show, lambda: show(unexpected("Comparing the images")), self)
