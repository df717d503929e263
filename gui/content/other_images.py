"""Compared runs of other images: marked as such, and compared on the images in common if these are enough."""

from collections.abc import Callable, Sequence
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from tfstab.gui.content.pair_sentences import sentence
from tfstab.gui.content.pairing import Pairing

Side = TypeVar("Side")  # figures of a compared run
ENOUGH = 20  # images in common; of fewer, the differences say little


def on_its_own(images: bool, degradations: bool = False, severities: bool = False) -> str:
    """Return the end of the title of a chart of several runs: what they do not have in common; "" if they do.

    images, degradations, severities: whether the runs have different ones.
    """
    differing = ["on its own images"] * images + ["under its own degradations"] * degradations
    differing += ["at its own severities"] * severities
    return f", each run {' and '.join(differing)}" if differing else ""


def told_apart(
    own: str,
    images: NDArray[np.int64],
    others: Sequence[tuple[str, Side, NDArray[np.int64]]],
    pair: Callable[[str, Side], Pairing],
) -> tuple[list[tuple[str, Side]], tuple[str, ...]]:
    """Tell compared runs of other images from those of the same ones, whose figures can be compared.

    Parameters
    ----------
    own : str
        Name of the run in view.
    images : ndarray of int, (N,)
        Its images.
    others : sequence of (str, object, ndarray)
        Name, figures and images of each compared run.
    pair : callable
        Compares the run in view with another one, given by name and figures, on the images that both have.

    Returns
    -------
    list of (str, object)
        Name and figures of each; the name says if it is of other images.
    tuple of str
        For each of these, how many images there are, and how the networks compare on those in common.
    """
    named, said, mine = [], [], np.unique(images)
    for name, figures, found in others:
        theirs = np.unique(found)
        if np.array_equal(mine, theirs):
            named.append((name, figures))
            continue
        named.append((f"{name} (other images)", figures))
        common = len(np.intersect1d(mine, theirs, assume_unique=True))
        told = (
            f"{name} was measured on other images: {len(mine):,} in this run, {len(theirs):,} in that one, "
            f"{common:,} in common. So their figures may also differ because of the images."
        )
        said.append(told if common < ENOUGH else f"{told}{_on_common(own, pair(name, figures))}")
    return named, tuple(said)


def _on_common(own: str, pairing: Pairing) -> str:
    """Return how two networks compare on the images in common; "" if too few of these are degraded in both runs."""
    enough = pairing.overall is not None and pairing.overall.count >= ENOUGH
    return f" On images in common, {sentence(pairing, own)}" if enough else ""
