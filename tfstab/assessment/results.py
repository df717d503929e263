"""How long the parts of an assessment took, as assessment.json records it for the next call."""

from pathlib import Path

from tfstab import limits
from tfstab.assessment.opened import RESULTS
from tfstab.reading import read_json

REPORT_SECONDS = "report_seconds"  # the entry
LONGEST = 3600.0  # seconds; a report that took longer says nothing about the next one


def earlier_seconds(folder: Path) -> float | None:
    """Return how many seconds figures and report of an earlier call took, or None if that is not known."""
    path = folder / RESULTS
    if path.is_symlink() or not path.is_file():
        return None
    try:
        seconds = read_json(path, limits.LARGEST_RUN_JSON, most_values=limits.MOST_RUN_VALUES)[REPORT_SECONDS]
    except (ValueError, LookupError, TypeError, OSError, RecursionError):  # damaged, or of another origin
        return None
    return float(seconds) if isinstance(seconds, int | float) and 0 < seconds < LONGEST else None
