"""The report that belongs to a run."""

from collections.abc import Iterator
from pathlib import Path

from tfstab.runs.files import ASSESSMENT, REPORT, assessment_around, is_side


def report_of(run: Path) -> Path | None:
    """Return the report in the folder of a run, or of the assessment or hardening that it is a part of; else None."""
    return next(filter(None, map(own_report, _folders(run.absolute()))), None)


def own_report(folder: Path) -> Path | None:
    """Return the report in a folder; None if there is none, or only a link."""
    page = folder / REPORT
    return page if page.is_file() and not page.is_symlink() else None


def _folders(run: Path) -> Iterator[Path]:
    """Yield the folder of a run, and those of what it is a part of."""
    yield run
    around = assessment_around(run)
    if (around / ASSESSMENT).exists() or is_side(around):
        yield from _folders(around)
    elif is_side(run):
        yield run.parent
