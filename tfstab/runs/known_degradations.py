"""Which files on this machine registered degradations of the user's own: a run folder does not contain their code.

Each degradation has a file of its own in the user's data folder, which names the .py file and its checksum when it
registered the degradation. Making a run writes it. Whoever opens the run loads the file again, as long as its content
is the same: what ran to make the run may run to show it. Other files that it imports from its folder have no checksum,
so it is not loaded if it needs them. A run folder itself names no file, as it may come from anybody.
"""

import contextlib
import hashlib
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from platformdirs import user_data_path

from tfstab.degradations import Degradation, degradation_names, get_degradation
from tfstab.degradations.registry import registered_checksum, registered_files
from tfstab.errors import DiskError, InputError
from tfstab.importing import import_module, import_trusted
from tfstab.limits import KNOWN_MODEL
from tfstab.reading import checksum_of, read_json
from tfstab.runs.atomic import make_folder, write_text


def remember_degradation(family: Degradation) -> None:
    """Remember the file that registered a family, if one did and the user's data folder can be written."""
    file, checksum = registered_files().get(family.name), registered_checksum(family.name)
    if file is None or not checksum or get_degradation(family.name).function is not family.function:
        return
    path = _path(family.name, family.identity)
    try:
        content = json.dumps([str(file.absolute()), checksum])
        if not path.exists() or path.read_text("utf-8") != content:
            make_folder(path.parent)
            write_text(path, content)
    except (DiskError, OSError, ValueError):
        return  # it must be named with --import when its images are to be shown


def allow_modules(names: Sequence[str]) -> None:
    """Import modules or .py files that the user names, and remember the degradations that they register.

    Raises InputError if one cannot be imported.
    """
    for name in names:
        import_module(name)
    for name in registered_files() if names else ():
        remember_degradation(get_degradation(name))


def load_degradation(settings: Mapping[str, Any]) -> str:
    """Load the file that registered the degradation of a run, if it is known here and has not changed.

    Parameters
    ----------
    settings : mapping
        The settings in the run's run.json.

    Returns
    -------
    str
        Why a file that is known was not loaded, as a clause; "" if it was, or if none is known.
    """
    known = _known(settings)
    if known is None:
        return ""
    file, checksum = known
    try:
        if not import_trusted(file, checksum):
            return f"{file} has changed since the run was made"
    except InputError as error:
        return str(error).rstrip(".")
    except (OSError, ValueError):
        return f"{file} is gone"
    return "" if settings["degradation"] in degradation_names() else f"{file} no longer registers it"


def changed_file(settings: Mapping[str, Any]) -> Path | None:
    """Return the file that registered the degradation of a run, if it is known here and has changed; else None.

    settings: as in `load_degradation`.
    """
    file, checksum = _known(settings) or (None, "")
    with contextlib.suppress(OSError):  # it is gone
        return file if file is not None and checksum_of(file) != checksum else None
    return None


def _known(settings: Mapping[str, Any]) -> tuple[Path, str] | None:
    """Return the file that registered the degradation of a run, with its checksum then; None if it is not known."""
    name, told = settings.get("degradation"), settings.get("family")
    if not isinstance(name, str) or not isinstance(told, dict):
        return None
    try:
        file, checksum = read_json(_path(name, told), KNOWN_MODEL)
    except (OSError, ValueError, TypeError, OverflowError):
        return None
    return Path(str(file)), str(checksum)


def _path(name: str, identity: Mapping[str, Any]) -> Path:
    key = json.dumps([name, identity.get("version"), identity.get("function")])
    digest = hashlib.sha256(key.encode("utf-8", "replace")).hexdigest()
    return user_data_path("tfstab", appauthor=False) / "degradations" / f"{digest}.json"
