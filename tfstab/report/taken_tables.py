"""Tables of the other classes, and of their images, that are taken for one class: clean, and under degradations."""

from collections.abc import Mapping, Sequence

import numpy as np

from tfstab.assessment import FamilyFigures, Figures, words
from tfstab.assessment.class_shares import (
    clean_taken_by_class,
    lowest_recall_first,
    mean_taken_by_class,
    taken_by_class,
)
from tfstab.metrics import Estimate
from tfstab.names import quoted
from tfstab.report.numbers import with_interval
from tfstab.report.recall_tables import tried
from tfstab.report.sweep_tables import left_out
from tfstab.report.tables import Table
from tfstab.sweep import SweepRun

MOST = 5  # other classes in a table: those of which the largest share is taken anywhere in it
OF_EACH = "Share of the images of each of these classes, with 95 % intervals"


def taken_by_severity_table(family: FamilyFigures, index: int, names: Sequence[str]) -> Table | None:
    """Return which share of each other class is taken for a class, when clean and at each severity of a degradation.

    None if no image is taken for it, or if there is only one other class, of which the table of the class tells this.
    names: of all classes.
    """
    rows = taken_by_class(family, index)
    title = f"Other classes taken for {quoted(words.name(names[index]))} under {family.title}, in %"
    return _table(title, family.run.degradation.axis, tried(family), rows, names, f"{OF_EACH}.")


def taken_overview_table(figures: Figures, index: int) -> Table | None:
    """Return which share of each other class is taken for a class under each degradation.

    The shares are averaged over the severities. The order is that of the class's recall; the first row is of all clean
    images. None under the same conditions as for `taken_by_severity_table`.
    """
    families = [family for family, _ in lowest_recall_first(figures.families, index)]
    rows = [clean_taken_by_class(figures.clean_classes, index)]
    rows += [mean_taken_by_class(family, index) for family in families]
    title = f"Other classes taken for {quoted(words.name(figures.classes[index]))}, in %"
    first = ["clean", *(family.title for family in families)]
    return _table(title, "degradation", first, rows, figures.classes, f"{OF_EACH}, averaged over the severities.")


def taken_images_table(run: SweepRun, index: int, limit: int | None = None) -> Table | None:
    """Return the images of other classes whose degraded copies are taken for a class, the most often first.

    None if no copy is taken for it.

    Parameters
    ----------
    run : SweepRun
        The sweep, finished or not.
    index : int
        The class.
    limit : int, optional
        Most images to list; by default all.
    """
    m = run.measures
    taken = np.where((m.labels != index)[:, None], m.taken_share(index), 0)
    mean = taken.mean(axis=1)
    images = np.flatnonzero(mean)
    if not len(images):
        return None
    order = images[np.lexsort((m.images[images], -mean[images].round(12)))]
    mildest = run.config.mildest_first
    first = m.severities[mildest][(taken[:, mildest] > 0).argmax(axis=1)]
    shown = order[:limit]
    named = run.clean.names is not None
    rows = [
        (
            int(m.images[i]),
            *((run.clean.name(int(m.images[i])),) if named else ()),
            run.class_names[m.labels[i]],
            run.class_names[m.clean_predicted[i]],
            float(first[i]),
            100 * float(mean[i]),
        )
        for i in shown
    ]
    columns = ("image", *(("file",) if named else ()), "true", "predicted clean", "first taken at", "taken %")
    called = quoted(run.class_names[index])
    notes = [
        f"Of other classes. By {run.degradation.axis}; first taken at: the mildest severity at which a copy is taken "
        f"for {called}; taken %: share of the copies over all severities.",
        *left_out(shown, order, "images", "RUN --class NAME --json has all"),
    ]
    title = f"Images taken for {called} under {run.degradation.title}, the most often first"
    return Table(title, columns, rows, notes, {"first taken at": None})


def _table(
    title: str, head: str, first: Sequence[str], rows: Sequence[Mapping[int, Estimate]], names: Sequence[str], note: str
) -> Table | None:
    """Return a table with a column for each of the other classes of which most are taken. first: cell of each row."""
    largest = {k: max(row[k].value for row in rows if k in row) for row in rows for k in row}
    if len(largest) < 2 or not any(largest.values()):
        return None
    shown = sorted(largest, key=lambda k: (-round(largest[k], 12), k))[:MOST]
    cells = [
        [at, *(with_interval(row[k]) if k in row else "–" for k in shown)] for at, row in zip(first, rows, strict=True)
    ]
    notes = [note]
    if len(shown) < len(largest):
        notes.append(f"The {len(shown)} of the {len(largest):,} other classes with the largest shares; --json has all.")
    return Table(title, (head, *(words.name(names[k]) for k in shown)), cells, notes)
