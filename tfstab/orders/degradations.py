"""Looks up the degradations that a user names, for the command line and the viewer."""

from collections.abc import Sequence

from tfstab.checks import list_of
from tfstab.degradations import Degradation, degradation_names, get_degradation
from tfstab.errors import InputError
from tfstab.parsing import parse_names
from tfstab.wording import as_given

ALL = "all"  # stands for the names of all degradations


def families_of(degradations: Sequence[str | Degradation] | None) -> list[Degradation]:
    """Return the families that Python code gives, by name or as objects, each once; None means all.

    Raises InputError for a single string, an unknown name, or two different families of the same name.
    """
    if isinstance(degradations, str | Degradation):
        name = degradations if isinstance(degradations, str) else degradations.name
        raise InputError(f"degradations is '{name}'; expected a list, such as ['fog', 'jpeg'].")
    families: dict[str, Degradation] = {}
    for one in list_of("degradations", degradations or degradation_names(), object, "['fog', 'jpeg']"):
        if not isinstance(one, str | Degradation):
            raise InputError(
                f"degradations holds {as_given(one)}; expected names, such as 'fog', or Degradation objects."
            )
        family = get_degradation(one) if isinstance(one, str) else one
        if families.setdefault(family.name, family) != family:
            raise InputError(f"degradations holds two different ones that are called '{family.name}'; expected one.")
    return list(families.values())


def degradations_named(text: str) -> list[str]:
    """Return the names in the value of --degradation, each once; raise InputError for an unknown one."""
    names = list(parse_names(text))
    if not names:
        raise InputError(f"--degradation is '{text}'; expected names from `tfstab degradations`, such as fog,jpeg.")
    for name in names:
        if name != ALL:
            get_degradation(name)
    return degradation_names() if ALL in names else names
