"""Reads run.json with suspicion, as a run may come from anybody."""

import difflib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tfstab import limits
from tfstab.datasets.dataset import AS_PREDICTED, BY_DEFINITION
from tfstab.datasets.remarks import remarks_of
from tfstab.errors import RunError, on_disk
from tfstab.metrics import Estimate
from tfstab.metrics.shares import percent, share
from tfstab.names import printed, shortened
from tfstab.paths import check_path, user_path
from tfstab.reading import read_json
from tfstab.runs.files import COMPARISON, HARDENING, PART_NAME, REPORT, SIDES, check_files, find_scores
from tfstab.runs.form import check_form
from tfstab.runs.probe import check_probe

FUNCTION = "function"  # the device of a model that was a Python function
FORMAT = 2  # 1: a part of a sweep held all copies of some images of one class
GROWING = {"sweep": ("copies",)}  # by kind, settings of which a run can be given more
# Values of settings that run.json leaves out, as runs older than the setting do.
LEFT_OUT = {"clip": True, "norm": "l2"}
RUNS = "runs"  # the folder in which runs are written if none is named
UNKNOWN_CLASS = "unknown; the prediction when clean counts as right"  # of images without classes
SUGGESTED = 3  # folders that the message on a missing one names
INPUT_NOTE = "input_note"  # the entry: what the check of the inputs said; missing if it said nothing
# The entries on which every reader relies; lists are lists of strings.
SHAPE: dict[str, type[Any]] = {
    "kind": str, "seed": int, "settings": dict, "model/name": str, "model/fingerprint": str,
    "data/name": str, "data/split": str, "data/note": str, "data/fingerprint": str, "data/images": int,
    "data/class_names": list, "environment": dict, "environment/versions": dict, "parts": list,
}  # fmt: skip


class DamagedRecordError(RunError):
    """A run.json cannot be read."""


class NewerRunError(RunError):
    """A run was written by a newer tfstab; it is not damaged, so no message may advise to delete it."""


def read_info(folder: Path) -> dict[str, Any]:
    """Return the content of a run's run.json, with control characters in its texts replaced.

    Raises
    ------
    RunError
        There is no run.json that this version understands, or the folder leads out of itself.
    """
    check_path(folder, RunError)
    path = folder / "run.json"
    if not path.exists() and not path.is_symlink():
        runs = runs_in(folder)
        if runs:
            raise RunError(
                f"{folder} is a folder of runs ({len(runs)}): give a run, such as {runs[0]}; in Python, "
                "open an assessment with tfstab.open_assessment."
            )
        if folder.is_file():
            raise RunError(
                f"{folder} is a file; expected the folder of a run, as `tfstab assess` and `tfstab sweep` write for a "
                "model."
            )
        if folder.exists():
            raise RunError(_without_runs(folder))
        if folder.name in SIDES and (advice := hardening_advice(folder.parent)):
            raise RunError(f"{folder} does not exist: {advice}")
        near = " or ".join(map(str, _similar(folder)))
        raise RunError(f"{folder} is not a run folder: it does not exist{f'; did you mean {near}?' if near else '.'}")
    try:
        with on_disk(path):
            check_files(folder)
            return _parse(path)
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        reason = f"{error} is not in it" if isinstance(error, KeyError) else shortened(str(error), 200)
        raise DamagedRecordError(f"{path} is damaged ({reason}): restore it, or make the run again.") from error


def _without_runs(folder: Path) -> str:
    """Return what a folder is that holds neither run.json nor runs, and which folders in it to give."""
    if find_scores(folder):
        return (
            f"{folder} has no results yet: its clean images, which come first, are not all scored. If the run is "
            "no longer at work, run the same command again to resume it."
        )
    deeper = sorted({path.parents[1] for path in folder.glob("*/*/run.json")})
    if not (advice := hardening_advice(folder)):
        such_as = f"folders of runs; give one of these, such as {deeper[0]}" if deeper else "no run.json"
        return f"{folder} is not a run folder: it holds {such_as}."
    return advice


def hardening_advice(folder: Path) -> str:
    """Return a sentence on which folders of a hardening to give instead; "" if this folder is not a hardening's."""
    if not (folder / HARDENING).exists():
        return ""
    deeper = {path.parents[1] for path in folder.glob("*/*/run.json")}
    sides = [f"{side} (the {side.name} model)" for side in (folder / name for name in SIDES) if side in deeper]
    if sides:
        return f"{folder} is a folder of `tfstab harden`: give {' or '.join(sides)}, or both to compare them."
    page = folder / REPORT
    if page.exists() and _adopted_nothing(folder):
        return (
            f"{folder} is a folder of `tfstab harden` that adopted no model, so there is nothing to compare: {page} "
            "says why. For a control, this means that no clear gain from longer training alone was found."
        )
    why = f"{page} says why" if page.exists() else "run the same `tfstab harden` command again to finish it"
    return f"{folder} is a folder of `tfstab harden` without runs of the models: {why}."


def _adopted_nothing(folder: Path) -> bool:
    """Return whether a finished hardening left the model unchanged, as it has recorded."""
    try:
        found = read_json(folder / COMPARISON, limits.LARGEST_TRAINING_JSON)
    except (OSError, ValueError):
        return False
    return isinstance(found, dict) and found.get("unchanged") is True


def noted(info: dict[str, Any]) -> str:
    """Return what the check of the inputs said when a run's images were scored, "" for nothing. info: its run.json."""
    note = info.get(INPUT_NOTE)
    return note if isinstance(note, str) else ""


