"""Where models are on this machine: a run folder does not contain the model that explains its images.

Each model has a file of its own in the user's data folder. Making a run of a model writes it; the viewer and `tfstab
inspect --why` read it.
"""

import contextlib
import functools
import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

from platformdirs import user_data_path

from tfstab.classifier.source import Source
from tfstab.errors import DiskError
from tfstab.limits import KNOWN_MODEL
from tfstab.models import bundled_names
from tfstab.reading import checksum_of, read_json
from tfstab.runs.atomic import make_folder, write_text
from tfstab.runs.info import FUNCTION

MAIN_FILES = ("saved_model.pb", "saved_model.pbtxt")  # in a SavedModel folder
MOST_CHECKSUMS = 32  # that are kept in memory


class KnownModel(NamedTuple):
    """What is remembered of a model.

    Attributes
    ----------
    path : str
        Its file or folder, or the name of a bundled network.
    options : dict
        With which options it was loaded.
    checksum : str
        SHA-256 of the files that were trusted, "" of a model that needs no trust.
    state : str
        Sizes and times of these files. As long as they are the same, the files are not read to compare the checksum.
    """

    path: str
    options: dict[str, Any]
    checksum: str = ""
    state: str = ""


def remember_model(fingerprint: str, source: Source) -> None:
    """Remember where a model is and with which options it was loaded, if the user's data folder can be written.

    Parameters
    ----------
    fingerprint : str
        Fingerprint of the model.
    source : Source
        Its file and options.
    """
    kept = known_model(fingerprint)
    state = state_of(Path(source.path)) if source.options.get("trust") else ""
    if kept is not None and (kept.path, kept.options, kept.state) == (source.path, source.options, state):
        return  # an assessment makes a run of each degradation
    try:
        checksum = _checksum(source.path, state) if state else ""
    except OSError:
        return  # it must be located when a run is to be explained
    _write(fingerprint, KnownModel(source.path, source.options, checksum, state))


def known_model(fingerprint: str) -> KnownModel | None:
    """Return what `remember_model` stored of the model with this fingerprint, or None if that is not known."""
    try:
        where, options, *trusted = read_json(_path(fingerprint), KNOWN_MODEL)
        # Earlier versions stored a time instead of checksum and state: what they trusted must be trusted again.
        checksum, state = trusted if len(trusted) == 2 else ("", "")
        return KnownModel(str(where), dict(options), str(checksum), str(state))
    except (OSError, ValueError, TypeError, OverflowError):
        return None


def remembered_path(fingerprint: str) -> Path | None:
    """Return where a model's file was when it was last used for a run; None if that is not known."""
    kept = known_model(fingerprint)
    return None if kept is None or kept.path in bundled_names() else Path(kept.path)


def find_model(model: Mapping[str, Any]) -> tuple[str, dict[str, Any]] | None:
    """Return where the model of a run is, or None if that is not known.

    A file that may run code is known only as long as its content is that which was trusted.

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
    if kept is not None and (kept.path in bundled_names() or is_there(Path(kept.path))):
        if kept.options.get("trust") and not _is_trusted(model["fingerprint"], kept):
            return None
        return kept.path, {name: value for name, value in kept.options.items() if name != "preprocess"} | form
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
    options = {name: value for name, value in ({} if kept is None else kept.options).items() if name != "trust"}
    form = model.get("preprocess", "none")
    options |= ({} if form == "none" else {"preprocess": form}) | ({"trust": True} if trust else {})
    folder = path.parent if path.name in MAIN_FILES else path
    return Source(str(folder.absolute()), options)


def state_of(path: Path) -> str:
    """Return a digest of names, sizes and times of a file, or of all files in a folder; "" if one cannot be read."""
    digest = hashlib.sha256()
    try:
        for file in _files(path):
            found = file.stat()
            # The time of the last change of the entry cannot be set back, unlike that of the content.
            digest.update(
                f"{file} {found.st_size} {found.st_mtime_ns} {found.st_ctime_ns}\n".encode("utf-8", "replace")
            )
    except (OSError, ValueError):
        return ""
    return digest.hexdigest()


def _is_trusted(fingerprint: str, kept: KnownModel) -> bool:
    """Return True if files have the content that was trusted; they are read only if sizes or times have changed."""
    state = state_of(Path(kept.path))
    if not state or not kept.checksum:
        return False
    if state == kept.state:
        return True
    try:
        same = _checksum(kept.path, state) == kept.checksum
    except OSError:
        return False
    if same:  # a large model is not read again by every program that asks
        _write(fingerprint, kept._replace(state=state))
    return same


def _write(fingerprint: str, known: KnownModel) -> None:
    """Store what is known of a model, if the user's data folder can be written."""
    path = _path(fingerprint)
    with contextlib.suppress(DiskError, OSError):
        make_folder(path.parent)
        write_text(path, json.dumps(known))


@functools.lru_cache(MOST_CHECKSUMS)
def _checksum(path: str, state: str) -> str:
    """Return the SHA-256 of a file, or of all files in a folder and their names; `state` is for the cache."""
    digest, start = hashlib.sha256(), Path(path)
    for file in _files(start):
        digest.update(f"{checksum_of(file)} {file.relative_to(start).as_posix()}\n".encode("utf-8", "replace"))
    return digest.hexdigest()


def _files(path: Path) -> list[Path]:
    """Return a file, or all files in a folder; raise OSError if there are none."""
    files = sorted(file for file in path.rglob("*") if file.is_file()) if path.is_dir() else [path]
    if not files:
        raise FileNotFoundError(path)
    return files


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
