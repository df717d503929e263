"""The commands that show how much of a hardening's gain comes from longer training alone."""

import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tfstab.orders.next_steps import Step, words_of
from tfstab.orders.shell import from_here
from tfstab.report.harden_time import TRAINING_SHARE
from tfstab.report.hardening_limits import is_control
from tfstab.report.steps_notes import UNEQUAL
from tfstab.runs.files import SIDES

CONTROL_FOLDER, REMEDY_FOLDER = "-control", "-remedy"  # ends of the names of the folders that are proposed


def control_steps(folder: Path, card: Mapping[str, Any], asked: Mapping[str, Any], minutes: float) -> list[Step]:
    """Return the commands that train a control on clean images and compare it with the hardened network.

    For a control, they train on degraded images instead. If the other hardening exists already, only the comparison is
    returned.

    Parameters
    ----------
    folder : Path
        The folder of the hardening.
    card : mapping
        The model card of the hardened network.
    asked : mapping
        The parameters of `tfstab harden` as they were given, by name.
    minutes : float
        The minutes with which the other network is trained as long as this one.
    """
    folder = folder if folder.name not in ("", "..") else folder.resolve()
    control = is_control(card)
    if not control:
        other = folder.with_name(f"{folder.name}{CONTROL_FOLDER}")
        differs, why = {"clean_share": 1.0, "remedy": None}, "a control, trained equally long on clean images only"
    else:
        bare = folder.name.removesuffix(CONTROL_FOLDER)
        other = folder.with_name(bare if bare not in ("", folder.name) else f"{folder.name}{REMEDY_FOLDER}")
        differs, why = {"clean_share": None}, "trained equally long, with degraded images"
    here, there = (from_here(str(path)) for path in (folder, other))
    words = words_of("harden", {**asked, **differs, "minutes": minutes, "out": there})
    pair = [str(Path(side) / SIDES[1]) for side in ((here, there) if control else (there, here))]
    steps = [Step(["compare", *pair], "what degraded images add to longer training")]
    return steps if (other / SIDES[1]).is_dir() else [Step(words, why), *steps]


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
