"""Which clean images a network gets wrong: a table of them, and a sentence that names the first ones."""

from collections import Counter
from collections.abc import Iterable, Sequence

import numpy as np

from tfstab.names import quoted
from tfstab.report.tables import Table
from tfstab.runs.info import without_classes
from tfstab.search import SearchRun
from tfstab.sweep import SweepRun
from tfstab.wording import counted, listed

SHOWN, NAMED = 20, 5  # rows of the table, and images in the sentence

Row = tuple[int, str, str, str, float, float]


def wrong_table(
    runs: Sequence[SweepRun | SearchRun], shown: int | None = SHOWN, class_index: int | None = None
) -> Table | None:
    """Return the images that are wrong when clean, the lowest score of the true class first; None if there are none.

    For one class, a note says what they are taken for.

    Parameters
    ----------
    runs : sequence of SweepRun and SearchRun
        Runs of the same network on the same data.
    shown : int, optional
        Number of rows; None for all.
    class_index : int, optional
        The class whose images are listed; by default those of all classes.
    """
    rows = _wrong(runs, class_index)
    if not rows:
        return None
    return _table("Wrong when clean", rows, shown, [] if class_index is None else [_taken_for(rows)])


def taken_table(runs: Sequence[SweepRun | SearchRun], class_index: int, shown: int | None = SHOWN) -> Table | None:
    """Return the clean images of other classes that are taken for a class, the highest score first; None without any.

    runs, shown: as in `wrong_table`.
    """
    name = runs[0].class_names[class_index]
    rows = sorted((row for row in _wrong(runs) if row[3] == name), key=lambda row: (-row[4], row[0]))
    if not rows:
        return None
    of = f"They are of {_counts(row[2] for row in rows)}."
    return _table(f"Clean images taken for {quoted(name)}", rows, shown, [of], "predicted clean")


def wrong_sentence(runs: Sequence[SweepRun | SearchRun]) -> str:
    """Return how many clean images are wrong, and the names or indices of the first ones; "" if none is."""
    rows = _wrong(runs)
    if not rows:
        return ""
    names = [file or f"image {image}" for image, file, *_ in rows]
    return (
        f"{counted(len(rows), 'clean image')} {'is' if len(rows) == 1 else 'are'} wrong: {listed(names, most=NAMED)}."
    )


def _table(title: str, rows: Sequence[Row], shown: int | None, notes: Sequence[str], *without: str) -> Table:
    """Return a table of the first rows, with a note if there are more, and no names of files if there are none.

    without: columns to leave out.
    """
    if shown is not None and len(rows) > shown:
        notes = [*notes, f"The first {shown} of {counted(len(rows))}; --json has all."]
    columns = ("image", "file", "true", "predicted clean", "score", "true score")
    without += () if any(row[1] for row in rows) else ("file",)
    table = Table(title, columns, rows[:shown], notes, {"score": 3, "true score": 3})
    return table.only(*(column for column in columns if column not in without))


def _taken_for(rows: Sequence[Row]) -> str:
    """Return how many images of a class are taken for which others, the most frequent first."""
    return f"They are taken for {_counts(row[3] for row in rows)}."


def _counts(names: Iterable[str]) -> str:
    """Return names with how often each occurs, the most frequent first."""
    return listed([f"{quoted(name)} ({count:,})" for name, count in Counter(names).most_common()], most=NAMED)


def _wrong(runs: Sequence[SweepRun | SearchRun], class_index: int | None = None) -> list[Row]:
    """Return the rows of the table, of one class or, for None, of all."""
    rows = dict[int, Row]()
    for run in runs:
        if without_classes(run.info):
            continue
        clean, names = run.clean, run.class_names
        predicted = clean.predicted  # kept here, because each access computes it from all scores
        wrong_ones = predicted != clean.class_index
        if class_index is not None:
            wrong_ones &= clean.class_index == class_index
        for row in np.flatnonzero(wrong_ones).tolist():
            image, true, wrong = int(clean.indices[row]), int(clean.class_index[row]), int(predicted[row])
            if image not in rows:
                scores = float(clean.scores[row, wrong]), float(clean.scores[row, true])
                rows[image] = (image, clean.file(image), names[true], names[wrong], *scores)
    return sorted(rows.values(), key=lambda row: (row[-1], row[0]))
