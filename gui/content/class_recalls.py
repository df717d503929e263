"""The recall of each class, when clean and when degraded; every function may run in a worker thread."""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from tfstab.gui.content.class_column import ALL, CLEAN, ClassColumn
from tfstab.gui.content.false_alarms import NO_ALARMS, FalseAlarms, false_alarms, over_all
from tfstab.gui.content.robustness import range_of
from tfstab.metrics import Estimate
from tfstab.metrics.estimate import NO_ESTIMATE
from tfstab.metrics.shares import percent, rounded
from tfstab.names import quoted
from tfstab.wording import counted

if TYPE_CHECKING:
    from tfstab.assessment.figures import Figures
    from tfstab.assessment.others_taken import OthersTaken

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
        What the class is then mostly taken for, as a part of a sentence; "" if its recall does not certainly fall, or
        there is no choice.
    others : OthersTaken or None
        How many images of other classes are taken for it, if so many that its recall says little; otherwise None.
    more : OthersTaken or None
        The same, if they are notably more than when clean, whatever its recall says; otherwise None.
    """

    images: int
    recall: Estimate
    clean: float
    path: Path | None
    kept: Estimate = NO_ESTIMATE
    rest: Estimate | None = None
    taken: str = ""
    others: "OthersTaken | None" = None
    more: "OthersTaken | None" = None

    @property
    def harmed(self) -> bool:
        """Whether the class certainly loses a larger share of its recall than the others."""
        return self.rest is not None


class RecallColumn(ClassColumn[RecallCell]):
    """The recalls of all classes."""


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
    alarms : FalseAlarms
        How many images of other classes are taken for each class; without columns if there are no other classes.
    """

    classes: tuple[int, ...] = ()
    names: tuple[str, ...] = ()
    columns: tuple[RecallColumn, ...] = ()
    problem: str = ""
    alarms: FalseAlarms = NO_ALARMS


def class_recalls(figures: "Figures") -> ClassRecalls:
    """Return the recall of each class when clean, on average over all degradations and under each, as in the report."""
    from tfstab.assessment.others_taken import more_taken
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
    more = more_taken(figures.families)
    columns += _columns(figures, classes, more)
    alarms = false_alarms(figures, more, path) if len(classes) > 1 and figures.families else NO_ALARMS
    return ClassRecalls(classes, tuple(figures.classes[k] for k in classes), tuple(columns), alarms=alarms)


def _column_of_all(figures: "Figures", classes: tuple[int, ...]) -> RecallColumn:
    from tfstab.assessment.others_taken import more_taken_under_all, taken_under_all
    from tfstab.assessment.ranking import compared, harmed_classes
    from tfstab.metrics.kept import estimate_kept

    found = figures.weakest_classes
    harmed, others = {c.index: rest for c, _, rest in harmed_classes(found)}, taken_under_all(found)
    more = more_taken_under_all(found)
    cells = {}
    for c in found:
        own, path = (c.images, c.accuracy, c.clean.value), Path(c.worst.run.path)
        mistaken = None if c.mistaken_for is None or c.share_of_errors is None else (c.mistaken_for, c.share_of_errors)
        k = c.index
        falls = k in harmed or compared(c.accuracy, c.clean, len(found)) < 0
        taken = _taken(mistaken, figures.classes) if falls else ""
        cells[k] = RecallCell(*own, path, estimate_kept(c.kept), harmed.get(k), taken, others.get(k), more.get(k))
    return RecallColumn(ALL, "all degradations", over_all(len(figures.families)), tuple(cells.get(k) for k in classes))


def _columns(
    figures: "Figures", classes: tuple[int, ...], more: "Sequence[Mapping[int, OthersTaken]]"
) -> Iterator[RecallColumn]:
    """Iterate over the columns of single degradations. more: what `more_taken` returns."""
    from tfstab.assessment.classes import mistaken_under
    from tfstab.assessment.harmed_findings import harmed_under
    from tfstab.assessment.others_taken import others_taken
    from tfstab.assessment.recalls import judged_recalls
    from tfstab.metrics.kept import estimate_kept

    families = figures.families
    harmed = {(one.family.name, one.index): one.others for one in harmed_under(families)}
    for family, risen, others in zip(families, more, others_taken(families, more), strict=True):
        cells, path, recalls = {}, Path(family.run.path), judged_recalls(family, len(families))
        fallen = [one.index for one in recalls if one.falls or (family.name, one.index) in harmed]
        mistaken = mistaken_under(family, fallen)
        for one in recalls:
            k = one.index
            rest, taken = harmed.get((family.name, k)), _taken(mistaken.get(k), figures.classes)
            recall = one.images, one.recall, one.clean
            kept = estimate_kept(one.kept)
            cells[k] = RecallCell(*recall, path, kept, rest, taken, others.get(k), risen.get(k))
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
    elif cell.more is not None:
        text += f". {cell.more.counted(name, 'then ')}"
    return text
