"""Marks and notes on a run's images, with undo. They are the viewer's own: the run folder is left as it is."""

import hashlib
import json
import re
from pathlib import Path
from typing import Any

from platformdirs import user_data_path
from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QUndoCommand, QUndoStack

from tfstab import limits
from tfstab.gui.kinds import KINDS
from tfstab.reading import read_json
from tfstab.runs.atomic import make_folder, write_text

FORMAT = 1
_SURROGATE = re.compile("[\ud800-\udfff]")  # half a character, which can come with a pasted text and not be written
MarkKey = tuple[int, ...]  # (image, severity index, copy) of a sweep, (image,) of a search


class Marks(QObject):
    """Which images are marked, each with a note, "" at first. Every change can be undone and is saved at once.

    problem: why the notes that are there could not be read, "" where they could. Before others are written in their
    place, their file is renamed. length: of each key; None for any.
    """

    changed = Signal()
    failed = Signal(str)  # a sentence: the notes could not be saved

    def __init__(self, path: Path, parent: QObject | None = None, length: int | None = None) -> None:
        super().__init__(parent)
        self.path, self._length = path, length
        self.undo_stack = QUndoStack(self)
        self._notes: dict[MarkKey, str] = {}
        self._unsaved: dict[MarkKey, str | None] = {}
        self.problem = ""
        try:
            self._notes = _read(path, length)
        except (OSError, ValueError) as error:
            self.problem = f"The marks in {path} cannot be read ({error}): they are renamed once you mark an image."

    @classmethod
    def of_run(cls, info: dict[str, Any], parent: QObject | None = None) -> "Marks":
        """The marks of the run with this run.json, wherever its folder lies."""
        path = user_data_path("tfstab", appauthor=False) / "marks" / f"{fingerprint(info)}.json"
        kind = KINDS.get(info["kind"])
        return cls(path, parent, None if kind is None else kind.key_length)

    def __len__(self) -> int:
        return len(self._notes)

    def __contains__(self, key: MarkKey) -> bool:
        return key in self._notes

    def keys(self) -> list[MarkKey]:
        """In order."""
        return sorted(self._notes)

    def note(self, key: MarkKey) -> str:
        """The note, "" where there is none."""
        return self._notes.get(key, "")

    def mark(self, keys: list[MarkKey], on: bool = True) -> None:
        """Mark images, or take their marks and notes away."""
        changes = {key: ("" if on else None) for key in keys if (key in self) != on}
        self._push(changes, f"{'mark' if on else 'unmark'} {_count(len(changes))}")

    def toggle(self, keys: list[MarkKey]) -> None:
        """Mark all of them, or unmark them where all are marked."""
        self.mark(keys, not all(key in self for key in keys))

    def write(self, key: MarkKey, note: str) -> None:
        """Set a note, which marks the image; an empty one leaves the mark."""
        note = _SURROGATE.sub("\N{REPLACEMENT CHARACTER}", note)
        if note != self.note(key):
            self._push({key: note}, "note")

    def _push(self, changes: dict[MarkKey, str | None], text: str) -> None:
        if changes:
            self.undo_stack.push(_Change(self, changes, text))

    def put(self, changes: dict[MarkKey, str | None]) -> None:
        """Take over notes; None takes a mark away. Beside the undo stack: for its commands."""
        self._unsaved |= changes
        self._notes = _changed(self._notes, changes)
        try:
            # Another window may have written: only what was changed here is changed in the file.
            self._notes = _changed(self._latest(), self._unsaved)
            _write(self.path, self._notes)
            self._unsaved = {}
        except OSError as error:
            self.failed.emit(f"The marks cannot be saved in {self.path.parent}: {error.strerror or error}.")
        self.changed.emit()

    def _latest(self) -> dict[MarkKey, str]:
        """What the file holds; one that cannot be read is renamed first. Raises OSError where it cannot be."""
        try:
            return _read(self.path, self._length)
        except (OSError, ValueError) as error:
            number = 1
            while (aside := self.path.with_suffix(f".{number}.bak")).exists():
                number += 1
            self.path.replace(aside)
            self.failed.emit(f"The marks in {self.path} cannot be read ({error}): they are kept as {aside.name}.")
            return self._notes


class _Change(QUndoCommand):
    def __init__(self, marks: Marks, changes: dict[MarkKey, str | None], text: str) -> None:
        super().__init__(text)
        self._marks, self._after = marks, changes
        self._before = {key: marks.note(key) if key in marks else None for key in changes}

    def redo(self) -> None:
        self._marks.put(self._after)

    def undo(self) -> None:
        self._marks.put(self._before)


def fingerprint(info: dict[str, Any]) -> str:
    """What a run is, whatever its folder is called: its kind, model, data, seed and settings."""
    model, data = (
        {k: v for k, v in info[part].items() if k.endswith("fingerprint")} or info[part] for part in ("model", "data")
    )
    text = json.dumps([info["kind"], model, data, info["seed"], info["settings"]], sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:20]


def _count(number: int) -> str:
    return "1 image" if number == 1 else f"{number:,} images"


def _changed(notes: dict[MarkKey, str], changes: dict[MarkKey, str | None]) -> dict[MarkKey, str]:
    """The notes after changes, of which None takes one away."""
    return {key: note for key, note in (notes | changes).items() if note is not None}


def _read(path: Path, length: int | None) -> dict[MarkKey, str]:
    """The notes of a file; none where there is no file. Raises OSError or ValueError where it cannot be read."""
    try:
        content = read_json(path, limits.LARGEST_MARKS)
    except FileNotFoundError:
        return {}
    try:
        if content["format"] > FORMAT:
            raise ValueError("they were written by a newer tfstab")
        return {_key(key, length): str(note) for key, note in content["marks"].items()}
    except (KeyError, TypeError, AttributeError) as error:
        raise ValueError(f"the file is damaged: {error}") from error


def _key(text: str, length: int | None) -> MarkKey:
    key = tuple(map(int, text.split("/")))
    if length not in (None, len(key)) or not all(0 <= number < limits.LARGEST_MARK for number in key):
        raise ValueError(f"the file is damaged: '{text[:80]}' is not an image of the run")
    return key


def _write(path: Path, notes: dict[MarkKey, str]) -> None:
    make_folder(path.parent)
    marks = {"/".join(map(str, key)): note for key, note in sorted(notes.items())}
    write_text(path, json.dumps({"format": FORMAT, "marks": marks}, ensure_ascii=False, indent=1))
