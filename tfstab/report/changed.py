"""Notes on sweeps whose degraded images cannot be made again here, or that were degraded by different code."""

import contextlib
from collections.abc import Sequence
from itertools import combinations

from tfstab.errors import InputError, TfstabError
from tfstab.experiments.same_images import check_degraded_alike
from tfstab.explanation import ExplanationRun
from tfstab.search import SearchRun
from tfstab.sweep import SweepRun
from tfstab.wording import listed


def changed_notes(runs: Sequence[SweepRun | SearchRun | ExplanationRun]) -> list[str]:
    """Return sentences on the sweeps whose degraded images cannot be made again here as they were scored."""
    noise: dict[str, list[str]] = {}
    packages: dict[str, list[str]] = {}
    for run in runs:
        with contextlib.suppress(TfstabError):  # the family or a package is missing: there are no photographs
            if isinstance(run, SweepRun) and run.changed_noise:
                noise.setdefault(run.changed_noise, []).append(f"{run.path.name} of {run.model}")
            elif isinstance(run, SweepRun) and run.changed_packages:
                packages.setdefault(run.changed_packages, []).append(f"{run.path.name} of {run.model}")
    return [
        *(
            f"The degraded images of {listed(names)} cannot be shown, as {why}. The numbers are not affected."
            for why, names in noise.items()
        ),
        *(
            f"{listed(names)} {'was' if len(names) == 1 else 'were'} made with {which}: photographs may differ a "
            "little from what was scored."
            for which, names in packages.items()
        ),
    ]


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
