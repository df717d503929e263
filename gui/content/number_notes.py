"""What to know of the headline numbers of a compared assessment: whether the images differ, or whether one is better.

Every function may run in a worker thread.
"""

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from tfstab.assessment.recalls import headline_class
from tfstab.gui.content.overview import GAUSSIAN
from tfstab.gui.content.pairing import Pairing, better

if TYPE_CHECKING:
    from tfstab.assessment.family_figures import FamilyFigures
    from tfstab.assessment.figures import Figures

UNDECIDED, UNTESTED = "difference not decided", "difference not tested"


def notes_beside(own: "Figures", other: "Figures", name: str, pairing: Pairing | None) -> dict[str, str]:
    """Return a note on each headline number of a compared assessment, by the number's name.

    Parameters
    ----------
    own, other : Figures
        Of the assessment in view and of the compared one.
    name : str
        What the assessment in view is called.
    pairing : Pairing or None
        The paired differences, which decide which network is better; None until they are computed.
    """
    notes = _not_in_common(own, other)
    if pairing is not None:
        notes |= {number: _decision(pairing, number, name) for number, differing in notes.items() if not differing}
    return notes


def incomparable(own: "Figures", other: "Figures") -> set[str]:
    """Return the names of headline numbers that are of another class or degradation in the other assessment."""
    families, classes = [looked_at(each) for each in (own, other)], [_headline_class(each) for each in (own, other)]
    named = [None if family is None else family.name for family in families]
    return {name for name, (one, two) in (("half", named), ("recall", classes)) if one != two}


def looked_at(figures: "Figures") -> "FamilyFigures | None":
    """Return the family that is shown in more detail: Gaussian noise, or else the most harmful one."""
    return figures.family(GAUSSIAN) or (figures.families[0] if figures.families else None)


def images_of(figures: "Figures") -> NDArray[np.int64]:
    """Return the images that the figures come from: int64 (N,)."""
    runs = [family.run for family in figures.families] + ([] if figures.search is None else [figures.search])
    return np.unique(np.concatenate([np.zeros(0, np.int64), *(run.clean.indices for run in runs)]))


def degraded_apart(own: "Figures", other: "Figures") -> bool:
    """Return whether two networks have been measured on different images under a family that both have."""
    both = [(mine, theirs) for mine in own.families if (theirs := other.family(mine.name)) is not None]
    return any(not np.array_equal(mine.images, theirs.images) for mine, theirs in both)


def _not_in_common(own: "Figures", other: "Figures") -> dict[str, str]:
    """Return of what else each number of the other assessment is, by the number's name; "" where all is the same."""
    clean = not np.array_equal(images_of(own), images_of(other))
    kept = ["images"] * degraded_apart(own, other)
    kept += ["degradations"] * ({family.name for family in own.families} != {family.name for family in other.families})
    half = not np.array_equal(_looked_at_images(own), _looked_at_images(other))
    noise = not np.array_equal(_searched(own), _searched(other))
    differs = {"clean": clean, "recall": clean, "half": half, "noise": noise}
    notes = {name: "other images" if differing else "" for name, differing in differs.items()}
    return notes | {"kept": f"other {' and '.join(kept)}" if kept else ""}


def _decision(pairing: Pairing, number: str, name: str) -> str:
    """Return which network is better in a respect, or that this is not decided or not tested."""
    row = next((row for row in pairing.rows if row.name == number and row.paired is not None), None)
    if row is None:
        return UNTESTED
    return f"{better(row, *pairing.names(name))} is better" if row.sign else UNDECIDED


def _headline_class(figures: "Figures") -> str | None:
    found = headline_class(figures.clean_classes, figures.families)
    return None if found is None else found.name


def _looked_at_images(figures: "Figures") -> NDArray[np.int64]:
    family = looked_at(figures)
    return np.zeros(0, np.int64) if family is None else family.images


def _searched(figures: "Figures") -> NDArray[np.int64]:
    return np.zeros(0, np.int64) if figures.search is None else figures.search.images
