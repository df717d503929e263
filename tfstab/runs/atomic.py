"""Files and folders that are whole or not there: written to a temporary name, fsynced, renamed."""

import json
import os
import shutil
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any


def write_atomically(path: Path, write: Callable[[Path], None], suffix: str = "") -> None:
    """Let `write(temporary path)` make the file, then move it to `path` in one step.

    suffix: what the temporary name must end in, for writers that look at it. After an error nothing is left.
    """
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp{suffix}")
    try:
        write(temporary)
        with temporary.open("r+b") as file:
            os.fsync(file.fileno())
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)
    sync_folder(path.parent)


def write_json(path: Path, value: Any) -> None:
    """Write JSON, indented, atomically."""
    write_text(path, json.dumps(value, indent=2, ensure_ascii=False) + "\n")


def write_text(path: Path, text: str) -> None:
    """Write text, UTF-8, atomically."""

    def write(temporary: Path) -> None:
        temporary.write_text(text, encoding="utf-8")

    write_atomically(path, write)


def write_folder(folder: Path, contents: Mapping[str, bytes]) -> None:
    """Make a folder of files, by name: all of them, on the disk, or none."""
    making = folder.with_name(f".{folder.name}")
    shutil.rmtree(making, ignore_errors=True)  # left by a kill
    making.mkdir(parents=True)
    for name, content in contents.items():
        with (making / name).open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
    sync_folder(making)
    making.rename(folder)
    sync_folder(folder.parent)


def sync_folder(folder: Path) -> None:
    """Make renames in it last through a power cut; Windows neither has nor needs this."""
    if os.name == "posix":
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
