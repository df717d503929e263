"""Notes on two hardened networks that differ in their training steps or in the share of fine-tuned weights."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tfstab import limits
from tfstab.errors import TfstabError
from tfstab.reading import read_json
from tfstab.runs.files import HARDENING, SIDES, check_own_file
from tfstab.wording import percent

if TYPE_CHECKING:
    from tfstab.training.tried_shares import TriedShares

UNEQUAL = 1.25  # ratio of their steps, or of their shares of fine-tuned weights, from which on there is a note
IN_REPORTS = (
    "The reports of both hardenings list the accuracy with other shares, on validation images; compare equal shares "
    "there."
)
CARD: dict[str, type[Any]] = {"fingerprint": str, "share_of_new_weights": float}


@dataclass(frozen=True)
class _Averaged:
    """The weights of a hardened network, which are an average of the original and the fine-tuned ones.

    share: of the fine-tuned weights in this average. tried: the averages that were tried, with their accuracies; None
    if the card does not have them. on: the degradations and validation images with which they were tried.
    """

    share: float
    tried: "TriedShares | None"
    on: Any

    @property
    def weights(self) -> str:
        """What the weights are made of: "80 % fine-tuned and 20 % original"."""
        return f"{percent(self.share)} fine-tuned{f' and {percent(1 - self.share)} original' if self.share < 1 else ''}"

    def note(self, other: "_Averaged", names: tuple[str, str]) -> str:
        """Return that the shares differ and how accurate the networks are with the larger and the smaller one in both.

        A small share says little, because both networks are then almost the original.
        """
        said = (
            f"The weights of {names[0]} are {self.weights}, those of {names[1]} {other.weights}, so a difference may "
            "also come from these shares."
        )
        shares = sorted({self.share, other.share}, reverse=True)
        pairs = [(share, self._degraded(share), other._degraded(share)) for share in shares]
        both = [
            (percent(share), percent(first, 1), percent(second, 1))
            for share, first, second in pairs
            if first is not None and second is not None
        ]
        if not both or self.tried is None or self.on != other.on:
            return f"{said} {IN_REPORTS}"
        (share, first, second), *rest = both
        said += (
            f" With {share} fine-tuned weights in both, the {self.tried.measure} on degraded validation images is "
            f"{first} for {names[0]} and {second} for {names[1]}"
        )
        return f"{said}{''.join(f'; with {share}, it is {first} and {second}' for share, first, second in rest)}."

    def _degraded(self, share: float) -> float | None:
        """Return the accuracy on degraded validation images with this share; None if it was not tried."""
        rows = () if self.tried is None else self.tried.rows
        return next((row.degraded for row in rows if row.share == share), None)


@dataclass(frozen=True)
class _Trained:
    """A hardened network: fingerprint of its original, training steps, its average of weights (None: unknown)."""

    original: str
    steps: int
    averaged: _Averaged | None


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
            f"{shorter} again with `--steps {max(first.steps, second.steps)}`, more `--minutes` and another `--out` "
            f"(in Python steps={max(first.steps, second.steps)}, minutes= and out=)."
        )
    mine, theirs = first.averaged, second.averaged
    if mine is not None and theirs is not None and _unequal(mine.share, theirs.share):
        notes.append(mine.note(theirs, names))
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
    return _Trained(network, steps, _averaged(side.parent, model)) if known else None


def _averaged(folder: Path, model: Mapping[str, Any]) -> _Averaged | None:
    """Return the average of weights that was adopted, from the card in a hardening's folder; None if unknown.

    The card counts if it is of the network with this fingerprint.
    """
    from tfstab.training.checks import damage_reported, read_card
    from tfstab.training.hardening_folder import HardeningFolder
    from tfstab.training.tried_shares import tried_shares

    path = HardeningFolder(folder, model["name"]).card_path
    try:
        card = read_card(path, CARD)
    except (TfstabError, OSError):
        return None
    share: float = card["share_of_new_weights"]
    if card["fingerprint"] != model["fingerprint"] or not 0 < share <= 1:
        return None
    try:
        with damage_reported(path):
            on = card["settings"]["against"], card["data"]["validation"]["fingerprint"], card["validation"]["images"]
            return _Averaged(share, tried_shares(card), on)
    except TfstabError:  # the figures are missing or damaged; the share is known
        return _Averaged(share, None, None)