def without_classes(info: Mapping[str, Any]) -> bool:
    """Return whether a run's images came without classes: what is predicted for a clean image then counts as right."""
    return AS_PREDICTED in remarks_of(info["data"])


def clean_percent(accuracy: Estimate, info: Mapping[str, Any]) -> str:
    """Return the accuracy of a run's clean images with its interval, if it has one: not if it is 100 % by definition.

    accuracy: with Wilson's interval. info: the run's run.json.
    """
    return f"{share(accuracy)} {BY_DEFINITION}" if without_classes(info) else percent(accuracy)


def is_run(folder: str | Path) -> bool:
    """Return whether a run has been begun in a folder."""
    return (user_path(folder) / "run.json").exists()


def runs_in(folder: Path) -> list[Path]:
    """Return the run folders directly in a folder, by name."""
    return [path.parent for path in sorted(folder.glob("*/run.json"))]


def _similar(folder: Path) -> list[Path]:
    """Return the runs and folders of runs that may be meant by a missing folder: beside it, or where runs are written.

    Their names go on after its name, as that of an assessment does with a digest of settings such as --classes, or
    resemble it, or have a part that does, such as the name of the model.
    """
    there: dict[str, Path] = {}
    for place in (folder.parent / RUNS, folder.parent):
        there |= {path.parent.name: path.parent for path in sorted(place.glob("*/run.json"))}
        there |= {path.parent.parent.name: path.parent.parent for path in sorted(place.glob("*/*/run.json"))}
    there.pop(RUNS, None)  # what it holds is suggested
    names = list(there)[: limits.NAMES_COMPARED]
    near = [name for name in there if name == folder.name or name.startswith(f"{folder.name}-")]
    near = near or difflib.get_close_matches(folder.name, names, n=1, cutoff=0.8)
    near = near or [name for name in names if difflib.get_close_matches(folder.name, name.split("-"), n=1, cutoff=0.8)]
    return [there[name] for name in near[:SUGGESTED]]


def begun_with(info: dict[str, Any]) -> dict[str, Any]:
    """Return the content of a run.json without what may change when the run gets more parts, copies or images."""
    data, grows = info["data"], info.get("format", 1) > 1
    begun, growing = data.get("begun"), GROWING.get(info["kind"], ()) if grows else ()
    return {name: value for name, value in info.items() if name != INPUT_NOTE} | {
        "data": {k: v for k, v in data.items() if k != "begun"} | (begun if isinstance(begun, dict) else {}),
        "settings": {k: v for k, v in info["settings"].items() if k not in growing},
        "parts": [],
    }


def is_grown(before: dict[str, Any], after: dict[str, Any]) -> bool:
    """Return whether two contents of run.json are equal, or the run has been given more work in between."""
    same = begun_with(before) == begun_with(after)
    return before == after or (same and after["parts"][: len(before["parts"])] == before["parts"])


def run_folders(path: Path) -> list[Path]:
    """Return the runs in a folder of runs; of any other path itself, so that opening it says what it is."""
    inside = [] if is_run(path) else runs_in(path)
    return inside or [path]


def _parse(path: Path) -> dict[str, Any]:
    """Return the content of run.json, checked."""
    info = read_json(path, limits.LARGEST_RUN_JSON, most_values=limits.MOST_RUN_VALUES)
    if not isinstance(info, dict):
        raise TypeError("it is no object")
    if info["format"] > FORMAT:
        raise NewerRunError(f"{path.parent} was written by a newer tfstab: update tfstab to open it.")
    info = _clean_texts(info)
    for keys, kind in SHAPE.items():
        value: Any = info
        for key in keys.split("/"):
            value = value[key]
        if not isinstance(value, kind) or (kind is list and not all(isinstance(entry, str) for entry in value)):
            raise TypeError(f"{keys} is no {kind.__name__}{' of strings' if kind is list else ''}")
    check_form(info["model"], len(info["data"]["class_names"]))
    unknown = next((name for name in info["parts"] if not PART_NAME.fullmatch(name)), None)
    if unknown is not None:
        raise ValueError(f"'{unknown[:80]}' is no part's name")
    _check_names(info)
    check_probe(info.get("probe", {}))
    checked: dict[str, Any] = info
    return checked


def _check_names(info: dict[str, Any]) -> None:
    """Raise ValueError if there are too many class names, or one is too long."""
    classes = info["data"]["class_names"]
    if len(classes) > limits.MOST_CLASSES:
        raise ValueError(f"it has {len(classes):,} classes; expected at most {limits.MOST_CLASSES:,}")
    longest = max(map(len, classes), default=0)
    if longest > limits.CLASS_NAME:
        raise ValueError(f"a class name has {longest:,} characters; expected at most {limits.CLASS_NAME:,}")


def _clean_texts(value: Any) -> Any:
    """Return a value with control characters in its texts replaced; raise ValueError if a text is too long."""
    if isinstance(value, str):
        if len(value) > limits.LONGEST_TEXT:
            raise ValueError(f"a text has {len(value):,} characters; expected at most {limits.LONGEST_TEXT:,}")
        return printed(value)
    if isinstance(value, list):
        return [_clean_texts(entry) for entry in value]
    if isinstance(value, dict):
        return {_clean_texts(name): _clean_texts(entry) for name, entry in value.items()}
    return value


def model_of(info: Mapping[str, Any]) -> dict[str, Any]:
    """Return the model's entry in run.json, with FUNCTION if the model was a Python function, which no file holds."""
    function = info.get("environment", {}).get("device") == FUNCTION
    return {**info["model"], **({FUNCTION: True} if function else {})}
