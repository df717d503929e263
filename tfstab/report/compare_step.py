"""The command that decides whether the networks that a report shows side by side differ."""

from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path

from tfstab.assessment.results import RESULTS
from tfstab.errors import InputError
from tfstab.experiments.sweep_comparison import SweepComparison
from tfstab.orders.shell import from_here, joined
from tfstab.runs import RunFolder
from tfstab.sweep import SweepRun

OUT = "comparison"  # the folder that the command writes
WHY_COMPARE = (  # above the command
    "Each of these intervals is that of one network alone. It does not tell whether two networks differ: the "
    "difference may be certain even where intervals overlap. This command decides it, image by image:"
)


def compare_command(groups: Sequence[Sequence[RunFolder]]) -> str:
    """Return the command that compares the first of several networks with the others; "" if none can be compared.

    Parameters
    ----------
    groups : sequence of sequence of RunFolder
        The runs of each network.
    """
    sweeps = [[run for run in group if isinstance(run, SweepRun)] for group in groups]
    holders = Counter(folder for own in sweeps for folder in {run.path.parent for run in own})
    folders = [_folder(own, holders) for own in sweeps]
    if not folders or folders[0] is None:
        return ""
    (first, whole), found = folders[0], list[Path]()
    for own, folder in zip(sweeps[1:], folders[1:], strict=True):
        if folder is not None and folder[1] == whole and folder[0] not in (first, *found) and _shared(sweeps[0], own):
            found.append(folder[0])
    if not found:
        return ""
    return joined("tfstab", "compare", *(from_here(str(path)) for path in (first, *found)), f"--out={OUT}")


def _folder(sweeps: Sequence[SweepRun], holders: Mapping[Path, int]) -> tuple[Path, bool] | None:
    """Return the path that `tfstab compare` takes for the sweeps of one network, and whether it is a folder of runs.

    None if the sweeps are in several folders, or in one with sweeps of another network, which one command cannot
    compare. holders: for how many networks a folder holds sweeps.
    """
    around = {run.path.parent for run in sweeps}
    if len(around) != 1:
        return None
    (folder,) = around
    whole = len(sweeps) > 1 or (folder / RESULTS).exists()
    if whole and holders[folder] > 1:
        return None
    return (folder if whole else sweeps[0].path), whole


def _shared(first: Sequence[SweepRun], second: Sequence[SweepRun]) -> bool:
    """Return whether two networks can be compared under at least one degradation."""
    theirs = {run.degradation.name: run for run in second}
    for run in first:
        other = theirs.get(run.degradation.name)
        try:
            if other is not None and len(SweepComparison(run, other).images):
                return True
        except InputError:  # other images or severities
            continue
    return False
