"""What follows a hardening: a control trained on clean images, and a higher limit for clean accuracy."""

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tfstab.orders.shell import from_here
from tfstab.orders.step import Step, words_of
from tfstab.report.harden_time import TRAINING_SHARE
from tfstab.report.steps_notes import UNEQUAL
from tfstab.runs.files import SIDES
from tfstab.training.control import is_control
from tfstab.training.tried_shares import tried_shares

# Ends of the names of the folders that are proposed; the last is followed by the limit.
CONTROL_FOLDER, REMEDY_FOLDER, LIMIT_FOLDER = "-control", "-remedy", "-keep-clean"
COMPARED = "the hardened model compared with its control"


@dataclass(frozen=True)
class Other:
    """Another hardening of the same model, to compare with this one.

    Attributes
    ----------
    folder : Path
        Its folder.
    differs : dict
        The parameters of `tfstab harden` that differ from this one's, by name; None for a default.
    why : str
        What it is for.
    pair : tuple of str
        The folders of both hardened models, as they are compared.
    """

    folder: Path
    differs: dict[str, Any]
    why: str
    pair: tuple[str, ...] = ()

    @property
    def is_there(self) -> bool:
        """Whether it has been trained already."""
        return (self.folder / SIDES[1]).is_dir()


def control_of(folder: Path, card: Mapping[str, Any]) -> Other:
    """Return the hardening on clean images that is compared with this one; for a control, that on degraded images.

    Parameters
    ----------
    folder : Path
        The folder of the hardening.
    card : mapping
        The model card of the hardened network.
    """
    folder = named_folder(folder)
    control = is_control(card)
    if not control:
        other = folder.with_name(f"{folder.name}{CONTROL_FOLDER}")
        differs, why = {"clean_share": 1.0, "remedy": None}, "a control: as many training steps, on clean images only"
    else:
        bare = folder.name.removesuffix(CONTROL_FOLDER)
        other = folder.with_name(bare if bare not in ("", folder.name) else f"{folder.name}{REMEDY_FOLDER}")
        differs, why = {"clean_share": None}, "as many training steps, with degraded images"
    here, there = (from_here(str(path)) for path in (folder, other))
    pair = tuple(str(Path(side) / SIDES[1]) for side in ((here, there) if control else (there, here)))
    return Other(other, differs | {"steps": card.get("steps")}, why, pair)


def larger_share_of(folder: Path, card: dict[str, Any]) -> Other | None:
    """Return the hardening that allows a larger share of the fine-tuned weights; None if no limit excluded one.

    There is none for a control, which needs the same limit as the other hardening, nor if its folder is there already.

    Parameters
    ----------
    folder, card
        As in `control_of`.
    """
    tried = tried_shares(card)
    if tried is None or tried.larger is None or is_control(card):
        return None
    folder, limit = named_folder(folder), tried.needed(tried.larger)
    bare = re.sub(rf"{LIMIT_FOLDER}-[\d.]+$", "", folder.name)
    lost = f"{limit:g} point{'s' * (limit != 1)} of clean {tried.measure}"
    other = Other(
        folder.with_name(f"{bare}{LIMIT_FOLDER}-{limit:g}"),
        {"keep_clean": limit, "steps": card.get("steps")},
        f"a larger share of the fine-tuned weights, if {lost} may be lost",
    )
    return None if other.is_there else other


def control_steps(folder: Path, card: Mapping[str, Any], asked: Mapping[str, Any], minutes: float) -> list[Step]:
    """Return the commands that train the hardening of `control_of` and compare it with this one.

    If the other hardening exists already, only the comparison is returned.

    Parameters
    ----------
    folder, card
        As in `control_of`.
    asked : mapping
        The parameters of `tfstab harden` as they were given, by name.
    minutes : float
        The minutes with which the other network is trained as long as this one.
    """
    other = control_of(folder, card)
    compared = Step(["compare", *other.pair], COMPARED)
    return [compared] if other.is_there else [_step(other, asked, minutes), compared]


def larger_share_steps(folder: Path, card: dict[str, Any], asked: Mapping[str, Any], minutes: float) -> list[Step]:
    """Return the command for the hardening of `larger_share_of`; [] if there is none.

    folder, card, asked, minutes: as in `control_steps`.
    """
    other = larger_share_of(folder, card)
    return [] if other is None else [_step(other, asked, minutes)]


def _step(other: Other, asked: Mapping[str, Any], minutes: float) -> Step:
    """Return the command that trains another hardening."""
    own = {"minutes": minutes, "out": from_here(str(other.folder))}
    return Step(words_of("harden", {**asked, **other.differs, **own}), other.why)


def named_folder(folder: Path) -> Path:
    """Return a folder by a path that ends with its name."""
    return folder if folder.name not in ("", "..") else folder.resolve()


def minutes_of_training(card: Mapping[str, Any], training: float, minutes: float) -> float:
    """Return the minutes with which another network is trained as long as this one.

    They may differ from those of this call, as an earlier call may have trained the network.

    Parameters
    ----------
    card : mapping
        The model card of the hardened network, with the minutes for its training.
    training, minutes : float
        The minutes of this call for the training, and in all.
    """
    spent = card.get("minutes")
    if not isinstance(spent, int | float) or max(spent, training) < UNEQUAL * min(spent, training):
        return minutes
    return max(1, math.ceil(spent / TRAINING_SHARE))
