"""`tfstab.compare`: two assessments, sweeps or searches in Python, with the notes that `tfstab compare` prints."""

from pathlib import Path

from tfstab.assessment.opened import Assessment
from tfstab.experiments.folders_compared import FolderComparison
from tfstab.experiments.search_comparison import SearchComparison
from tfstab.experiments.sweep_comparison import SweepComparison
from tfstab.orders.comparing import compared_pairs, given_runs
from tfstab.report.comparison_report import notes
from tfstab.runs import RunFolder


def compare(
    first: str | Path | Assessment | RunFolder, second: str | Path | Assessment | RunFolder
) -> SweepComparison | SearchComparison | FolderComparison:
    """Compare two assessments, sweeps or searches of the same images, as `tfstab compare` does.

    `print` and notebooks show the comparison, and its `to_pandas()` has a row for each degradation, severity or class.

    Parameters
    ----------
    first, second : str or Path or Assessment or SweepRun or SearchRun
        The two, opened or as paths. Folders with several sweeps are compared like assessments.

    Returns
    -------
    FolderComparison or SweepComparison or SearchComparison
        The comparison, of assessments, sweeps or searches.

    Raises
    ------
    InputError
        They are of different kinds or images, or have nothing in common.
    RunError
        One of them cannot be opened.

    Examples
    --------
    >>> hardened = tfstab.load_classifier("mnist-lenet-hardened")
    >>> other = tfstab.run_sweep(hardened, digits, sweep.config, "runs/hardened")
    >>> tfstab.compare(sweep, other).to_pandas().columns[-4:].tolist()
    ['difference', 'low', 'high', 'better']
    """
    pair = compared_pairs(given_runs([first, second]))[0]
    pair.warnings = tuple(notes(pair))
    return pair
