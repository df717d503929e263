"""Leaves out the damaged runs of an assessment, and says how they are made again, with the command."""

from pathlib import Path
from typing import Any

from tfstab.assessment.damage import Damage, rare_damages, whole_runs, without_record
from tfstab.assessment.results import RESULTS
from tfstab.orders.shell import command
from tfstab.orders.step import options_of_run, words_of
from tfstab.runs import RunFolder, open_run
from tfstab.runs.info import run_folders
from tfstab.wording import capital


def undamaged_runs(path: Path) -> tuple[list[RunFolder], list[Damage]]:
    """Open a run, or the runs in a folder; of an assessment, leave out those that are damaged.

    Parameters
    ----------
    path : Path
        A run, or a folder of runs such as an assessment.

    Returns
    -------
    runs : list of RunFolder
        The runs, at least one.
    damaged : list of Damage
        What is wrong with those of an assessment that are left out, and with sweeps of more images of rare classes
        beside the runs, which are left out, too.

    Raises
    ------
    RunError
        A run that is not part of an assessment cannot be opened, or all runs of an assessment are damaged.
    """
    folders = run_folders(path)
    if not (path / RESULTS).exists():
        opened = [open_run(folder) for folder in folders]
        return opened, rare_damages(opened)
    whole, damaged = whole_runs(folders)
    return [*whole], [*damaged, *without_record(path), *rare_damages(whole)]


def repair_line(damage: Damage, info: dict[str, Any]) -> str:
    """Return what is damaged, and how an assessment makes it again.

    Parameters
    ----------
    damage : Damage
        A damaged run of the assessment.
    info : dict
        The run.json of another run of it, which says what the model and the images are.
    """
    again = f"run `tfstab assess` again with the options of the first time{_command(damage.assessment, info)}"
    if damage.is_gone:
        return f"{capital(damage.what)} is left out, because its folder {damage.path} is missing: {again}."
    first = "" if damage.only_parts else f"delete the folder {damage.path}, then "
    return f"{capital(damage.what)} is left out, because files in {damage.path} are damaged: {first}{again}."


def _command(folder: Path, info: dict[str, Any]) -> str:
    """Return the command that continues an assessment as an example; "" if model or images are unknown."""
    given = options_of_run(info)
    return "" if given is None else f" ({command(*words_of('assess', given | {'out': folder}))} ...)"
