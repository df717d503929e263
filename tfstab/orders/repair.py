"""Says how the damaged runs of an assessment are made again, with the command."""

from pathlib import Path
from typing import Any

from tfstab.assessment.damage import Damage
from tfstab.orders.next_steps import options_of_run, words_of
from tfstab.orders.shell import command
from tfstab.wording import capital


def repair_line(damage: Damage, info: dict[str, Any]) -> str:
    """Return what is damaged, and how an assessment makes it again.

    Parameters
    ----------
    damage : Damage
        A damaged run of the assessment.
    info : dict
        The run.json of another run of it, which says what the model and the images are.
    """
    first = "" if damage.only_parts else f"delete the folder {damage.path}, then "
    again = f"{first}run `tfstab assess` again with the options of the first time{_command(damage.path.parent, info)}"
    return f"{capital(damage.what)} is left out, because files in {damage.path} are damaged: {again}."


def _command(folder: Path, info: dict[str, Any]) -> str:
    """Return the command that continues an assessment as an example; "" if model or images are unknown."""
    given = options_of_run(info)
    return "" if given is None else f" ({command(*words_of('assess', given | {'out': folder}))} ...)"
