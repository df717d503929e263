"""The recall of each class, when clean and under each degradation; every function may run in a worker thread."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from tfstab.gui.content.robustness import range_of
from tfstab.metrics import Estimate
from tfstab.metrics.shares import percent, rounded
from tfstab.names import quoted
from tfstab.wording import counted

if TYPE_CHECKING:
    from tfstab.assessment.family_figures import FamilyFigures
    from tfstab.assessment.figures import Figures
    from tfstab.assessment.harmed_findings import HarmedClass
    from tfstab.assessment.others_taken import OthersTaken

CLEAN = "clean"  # title of the first column
NO_CLASSES = "The images came without classes, so there are no recalls."


@dataclass(frozen=True)
class RecallCell:
    """The recall of a class, when clean or averaged over the severities of a degradation.

    Attributes
    ----------
    images : int
        Images of the class.
    recall : Estimate
        The recall.
    clean : float
        The recall of the same images when clean.
    harmed : HarmedClass or None
        How far it falls, if it certainly falls further than that of the other classes; else None.
    taken : str
        What the class is then mostly taken for, as a part of a sentence; "" if it is not harmed or there is no choice.
    others : OthersTaken or None
        How many images of other classes are taken for it, if so many that its recall says little; otherwise None.
    """

    images: int
    recall: Estimate
    clean: float
    harmed: "HarmedClass | None" = None
    taken: str = ""
    others: "OthersTaken | None" = None


@dataclass(frozen=True, eq=False)
class RecallColumn:
    """The recalls of all classes, when clean or under one degradation.

    Attributes
    ----------
    name, title : str
        Name and title of the degradation, or `CLEAN`.
    path : Path or None
        The sweep that lists the images; None if none does.
    cells : tuple of RecallCell or None
        One for each class; None if it has no images there.
    """

    name: str
    title: str
    path: Path | None
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
        When clean, then under each degradation, the one under which least accuracy is kept first; () for no recalls.
    problem : str
        Why there are none, or "".
    """

    classes: tuple[int, ...] = ()
    names: tuple[str, ...] = ()
    columns: tuple[RecallColumn, ...] = ()
    problem: str = ""


def class_recalls(figures: "Figures") -> ClassRecalls:
    """Return the recall of each class when clean and under each degradation, as the report has it."""
    from tfstab.assessment.harmed_findings import harmed_under, mistaken_classes
    from tfstab.assessment.others_taken import others_taken
    from tfstab.gui.content.number_notes import looked_at
    from tfstab.runs.info import without_classes

    if without_classes(figures.info):
        return ClassRecalls(problem=NO_CLASSES)
    clean = {one.index: RecallCell(len(one.right), one.accuracy, one.accuracy.value) for one in figures.clean_classes}
    weakest = [one.index for one in figures.weakest_classes]
    classes = (*weakest, *sorted({*clean} - {*weakest}))  # the latter have no images under some degradation
    found = harmed_under(figures.families)
    harmed = {
        (one.family.name, one.index): (one, _taken(mistaken, figures.classes))
        for one, mistaken in zip(found, mistaken_classes(found), strict=True)
    }
    listed = looked_at(figures)
    path = None if listed is None else Path(listed.run.path)
    columns = [RecallColumn(CLEAN, CLEAN, path, tuple(clean.get(k) for k in classes))]
    taken = others_taken(figures.families)
    columns += [_column(of, classes, harmed, others) for of, others in zip(figures.families, taken, strict=True)]
    return ClassRecalls(classes, tuple(figures.classes[k] for k in classes), tuple(columns))


def _column(
    family: "FamilyFigures",
    classes: tuple[int, ...],
    harmed: "dict[tuple[str, int], tuple[HarmedClass, str]]",
    others: "dict[int, OthersTaken]",
) -> RecallColumn:
    from tfstab.assessment.recalls import kept_by_class
    from tfstab.metrics.kept import share_of

    cells = {}
    for k, own in kept_by_class(family).items():
        one, taken = harmed.get((family.name, k), (None, ""))
        recall, when_clean = share_of(own.part), float(own.whole.mean())
        cells[k] = RecallCell(len(own.images), recall, when_clean, one, taken, others.get(k))
    return RecallColumn(family.name, family.title, Path(family.run.path), tuple(cells.get(k) for k in classes))


def _taken(mistaken: tuple[int, Estimate] | None, classes: Sequence[str]) -> str:
    """Return what a class is most often taken for, and in which share of its errors; "" if there is no choice."""
    from tfstab.assessment.words import most_taken_for

    if mistaken is None or not (taken := most_taken_for(mistaken[0], classes)):
        return ""
    return f"{taken} ({rounded(mistaken[1].value)} % of its errors)"


def in_words(name: str, column: RecallColumn, cell: RecallCell | None) -> str:
    """Describe a cell in a sentence, for tool tips and screen readers. name: of the class."""
    from tfstab.assessment import words

    who = quoted(words.name(name))
    where = f"{who} when clean" if column.name == CLEAN else f"{who} under {column.title}"
    if cell is None:
        return f"{where}: no images"
    text = f"{where}: {range_of(cell.recall)} of {counted(cell.images)} are right"
    if column.name == CLEAN:
        return text
    text += f", averaged over the severities; {rounded(cell.clean)} % when clean"
    if cell.harmed is not None:
        kept, others = percent(cell.harmed.kept), percent(cell.harmed.others)
        text += f". The class keeps {kept} of its recall, the other classes keep {others} of theirs"
        text += f". When wrong, it is {cell.taken}" if cell.taken else ""
    if cell.others is not None:
        text += f". But {cell.others.said(name, 'then ')}"
    return text
