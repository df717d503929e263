"""Says of sweeps that their degraded images cannot be made again here as they were scored, or that they are unlike."""

import contextlib
from collections.abc import Sequence
from itertools import combinations

from tfstab.errors import InputError, TfstabError
from tfstab.experiments.same_images import check_degraded_alike
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


def unlike_notes(runs: Sequence[SweepRun | SearchRun | ExplanationRun]) -> list[str]:
    """Return a sentence on each degradation of which the code or the version differs between these runs."""
    found: dict[str, str] = {}
    for one, other in combinations([run for run in runs if isinstance(run, SweepRun)], 2):
        name = one.degradation.name
        if name == other.degradation.name and name not in found:
            try:
                check_degraded_alike(one, other)
            except InputError as error:
                found[name] = f"{one.degradation.title}: {error}"
    return list(found.values())
