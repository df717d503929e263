"""Notes on sweeps whose degraded images cannot be made again here, or that were degraded by different code."""

from collections.abc import Sequence
from itertools import combinations

from tfstab.errors import InputError, TfstabError
from tfstab.experiments.same_images import check_degraded_alike
from tfstab.explanation import ExplanationRun
from tfstab.runs.known_degradations import changed_file
from tfstab.search import SearchRun
from tfstab.sweep import SweepRun
from tfstab.wording import listed


def changed_notes(runs: Sequence[SweepRun | SearchRun | ExplanationRun]) -> list[str]:
    """Return sentences on the sweeps whose degraded images cannot be made again here as they were scored."""
    noise: dict[str, list[str]] = {}
    packages: dict[str, list[str]] = {}
    for run in runs:
        if not isinstance(run, SweepRun):
            continue
        name = f"{run.path.name} of {run.model}"
        try:
            if run.changed_noise:
                noise.setdefault(run.changed_noise, []).append(name)
            elif run.changed_packages:
                packages.setdefault(run.changed_packages, []).append(name)
        except TfstabError:  # the family or a package is missing: there are no photographs
            if file := changed_file(run.info["settings"]):
                noise.setdefault(f"{file.name} has changed since the run was made", []).append(name)
    return [
        *(
            f"The degraded images of {listed(names)} cannot be shown, as {why}. The numbers are those of the "
            "images that were made at that time."
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
