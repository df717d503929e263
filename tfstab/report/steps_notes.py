"""Says of two hardened networks that one was trained for longer, so that neither is a control of the other one."""

import os
from pathlib import Path
from typing import Any

from tfstab import limits
from tfstab.errors import TfstabError
from tfstab.reading import read_json
from tfstab.runs.files import HARDENING, SIDES, check_own_file

UNEQUAL = 1.25  # times as many steps, from which on one network was trained clearly longer


def steps_notes(folders: tuple[Path, Path], names: tuple[str, str]) -> list[str]:
    """Return that two networks, hardened from the same one, were trained for different numbers of steps; [] if not.

    Equal minutes may give different numbers, as they depend on what else the machine had to do.

    Parameters
    ----------
    folders : tuple of Path
        Folders of the runs of both networks; there is a note only on those that `tfstab harden` has written.
    names : tuple of str
        What the two networks are called.
    """
    first, second = map(_trained, folders)
    if not (first and second) or first[0] != second[0] or max(first[1], second[1]) < UNEQUAL * min(first[1], second[1]):
        return []
    less = names[0] if first[1] < second[1] else names[1]
    return [
        f"{names[0]} was hardened in {first[1]:,} training steps and {names[1]} in {second[1]:,}, so a difference may "
        f"also come from longer training: to compare what they were trained on, harden {less} again with more "
        "`--minutes` and another `--out`."
    ]


def _trained(folder: Path) -> tuple[str, int] | None:
    """Return the fingerprint of the network that was hardened, and the number of training steps; None if unknown.

    The file may come from a stranger.
    """
    side = Path(os.path.realpath(folder))
    path = side.parent / HARDENING
    if side.name != SIDES[1] or not path.exists():
        return None
    try:
        check_own_file(path)
        state: Any = read_json(path, limits.LARGEST_TRAINING_JSON)
        network, steps = state["identity"]["network"], state["steps"]
    except (TfstabError, OSError, ValueError, LookupError, TypeError):  # opening the hardening says what is damaged
        return None
    return (network, steps) if isinstance(network, str) and type(steps) is int and steps > 0 else None
