"""Where models are on this machine: a run folder does not contain the model that explains its images.

Each model has a file of its own in the user's data folder. Making a run of a model writes it; the viewer and `tfstab
inspect --why` read it.
"""

import contextlib
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from platformdirs import user_data_path

from tfstab.classifier.source import DEFAULTS, Source, without_defaults
from tfstab.content import Content, content_of, joint, state_of
from tfstab.errors import DiskError, ModelError
from tfstab.importing import is_installed
from tfstab.limits import KNOWN_MODEL
from tfstab.models import bundled_names
from tfstab.models.cards import form as card_form
from tfstab.reading import read_json
from tfstab.runs.atomic import make_folder, write_text
from tfstab.runs.form import recorded_form
from tfstab.runs.info import FUNCTION

MAIN_FILES = ("saved_model.pb", "saved_model.pbtxt")  # in a SavedModel folder


class KnownModel(NamedTuple):
    """What is remembered of a model.

    Attributes
    ----------
    path : str
        Its file or folder, or the name of a bundled network.
    options : dict
        With which options it was loaded.
    checksum, state : str
        The `Content` of the files that were trusted when the model was loaded; "" if it needed none, or if the content
        is not known. As long as the state is the same, the files are not read to compare the checksum.
    """

    path: str
    options: dict[str, Any]
    checksum: str = ""
    state: str = ""

    @property
    def files(self) -> list[Path]:
        """The files and folders that may run code when the model is loaded."""
        modules = [Path(name) for name in self.options.get("imports", ()) if Path(name).suffix == ".py"]
        return [Path(self.path), *modules] if self.options.get("trust") else modules

    @property
    def missing(self) -> list[Path]:
        """Modules, by name, that are not installed: those in the current folder may be a stranger's."""
        names = (name for name in self.options.get("imports", ()) if Path(name).suffix != ".py")
        return [Path(name) for name in names if not is_installed(name)]

    def now(self, read_model: bool = True) -> list[tuple[str, Content]]:
        """Return the checksum of each of these files when it was trusted, and its content now.

        A file is read only if its state has changed, once per process and state; the model only with `read_model`.
        """
        files, trusted = self.files, list(map(Content, self.checksum.split(), self.state.split()))
        if len(trusted) != len(files):  # by another version, or a file could not be read
            return [("", Content()) for _ in files]
        return [
            (was.checksum, _as_now(file, was, read_model or file != Path(self.path)))
            for file, was in zip(files, trusted, strict=True)
        ]


def remember_model(fingerprint: str, source: Source) -> None:
    """Remember where a model is and with which options it was loaded, if the user's data folder can be written.

    Parameters
    ----------
    fingerprint : str
        Fingerprint of the model.
    source : Source
        Its file and options, and the content that was loaded, which is trusted from now on.
    """
    known = KnownModel(source.path, source.options, *source.content)
    if known_model(fingerprint) != known:  # an assessment makes a run of each degradation
        _write(fingerprint, known)


def known_model(fingerprint: str) -> KnownModel | None:
    """Return what `remember_model` stored of the model with this fingerprint, or None if that is not known."""
    try:
        where, options, *trusted = read_json(_path(fingerprint), KNOWN_MODEL)
        # Earlier versions stored a time instead of checksum and state: what they trusted must be trusted again.
        checksum, state = trusted if len(trusted) == 2 else ("", "")
        if not all(isinstance(name, str) for name in dict(options).get("imports", ())):
            raise TypeError("a module has no name")
        return KnownModel(str(where), dict(options), str(checksum), str(state))
    except (OSError, ValueError, TypeError, OverflowError):
        return None


def remembered_path(fingerprint: str) -> Path | None:
    """Return where a model's file was when it was last used for a run; None if that is not known."""
    kept = known_model(fingerprint)
    return None if kept is None or kept.path in bundled_names() else Path(kept.path)


def find_model(model: Mapping[str, Any]) -> tuple[str, dict[str, Any]] | None:
    """Return where the model of a run is, or None if that is not known.

    A file that may run code is known only as long as its content is that which was trusted; it may be read for that.

    Parameters
    ----------
    model : mapping
        The model of the run, as `tfstab.runs.info.model_of` returns it.

    Returns
    -------
    tuple of str and dict, or None
        Bundled name or path, and options, as a Source has them.
    """
    found = where_is(model)
    return found if found is None or is_trusted(model["fingerprint"], found[0]) else None


