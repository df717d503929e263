"""Says of a sweep that its degraded images cannot be made again here as they were scored."""

import contextlib

from tfstab.errors import TfstabError
from tfstab.explanation import ExplanationRun
from tfstab.search import SearchRun
from tfstab.sweep import SweepRun


def changed_note(run: SweepRun | SearchRun | ExplanationRun) -> str:
    """Return a sentence on a sweep whose degraded images cannot be made again here as they were scored, or ""."""
    with contextlib.suppress(TfstabError):  # the family or a package is missing: there are no photographs
        if isinstance(run, SweepRun) and run.changed_noise:
            name = run.path.name
            return (
                f"The degraded images of {name} cannot be shown, as {run.changed_noise}. Its numbers are not affected."
            )
        if isinstance(run, SweepRun) and run.changed_packages:
            text = f"{run.path.name} was made with {run.changed_packages}"
            return f"{text}: its photographs may differ a little from what was scored."
    return ""
