"""The Python calls that train other models after a hardening, and compare them with it."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tfstab.orders.call import python_call
from tfstab.orders.shell import from_here
from tfstab.report.hardening_control import COMPARED, Other, control_of, larger_share_of, named_folder
from tfstab.training.control import is_control

LONGER_FOLDER, TRAINED_FOLDER = "-longer", "-trained"  # ends of the names of the folders that are proposed
LONGER, TRAINED = "a longer training", "a model that is trained on degraded images"


def hardening_calls(
    folder: Path,
    card: dict[str, Any],
    given: Mapping[str, str],
    as_long: float,
    minutes: float,
    *,
    gained: bool,
) -> list[str]:
    """Return the calls of `tfstab.harden` and `tfstab.compare` to make next, each with what it is for after a "#".

    Parameters
    ----------
    folder, card
        As in `control_of`.
    given : mapping
        The arguments of the call as they are written, by name of parameter.
    as_long : float
        The minutes with which another network is trained as long as this one.
    minutes : float
        The minutes of the call, which may be one that has only measured more.
    gained : bool
        Whether a control can show where a gain comes from.
    """
    folder = named_folder(folder)

    def harden(result: str, other: Other, minutes: float) -> str:
        own = other.differs | {"minutes": float(minutes), "out": from_here(str(other.folder))}
        arguments = {name: text for name, text in {**given, **_texts(own)}.items() if text}
        first = [arguments.pop(name) for name in ("model", "data") if "model" in given and name in given]
        return f"{result} = {python_call('harden', *first, **arguments)}  # {other.why}"

    if "cannot_train" in card:
        trained = Other(folder.with_name(f"{folder.name}{TRAINED_FOLDER}"), {"remedy": None}, TRAINED)
        return [harden("trained", trained, minutes)] if card["cannot_train"] is None else []
    longer = Other(folder.with_name(f"{folder.name}{LONGER_FOLDER}"), {"steps": None}, LONGER)
    of_clean = is_control(card)
    calls = [] if of_clean or longer.is_there else [harden("longer", longer, 2 * as_long)]
    if gained:
        other = control_of(folder, card)
        calls += [] if other.is_there else [harden("hardening" if of_clean else "control", other, as_long)]
        calls.append(f"{python_call('compare', *map(repr, other.pair))}  # {COMPARED}")
    if (larger := larger_share_of(folder, card)) is not None:
        calls.append(harden("larger", larger, as_long))
    return calls


def _texts(values: Mapping[str, Any]) -> dict[str, str]:
    """Return values as they are written; "" for None."""
    return {
        name: "" if value is None else f"{value:g}" if isinstance(value, float) else repr(value)
        for name, value in values.items()
    }
