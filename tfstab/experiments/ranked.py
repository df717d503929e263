"""Several networks: their accuracies side by side, and their order, with what is certain of each pair."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from tfstab.experiments.comparison_text import run_names
from tfstab.experiments.folders_compared import common_images, largest
from tfstab.experiments.named_classes import Pair, sweeps_of
from tfstab.experiments.sweep_comparison import SweepComparison
from tfstab.experiments.too_few_degraded import FEW
from tfstab.metrics import Estimate
from tfstab.metrics.estimate import accuracy_of
from tfstab.metrics.kept import share_of
from tfstab.metrics.multiple import decided
from tfstab.metrics.paired import mean_difference
from tfstab.runs.info import without_classes
from tfstab.wording import LISTED, counted, listed

CLEAN = "clean images"


@dataclass(frozen=True)
class Ranked:
    """A network among several.

    Attributes
    ----------
    name : str
        Names of its model and folder.
    accuracy : Estimate
        Accuracy over the degradations, severities and images that all networks have, each degradation counting alike.
    better_than : tuple of str
        Names of the networks whose accuracy is lower; decided for all pairs of networks at once.
    """

    name: str
    accuracy: Estimate
    better_than: tuple[str, ...]


@dataclass(frozen=True)
class Ranking:
    """Several networks, the one with the highest accuracy first.

    Attributes
    ----------
    networks : list of Ranked
        The networks.
    degradations : list of str
        Titles of the degradations that all have.
    images : int
        Number of images that all have under each of them.
    limited : str
        Why the ranking rests on fewer degradations, or on fewer than half as many images, than one of the comparisons
        with the first network, and what to do about it, in sentences. "" if it does not.
    """

    networks: list[Ranked]
    degradations: list[str]
    images: int
    limited: str


@dataclass(frozen=True)
class SideBySide:
    """The accuracies of several networks on the same images.

    Attributes
    ----------
    title : str
        Title of a degradation, or `CLEAN`.
    images : int
        Number of images that all networks have.
    networks : list of Estimate
        The accuracy of each network: the mean over the severities that all have.
    """

    title: str
    images: int
    networks: list[Estimate]


def side_by_side(pairs: Sequence[Pair]) -> list[SideBySide]:
    """Return the accuracies of the first network, and of all that were compared with it.

    Parameters
    ----------
    pairs : sequence of SweepComparison, SearchComparison or FolderComparison
        Comparisons of the same first network with others.

    Returns
    -------
    list of SideBySide
        On clean images, unless these have no classes, then under each degradation that all networks have, the lowest
        first.
    """
    several, common = _by_title(pairs)
    rows = []
    for title in common:
        sweeps = [one[title] for one in several]
        images = reduce(np.intersect1d, [sweep.images for sweep in sweeps])
        if len(images):
            shares = [_shares([sweeps], images, 0, 0), *(_shares([sweeps], images, k, 1) for k in range(len(pairs)))]
            rows.append(SideBySide(title, len(images), [share_of(own) for own in shares]))
    rows.sort(key=lambda row: sum(accuracy.value for accuracy in row.networks))
    return _clean(several) + rows


def _by_title(pairs: Sequence[Pair]) -> tuple[list[dict[str, SweepComparison]], list[str]]:
    """Return the sweeps of each pair by degradation, and the degradations that all pairs have at a common severity."""
    several = [{sweep.first.degradation.title: sweep for sweep in sweeps_of(pair)} for pair in pairs]
    common = [title for title in several[0] if all(title in one for one in several)]
    return several, [title for title in common if _severities([one[title] for one in several])]


def _clean(several: Sequence[Mapping[str, SweepComparison]]) -> list[SideBySide]:
    """Return the accuracies on the clean images that all networks have, if there are any and they have classes."""
    if not all(several) or any(without_classes(sweep.first.info) for one in several for sweep in one.values()):
        return []
    clean = [largest(one.values()).on_clean for one in several]
    images = reduce(np.intersect1d, [one.images for one in clean])
    if not len(images):
        return []
    sides = [(clean[0], 0), *((one, 1) for one in clean)]
    right = [one.correct[side][np.searchsorted(one.images, images)] for one, side in sides]
    return [SideBySide(CLEAN, len(images), [accuracy_of(own) for own in right])]


def ranked(pairs: Sequence[Pair]) -> Ranking | None:
    """Rank the first network, and all that were compared with it, by their accuracy under degradation.

    Parameters
    ----------
    pairs : sequence of SweepComparison, SearchComparison or FolderComparison
        Comparisons of the same first network with others.

    Returns
    -------
    Ranking or None
        None for fewer than three networks, and if all of them have no image under a degradation in common.
    """
    several, common = _by_title(pairs)
    if len(pairs) < 2 or not common:
        return None
    images = reduce(np.intersect1d, [one[title].images for one in several for title in common])
    if not len(images):
        return None
    compared = [[one[title] for one in several] for title in common]
    shares = [_shares(compared, images, 0, 0), *(_shares(compared, images, k, 1) for k in range(len(pairs)))]
    names = run_names([pairs[0].first, *(pair.second for pair in pairs)])
    couples = list(combinations(range(len(names)), 2))
    signs = decided([mean_difference(shares[a], shares[b]) for a, b in couples])
    better = [(a, b) if sign < 0 else (b, a) for (a, b), sign in zip(couples, signs, strict=True) if sign]
    networks = [
        Ranked(name, share_of(own), tuple(names[lower] for higher, lower in better if higher == k))
        for k, (name, own) in enumerate(zip(names, shares, strict=True))
    ]
    networks.sort(key=lambda network: -network.accuracy.value)
    return Ranking(networks, common, len(images), _limited(several, common, len(images), names))


def _limited(
    several: Sequence[Mapping[str, SweepComparison]], common: Sequence[str], count: int, names: Sequence[str]
) -> str:
    """Return why a ranking rests on less than one of the comparisons with the first network; "" if it does not.

    several: the sweeps of each of these comparisons, by degradation. common, count: the degradations and the number of
    images of the ranking. names: those of all networks, the first network's first.
    """
    most = max(len(one) for one in several)
    images = [len(common_images(one.values())) for one in several]
    fullest = max(images)
    few_degradations, few_images = len(common) < most, count < FEW * fullest
    if not few_degradations and not few_images:
        return ""
    rests = []
    if few_degradations:
        rests.append(f"{len(common)} of {most} degradations ({listed(common, most=LISTED)})")
    if few_images:
        rests.append(f"{count:,} of {counted(fullest)}")
    less = [
        name
        for name, one, own in zip(names[1:], several, images, strict=True)
        if (few_degradations and len(one) < most) or (few_images and own < FEW * fullest)
    ]
    why = "the networks were not all measured under the same degradations and on the same images"
    these, leave = "all networks", ""
    if less:
        do, it = ("does", "it") if len(less) == 1 else ("do", "them")
        these = listed(less)
        why, leave = f"{these} {do} not share all of them with {names[0]}", f", or leave {it} out"
    remedy = f"assess {these} again with more minutes" if most > 1 else f"measure {these} on more images"
    return (
        f"This ranking rests on only {' and '.join(rests)}, because {why}. Each comparison above uses all that its "
        f"two networks share, so it may show them in another order. To rank on more, {remedy}{leave}."
    )


def _severities(sweeps: Sequence[SweepComparison]) -> list[float]:
    """Return the severities of a degradation that all of these comparisons have."""
    return [s for s in sweeps[0].severities if all(s in sweep.severities for sweep in sweeps)]


def _shares(
    compared: Sequence[Sequence[SweepComparison]], images: NDArray[np.int64], which: int, side: int
) -> NDArray[np.float64]:
    """Return the share of each image's copies that a network gets right, the mean over degradations: float64 (N,).

    compared: for each degradation the comparisons with each other network. which, side: the comparison, and the side
    of it, that is of the network.
    """
    found = []
    for sweeps in compared:
        sweep = sweeps[which]
        columns = [sweep.severities.index(s) for s in _severities(sweeps)]
        rows = np.searchsorted(sweep.images, images)
        found.append(sweep.right_shares[side][rows][:, columns].mean(axis=1))
    return np.asarray(np.mean(found, axis=0), np.float64)
