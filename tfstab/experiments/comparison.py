"""Comparison of two runs of the same kind: sweeps or searches. No TensorFlow is imported."""

from tfstab.errors import InputError
from tfstab.experiments.search_comparison import SearchComparison
from tfstab.experiments.sweep_comparison import SweepComparison
from tfstab.runs import RunFolder
from tfstab.search import SearchRun
from tfstab.sweep import SweepRun


def compare(first: RunFolder, second: RunFolder) -> SweepComparison | SearchComparison:
    """Compare two sweeps, or two searches, of the same images.

    Parameters
    ----------
    first, second : SweepRun or SearchRun
        Runs of the same kind.

    Returns
    -------
    SweepComparison or SearchComparison
        The comparison.

    Raises
    ------
    InputError
        The runs are of different kinds, have different images, or have no image in common.
    """
    if isinstance(first, SweepRun) and isinstance(second, SweepRun):
        return SweepComparison(first, second)
    if isinstance(first, SearchRun) and isinstance(second, SearchRun):
        return SearchComparison(first, second)
    raise InputError(
        f"{first.path} ({first.info['kind']}) and {second.path} ({second.info['kind']}) cannot be compared: compare "
        "sweeps with sweeps and searches with searches."
    )
