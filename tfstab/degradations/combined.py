"""Several degradations as one, whose severity says how much of each is applied."""

import sys
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from tfstab.degradations.base import Degradation
from tfstab.degradations.chain import chain
from tfstab.degradations.checks import LONGEST_WORDS
from tfstab.degradations.registry import get_degradation
from tfstab.errors import InputError
from tfstab.names import shortened
from tfstab.wording import as_given, listed

FULL = 100.0  # %; at this strength each step has the severity that was given
MOST_TITLES = 4  # in a title; it stands in sentences and in headings


def combined(
    name: str, steps: Sequence[tuple[str | Degradation, float]], *, title: str = "", version: str = "1"
) -> Degradation:
    """Make one degradation of several, to measure them at once. Register it to use it by its name.

    Its severity is the strength in %. At 100 % each step has the severity given here, at 50 % one halfway between this
    and the neutral severity. Where a family takes whole numbers only, severities are rounded.

    Parameters
    ----------
    name : str
        Name of the new degradation: small letters, digits and underscores.
    steps : sequence of (str or Degradation, float)
        Degradations, or their names, each with its severity at 100 %, in the order in which they are applied.
    title : str
        What it is called within a sentence, such as "poor scanning"; by default the titles of the steps.
    version : str
        To be changed whenever the same arguments come to give another image. Steps and severities are added to it, so
        that other steps are noticed.

    Returns
    -------
    Degradation
        The new degradation. It makes several copies of an image if a step draws at random.

    Raises
    ------
    InputError
        There are no steps or too many, one is no pair, unknown, given twice or without clipping, or a severity is
        neutral or out of range.

    Examples
    --------
    >>> import numpy as np
    >>> from tfstab.degradations import combined, register
    >>> scan = register(combined("scan", [("rotation", 5), ("contrast", 0.3), ("jpeg", 30)]))
    >>> scan.title, scan.severities
    ('rotation + contrast + JPEG compression', (25.0, 50.0, 75.0, 100.0))
    >>> grey = np.array([[[0], [200]]], np.uint8)
    >>> combined("dull", [("contrast", 0.5), ("brightness", -20)])(grey, 100).ravel().tolist()
    [30.0, 130.0]
    """
    pairs = _checked(name, steps)
    families = [family for family, _ in pairs]
    copies = max(family.copies for family in families)

    def apply(image: NDArray[np.float32], strength: float, rng: np.random.Generator) -> np.ndarray:
        """Apply the steps at a strength in %; all random numbers follow from one that `rng` draws."""
        now = [(family, _severity(family, strongest, strength)) for family, strongest in pairs]
        return chain(image, now, seed=int(rng.integers(2**63)) if copies > 1 else 0)

    # A run records the function by its module: it has to name the file that calls this, not tfstab.
    apply.__module__ = str(sys._getframe(1).f_globals.get("__name__", "__main__"))
    apply.__qualname__ = combined.__name__
    return Degradation(
        name=name,
        title=title or _title(families),
        about=_described(name, pairs),
        function=apply,
        parameter="strength",
        unit="%",
        severities=(25, 50, 75, FULL),
        neutral=0,
        low=0,
        high=FULL,
        version=_version(name, version, pairs),
        copies=copies,
        steps=len(pairs),
        packages=tuple(dict.fromkeys(package for family in families for package in family.packages)),
    )


def _checked(name: str, steps: Sequence[tuple[str | Degradation, float]]) -> list[tuple[Degradation, float]]:
    """Return the family and the severity of each step; raise InputError if the steps cannot be combined."""
    whose = f"combined degradation '{shortened(str(name), 100)}'"
    expected = "expected pairs of a degradation and a severity, such as [('rotation', 5), ('jpeg', 30)]."
    if not isinstance(steps, list | tuple):
        raise InputError(f"steps of {whose} are {shortened(as_given(steps), 100)}; {expected}")
    if not steps:
        raise InputError(f"{whose} has no steps; {expected}")
    found = dict[str, tuple[Degradation, float]]()
    for step in steps:
        if not isinstance(step, list | tuple) or len(step) != 2:
            raise InputError(f"a step of {whose} is {shortened(as_given(step), 100)}; {expected}")
        family = step[0] if isinstance(step[0], Degradation) else get_degradation(step[0])
        if family.name in found:
            raise InputError(f"{whose} has {family.name} twice; expected each degradation once.")
        if not family.clip:
            raise InputError(f"{whose} has {family.title} as a step; expected degradations with clipping.")
        found[family.name] = family, family.check([step[1]])[0]
    return list(found.values())


def _severity(family: Degradation, strongest: float, strength: float) -> float:
    """Return a step's severity at a strength in %; it is neutral where none in the family's range is nearer."""
    severity = family.neutral + strength / FULL * (strongest - family.neutral)
    if family.whole:
        severity = round(severity)
    if not family.low <= severity <= family.high:  # the neutral severity may be out of range, as in JPEG compression
        end = family.low if severity < family.low else family.high
        severity = min(family.neutral, end, key=lambda one: abs(one - severity))
    # Families refuse a severity that is neutral as float32.
    return family.neutral if np.float32(severity) == np.float32(family.neutral) else severity


def _title(families: Sequence[Degradation]) -> str:
    """Return the titles of families, joined by plus signs, which are not mistaken for a list of degradations."""
    titles = [family.title for family in families]
    if len(titles) > MOST_TITLES:
        titles = [*titles[: MOST_TITLES - 1], f"{len(titles) - MOST_TITLES + 1} others"]
    return " + ".join(titles)


def _described(name: str, pairs: Sequence[tuple[Degradation, float]]) -> str:
    """Return what the steps do, as a predicate; raise InputError if it is too long."""
    each = listed([f"{family.title} at {family.at(f'{severity:g}')}" for family, severity in pairs], most=len(pairs))
    return _short_enough(name, pairs, f"applies, one after the other, {each}")


def _version(name: str, version: str, pairs: Sequence[tuple[Degradation, float]]) -> str:
    """Return a version that differs if a step, its severity or its family's version does."""
    if not isinstance(version, str) or not version.strip():
        return version  # which Degradation refuses
    each = ", ".join(
        f"{family.name} {severity:.15g}" + (f" (version {family.version})" if family.version != "1" else "")
        for family, severity in pairs
    )
    return _short_enough(name, pairs, f"{version}: {each}")


def _short_enough(name: str, pairs: Sequence[tuple[Degradation, float]], text: str) -> str:
    """Return a text that a degradation can have, or raise InputError."""
    if len(text) > LONGEST_WORDS:
        raise InputError(
            f"combined degradation '{name}' has {len(pairs)} steps, whose description is longer than {LONGEST_WORDS} "
            "characters; expected fewer steps."
        )
    return text
