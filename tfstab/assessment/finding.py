"""One thing that was found about a network."""

from dataclasses import dataclass
from typing import Literal

Level = Literal["bad", "mid", "good", "unsure"]
Kind = Literal[
    "inputs",
    "damaged",
    "unmeasured",
    "few",
    "clean",
    "worst",
    "broken",
    "chance",
    "recall",
    "small",
    "gaussian",
    "noise",
    "clean classes",
    "precision",
    "threshold",
    "classes",
    "class",
    "taken",
    "harmed classes",
    "class falls",
    "worst classes",
    "family",
    "spared",
    "reference",
    "undecided",
]


@dataclass(frozen=True)
class Finding:
    """One thing that was found.

    Attributes
    ----------
    kind : str
        What it is about: "inputs" or classes that seem wrong; results that are "damaged"; degradations that were
        left "unmeasured"; those measured on too "few" images; "clean" accuracy; the "worst" families; all "broken" and
        all "spared" ones; those where it may do no better than by "chance"; classes whose "recall" falls though
        accuracy may hardly show it; severities that leave little of "small" images; each "family" on its own;
        "gaussian" noise by sigma; minimum "noise"; the "clean classes" that are weak; classes of low "precision" when
        clean; another decision "threshold" that would help; the weak "classes" in general and each weak "class"; the
        class for which most images of other classes are "taken"; the "harmed classes", which lose more than the others
        (weak ones only if no "class" is about them); the "worst classes", which are weak under the worst family; "class
        falls", the classes that single families harm far more than the others; the comparison with bundled networks
        ("reference"); what is "undecided".
    level : str
        "bad", "mid", "good", or "unsure" if the images do not decide it.
    text : str
        One to three plain sentences.
    about : tuple of str
        Names of the families, or of the classes, that it is about.
    """

    kind: Kind
    level: Level
    text: str
    about: tuple[str, ...] = ()

    def __str__(self) -> str:
        """Return the text."""
        return self.text
