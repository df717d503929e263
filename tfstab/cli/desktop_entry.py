"""`tfstab view --install-desktop-entry`: add the viewer to the desktop's menu of applications."""

import os
import shlex
import shutil
import sys
from importlib.resources import files
from pathlib import Path

from tfstab.errors import InputError

NAME = "tfstab-viewer"


def install_desktop_entry() -> list[Path]:
    """Write the entry and its icon for this user and return the files; raise InputError on Windows and macOS."""
    if sys.platform in ("win32", "darwin"):
        raise InputError("desktop entries are Linux's: on this system, start the viewer with tfstab view.")
    share = Path(os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share")
    entry = share / "applications" / f"{NAME}.desktop"
    icon = share / "icons" / "hicolor" / "scalable" / "apps" / f"{NAME}.svg"
    for path in (entry, icon):
        path.parent.mkdir(parents=True, exist_ok=True)
    resources = files("tfstab.resources")
    text = (resources / f"{NAME}.desktop").read_text("utf-8")
    # A virtual environment's folder is not on the desktop's search path, so the command is named in full.
    entry.write_text(text.replace(f"Exec={NAME}", f"Exec={_command()}"), "utf-8")
    icon.write_bytes((resources / "icons" / "tfstab.svg").read_bytes())
    return [entry, icon]


def _command() -> str:
    """Return the command that starts the viewer, quoted for the entry."""
    beside = Path(sys.executable).with_name(NAME)
    found = str(beside) if beside.is_file() else shutil.which(NAME)
    # Percent signs are field codes in a desktop entry.
    words = [found] if found else [sys.executable, "-P", "-m", "tfstab.gui"]
    return " ".join(_quoted(word) for word in words)


def _quoted(word: str) -> str:
    """Quote a word as the Desktop Entry Specification demands, if it has special characters."""
    word = word.replace("%", "%%")
    if shlex.quote(word) == word:
        return word
    for character in '\\"`$':
        word = word.replace(character, f"\\{character}")
    return '"' + word.replace("\\", "\\\\") + '"'
