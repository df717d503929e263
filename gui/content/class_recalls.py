"""The recall of each class, when clean and when degraded; every function may run in a worker thread."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from tfstab.gui.content.robustness import range_of
from tfstab.metrics import Estimate
from tfstab.metrics.estimate import NO_ESTIMATE
from tfstab.metrics.shares import percent, rounded
from tfstab.names import quoted
from tfstab.wording import counted

if TYPE_CHECKING:
    from tfstab.assessment.figures import Figures
    from tfstab.assessment.others_taken import OthersTaken

CLEAN = "clean"  # name of the first column
ALL = ""  # name of the column of the average over all degradations
NO_CLASSES = "The images came without classes, so there are no recalls."


@dataclass(frozen=True)
class RecallCell:
    """The recall of a class, when clean or averaged over the severities of one degradation or of all.

    Attributes
    ----------
    images : int
        Images of the class.
    recall : Estimate
        The recall.
    clean : float
        The recall of the same images when clean.
    path : Path or None
        The sweep that lists the images; None if none does.
    kept : Estimate
        The share of the clean recall that is kept; NaN when clean, or if too few images are right when clean.
    rest : Estimate or None
        What the other classes keep, if the class certainly keeps less; otherwise None.
    taken : str
        What the class is then mostly taken for, as a part of a sentence; "" if there is no choice.
    others : OthersTaken or None
        How many images of other classes are taken for it, if so many that its recall says little; otherwise None.
    """

    images: int
    recall: Estimate
    clean: float
    path: Path | None
    kept: Estimate = NO_ESTIMATE
    rest: Estimate | None = None
    taken: str = ""
    others: "OthersTaken | None" = None

    @property
    def harmed(self) -> bool:
        """Whether the class certainly loses a larger share of its recall than the others."""
        return self.rest is not None


@dataclass(frozen=True, eq=False)
class RecallColumn:
    """The recalls of all classes, when clean, under one degradation, or on average over all.

    Attributes
    ----------
    name : str
        Name of the degradation, `CLEAN` or `ALL`.
    title : str
        What it is called in a table.
    where : str
        The same after the name of a class: "under fog".
    cells : tuple of RecallCell or None
        One for each class; None if it has no images there.
    """

    name: str
    title: str
    where: str
    cells: tuple[RecallCell | None, ...]


@dataclass(frozen=True, eq=False)
class ClassRecalls:
    """The recalls of an assessment.

    Attributes
    ----------
    classes : tuple of int
        Classes that have images, the one that is right least often over all degradations first.
    names : tuple of str
        Their names.
    columns : tuple of RecallColumn
        When clean, on average over all degradations if there are several, then under each, the one under which the
        least accuracy is kept first; () for no recalls.
    problem : str
        Why there are none, or "".
    """

    classes: tuple[int, ...] = ()
    names: tuple[str, ...] = ()
    columns: tuple[RecallColumn, ...] = ()
    problem: str = ""


def class_recalls(figures: "Figures") -> ClassRecalls:
    """Return the recall of each class when clean, on average over all degradations and under each, as in the report."""
    from tfstab.gui.content.number_notes import looked_at
    from tfstab.runs.info import without_classes

    if without_classes(figures.info):
        return ClassRecalls(problem=NO_CLASSES)
    listed = looked_at(figures)
    path = None if listed is None else Path(listed.run.path)
    clean = {c.index: RecallCell(len(c.right), c.accuracy, c.accuracy.value, path) for c in figures.clean_classes}
    weakest = [one.index for one in figures.weakest_classes]
    classes = (*weakest, *sorted({*clean} - {*weakest}))  # the latter have no images under some degradation
    columns = [RecallColumn(CLEAN, CLEAN, "when clean", tuple(clean.get(k) for k in classes))]
    if len(figures.families) > 1:
        columns.append(_column_of_all(figures, classes))
    columns += _columns(figures, classes)
    return ClassRecalls(classes, tuple(figures.classes[k] for k in classes), tuple(columns))


def _column_of_all(figures: "Figures", classes: tuple[int, ...]) -> RecallColumn:
    from tfstab.assessment.others_taken import taken_under_all
    from tfstab.assessment.ranking import harmed_classes
    from tfstab.metrics.kept import estimate_kept

    found, count = figures.weakest_classes, len(figures.families)
    harmed, others = {c.index: rest for c, _, rest in harmed_classes(found)}, taken_under_all(found)
    cells = {}
    for c in found:
        own, path = (c.images, c.accuracy, c.clean.value), Path(c.worst.run.path)
        mistaken = None if c.mistaken_for is None or c.share_of_errors is None else (c.mistaken_for, c.share_of_errors)
        taken = _taken(mistaken, figures.classes) if c.index in harmed else ""
        k = c.index
        cells[k] = RecallCell(*own, path, estimate_kept(c.kept), harmed.get(k), taken, others.get(k))
    where = f"on average over all {count} degradations and their severities"
    return RecallColumn(ALL, "all degradations", where, tuple(cells.get(k) for k in classes))


def _columns(figures: "Figures", classes: tuple[int, ...]) -> Iterator[RecallColumn]:
    """Iterate over the columns of single degradations."""
    from tfstab.assessment.harmed_findings import harmed_under, mistaken_classes
    from tfstab.assessment.others_taken import others_taken
    from tfstab.assessment.recalls import kept_by_class
    from tfstab.metrics.kept import estimate_kept, share_of

    found = harmed_under(figures.families)
    harmed = {
        (one.family.name, one.index): (one.others, _taken(mistaken, figures.classes))
        for one, mistaken in zip(found, mistaken_classes(found), strict=True)
    }
    for family, others in zip(figures.families, others_taken(figures.families), strict=True):
        cells, path = {}, Path(family.run.path)
        for k, own in kept_by_class(family).items():
            rest, taken = harmed.get((family.name, k), (None, ""))
            recall = len(own.images), share_of(own.part), float(own.whole.mean())
            cells[k] = RecallCell(*recall, path, estimate_kept(own), rest, taken, others.get(k))
        where = f"under {family.title}"
        yield RecallColumn(family.name, family.title, where, tuple(cells.get(k) for k in classes))


def _taken(mistaken: tuple[int, Estimate] | None, classes: Sequence[str]) -> str:
    """Return what a class is most often taken for, and in which share of its errors; "" if there is no choice."""
    from tfstab.assessment.words import most_taken_for

    if mistaken is None or not (taken := most_taken_for(mistaken[0], classes)):
        return ""
    return f"{taken} ({rounded(mistaken[1].value)} % of its errors)"


def in_words(name: str, column: RecallColumn, cell: RecallCell | None) -> str:
    """Describe a cell in a sentence, for tool tips and screen readers. name: of the class."""
    from tfstab.assessment import words

    who = f"{quoted(words.name(name))} {column.where}"
    if cell is None:
        return f"{who}: no images"
    text = f"{who}: {range_of(cell.recall)} of {counted(cell.images)} are right"
    if column.name == CLEAN:
        return text
    text += "" if column.name == ALL else ", averaged over the severities"
    text += f"; {rounded(cell.clean)} % when clean"
    if math.isfinite(cell.kept.value):
        text += f". The class keeps {percent(cell.kept)} of its recall"
    if cell.rest is not None:
        text += f", the other classes keep {percent(cell.rest)} of theirs"
        text += f". When wrong, it is {cell.taken}" if cell.taken else ""
    if cell.others is not None:
        text += f". But {cell.others.said(name, 'then ')}"
    return text
