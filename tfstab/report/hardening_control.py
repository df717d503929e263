"""The commands that follow a hardening: a control trained on clean images, and a higher limit for clean accuracy."""

import math
import re
from collections.abc import Mapping
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
    folder = _named(folder)
    control = is_control(card)
    if not control:
        other = folder.with_name(f"{folder.name}{CONTROL_FOLDER}")
        differs, why = {"clean_share": 1.0, "remedy": None}, "a control: as many training steps, on clean images only"
    else:
        bare = folder.name.removesuffix(CONTROL_FOLDER)
        other = folder.with_name(bare if bare not in ("", folder.name) else f"{folder.name}{REMEDY_FOLDER}")
        differs, why = {"clean_share": None}, "as many training steps, with degraded images"
    here, there = (from_here(str(path)) for path in (folder, other))
    as_long = {"steps": card.get("steps"), "minutes": minutes}
    words = words_of("harden", {**asked, **differs, **as_long, "out": there})
    pair = [str(Path(side) / SIDES[1]) for side in ((here, there) if control else (there, here))]
    steps = [Step(["compare", *pair], "the hardened model compared with its control")]
    return steps if (other / SIDES[1]).is_dir() else [Step(words, why), *steps]


def larger_share_steps(folder: Path, card: dict[str, Any], asked: Mapping[str, Any], minutes: float) -> list[Step]:
    """Return the command that allows a larger share of the fine-tuned weights; [] if no limit excluded one.

    There is none for a control, which needs the same limit as the other hardening, nor if its folder is there already.

    Parameters
    ----------
    folder, card, asked
        As in `control_steps`.
    minutes : float
        With so many minutes, the network is trained as long as this one.
    """
    tried = tried_shares(card)
    if tried is None or tried.larger is None or is_control(card):
        return []
    folder, limit = _named(folder), tried.needed(tried.larger)
    bare = re.sub(rf"{LIMIT_FOLDER}-[\d.]+$", "", folder.name)
    other = folder.with_name(f"{bare}{LIMIT_FOLDER}-{limit:g}")
    if (other / SIDES[1]).is_dir():
        return []
    as_long = {"steps": card.get("steps"), "minutes": minutes}
    words = words_of("harden", {**asked, "keep_clean": limit, **as_long, "out": from_here(str(other))})
    lost = f"{limit:g} point{'s' * (limit != 1)} of clean {tried.measure}"
    return [Step(words, f"a larger share of the fine-tuned weights, if {lost} may be lost")]


def _named(folder: Path) -> Path:
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
