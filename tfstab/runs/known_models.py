"""Where models are on this machine: a run folder does not contain the model that explains its images.

Each model has a file of its own in the user's data folder. Making a run of a model writes it; the viewer and `tfstab
inspect --why` read it.
"""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from platformdirs import user_data_path

from tfstab.classifier.source import Source
from tfstab.errors import DiskError
from tfstab.limits import KNOWN_MODEL
from tfstab.models import bundled_names
from tfstab.reading import read_json
from tfstab.runs.atomic import make_folder, write_text
from tfstab.runs.info import FUNCTION

MAIN_FILES = ("saved_model.pb", "saved_model.pbtxt")  # in a SavedModel folder


def remember_model(fingerprint: str, source: Source) -> None:
    """Remember where a model is and with which options it was loaded, if the user's data folder can be written.

    Parameters
    ----------
    fingerprint : str
        Fingerprint of the model.
    source : Source
        Its file and options.
    """
    path, changed = _path(fingerprint), changed_at(Path(source.path))
    if known_model(fingerprint) == (source.path, source.options, changed):
        return  # an assessment makes a run of each degradation
    try:
        make_folder(path.parent)
        write_text(path, json.dumps([source.path, source.options, changed]))
    except (DiskError, OSError):
        return  # it must be located when a run is to be explained


def known_model(fingerprint: str) -> tuple[str, dict[str, Any], int] | None:
    """Return what `remember_model` stored and when the model's file had last changed, or None if that is not known."""
    try:
        where, options, changed = read_json(_path(fingerprint), KNOWN_MODEL)
        return str(where), dict(options), int(changed)
    except (OSError, ValueError, TypeError, OverflowError):
        return None


def remembered_path(fingerprint: str) -> Path | None:
    """Return where a model's file was when it was last used for a run; None if that is not known."""
    kept = known_model(fingerprint)
    return None if kept is None or kept[0] in bundled_names() else Path(kept[0])


def find_model(model: Mapping[str, Any]) -> tuple[str, dict[str, Any]] | None:
    """Return where the model of a run is, or None if that is not known.

    A file that may run code is known only as long as it has not changed since it was trusted.

    Parameters
    ----------
    model : mapping
        The model of the run, as `tfstab.runs.info.model_of` returns it.

    Returns
    -------
    tuple of str and dict, or None
        Bundled name or path, and options, as a Source has them.
    """
    if model.get(FUNCTION):
        return None
    preprocess = model.get("preprocess", "none")  # a model may have been loaded with another since
    form = {} if preprocess == "none" else {"preprocess": preprocess}
    kept = known_model(model["fingerprint"])
    if kept is not None and (kept[0] in bundled_names() or is_there(Path(kept[0]))):
        where, options, changed = kept
        if options.get("trust") and changed_at(Path(where)) != changed:
            return None
        return where, {name: value for name, value in options.items() if name != "preprocess"} | form
    return (model["name"], form) if model["name"] in bundled_names() else None


def source_at(path: Path, model: Mapping[str, Any], trust: bool) -> Source:
    """Return how a run's model is loaded from a file: with the options that are remembered of it.

    Parameters
    ----------
    path : Path
        A model file, or the main file in a SavedModel folder.
    model : mapping
        The model of the run, as `tfstab.runs.info.model_of` returns it.
    trust : bool
        Whether the file may run any code; that another file was trusted does not count.
    """
    kept = known_model(model["fingerprint"])
    options = {name: value for name, value in ({} if kept is None else kept[1]).items() if name != "trust"}
    form = model.get("preprocess", "none")
    options |= ({} if form == "none" else {"preprocess": form}) | ({"trust": True} if trust else {})
    folder = path.parent if path.name in MAIN_FILES else path
    return Source(str(folder.absolute()), options)


def changed_at(path: Path) -> int:
    """Return the time of the last change of a file, or of anything in a folder, in ns; 0 if there is none."""
    if not is_there(path):
        return 0
    inside = path.rglob("*") if path.is_dir() else ()
    return max((p.stat().st_mtime_ns for p in (path, *inside) if p.exists()), default=0)


def is_there(path: Path) -> bool:
    """Return True if a file or folder exists and can be reached."""
    try:
        return path.exists()
    except (OSError, ValueError):  # ValueError: a null character in the name
        return False


def _path(fingerprint: str) -> Path:
    # The fingerprint of a run may be any text.
    name = "".join(c if c.isascii() and c.isalnum() else "_" for c in fingerprint)[:128]
    return user_data_path("tfstab", appauthor=False) / "models" / f"{name}.json"
