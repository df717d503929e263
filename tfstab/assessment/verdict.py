"""The verdict on a network, in sentences that claim no more than their intervals support."""

from dataclasses import dataclass
from typing import Any, Literal

from tfstab.assessment.figures import Figures

Level = Literal["bad", "mid", "good", "unsure"]


@dataclass(frozen=True)
class Finding:
    """One thing that was found.

    Attributes
    ----------
    kind : str
        What it is about: "clean", "family", "classes", "noise", "reference", "undecided".
    level : str
        "bad", "mid", "good", or "unsure" if the images do not decide it.
    text : str
        One to three plain sentences.
    about : tuple of str
        Names of the families, or of the classes, that it speaks of.
    """

    kind: str
    level: Level
    text: str
    about: tuple[str, ...] = ()


@dataclass(frozen=True)
class Verdict:
    """What the figures support.

    Attributes
    ----------
    lead : str
        Two to four sentences, the worst news first.
    findings : list of Finding
        All that was found, the worst news first, what is open last.
    """

    lead: str
    findings: list[Finding]


def verdict(figures: Figures, reference: dict[str, Any] | None = None) -> Verdict:
    """Return what the figures of a network support, in sentences."""
    return Verdict("", [])
