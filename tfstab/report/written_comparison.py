"""Writes the page of a comparison from Python, as `tfstab compare --out` does."""

from collections.abc import Sequence
from pathlib import Path

from tfstab.assessment.opened import Assessment
from tfstab.orders.comparing import compared_pairs, given_runs
from tfstab.paths import user_path
from tfstab.report.comparison_report import comparison_report
from tfstab.report.saving import check_page_folder, save_page
from tfstab.runs import RunFolder


def write_comparison(runs: Sequence[str | Path | Assessment | RunFolder], folder: str | Path) -> Path:
    """Compare assessments, sweeps or searches with the first of them, and write a page as `tfstab compare --out` does.

    The page of three or more assessments or sweeps also has their ranking, which is decided for all pairs at once.

    Parameters
    ----------
    runs : sequence of str, Path, Assessment, SweepRun or SearchRun
        Two or more, opened or as paths, as for `tfstab.compare`.
    folder : str or Path
        Folder for report.html, and for its tables and figures as files; made if missing.

    Returns
    -------
    Path
        The page.

    Raises
    ------
    InputError
        There are fewer than two, they are of different kinds or images, or `folder` is a file.
    RunError
        One of them cannot be opened.
    DiskError
        A file cannot be written.

    Examples
    --------
    >>> from tfstab.report import write_comparison
    >>> hardened = tfstab.load_classifier("mnist-lenet-hardened")
    >>> other = tfstab.run_sweep(hardened, digits, sweep.config, "runs/hardened")
    >>> write_comparison([sweep, other], "compared").name
    'report.html'
    """
    folder = user_path(folder)
    check_page_folder(folder)
    page, *_ = save_page(comparison_report(compared_pairs(given_runs(runs))), folder)
    return page
