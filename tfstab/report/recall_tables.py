"""Tables of the recall of classes, and of images of other classes that are taken for them: clean and degraded."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from tfstab.assessment import FamilyFigures, Figures, words
from tfstab.assessment.class_shares import (
    ClassShares,
    clean_shares,
    lowest_recall_first,
    mean_shares,
    most_taken_at,
    recalls_by_severity,
    shares_by_severity,
)
from tfstab.assessment.harmed_findings import harmed_under, mistaken_classes
from tfstab.assessment.others_taken import little_said, others_taken
from tfstab.assessment.recalls import classes_by_recall
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
TAKEN = "others taken for it"  # false positives
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
    found = shares_by_severity(family, index)
    title = f"Recall of class {quoted(words.name(names[index]))} under {family.title}, in %"
    notes = [
        f"Each recall is of all {counted(found[0].images)} of this class, whether they are right when clean or not."
    ]
    columns = [family.run.degradation.axis, "recall (95 % interval)", TAKEN]
    rows = [[at, *_both(one)] for at, one in zip(tried(family), found, strict=True)]
    table = Table(title, columns, rows, notes)
    if not (others := found[0].others):
        return table.only(*columns[:2])
    return table.with_note(f"Others taken for it (false positives): of the {others:,} images of other classes, in %.")


def class_overview_table(figures: Figures, index: int) -> Table:
    """Return the recall of one class under each degradation, the lowest first, and how many others are taken for it.

    Both are averaged over the severities. The first row is of all clean images.
    """
    clean = clean_shares(figures.clean_classes, index)
    rows = [["clean", *_both(clean), "–"]]
    for family, mean in lowest_recall_first(figures.families, index):
        most = most_taken_at(family, index)
        at = "–" if most is None else f"{words.severity(family.run.degradation, most[0])}: {rounded(most[1].value)} %"
        rows.append([family.title, *_both(mean), at])
    columns = ["degradation", "recall", TAKEN, "most at"]
    title = f"Class {quoted(words.name(figures.classes[index]))} under each degradation, in %"
    notes = [
        "Averaged over the severities, with 95 % intervals; the lowest recall first.",
        "Recall: of the images of this class, whether they are right when clean or not.",
    ]
    if not clean.others:
        return Table(title, columns, rows, notes).only(*columns[:2])
    notes += [
        "Others taken for it (false positives): of the images of other classes.",
        "Most at: the severity at which most of these are taken for it, and their share there.",
    ]
    return Table(title, columns, rows, notes)


def false_alarms_table(figures: Figures) -> Table | None:
    """Return how many images of other classes are taken for each class, when clean and under each degradation.

    Of many classes, only those are shown for which the most are taken under a degradation. There is no table for two
    classes, where this share is what the recall of the other class lacks.
    """
    classes = [one.index for one in figures.clean_classes]
    if min(len(classes), len(figures.classes) - 1) < 2 or not figures.families or without_classes(figures.info):
        return None
    means = np.stack([np.nan_to_num(f.run.measures.taken_by_severity).mean(axis=0) for f in figures.families])
    largest = means.max(axis=0).round(12)
    shown = sorted(classes) if len(classes) <= FEW else sorted(classes, key=lambda k: (-largest[k], k))[:FEW]
    rows = [["clean", *(with_interval(clean_shares(figures.clean_classes, k).taken) for k in shown)]]
    rows += [
        [family.title, *(with_interval(mean_shares(family, k).taken) for k in shown)] for family in figures.families
    ]
    notes = [
        "Share of the images of other classes that are taken for the class (false positives), averaged over the "
        "severities, with 95 % intervals."
    ]
    title = "False alarms of each class, in %"
    if len(shown) < len(classes):
        title = f"False alarms of {len(shown)} of {len(classes):,} classes, in %"
        notes.append("These are the classes with the largest shares under any one degradation.")
    where = "ASSESSMENT" if len(figures.families) > 1 else "RUN"
    notes.append(f"Any class, also by severity: `tfstab inspect {where} --class NAME`.")
    return Table(title, ("degradation", *(words.name(figures.classes[k]) for k in shown)), rows, notes)


def tried(family: FamilyFigures) -> list[str]:
    """Return the first cell of each row of a table by severity: "clean", then the severities from mild to strong."""
    return ["clean", *(f"{family.run.severities[s]:g}" for s in family.run.config.mildest_first)]


def _both(one: ClassShares) -> list[str]:
    """Return a recall and the share of others taken for the class, in % with intervals."""
    return [with_interval(one.recall), with_interval(one.taken)]


def _shown(family: FamilyFigures) -> list[int]:
    """Return the classes of the table of a degradation."""
    classes = classes_by_recall(family)
    return sorted(classes) if len(classes) <= FEW else classes[:WEAKEST]


def _recall_table(family: FamilyFigures, classes: Sequence[int], names: Sequence[str]) -> Table:
    """Return the recall of classes, when clean and at each severity from mild to strong, in % with intervals."""
    recalls = zip(*(recalls_by_severity(family, k) for k in classes), strict=True)
    rows = [[at, *map(with_interval, row)] for at, row in zip(tried(family), recalls, strict=True)]
    counts = [np.count_nonzero(family.of_classes.labels == k) for k in classes]
    columns = [f"{words.name(names[k])} ({count:,})" for k, count in zip(classes, counts, strict=True)]
    return Table(capital(family.title), (family.run.degradation.axis, *columns), rows)
