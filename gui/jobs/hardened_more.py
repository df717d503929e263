"""What a hardening records of its options, to go on with it in the form of a new run. No Qt in here."""

import math
from contextlib import suppress
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

from tfstab import limits
from tfstab.errors import RunError, TfstabError
from tfstab.gui.jobs.draft import Draft
from tfstab.names import printed
from tfstab.reading import read_json
from tfstab.runs.files import COMPARISON, HARDENING, SIDES
from tfstab.runs.info import runs_in

NOT_RECORDED = (
    "The hardening does not record a chosen number of images, or No search: if you had chosen either, choose it again."
)
IN_PYTHON = "This model was hardened in Python with settings that this form does not have ({}): continue in Python."
LOST = "The {} images of this hardening ({}) were not found: choose them again."
FORM = "remedy", "clean_share", "keep_clean", "steps", "seed"  # settings that have a field of the same name


def settings_in(folder: Path) -> dict[str, Any] | None:
    """Return the settings of training that the hardening in a folder records; None if they cannot be read."""
    path = folder / HARDENING
    with suppress(OSError, ValueError, LookupError, TypeError, RecursionError):
        found = None if path.is_symlink() else read_json(path, limits.LARGEST_TRAINING_JSON)["identity"]["settings"]
        return found if isinstance(found, dict) else None
    return None


def run_of_original(folder: Path) -> Any:
    """Return a run of the network that was hardened in a folder; None if none can be opened."""
    from tfstab.runs import open_run

    for path in runs_in(folder / SIDES[0]):
        with suppress(TfstabError, OSError):
            return open_run(path)
    return None


def hardened_more(draft: Draft, folder: Path, network: str) -> Draft:
    """Return a draft that goes on with a hardening: with the options that it records, in its folder.

    Parameters
    ----------
    draft : Draft
        Of model and test images, as from `draft_of_run` for a run of the original network.
    folder : Path
        The folder of the hardening.
    network : str
        Fingerprint of the original network.
    """
    # Imported here, because the window appears sooner without it.
    from tfstab.training.folder import TEST
    from tfstab.training.hardening_config import HardenConfig

    recorded, plain = settings_in(folder) or {}, HardenConfig().identity
    changed = {name: value for name, value in recorded.items() if value != plain.get(name)}
    values = {name: changed.pop(name) for name in FORM if _is_number_or_text(changed.get(name))}
    ranges = changed.pop("against", None)
    values |= {"against": _against(ranges)} if isinstance(ranges, dict) else {}
    values |= {"degradation": names} if (names := _measured(folder)) else {}
    notes = [IN_PYTHON.format(", ".join(map(printed, changed)))] if changed else []
    train = _training_images(folder, network)
    if train and _is_there(train):
        values["train"] = train
    else:
        notes.append(LOST.format("training", printed(train) or "not recorded"))
    data: str | None = draft.data
    if (folder / TEST).is_file():  # they were held out of the training images
        data = ""
    elif not draft.data:
        notes.append(LOST.format("test", "see the run original"))
    note = " ".join([*notes, NOT_RECORDED])
    return replace(draft, kind="harden", data=data, settings=values, out=str(folder), note=note)


def _against(ranges: dict[str, Any]) -> str:
    """Return degradations with the ranges of their severities as the form takes them, without those by default."""
    from tfstab.degradations.ranges import severity_ranges

    parts = []
    for name, ends in ranges.items():
        with suppress(TfstabError):  # of the user's own, so that only its module knows its range
            (usual,) = severity_ranges([name])
            if ends == [usual.weakest, usual.strongest]:
                parts.append(name)
                continue
        if isinstance(ends, list) and len(ends) == 2 and all(map(_is_finite, ends)):
            parts.append(f"{name}@{ends[0]:g}:{ends[1]:g}")
    return ",".join(parts)


def _measured(folder: Path) -> str:
    """Return the degradations that the hardening was to measure, "" for all, or if that is not recorded."""
    from tfstab.degradations import degradation_names, get_degradation

    with suppress(OSError, ValueError, LookupError, TypeError, RecursionError):
        path = folder / COMPARISON
        read = partial(read_json, most_values=limits.MOST_RUN_VALUES)
        found = {} if path.is_symlink() else read(path, limits.LARGEST_RUN_JSON)
        measured, missing = set(found["families"]), set(found["unmeasured"])
        every = degradation_names()
        wanted = [name for name in every if name in measured or get_degradation(name).title in missing]
        return "" if len(wanted) == len(every) else ",".join(wanted)
    return ""


def _training_images(folder: Path, network: str) -> str:
    """Return the source of the training images, as the card beside the hardened network names it; "" if unknown."""
    from tfstab.training.checks import read_card

    for path in sorted(folder.glob("*.json")):
        with suppress(RunError):  # a file that is no model card
            card = read_card(path, {"original/fingerprint": str, "data/training/name": str})
            if card["original"]["fingerprint"] == network:
                return str(card["data"]["training"]["name"])
    return ""


def _is_there(source: str) -> bool:
    from tfstab.datasets import NAMED

    return source in NAMED or Path(source.partition(":")[2] or source).exists()


def _is_finite(value: Any) -> bool:
    return type(value) in (int, float) and math.isfinite(value)


def _is_number_or_text(value: Any) -> bool:
    return _is_finite(value) or (isinstance(value, str) and value.isprintable() and len(value) <= limits.LONGEST_NOTE)
