"""The figures of an assessment, as arrays and text for lists and tables; every function may run in a worker."""

import math
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from tfstab.metrics import Estimate
from tfstab.metrics.estimate import estimate_each

if TYPE_CHECKING:
    from tfstab.assessment.figures import FamilyFigures, Figures

ONE_IMAGE, OTHER_NETWORKS = "One image", "Other networks"  # titles of two parts of the tab
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
    """

    severity_index: int
    severity: float
    kept: Estimate
    lost: int


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
    kept : Estimate
        Accuracy kept, averaged over the severities.
    tone : str
        The tone of the level of `kept`, as the report has it; PLAIN if no accuracy can be kept.
    sure : bool
        Whether the images decide this level.
    cells : tuple of Cell
        Its severities, the mildest first.
    guessed : float
        Accuracy kept by always answering the same class.
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


def family_rows(figures: "Figures") -> list[FamilyRow]:
    """Return the families of an assessment, the one under which least accuracy is kept first."""
    from tfstab.assessment.ranking import standings

    levels = {s.family.name: (TONES[s.level], s.sure) for s in standings(figures.families)}
    return [_row(family, *levels.get(family.name, (PLAIN, True))) for family in figures.families]


def _row(family: "FamilyFigures", tone: str, sure: bool) -> FamilyRow:
    run = family.run
    ends = estimate_each(family.share_right, family.clean_right)
    lost = (family.clean_right[:, None] & (family.share_right < 1)).sum(axis=0)
    cells = tuple(
        Cell(int(s), float(run.severities[s]), Estimate(*map(float, ends[:, s])), int(lost[s]))
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
    )


def in_words(row: FamilyRow, cell: Cell) -> str:
    """Describe a cell in one line, for tool tips and screen readers."""
    unit = f" {row.unit}" if row.unit else ""
    return (
        f"{row.title}, {row.parameter} {cell.severity:g}{unit}: {range_of(cell.kept)} of the accuracy is kept; "
        f"{cell.lost:,} of {row.images:,} images are lost"
    )


def range_of(e: Estimate) -> str:
    """Return a share with its interval: "39 % (34–44)"; "–" if it cannot be computed."""
    from tfstab.metrics.shares import percent

    return "–" if math.isnan(e.value) else percent(e)
