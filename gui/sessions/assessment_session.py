"""An open assessment: its figures, and the selected degraded image."""

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from tfstab.errors import RunError, TfstabError
from tfstab.gui.background import Background
from tfstab.gui.content.robustness import FamilyRow, family_rows
from tfstab.gui.content.triple import Picture, Triple
from tfstab.gui.sessions.marks import MarkKey
from tfstab.gui.sessions.session import Session

if TYPE_CHECKING:
    from tfstab.assessment.figures import Figures
    from tfstab.assessment.verdict import Verdict
    from tfstab.gui.content.assessment import OpenedAssessment


@dataclass(frozen=True, eq=False)
class Computed:
    """What was computed of an assessment.

    Attributes
    ----------
    figures : Figures
        The numbers.
    verdict : Verdict
        What they support.
    families : list of FamilyRow
        The families, the one under which least accuracy is kept first.
    """

    figures: "Figures"
    verdict: "Verdict"
    families: list[FamilyRow]


class AssessmentSession(Session):
    """An open assessment, or another folder of runs that belong together.

    Attributes
    ----------
    computed : Computed or None
        Figures and verdict, once they are computed.
    others : list of AssessmentSession
        Assessments shown beside this one.

    Signals
    -------
    computed_changed
        The figures were computed.
    compared_changed
        Other assessments are shown beside this one.
    """

    computed_changed = Signal()
    compared_changed = Signal()

    run: "OpenedAssessment"

    def __init__(self, run: "OpenedAssessment", background: Background, parent: QObject | None = None) -> None:
        super().__init__(run, background, parent)
        self.computed: Computed | None = None
        self.others: list[AssessmentSession] = []
        self.headline = ""
        for problem in run.damaged:
            background.failed.emit(problem, "")
        self.reload()

    @property
    def about(self) -> str:
        """Model, data and number of images in one line."""
        model, data = self.run.info["model"], self.run.info["data"]
        return f"{model['name']} on {data['name']} ({data['split']})"

    def takes(self, run: "OpenedAssessment") -> bool:
        """Return True if this is an assessment of the same network on the same data."""
        return run.kind == self.kind and all(
            self.run.info[of].get(key) == run.info[of].get(key)
            for of, key in (("model", "fingerprint"), ("model", "preprocess"), ("data", "name"), ("data", "split"))
        )

    def reload(self) -> None:
        """Compute the figures of the runs as they are now."""
        run = self.run
        self.background.run(lambda: compute(run), lambda computed: self._show(run, computed), owner=self)

    def _show(self, run: "OpenedAssessment", computed: "Computed | TfstabError") -> None:
        if run is not self.run or self.stopped:
            return
        if isinstance(computed, TfstabError):
            self.background.failed.emit(str(computed), "")
            return
        self.computed = computed
        self.headline = headline_of(computed.figures)
        self.computed_changed.emit()
        self.changed.emit()

    def picture(self, key: MarkKey) -> Picture:
        """Raise RunError: images are marked in the sweeps themselves."""
        raise RunError("Marks belong to the runs of an assessment: open the run of the degradation.")

    def show_triple(self, triple: Triple | None) -> None:
        """Show this degraded image."""
        self._set_triple(triple)


def compute(run: "OpenedAssessment") -> "Computed | TfstabError":
    """Compute figures and verdict; runs in a worker."""
    try:
        return Computed(run.opened.figures, run.opened.verdict, family_rows(run.opened.figures))
    except TfstabError as error:
        return error


def headline_of(figures: "Figures") -> str:
    """Return the most important number in a few words: "67 % kept"."""
    from tfstab.assessment.words import rounded

    if figures.families:
        kept = figures.mean_kept.value
        return "" if math.isnan(kept) else f"{rounded(kept)} % kept"
    return f"{rounded(figures.clean.value)} % of clean images right"
