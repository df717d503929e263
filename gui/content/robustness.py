"""The figures of an assessment, as arrays and text for lists and tables; every function may run in a worker."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from tfstab.classifier.taken import FEW_IMAGES
from tfstab.metrics import Estimate
from tfstab.metrics.estimate import NO_ESTIMATE
from tfstab.metrics.kept import TOO_FEW, Kept, estimate, estimate_each
from tfstab.metrics.shares import rounded
from tfstab.wording import capital, counted, of_parameter

if TYPE_CHECKING:
    from tfstab.assessment.family_figures import FamilyFigures
    from tfstab.assessment.figures import Figures

ONE_IMAGE, OTHER_NETWORKS, CLASSES = "One image", "Other networks", "Classes"  # titles of parts of the tab
GOOD, MIDDLE, BAD, PLAIN = "good", "middle", "bad", ""  # the names of the tones in tfstab.gui.theme
TONES = {"good": GOOD, "mid": MIDDLE, "bad": BAD}  # of the levels of an accuracy kept


@dataclass(frozen=True)
class Cell:
    """One severity of a family.

    Attributes
    ----------
    severity_index : int
        Index in the sweep's severities.
    severity : float
        The severity.
    kept : Estimate
        Accuracy there, divided by the clean accuracy of the same images.
    lost : int
        Images right when clean of which a copy is wrong there.
    accuracy : Estimate
        Accuracy there.
    guessing : bool
        Whether this accuracy is not clearly better than that of always answering the same class.
    """

    severity_index: int
    severity: float
    kept: Estimate
    lost: int
    accuracy: Estimate = NO_ESTIMATE
    guessing: bool = False


@dataclass(frozen=True)
class FamilyRow:
    """One family of degradations.

    Attributes
    ----------
    name, title : str
        Its name, and what it is called in a sentence.
    parameter, unit : str
        What its severity is called, and its unit.
    path : Path
        Folder of the sweep.
    images : int
        Images swept.
    right : int
        How many of these are right when clean.
    falls : str
        Which recalls fall that `kept` does not show, to follow "but"; "" for none.
    about : str
        What the degradation does, as a predicate; "" if that is not known.
    direction : str
        The only direction in which it was measured, such as "brighter"; "" if both were, or if it has only one.
    combined : bool
        Whether it applies several degradations in turn.
    kept : Estimate
        Accuracy kept, averaged over the severities.
    tone : str
        The tone of the level of `kept`, as the report has it; PLAIN if there is no figure.
    sure : bool
        Whether the images decide this level.
    cells : tuple of Cell
        Its severities, the mildest first.
    guessed : float
        Accuracy kept by always answering the same class.
    accuracy : Estimate
        Accuracy, averaged over the severities.
    keeps : bool
        Whether accuracy can be kept, because an image is right when clean under some family; else accuracies are shown.
    """

    name: str
    title: str
    parameter: str
    unit: str
    path: Path
    images: int
    kept: Estimate
    tone: str
    sure: bool
    cells: tuple[Cell, ...]
    guessed: float = math.nan
    accuracy: Estimate = NO_ESTIMATE
    keeps: bool = True
    right: int = 0
    falls: str = ""
    about: str = ""
    direction: str = ""
    combined: bool = False

    @property
    def with_direction(self) -> str:
        """The title, with the direction if only one was measured: "brightness (brighter)"."""
        from tfstab.degradations.directions import with_direction

        return with_direction(self.title, self.direction)

    @property
    def explained(self) -> str:
        """What the degradation does, and the direction if only one was measured, in sentences; "" if not known."""
        does = capital(f"{self.title} {self.about}.") if self.about else ""
        measured = f"Measured in one direction only: {self.direction}." if self.direction else ""
        return f"{does} {measured}".strip()

    @property
    def shown(self) -> Estimate:
        """The estimate to show: accuracy kept, NaN if too few images are right when clean, or else accuracy."""
        return self.kept if self.keeps else self.accuracy

    @property
    def label(self) -> str:
        """The title, with the number of images if they are few."""
        return self.title if self.images >= FEW_IMAGES else f"{self.title}, {counted(self.images)}"

    @property
    def in_words(self) -> str:
        """What the images under all severities show, in a sentence."""
        if not self.keeps:
            return f"{range_of(self.shown)} of {counted(self.images)} are right, averaged over the severities"
        if math.isnan(self.kept.value):
            return f"nothing can be said yet, as {TOO_FEW} ({self.right:,} of {self.images:,})"
        text = f"{range_of(self.kept)} of the accuracy is kept, averaged over the severities"
        text += f", but {self.falls}" if self.falls else ""
        return f"{text}; measured on {counted(self.images)}"


def family_rows(figures: "Figures") -> list[FamilyRow]:
    """Return the families of an assessment, the one under which least accuracy is kept first."""
    from tfstab.assessment.ranking import standings
    from tfstab.assessment.recall_findings import falls_clause

    keeps = any(family.right for family in figures.families)
    there = standings(figures.families)
    judged = {s.family.name: (TONES[s.level], s.sure, falls_clause(s.falls) if s.falls else "") for s in there}
    return [_row(family, *judged.get(family.name, (PLAIN, True, "")), keeps) for family in figures.families]


def _row(family: "FamilyFigures", tone: str, sure: bool, falls: str, keeps: bool) -> FamilyRow:
    from tfstab.assessment.chance import may_be_constant
    from tfstab.degradations.directions import only_direction

    run = family.run
    ends = family.kept_at()
    guessing = may_be_constant(family) & (family.overall.enough and family.chance < 1)  # of one class, all answer it
    every = np.ones(len(family.images))
    accuracies = estimate_each(family.share_right, every)
    lost = (family.clean_right[:, None] & (family.share_right < 1)).sum(axis=0)
    cells = tuple(
        Cell(
            int(s),
            float(run.severities[s]),
            _estimate(ends[:, s]),
            int(lost[s]),
            _estimate(accuracies[:, s]),
            bool(guessing[s]),
        )
        for s in run.config.mildest_first
    )
    degradation = run.degradation
    return FamilyRow(
        family.name,
        family.title,
        degradation.parameter,
        degradation.unit,
        Path(run.path),
        len(family.images),
        family.kept,
        tone,
        sure,
        cells,
        family.chance_kept,
        estimate(Kept(family.images, family.share_right.mean(axis=1), every)),
        keeps,
        family.right,
        falls,
        degradation.about,
        only_direction(degradation, run.severities),
        degradation.steps > 0,
    )


def _estimate(ends: NDArray[np.float64]) -> Estimate:
    return Estimate(*map(float, ends))


def keeping(rows: Iterable[FamilyRow]) -> bool:
    """Return False if no image is right when clean, so that no accuracy can be kept under any of the families."""
    rows = list(rows)
    return not rows or any(row.keeps for row in rows)


def compared(figures: "Figures", rows: Iterable[FamilyRow]) -> str:
    """Return which of two families costs more accuracy, in sentences; "" for another number of families."""
    from tfstab.assessment.degradation_comparison import DegradationComparison

    families = [family for row in rows if (family := figures.family(row.name)) is not None]
    return DegradationComparison(*families).summary() if len(families) == 2 else ""


def applied_note(rows: Sequence[FamilyRow]) -> str:
    """Return how these families were applied, as reports do: each of several alone, and some in one direction only."""
    from tfstab.degradations.alone import applied_alone
    from tfstab.degradations.directions import named_one_way, said_of_one_way

    one_way = [row for row in rows if row.direction]
    named = [named_one_way(row.title, row.direction, (c.severity for c in row.cells)) for row in one_way]
    alone = applied_alone([row.title for row in rows if row.combined]) if len(rows) > 1 else ""
    return " ".join(filter(None, [alone, said_of_one_way(named)]))


def in_words(row: FamilyRow, cell: Cell) -> str:
    """Describe a cell in one line, for tool tips and screen readers."""
    unit = f" {row.unit}" if row.unit else ""
    where = f"{row.with_direction}, {of_parameter(row.parameter, cell.severity)}{unit}"
    if not row.keeps:
        return f"{where}: {range_of(cell.accuracy)} of {counted(row.images)} are right; when clean, none is"
    if math.isnan(cell.kept.value):
        return f"{where}: {row.in_words}"
    guessing = (
        f". The accuracy kept is not clearly better than the {rounded(row.guessed)} % that always answering the same "
        "class would keep"
    )
    return (
        f"{where}: {range_of(cell.kept)} of the accuracy is kept: {rounded(cell.accuracy.value)} % of "
        f"{counted(row.images)} are right, {rounded(row.right / row.images)} % when clean; {cell.lost:,} of the "
        f"{row.right:,} that are right when clean are lost{guessing if cell.guessing else ''}"
    )


def range_of(e: Estimate) -> str:
    """Return a share with its interval: "39 % (34–44)"; "–" if it cannot be computed."""
    from tfstab.metrics.shares import percent

    return "–" if math.isnan(e.value) else percent(e)
