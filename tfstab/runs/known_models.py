"""Where models are on this machine: the viewer needs a model to explain a run, and a run folder does not contain it.

Each model has a file of its own in the user's data folder. Making a run of a model writes it; the viewer reads it.
"""

import json
from pathlib import Path
from typing import Any

from platformdirs import user_data_path

from tfstab.classifier.source import Source
from tfstab.errors import DiskError
from tfstab.limits import KNOWN_MODEL
from tfstab.reading import read_json
from tfstab.runs.atomic import make_folder, write_text


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
        return  # only the viewer would have used it


def known_model(fingerprint: str) -> tuple[str, dict[str, Any], int] | None:
    """Return what `remember_model` stored and when the model's file had last changed, or None if that is not known."""
    try:
        where, options, changed = read_json(_path(fingerprint), KNOWN_MODEL)
        return str(where), dict(options), int(changed)
    except (OSError, ValueError, TypeError, OverflowError):
        return None


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
