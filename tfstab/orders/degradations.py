"""Looks up the degradations that a user names, for the command line and the viewer."""

from tfstab.degradations import degradation_names, get_degradation
from tfstab.errors import InputError
from tfstab.parsing import parse_names

ALL = "all"  # stands for the names of all degradations


def degradations_named(text: str) -> list[str]:
    """Return the names in the value of --degradation, each once; raise InputError for an unknown one."""
    names = list(parse_names(text))
    if not names:
        raise InputError(f"--degradation is '{text}'; expected names from `tfstab degradations`, such as fog,jpeg.")
    for name in names:
        if name != ALL:
            get_degradation(name)
    return degradation_names() if ALL in names else names
