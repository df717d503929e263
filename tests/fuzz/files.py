"""A case of fuzzing: files by name, as a strategy draws them, a folder holds them and a seed keeps them."""

import base64
import contextlib
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Link:
    """A symbolic link in the place of a file."""

    to: str


@dataclass(frozen=True)
class Pipe:
    """A named pipe in the place of a file."""


@dataclass(frozen=True)
class Folder:
    """An empty folder in the place of a file."""


Content = bytes | Link | Pipe | Folder
Files = dict[str, Content]


def write_files(folder: Path, files: Mapping[str, Content]) -> None:
    """Make the files below a folder."""
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if isinstance(content, bytes):
            path.write_bytes(content)
        elif isinstance(content, Link):
            path.symlink_to(content.to)
        elif isinstance(content, Pipe):
            os.mkfifo(path)
        else:
            path.mkdir(exist_ok=True)


def read_files(folder: Path) -> Files:
    """The ordinary files below a folder."""
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


def save_seed(path: Path, files: Mapping[str, Content], good: Mapping[str, Content], finding: str) -> None:
    """Keep a case as what differs from the good files; a file that is missing is None."""
    changed = {name: _packed(content) for name, content in files.items() if good.get(name) != content}
    missing = dict.fromkeys(name for name in good if name not in files)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps({"finding": finding, "files": {**changed, **missing}}, indent=1) + "\n", "utf-8")


def read_seed(path: Path, good: Mapping[str, Content]) -> Files:
    """The files of a seed, on top of the good ones."""
    changed = json.loads(path.read_text("utf-8"))["files"]
    files = {**good, **{name: _unpacked(kept) for name, kept in changed.items() if kept is not None}}
    return {name: content for name, content in files.items() if changed.get(name, content) is not None}


def _packed(content: Content) -> object:
    if isinstance(content, Link):
        return {"link": content.to}
    if not isinstance(content, bytes):
        return {"kind": type(content).__name__}
    with contextlib.suppress(UnicodeDecodeError):
        return {"text": content.decode("utf-8")}
    return {"base64": base64.b64encode(content).decode()}


def _unpacked(kept: Mapping[str, str]) -> Content:
    if "link" in kept:
        return Link(kept["link"])
    if "kind" in kept:
        return {"Pipe": Pipe, "Folder": Folder}[kept["kind"]]()
    return kept["text"].encode() if "text" in kept else base64.b64decode(kept["base64"])
