"""Which runs belong together: those of one network on the same data, each of another degradation or kind."""

import os
from collections.abc import Sequence
from contextlib import suppress
from itertools import chain
from pathlib import Path
from typing import Any

from tfstab.classifier.source import DEFAULTS
from tfstab.errors import RunError
from tfstab.runs.files import ASSESSMENT, HARDENING, RARE, SIDES, assessment_around, is_side, of_rare_classes
from tfstab.runs.info import is_run, read_info, runs_in
from tfstab.runs.kinds import kind_of

ALIKE = (*(("model", name) for name in DEFAULTS), ("data", "name"), ("data", "split"))


def subject_of(info: dict[str, Any]) -> str:
    """Return what a run is of: the name of a sweep's degradation, or else the kind of run."""
    return str(info["settings"].get("degradation", "gaussian_noise") if info["kind"] == "sweep" else info["kind"])


def misfit(runs: Sequence[tuple[Path, dict[str, Any]]]) -> str | None:
    """Say in a sentence why runs do not belong together; None if they do.

    Parameters
    ----------
    runs : sequence of (Path, dict)
        Folder and content of run.json of each run; at least one.

    Returns
    -------
    str or None
        Which two runs differ, and in what.
    """
    (start, first), seen = runs[0], dict[str, Path]()
    for path, info in runs:
        if info["model"]["fingerprint"] != first["model"]["fingerprint"]:
            return (
                f"the runs are of several networks ({first['model']['name']} in {start}, {info['model']['name']} in "
                f"{path}); expected one."
            )
        for what, key in ALIKE:
            here, there = info[what].get(key, DEFAULTS.get(key)), first[what].get(key, DEFAULTS.get(key))
            if here != there:
                return (
                    f"the runs differ in the {what}'s {key} ({there} in {start}, {here} in {path}); expected one "
                    "network on the same data."
                )
        name = subject_of(info)
        if name in seen:
            return f"{seen[name]} and {path} are both of {name}; expected each only once."
        seen[name] = path
    return None


def items_in(path: Path) -> list[Path]:
    """Return what opens as an item of its own: a run, a folder of runs that belong together, or such items in a folder.

    Parameters
    ----------
    path : Path
        A run folder, a folder of runs, or a folder of assessments, such as `tfstab harden` writes, or of hardenings.

    Returns
    -------
    list of Path
        The path itself, unless it is a folder of several runs that do not belong together, or of an assessment and
        other runs. A folder that cannot be opened is returned too, so that opening it says why. For a sweep of further
        images of rare classes, or the folder of these sweeps, the assessment that they belong to. Sorted, but in the
        folder of a hardening the runs of its two networks come first.
    """
    if path.name == RARE and (rare := next(filter(of_rare_classes, runs_in(path)), None)):
        path = rare
    if of_rare_classes(path):
        return items_in(assessment_around(path))
    if is_run(path):
        return [path]
    collections = _collections_in(path)
    if is_collection(path) and ((path / ASSESSMENT).exists() or not collections):
        return [path]
    items = sorted([*runs_in(path), *collections])
    return sorted(items, key=lambda item: item.parent != path or not is_side(item)) or [path]


def _collections_in(path: Path) -> list[Path]:
    """Return the folders of runs that belong together in a folder, and in the hardenings in it."""
    files = chain(path.glob("*/*/run.json"), *(path.glob(f"*/{side}/*/run.json") for side in SIDES))
    folders = {file.parents[1] for file in files if not of_rare_classes(file.parent)}  # which belong to the runs beside
    return [folder for folder in folders if is_collection(folder)]


def hardening_around(path: Path) -> Path | None:
    """Return the folder of the hardening that a run, or the folder of runs of one of its networks, belongs to."""
    real = Path(os.path.realpath(path))
    return next((side.parent for side in (real, real.parent) if is_side(side)), None)


def hardened_side(path: Path) -> Path:
    """Return the folder of the hardened model's runs if a path is the folder of a hardening, and any other path as is.

    Raises RunError if the hardening has no runs of its models.
    """
    if is_run(path) or not (path / HARDENING).exists():
        return path
    side = path / SIDES[1]
    if not runs_in(side):
        read_info(path)  # it is no run, so this raises an error that says why it has none
    return side


def is_hardened_from(run: Path, original: Path) -> bool:
    """Return whether a run is of a hardened network, and another one the same of the network that was hardened.

    That is so for `hardened/fog` and `original/fog` in the folder of one hardening, and for these folders of runs.
    """
    folder = hardening_around(original)
    if folder is None:
        return False
    side, *rest = Path(os.path.realpath(original)).relative_to(folder).parts
    return side == SIDES[0] and Path(os.path.realpath(run)) == folder.joinpath(SIDES[1], *rest)


def original_beside(run: Path) -> Path | None:
    """Return the folder of the original network's runs for a run of a hardened network, or for the folder of its runs.

    None if the run was not made by hardening, or if there are no runs of the original network.
    """
    folder = hardening_around(run)
    if folder is None:
        return None
    original, hardened = (folder / side for side in SIDES)
    inside = Path(os.path.realpath(run)).is_relative_to(hardened)
    return original if inside and runs_in(original) else None


def read_elsewhere(item: Path) -> str:
    """Say where an item is read that the viewer does not show, to be put after its path; "" if it shows the item."""
    return "" if is_collection(item) else kind_of(read_info(item)["kind"], item).elsewhere


def is_collection(path: Path) -> bool:
    """Return whether a folder holds runs that belong together, at least one of them a sweep or a search.

    Runs that cannot be read are passed over.
    """
    if is_run(path):
        return False
    read = []
    for folder in runs_in(path):
        with suppress(RunError):
            read.append((folder, read_info(folder)))
    kinds = {info["kind"] for _, info in read}
    return bool(kinds - {"explanation"}) and (len(read) > 1 or (path / ASSESSMENT).exists()) and not misfit(read)
