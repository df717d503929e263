"""Compares runs, or folders of runs such as assessments, that a person names or has opened."""

import os
from collections.abc import Sequence
from pathlib import Path

from tfstab.assessment.damage import Damage, rare_damages
from tfstab.assessment.opened import Assessment
from tfstab.errors import InputError, RunError
from tfstab.experiments.comparison import compare as compare_runs
from tfstab.experiments.folders_compared import Folder, FolderComparison
from tfstab.experiments.named_classes import Pair
from tfstab.explanation import ExplanationRun
from tfstab.orders.repair import repair_line, undamaged_runs
from tfstab.paths import user_path
from tfstab.runs import RunFolder
from tfstab.runs.files import SEARCH
from tfstab.runs.info import run_folders
from tfstab.runs.together import misfit
from tfstab.wording import listed


def given_runs(runs: Sequence[str | Path | Assessment | RunFolder]) -> list[RunFolder | Folder]:
    """Open the runs, or folders of runs, that a call in Python was given; see `tfstab.compare`."""
    return [_opened(given) for given in runs]


def _opened(given: str | Path | Assessment | RunFolder) -> RunFolder | Folder:
    if isinstance(given, RunFolder):
        return given
    if not isinstance(given, str | os.PathLike | Assessment):
        raise InputError(
            f"an object of type {type(given).__name__} was given; expected an assessment, a sweep or a search, opened "
            "or as the path of its folder. To compare two models, assess both first, on the same images."
        )
    return opened(given.path if isinstance(given, Assessment) else user_path(given))


def opened(path: Path) -> RunFolder | Folder:
    """Open a run, or a folder of runs such as an assessment, without its damaged runs.

    Raises
    ------
    InputError
        The runs in the folder do not belong together: for example, they are of several networks.
    """
    runs, damaged = undamaged_runs(path)
    if run_folders(path) == [path]:
        return runs[0]
    if problem := misfit([(run.path, run.info) for run in runs]):
        raise InputError(f"{path} cannot be compared as a whole: {problem} Compare single runs in it.")
    return Folder.of(path, runs, {damage.folder: repair_line(damage, runs[0].info) for damage in damaged})


def compared_pairs(runs: Sequence[RunFolder | Folder]) -> list[Pair]:
    """Compare the first run, or folder of runs, with each of the others.

    Raises
    ------
    InputError
        There are fewer than two runs, or they cannot be compared; see `tfstab.experiments.comparison.compare`.
    """
    if len(runs) < 2:
        raise InputError(f"{len(runs)} run was given; expected two or more; the first is compared with each other one.")
    return [_compared(runs[0], other) for other in runs[1:]]


def check_all_read(pairs: Sequence[Pair], of_classes: Sequence[str] = ()) -> None:
    """Raise RunError if anything that was to be compared is damaged or missing, so that no loss of it can be found.

    Parameters
    ----------
    pairs : sequence of Pair
        What `compared_pairs` returned.
    of_classes : sequence of str, optional
        The only classes that are compared, for which the minimum noise does not count.
    """
    lost = {damage.path: damage for pair in pairs for damage in _left_out(pair)}
    lost = {path: damage for path, damage in lost.items() if not (of_classes and path.name == SEARCH)}
    if not lost:
        return
    named = []
    for around in dict.fromkeys(damage.assessment for damage in lost.values()):
        inside = [damage.what for damage in lost.values() if damage.assessment == around]
        named.append(f"{listed(inside, most=len(inside))} in {around}")
    raise RunError(
        f"--fail-if-worse cannot decide, because files of the results to compare are damaged or missing "
        f"({'; '.join(named)}): run `tfstab assess` again with the options of the first time, then compare again."
    )


def _left_out(pair: Pair) -> list[Damage]:
    """Return what is damaged or missing in two runs, or folders of runs, so that something is not compared."""
    if not isinstance(pair, FolderComparison):
        return rare_damages([pair.first, pair.second])
    lost = []
    for one, other in ((pair.first, pair.second), (pair.second, pair.first)):
        there = {*other.sweeps, *(Path(name).name for name in other.damaged), *([SEARCH] if other.search else [])}
        lost += [Damage(one.path / name, said) for name, said in one.damaged.items() if Path(name).name in there]
    return [damage for damage in lost if damage.path.name != ExplanationRun.kind]


def _compared(first: RunFolder | Folder, second: RunFolder | Folder) -> Pair:
    """Compare two runs, or two folders of runs."""
    if isinstance(first, Folder) and isinstance(second, Folder):
        return FolderComparison(first, second)
    if isinstance(first, Folder) or isinstance(second, Folder):
        folder, run = (first, second) if isinstance(first, Folder) else (second, first)
        raise InputError(
            f"{folder.path} is a folder of runs and {run.path} a single run: compare two folders, such as assessments, "
            "or two runs."
        )
    return compare_runs(first, second)
