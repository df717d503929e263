"""The table of bombs: small files that cost whoever opens them much memory or time."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Bomb:
    """opener: a key of `opener.OPENERS`. make: writes the file into an empty folder and returns what is to be opened.
    said: words of the refusal.
    """

    opener: str
    make: Callable[[Path], object]
    said: str
