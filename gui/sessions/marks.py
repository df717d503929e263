"""Marks, tags and notes on a run's images, with undo; they are kept by the viewer, not in the run folder."""

import hashlib
import json
import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from platformdirs import user_data_path
from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QUndoCommand, QUndoStack

from tfstab import limits
from tfstab.errors import DataError
from tfstab.gui.kinds import SHOWN
from tfstab.reading import read_json
from tfstab.runs.atomic import make_folder, write_text
from tfstab.runs.info import begun_with
from tfstab.wording import counted

FORMAT = 2  # format 1 had no tags
UNREADABLE = "The marks in {path} cannot be read ({error}): they are renamed once you mark an image."
LONGEST_TAG = 40  # characters
MOST_TAGS = 100  # of an image
_SURROGATE = re.compile("[\ud800-\udfff]")  # half a character, which pasted text can contain but no file
MarkKey = tuple[int, ...]  # (image, severity index, copy) of a sweep, (image,) of a search


@dataclass(frozen=True)
class Mark:
    """What the user has said of an image.

    Attributes
    ----------
    note : str
        The note, or "".
    tags : tuple of str
        Names of the groups that the image was put in, sorted.
    """

    note: str = ""
    tags: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        """Tags and note in one line: "#blurred #odd looks like a 7"."""
        return " ".join([*(f"#{tag}" for tag in self.tags), self.note]).strip()


_NOTHING = Mark()


class Marks(QObject):
    """The marked images, each with tags and a note; every change is saved at once and can be undone.

    Parameters
    ----------
    path : Path
        The file of the marks. If it cannot be read, it is renamed before other marks are written.
    parent : QObject, optional
    length : int, optional
        Length of each key; by default any.

    Attributes
    ----------
    problem : str
        Why the file could not be read, or "".
    last_tag : str
        The tag given last, or "".

    Signals
    -------
    changed
        Marks or notes were changed.
    failed : str
        The marks could not be saved, in one sentence.
    """

    changed = Signal()
    failed = Signal(str)

    def __init__(self, path: Path, parent: QObject | None = None, length: int | None = None) -> None:
        super().__init__(parent)
        self.path, self._length = path, length
        self.undo_stack = QUndoStack(self)
        self._marks_of: dict[MarkKey, Mark] = {}
        self._unsaved: dict[MarkKey, Mark | None] = {}
        self.problem = self.last_tag = ""
        try:
            self._marks_of = _read(path, length)
        except (OSError, ValueError) as error:
            self.problem = UNREADABLE.format(path=path, error=error)

    @classmethod
    def of_run(cls, info: dict[str, Any], parent: QObject | None = None) -> "Marks":
        """Return the marks of the run with this run.json, wherever its folder is."""
        path, length = _file_of(info)
        return cls(path, parent, length)

    def __len__(self) -> int:
        """Return the number of marked images."""
        return len(self._marks_of)

    def __contains__(self, key: MarkKey) -> bool:
        """Return True if the image with this key is marked."""
        return key in self._marks_of

    def keys(self, tag: str = "") -> list[MarkKey]:
        """Return the keys of all marked images, or of those with a tag, sorted."""
        return sorted(key for key, mark in self._marks_of.items() if not tag or tag in mark.tags)

    def note(self, key: MarkKey) -> str:
        """Return the note of an image, or "" if it has none."""
        return self.of(key).note

    def of(self, key: MarkKey) -> Mark:
        """Return tags and note of an image."""
        return self._marks_of.get(key, _NOTHING)

    def tags(self) -> dict[str, int]:
        """Return the number of images with each tag, sorted by name."""
        return dict(sorted(Counter(tag for mark in self._marks_of.values() for tag in mark.tags).items()))

    def mark(self, keys: list[MarkKey], on: bool = True) -> None:
        """Mark images, or remove their marks and notes."""
        changes = {key: (_NOTHING if on else None) for key in keys if (key in self) != on}
        self._push(changes, f"{'mark' if on else 'unmark'} {counted(len(changes))}")

    def toggle(self, keys: list[MarkKey]) -> None:
        """Mark all images, or unmark them if all are marked."""
        self.mark(keys, not all(key in self for key in keys))

    def write(self, key: MarkKey, note: str) -> None:
        """Set the note of an image, which marks it; an empty note keeps the mark."""
        note = _SURROGATE.sub("\N{REPLACEMENT CHARACTER}", note)
        if note != self.note(key):
            self._push({key: replace(self.of(key), note=note)}, "note")

    def tag(self, keys: Iterable[MarkKey], name: str) -> None:
        """Give images a tag, which marks them, or remove it if all of them have it."""
        name, keys = tag_name(name), list(keys)
        if not name:
            return
        remove = all(name in self.of(key).tags for key in keys)
        changes: dict[MarkKey, Mark | None] = {}
        for key in keys:
            tags = {tag for tag in self.of(key).tags if tag != name} | (set() if remove else {name})
            if tuple(sorted(tags)) != self.of(key).tags and len(tags) <= MOST_TAGS:
                changes[key] = replace(self.of(key), tags=tuple(sorted(tags)))
        self.last_tag = name
        self._push(changes, f"{'removal of ' if remove else ''}tag {name}")

    def _push(self, changes: dict[MarkKey, Mark | None], text: str) -> None:
        if changes:
            self.undo_stack.push(_Change(self, changes, text))

    def put(self, changes: dict[MarkKey, Mark | None]) -> None:
        """Set marks and save them, without the undo stack; None removes a mark."""
        self._unsaved |= changes
        self._marks_of = _changed(self._marks_of, changes)
        try:
            # Another window may have changed the file, so only the changes made here are written.
            self._marks_of = _changed(self._latest(), self._unsaved)
            _write(self.path, self._marks_of)
            self._unsaved = {}
        except OSError as error:
            self.failed.emit(f"The marks cannot be saved in {self.path.parent}: {error.strerror or error}.")
        self.changed.emit()

    def _latest(self) -> dict[MarkKey, Mark]:
        """Read the file, or rename it if it cannot be read; raise OSError if that fails."""
        try:
            return _read(self.path, self._length)
        except (OSError, ValueError) as error:
            number = 1
            while (aside := self.path.with_suffix(f".{number}.bak")).exists():
                number += 1
            self.path.replace(aside)
            self.failed.emit(f"The marks in {self.path} cannot be read ({error}): they are kept as {aside.name}.")
            return self._marks_of


