"""Notes on two hardened networks that differ in their training steps or in the share of fine-tuned weights."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tfstab import limits
from tfstab.errors import TfstabError
from tfstab.reading import read_json
from tfstab.runs.files import HARDENING, SIDES, check_own_file

UNEQUAL = 1.25  # ratio of their steps, or of their shares of fine-tuned weights, from which on there is a note
CARD: dict[str, type[Any]] = {"fingerprint": str, "share_of_new_weights": float}


@dataclass(frozen=True)
class _Trained:
    """A hardened network: fingerprint of its original, training steps, share of fine-tuned weights (None: unknown)."""

    original: str
    steps: int
    share: float | None


def steps_notes(
    folders: tuple[Path, Path], models: tuple[Mapping[str, Any], Mapping[str, Any]], names: tuple[str, str]
) -> list[str]:
    """Return that two networks, hardened from the same one, differ in their training steps or shares; [] if not.

    Equal minutes may give different numbers of steps, as they depend on what else the machine had to do. The share of
    the fine-tuned weights depends on the validation images and the limit for clean accuracy.

    Parameters
    ----------
    folders : tuple of Path
        Folders of the runs of both networks; there is a note only on those that `tfstab harden` has written.
    models : tuple of mapping
        What the runs say of both networks: their names and fingerprints.
    names : tuple of str
        What the two networks are called.
    """
    first, second = map(_trained, folders, models)
    if first is None or second is None or first.original != second.original:
        return []
    one, other = names
    notes = []
    if _unequal(first.steps, second.steps):
        longer, shorter = names if first.steps > second.steps else (other, one)
        notes.append(
            f"{one} was hardened in {first.steps:,} training steps and {other} in {second.steps:,}. Where "
            f"{longer} is better, its longer training may be the reason. To make them equal, harden the original of "
            f"{shorter} again with `--steps {max(first.steps, second.steps)}`, more `--minutes` and another `--out`."
        )
    if first.share is not None and second.share is not None and _unequal(first.share, second.share):
        notes.append(
            f"The weights of {one} are {100 * first.share:.0f} % fine-tuned and those of {other} "
            f"{100 * second.share:.0f} %, so a difference may also come from these shares. The reports of both "
            "hardenings list the accuracy with other shares, on validation images; compare equal shares there."
        )
    return notes


def _unequal(one: float, other: float) -> bool:
    """Return whether one of two numbers is clearly larger."""
    return max(one, other) >= UNEQUAL * min(one, other)


def _trained(folder: Path, model: Mapping[str, Any]) -> _Trained | None:
    """Return how a network was hardened; None if unknown. The files may come from a stranger."""
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
    known = isinstance(network, str) and type(steps) is int and steps > 0
    return _Trained(network, steps, _share(side.parent, model)) if known else None


def _share(folder: Path, model: Mapping[str, Any]) -> float | None:
    """Return the share of the fine-tuned weights, from the card in a hardening's folder; None if unknown.

    The card counts if it is of the network with this fingerprint.
    """
    from tfstab.training.checks import read_card
    from tfstab.training.hardening_folder import HardeningFolder

    try:
        card = read_card(HardeningFolder(folder, model["name"]).card_path, CARD)
    except (TfstabError, OSError):
        return None
    share: float = card["share_of_new_weights"]
    return share if card["fingerprint"] == model["fingerprint"] and 0 < share <= 1 else None
