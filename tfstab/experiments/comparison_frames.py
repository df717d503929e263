"""Comparisons as pandas tables, with one row for each degradation, severity or class."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from tfstab.metrics.multiple import BETTER, decided
from tfstab.metrics.paired import Difference, Ratio

if TYPE_CHECKING:
    import pandas as pd

    from tfstab.experiments.named_classes import ClassFigure
    from tfstab.experiments.recall_changes import RecallChange


def differences_frame(name: str, labels: Sequence[Any], differences: Sequence[Difference]) -> "pd.DataFrame":
    """Return one row for each difference of two networks.

    Parameters
    ----------
    name : str
        Name of the index.
    labels : sequence
        The index: what each row is about.
    differences : sequence of Difference
        The comparisons.

    Returns
    -------
    DataFrame
        Columns `images` (count), `first`, `second`, `difference`, the ends `low` and `high` of its 95 % interval, and
        `better`, which is decided for all rows at once: "first", "second" or "not decided".
    """
    frame = _frame(name, labels, differences, "difference")
    return frame.assign(better=[BETTER[sign] for sign in decided(differences)])


def ratios_frame(name: str, labels: Sequence[Any], ratios: Sequence[Ratio]) -> "pd.DataFrame":
    """Return the same of ratios, in a column `ratio`; which network is better is not decided."""
    return _frame(name, labels, ratios, "ratio")


def recalls_frame(changes: "Sequence[RecallChange]") -> "pd.DataFrame":
    """Return one row for each class and degradation, with the recalls of two networks."""
    frame = _frame(None, range(len(changes)), [change.paired for change in changes], "difference")
    frame.insert(0, "class", [change.class_name for change in changes])
    frame.insert(1, "degradation", [change.family for change in changes])
    return frame.assign(
        better=[BETTER[change.sign] for change in changes],
        taken_first=[change.taken[0] for change in changes],
        taken_second=[change.taken[1] for change in changes],
        says_little=[change.says_little for change in changes],
    )


def classes_frame(figures: "Sequence[ClassFigure]") -> "pd.DataFrame":
    """Return one row for each recall or precision of the classes that a user names."""
    frame = _frame("what", [figure.title for figure in figures], [figure.paired for figure in figures], "difference")
    return frame.assign(
        images=[f.images for f in figures],
        better=[BETTER[f.sign] for f in figures],
        taken_first=[f.taken[0] for f in figures],
        taken_second=[f.taken[1] for f in figures],
        says_little=[f.says_little for f in figures],
    )


def _frame(
    name: str | None, labels: Sequence[Any], pairs: Sequence[Difference] | Sequence[Ratio], value: str
) -> "pd.DataFrame":
    """Return the number of images, both values, their difference or ratio, and its interval."""
    import pandas as pd

    columns = ("images", "first", "second", value, "low", "high")
    rows = [(p.count, p.first, p.second, p.value, p.low, p.high) for p in pairs]
    return pd.DataFrame(rows, pd.Index(labels, name=name), columns)
