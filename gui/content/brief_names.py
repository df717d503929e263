"""Names of networks for the titles of columns, which have little room."""

import re
from collections.abc import Sequence
from pathlib import Path
from typing import TypeVar

WORD = re.compile(r"[^-_. /\\]+[-_. /\\]*|[-_. /\\]+")
LEAST = 12  # a common beginning is left out from this many characters on

Part = TypeVar("Part")


def brief(names: Sequence[str]) -> list[str]:
    """Return names without what they have in common: folders at either end, and a long beginning.

    Examples
    --------
    >>> from tfstab.gui.content.brief_names import brief
    >>> brief(["harden-signs/hardened", "harden-signs/original"])
    ['hardened', 'original']
    >>> brief(["harden-signs/hardened", "harden-digits/hardened"])
    ['harden-signs', 'harden-digits']
    >>> brief(["harden-cifar10-quick/hardened", "harden-cifar10-quick-2/original"])
    ['…quick/hardened', '…quick-2/original']
    """
    if len(set(names)) < 2:
        return list(names)
    folders = _from_difference([Path(name).parts for name in names])
    folders = [each[::-1] for each in _from_difference([each[::-1] for each in folders])]
    short = [str(Path(*each)) for each in folders]
    ends = ["".join(words) for words in _from_difference([WORD.findall(name) for name in short])]
    return [f"…{end}" for end in ends] if len(short[0]) - len(ends[0]) >= LEAST else short


def _from_difference(many: Sequence[Sequence[Part]]) -> list[Sequence[Part]]:
    """Leave out the parts with which all of the sequences begin; at least one part of each stays."""
    shortest = min(map(len, many)) - 1
    place = next((n for n, here in enumerate(zip(*many, strict=False)) if len(set(here)) > 1), shortest)
    return [each[min(place, shortest) :] for each in many]
