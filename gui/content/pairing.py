"""Two networks on the same images: paired differences by family of degradations; runs in a worker thread."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import reduce
from typing import TYPE_CHECKING

import numpy as np

from tfstab.errors import InputError
from tfstab.metrics.paired import Difference, McNemar, mean_difference

if TYPE_CHECKING:
    from tfstab.assessment.figures import Figures
    from tfstab.experiments.comparison import SweepComparison


@dataclass(frozen=True)
class FamilyPair:
    """Two networks under one family of degradations.

    Attributes
    ----------
    name, title : str
        Name of the family, and what it is called in a sentence.
    accuracy : Difference or None
        Their accuracies over the severities that both have, and the difference (second less first), on the images that
        both have; None if they cannot be compared.
    problem : str
        Why they cannot be compared, or "".
    """

    name: str
    title: str
    accuracy: Difference | None
    problem: str = ""


@dataclass(frozen=True)
class Pairing:
    """Two networks on the same images.

    Attributes
    ----------
    model : str
        Name of the second network.
    families : list of FamilyPair
        The families of the first network, in its order.
    clean : Difference or None
        The clean accuracies, and their difference, on the images that both have swept.
    mcnemar : McNemar or None
        McNemar's exact test on these clean images.
    overall : Difference or None
        Mean accuracy over the families that both have, on the images that have been swept under each of them.
    """

    model: str
    families: list[FamilyPair]
    clean: Difference | None = None
    mcnemar: McNemar | None = None
    overall: Difference | None = None


def pair_up(first: "Figures", second: "Figures") -> Pairing:
    """Compare two networks image by image.

    Parameters
    ----------
    first, second : Figures
        The figures of the two networks.

    Returns
    -------
    Pairing
        Differences are those of the second less the first network.
    """
    from tfstab.experiments.comparison import SweepComparison

    rows: list[FamilyPair] = []
    found: list[SweepComparison] = []
    for family in first.families:
        other = second.family(family.name)
        if other is None:
            rows.append(FamilyPair(family.name, family.title, None, f"{second.model} was not swept under it."))
            continue
        try:
            pair = SweepComparison(family.run, other.run)
        except InputError as error:
            rows.append(FamilyPair(family.name, family.title, None, str(error)))
            continue
        found.append(pair)
        rows.append(FamilyPair(family.name, family.title, pair.accuracy()))
    if not found:
        return Pairing(second.model, rows)
    largest = max(found, key=lambda pair: len(pair.images))
    return Pairing(second.model, rows, largest.clean, largest.mcnemar, _overall(found))


def _overall(pairs: "Iterable[SweepComparison]") -> Difference | None:
    """Return the mean accuracy over several families, on the images that all have."""
    pairs = list(pairs)
    images = reduce(np.intersect1d, [pair.images for pair in pairs])
    if not len(images):
        return None
    sides = [
        np.mean([pair.right_shares[side][np.searchsorted(pair.images, images)].mean(axis=1) for pair in pairs], axis=0)
        for side in (0, 1)
    ]
    return mean_difference(*sides)


def points(d: Difference) -> str:
    """Return a difference of shares in points with its interval: "+6.2 (+4.1 to +8.3)"."""
    return f"{100 * d.value:+.1f} ({100 * d.low:+.1f} to {100 * d.high:+.1f})"


def better(d: Difference, model: str, own: str) -> str:
    """Return the name of the better network, if the images decide it; d: the accuracy of `model` less that of `own`."""
    return "undecided" if d.sign == 0 else model if d.sign > 0 else own
