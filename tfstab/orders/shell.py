"""Commands of tfstab as they are printed: as they can be typed where the user is."""

import os
import shlex
import shutil
import sys
from pathlib import Path


def command(*words: object) -> str:
    """Return a command of tfstab with these words, quoted for a shell.

    In a virtual environment that is not activated, as after `make demo`, it begins with the path of the program.
    """
    return shlex.join([_program(), *map(str, words)])


def _program() -> str:
    """Return "tfstab", or its path if the shell does not find it but this virtual environment has it."""
    if shutil.which("tfstab") or sys.prefix == sys.base_prefix:
        return "tfstab"
    here = Path(sys.prefix) / ("Scripts" if os.name == "nt" else "bin")
    found = shutil.which("tfstab", path=str(here))
    if found is None:
        return "tfstab"
    below = Path(found).is_relative_to(Path.cwd())
    return str(Path(found).relative_to(Path.cwd()) if below else found)
