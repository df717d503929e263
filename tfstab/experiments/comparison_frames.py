"""Comparisons as pandas tables, with one row for each degradation, severity or class."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from tfstab.metrics.multiple import BETTER, decided
from tfstab.metrics.paired import Difference, Ratio

if TYPE_CHECKING:
    import pandas as pd


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


def _frame(
    name: str, labels: Sequence[Any], pairs: Sequence[Difference] | Sequence[Ratio], value: str
) -> "pd.DataFrame":
    """Return the number of images, both values, their difference or ratio, and its interval."""
    import pandas as pd

    columns = ("images", "first", "second", value, "low", "high")
    rows = [(p.count, p.first, p.second, p.value, p.low, p.high) for p in pairs]
    return pd.DataFrame(rows, pd.Index(labels, name=name), columns)
