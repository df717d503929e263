"""Tables of the recall of classes: when clean, and at each severity of a degradation."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from tfstab.assessment import FamilyFigures, Figures, words
from tfstab.assessment.harmed_findings import harmed_under, mistaken_classes
from tfstab.assessment.others_taken import little_said, others_taken
from tfstab.assessment.recalls import classes_by_recall
from tfstab.metrics.estimate import accuracy_of
from tfstab.metrics.kept import share_of
from tfstab.metrics.shares import rounded
from tfstab.names import quoted
from tfstab.report.numbers import with_interval
from tfstab.report.tables import Table
from tfstab.runs.files import ASSESSMENT
from tfstab.runs.info import without_classes
from tfstab.wording import capital, counted

FEW = 5  # classes that are all shown; of more, only the weakest
WEAKEST = 3
MOST_CLEAN = 20  # classes in the table of clean images
MOST_HARMED = 100  # rows of the table of classes that single degradations harm most
MOSTLY_TAKEN = "mostly taken for (share of errors)"


def clean_recall_table(figures: Figures, most: int = MOST_CLEAN) -> Table | None:
    """Return the recall of each class on all clean images, degraded or not; None if they are of one class or none.

    most: how many classes to show, those with the lowest recall.
    """
    classes = figures.clean_classes
    if len(classes) < 2 or without_classes(figures.info):
        return None
    rows = [
        (words.name(one.name), f"{len(one.right):,}", f"{one.right.sum():,}", with_interval(one.accuracy))
        for one in classes[:most]
    ]
    notes = ["Of all clean images that were scored, degraded or not."]
    if len(classes) > most:
        more = f"; {ASSESSMENT} has all" if any(family.run.assessed for family in figures.families) else ""
        notes.append(f"The {most} classes with the lowest recall of {len(classes):,}{more}.")
    return Table("Recall of each class when clean, in %", ("class", "images", "right", "recall"), rows, notes)


def harmed_table(figures: Figures, most: int = MOST_HARMED) -> Table | None:
    """Return the classes that single degradations harm far more than the others; None if there are none.

    most: how many rows to show, those with the largest distance from the others.
    """
    if len(figures.weakest_classes) < 2 or without_classes(figures.info):
        return None
    found = harmed_under(figures.families)
    if not found:
        return None
    shown, names = found[:most], [words.name(title) for title in figures.classes]
    columns: tuple[str, ...] = ("degradation", "class", "recall kept", "kept by the other classes")
    rows: list[tuple[str, ...]] = [
        (one.family.title, names[one.index], with_interval(one.kept), with_interval(one.others)) for one in shown
    ]
    if len(names) > 2:  # between two classes there is no choice
        columns = (*columns, MOSTLY_TAKEN)
        taken = (
            "–" if one is None else f"{names[one[0]]} ({rounded(one[1].value)} %)" for one in mistaken_classes(shown)
        )
        rows = [(*row, one) for row, one in zip(rows, taken, strict=True)]
    notes = [
        "Recall kept: the mean recall over the severities, divided by the recall when clean. As measured, all these "
        "classes keep at least 10 points less than the others; that they keep less is beyond chance for all rows at "
        "once. Each interval is for its row alone. The rows are sorted by the difference."
    ]
    notes += [f"The first {most} of {len(found):,} rows."] if len(found) > most else []
    return Table("Classes that lose far more than the others, in %", columns, rows, notes)


def recall_tables(figures: Figures) -> list[Table]:
    """Return the recall at each severity of each degradation, of all classes or, if they are many, of the weakest.

    Those are the ones with the lowest recall under this degradation. There is no table for images of a single class,
    whose recall is the accuracy. A note names those of them for which many images of other classes are taken, too.
    """
    if len(figures.weakest_classes) < 2:
        return []
    tables = []
    for family, taken in zip(figures.families, others_taken(figures.families), strict=True):
        shown = _shown(family)
        little = little_said({k: taken[k] for k in shown if k in taken}, figures.classes)
        notes = [f"Averaged over the severities: {little}"] if little else []
        tables.append(replace(_recall_table(family, shown, figures.classes), notes=notes))
    return tables


def class_recall_table(family: FamilyFigures, index: int, names: Sequence[str]) -> Table:
    """Return the recall of one class, when clean and at each severity of a degradation. names: of all classes.

    Beside it stands how many images of other classes are taken for it (false positives), if there are any.
    """
    table, images = _recall_table(family, [index], names), int((family.of_classes.labels == index).sum())
    title = f"Recall of class {quoted(words.name(names[index]))} under {family.title}, in %"
    note = f"Each recall is of all {counted(images)} of this class, whether they are right when clean or not."
    columns = (table.columns[0], "recall (95 % interval)")
    if not (others := int((family.run.measures.labels != index).sum())):
        return replace(table, title=title, columns=columns, notes=(note,))
    rows = [[*row, taken] for row, taken in zip(table.rows, _taken(family, index), strict=True)]
    notes = note, f"Others taken for it (false positives): of the {others:,} images of other classes, in %."
    return replace(table, title=title, columns=(*columns, "others taken for it"), rows=rows, notes=notes)


def _taken(family: FamilyFigures, index: int) -> list[str]:
    """Return which share of the images of other classes is taken for a class: when clean, then from mild to strong."""
    m = family.run.measures
    others = m.labels != index
    taken = m.taken_share(index)[others]
    degraded = [share_of(taken[:, s]) for s in family.run.config.mildest_first]
    return [with_interval(one) for one in (accuracy_of(m.clean_predicted[others] == index), *degraded)]


def _shown(family: FamilyFigures) -> list[int]:
    """Return the classes of the table of a degradation."""
    classes = classes_by_recall(family)
    return sorted(classes) if len(classes) <= FEW else classes[:WEAKEST]


def _recall_table(family: FamilyFigures, classes: Sequence[int], names: Sequence[str]) -> Table:
    """Return the recall of classes, when clean and at each severity from mild to strong, in % with intervals."""
    found = family.of_classes
    mine = [found.labels == k for k in classes]
    clean = ["clean", *(with_interval(accuracy_of(found.clean_right[own])) for own in mine)]
    rows = [clean] + [
        [f"{family.run.severities[s]:g}", *(with_interval(share_of(found.share_right[own, s])) for own in mine)]
        for s in family.run.config.mildest_first
    ]
    columns = [f"{words.name(names[k])} ({np.count_nonzero(own):,})" for k, own in zip(classes, mine, strict=True)]
    return Table(capital(family.title), (family.run.degradation.axis, *columns), rows)
