"""Saved views: viewpoints with names, kept in the user's data folder, and files of them that people exchange. No Qt."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from tfstab import limits
from tfstab.errors import DataError, DiskError
from tfstab.gui.content.viewpoint import Viewpoint
from tfstab.reading import read_json
from tfstab.runs.atomic import make_folder, write_text

FORMAT = 1
LONGEST_NAME = 100  # characters
_FINGERPRINT = set("0123456789abcdef")


@dataclass(frozen=True)
class SavedView:
    """A viewpoint with a name.

    Attributes
    ----------
    name : str
        Its name.
    viewpoint : Viewpoint
        What is shown.
    fingerprint : str
        Identifies the run wherever its folder is (`tfstab.gui.sessions.marks.fingerprint`).
    """

    name: str
    viewpoint: Viewpoint
    fingerprint: str


def read_views(path: Path) -> list[SavedView]:
    """Read a file of saved views, which may come from a stranger.

    Raises
    ------
    DataError
        The file cannot be read, or is not one of saved views.
    """
    try:
        content = read_json(path, limits.LARGEST_VIEWS)
        if not isinstance(content, dict) or not isinstance(content.get("views"), list):
            raise ValueError("it is not a file of saved views")
        if content.get("format") != FORMAT:
            raise ValueError("it was written by a newer tfstab")
        return [_view(value) for value in content["views"]]
    except OSError as error:
        raise DataError(f"{path} cannot be read: {error.strerror or error}.") from error
    except ValueError as error:
        raise DataError(f"{path} holds no saved views: {error}.") from error


def write_views(path: Path, views: Sequence[SavedView]) -> None:
    """Write a file of saved views; raise DiskError if that fails."""
    content = [
        {"name": v.name, "fingerprint": v.fingerprint, **json.loads(v.viewpoint.to_json())} for v in views
    ]  # fmt: skip
    try:
        make_folder(path.parent)
        write_text(path, json.dumps({"format": FORMAT, "views": content}, ensure_ascii=False, indent=1))
    except OSError as error:
        raise DiskError(f"{path} cannot be written: {error.strerror or error}.") from error


class SavedViews:
    """The user's saved views; every change is written at once.

    Every method raises DataError or DiskError if the file cannot be read or written; a damaged file is never replaced.

    Parameters
    ----------
    path : Path
        The file.
    """

    def __init__(self, path: Path) -> None:
        self._path = path

    def views(self) -> list[SavedView]:
        """Return the views in the order of saving."""
        return read_views(self._path) if self._path.exists() else []

    def add(self, views: Sequence[SavedView]) -> None:
        """Add views; a name that is taken gets a number."""
        known = self.views()
        for view in views:
            known.append(replace(view, name=_free(view.name, {v.name for v in known})))
        write_views(self._path, known)

    def rename(self, view: SavedView, name: str) -> None:
        """Give a view another name, with a number if it is taken."""
        others = [v for v in self.views() if v != view]
        new = replace(view, name=_free(clean_name(name), {v.name for v in others}))
        write_views(self._path, [new if v == view else v for v in self.views()])

    def delete(self, view: SavedView) -> None:
        """Delete a view."""
        write_views(self._path, [v for v in self.views() if v != view])


def clean_name(text: object) -> str:
    """Return a text as the name of a view: one line, not too long, and not empty."""
    name = " ".join(str(text).encode(errors="ignore").decode().split())[:LONGEST_NAME]
    return name or "View"


def _free(name: str, taken: set[str]) -> str:
    number, free = 2, name
    while free in taken:
        end = f" ({number})"
        free, number = name[: LONGEST_NAME - len(end)].rstrip() + end, number + 1
    return free


def _view(value: object) -> SavedView:
    """Return the view in a JSON value; raise ValueError if it is none."""
    if not isinstance(value, dict):
        raise ValueError("a view in it is not an object")
    value = dict(value)
    name, fingerprint = value.pop("name", ""), value.pop("fingerprint", "")
    if not isinstance(fingerprint, str) or len(fingerprint) > LONGEST_NAME or not set(fingerprint) <= _FINGERPRINT:
        raise ValueError("a view in it has no valid fingerprint of its run")
    return SavedView(clean_name(name), Viewpoint.of(value), fingerprint)
