"""Commands of tfstab as they are printed: as they can be typed where the user is."""

import os
import shlex
import shutil
import sys
from pathlib import Path

from tfstab.names import printed


def command(*words: object) -> str:
    """Return a command of tfstab with these words, quoted for a shell.

    In a virtual environment that is not activated, as after `make demo`, it begins with the path of the program.
    """
    return joined(_program(), *words)


def joined(*words: object) -> str:
    r"""Return words quoted for a shell; control characters, which a terminal would obey, as in $'\x1b'.

    Examples
    --------
    >>> from tfstab.orders.shell import joined
    >>> print(joined("my runs", "cat\u202egpj"))
    'my runs' $'cat\u202egpj'
    """
    return " ".join(_quoted(str(word)) for word in words)


def _quoted(word: str) -> str:
    """Return a word quoted for a shell."""
    if printed(word) == word:
        return shlex.quote(word)
    escaped = (c if printed(c) == c and c not in "\\'" else f"\\u{ord(c):04x}" for c in word)
    return f"$'{''.join(escaped)}'"


def _program() -> str:
    """Return "tfstab", or its path if the shell does not find it but this virtual environment has it."""
    if shutil.which("tfstab") or sys.prefix == sys.base_prefix:
        return "tfstab"
    here = Path(sys.prefix) / ("Scripts" if os.name == "nt" else "bin")
    found = shutil.which("tfstab", path=str(here))
    if found is None:
        return "tfstab"
    return from_here(found)


def from_here(path: str) -> str:
    """Return a full path relative to the current folder if it leads to a place in it; return any other text unchanged.

    Examples
    --------
    >>> from pathlib import Path
    >>> from tfstab.orders.shell import from_here
    >>> from_here(str(Path("models/signs.keras").absolute())), from_here("/elsewhere/signs.keras"), from_here("mnist")
    ('models/signs.keras', '/elsewhere/signs.keras', 'mnist')
    """
    below = Path(path).is_absolute() and Path(path).is_relative_to(Path.cwd())
    return str(Path(path).relative_to(Path.cwd())) if below else path