def where_is(model: Mapping[str, Any]) -> tuple[str, dict[str, Any]] | None:
    """Return the same as `find_model`, but at once: what is there must pass `is_trusted` before it is loaded."""
    if model.get(FUNCTION):
        return None
    kept = known_model(model["fingerprint"])
    if kept is not None and (kept.path in bundled_names() or is_there(Path(kept.path))):
        return kept.path, _as_of_run(kept.options, Path(kept.path), model)
    return (model["name"], recorded_form(model)) if model["name"] in bundled_names() else None


def is_trusted(fingerprint: str, path: str) -> bool:
    """Return True if loading a remembered model runs no other code than was trusted.

    Its files are read if their state has changed, once per process and state.

    Parameters
    ----------
    fingerprint : str
        Fingerprint of the model.
    path : str
        Where it is, as `where_is` returned it.
    """
    kept = known_model(fingerprint)
    if kept is None or kept.path != path:
        return path in bundled_names()
    contents = kept.now()
    same = not kept.missing and all(content.checksum == was != "" for was, content in contents)
    # A large model is not read again by every program that asks.
    if same and (known := kept._replace(state=joint([content.state for _, content in contents]))) != kept:
        _write(fingerprint, known)
    return same


def changed_code(fingerprint: str, read_model: bool = True) -> list[Path]:
    """Return what may run code when a remembered model is loaded, and has changed since: files, folders and modules.

    read_model: without it, the model itself counts as changed if it would have to be read.
    """
    kept = known_model(fingerprint)
    if kept is None:
        return []
    pairs = zip(kept.files, kept.now(read_model), strict=True)
    return [*(file for file, (was, now) in pairs if not now.checksum == was != ""), *kept.missing]


def find_for_form(model: Mapping[str, Any]) -> tuple[str, dict[str, Any]] | None:
    """Return the same as `find_model` for a form to fill in, at once: code that has changed must be trusted there."""
    if (found := where_is(model)) is None:
        return None
    changed = changed_code(model["fingerprint"], read_model=False)
    return found[0], _without(found[1], changed, trust=Path(found[0]) not in changed)


def source_at(path: Path, model: Mapping[str, Any], trust: bool) -> Source:
    """Return how a run's model is loaded from a file: with the options that are remembered of it.

    Parameters
    ----------
    path : Path
        A model file, or the main file in a SavedModel folder.
    model : mapping
        The model of the run, as `tfstab.runs.info.model_of` returns it.
    trust : bool
        Whether the file may run any code; that another file was trusted does not count. Modules that have changed
        since they were trusted are left out.
    """
    kept = known_model(model["fingerprint"])
    changed = changed_code(model["fingerprint"], read_model=False)
    options = _without({} if kept is None else kept.options, changed, trust=False)
    folder = path.parent if path.name in MAIN_FILES else path
    options = _as_of_run(options, folder, model) | ({"trust": True} if trust else {})
    return Source(str(folder.absolute()), options)


def _as_of_run(options: Mapping[str, Any], path: Path, model: Mapping[str, Any]) -> dict[str, Any]:
    """Return options with the form in which a run read its model: it may have been loaded in another one since.

    Defaults are among them only where they are needed, because the options or the model's card say something else.

    options: as a Source has them. path: file or folder of the model. model: as in `find_model`.
    """
    form, card = recorded_form(model), {}
    if str(path) not in bundled_names():
        with contextlib.suppress(ModelError, ValueError):  # loading the model says so
            card = without_defaults(card_form(path.with_suffix(".json")))
    needed = {name: form.get(name, DEFAULTS[name]) for name in DEFAULTS if name in {*form, *options, *card}}
    return {name: value for name, value in options.items() if name not in DEFAULTS} | needed


def _as_now(file: Path, was: Content, read: bool) -> Content:
    """Return the content of a file now; nothing if it has another state and may not be read."""
    if was.state == state_of(file):
        return was
    return content_of(file) if read else Content()


def _without(options: Mapping[str, Any], changed: Sequence[Path], trust: bool) -> dict[str, Any]:
    """Return options without the modules that have changed and, unless it is kept, without trust in the model."""
    left = {name: value for name, value in options.items() if name != "imports" and (trust or name != "trust")}
    modules = [name for name in options.get("imports", ()) if Path(name) not in changed]
    return left | ({"imports": modules} if modules else {})


def _write(fingerprint: str, known: KnownModel) -> None:
    """Store what is known of a model, if the user's data folder can be written."""
    path = _path(fingerprint)
    with contextlib.suppress(DiskError, OSError):
        make_folder(path.parent)
        write_text(path, json.dumps(known))


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