class _Change(QUndoCommand):
    """A change of marks on the undo stack."""

    def __init__(self, marks: Marks, changes: dict[MarkKey, Mark | None], text: str) -> None:
        super().__init__(text)
        self._marks, self._after = marks, changes
        self._before = {key: marks.of(key) if key in marks else None for key in changes}

    def redo(self) -> None:
        self._marks.put(self._after)

    def undo(self) -> None:
        self._marks.put(self._before)


def fingerprint(info: dict[str, Any]) -> str:
    """Return a hash of a run's kind, model, data, seed and settings, which does not depend on its folder.

    It stays the same when the run is given more copies or images, and when an assessment gets further runs, such as an
    explanation.
    """
    begun = begun_with(info)
    model, data = (
        {k: v for k, v in begun[part].items() if k.endswith("fingerprint")} or begun[part] for part in ("model", "data")
    )
    if info["kind"] == "assessment":  # its runs have different images, and others may come
        data = {name: info["data"][name] for name in ("name", "split")}
    text = json.dumps([info["kind"], model, data, info["seed"], begun["settings"]], sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:20]


def read_marks(info: dict[str, Any]) -> dict[MarkKey, Mark]:
    """Return the saved marks of the run with this run.json; raise DataError if they cannot be read."""
    path, length = _file_of(info)
    try:
        return _read(path, length)
    except (OSError, ValueError) as error:
        raise DataError(UNREADABLE.format(path=path, error=error)) from None


def _file_of(info: dict[str, Any]) -> tuple[Path, int | None]:
    """Return the file of a run's marks, and the length of their keys if it is known."""
    kind = SHOWN.get(info["kind"])
    path = user_data_path("tfstab", appauthor=False) / "marks" / f"{fingerprint(info)}.json"
    return path, None if kind is None else kind.key_length


def tag_name(text: object) -> str:
    """Return a text as the name of a tag: one line without "#", not longer than LONGEST_TAG."""
    return " ".join(_SURROGATE.sub("", str(text)).replace("#", " ").split())[:LONGEST_TAG].strip()


def _changed(marks: dict[MarkKey, Mark], changes: dict[MarkKey, Mark | None]) -> dict[MarkKey, Mark]:
    """Return the marks after changes, of which None removes a mark."""
    return {key: mark for key, mark in (marks | changes).items() if mark is not None}


def _read(path: Path, length: int | None) -> dict[MarkKey, Mark]:
    """Read the marks in a file, if there is one; raise OSError or ValueError if it cannot be read."""
    try:
        content = read_json(path, limits.LARGEST_MARKS, most_values=limits.MOST_MARK_VALUES)
    except FileNotFoundError:
        return {}
    try:
        if content["format"] > FORMAT:
            raise ValueError("they were written by a newer tfstab")
        return {_key(key, length): _mark(value) for key, value in content["marks"].items()}
    except (KeyError, TypeError, AttributeError) as error:
        raise ValueError(f"the file is damaged: {error}") from error


def _mark(value: object) -> Mark:
    """Return the mark in a JSON value, which is its note in format 1; raise ValueError or KeyError if it is none."""
    if isinstance(value, str):
        return Mark(value)
    if not isinstance(value, dict) or not isinstance(value["tags"], list) or len(value["tags"]) > MOST_TAGS:
        raise ValueError("the file is damaged: a mark is not a note with tags")
    return Mark(str(value["note"]), tuple(sorted({name for tag in value["tags"] if (name := tag_name(tag))})))


def _key(text: str, length: int | None) -> MarkKey:
    """Return the key in a text such as "7/0/3"; raise ValueError if it is not one."""
    key = tuple(map(int, text.split("/")))
    if length not in (None, len(key)) or not all(0 <= number < limits.LARGEST_MARK for number in key):
        raise ValueError(f"the file is damaged: '{text[:80]}' is not an image of the run")
    return key


def _write(path: Path, marks: dict[MarkKey, Mark]) -> None:
    """Write the marks to a file."""
    make_folder(path.parent)
    content = {
        "/".join(map(str, key)): {"note": mark.note, "tags": list(mark.tags)} for key, mark in sorted(marks.items())
    }
    write_text(path, json.dumps({"format": FORMAT, "marks": content}, ensure_ascii=False, indent=1))
