"""Whether a reproduction agrees with the stored results: each difference with its interval.

Two results of the same networks on the same test set are not independent: the one with fewer images or noisy copies is
a sample of the other, and they share much of their chance errors. Then the variance of the difference is the difference
of the variances (Hausman). Results of other networks, of other images or with other settings of a search are treated as
independent. If the images are the same, this makes the interval too wide rather than too short.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tfstab.experiments.claim import FAILS, HOLDS, Claim
from tfstab.experiments.results import SHARES, ClassFigures, Figure
from tfstab.experiments.stored import DIGITS, DataResults

# Differences up to this size do not count (relative ones, for numbers that are no shares): stored numbers are rounded,
# and on another device a few copies are predicted differently.
ROUNDING = 10.0 ** (1 - DIGITS)
# The run behind the figures of a test, by its folder in a reproduction.
RUNS = {
    "noisy": "sweeps/{kind}",
    "unclipped": "unclipped/{kind}",
    "search": "searches/{kind}",
    "layers": "explanations/{kind}-layers",
    "noise": "explanations/{kind}-noise",
}


class Relation(Enum):
    """How two results are related; the value is shown to users."""

    SAME = "same"
    SETTINGS = "other settings"
    NETWORKS = "other networks"
    IMAGES = "other images"


@dataclass(frozen=True)
class Agreement:
    """A figure of a reproduction beside the stored one.

    Attributes
    ----------
    data : str
        Name of the data set.
    here, stored : Figure
        The two figures.
    relation : Relation
        How the two are related.
    change, low, high : float
        For shares, here minus stored; for other measures, here divided by stored; with the 95 % interval. The ends are
        NaN or infinite if there are too few images.
    """

    data: str
    here: Figure
    stored: Figure
    relation: Relation
    change: float
    low: float
    high: float

    @property
    def differs(self) -> bool | None:
        """Whether the difference is significant, as its interval does not contain 0 (a ratio's 1); None without one."""
        if not (math.isfinite(self.low) and math.isfinite(self.high)):
            return None
        neutral = 0.0 if self.here.measure in SHARES else 1.0
        return not self.low <= neutral <= self.high


@dataclass(frozen=True)
class ClassAgreement:
    """Precision and recall of the classes of a network beside the stored ones.

    Attributes
    ----------
    data, network, test : str
        Data set, kind of the network, and "clean", "noisy" or "unclipped".
    relation : Relation
        How the two are related.
    largest : float
        The largest absolute difference of a precision or recall, 0..1.
    cells, different : int
        Number of values compared, and of those whose difference is significant.
    """

    data: str
    network: str
    test: str
    relation: Relation
    largest: float
    cells: int
    different: int


@dataclass(frozen=True)
class ClaimAgreement:
    """A claim beside the stored one.

    Attributes
    ----------
    here, stored : Claim
        The claims, with the same data set and the same wording.
    """

    here: Claim
    stored: Claim

    @property
    def contradicts(self) -> bool:
        """Whether one holds and the other does not hold. Fewer images often leave a claim undecided or not seen."""
        return {self.here.verdict, self.stored.verdict} == {HOLDS, FAILS}


def agreements(here: DataResults, stored: DataResults) -> list[Agreement]:
    """Compare all figures that a reproduction has with the stored ones.

    Parameters
    ----------
    here, stored : DataResults
        Results with the same data set.

    Returns
    -------
    list of Agreement
        One for each figure that both have.
    """
    known = {figure.key: figure for figure in stored.figures}
    pairs = [(figure, known[figure.key]) for figure in here.figures if figure.key in known]
    return [_agreement(here, stored, *pair) for pair in pairs]


def class_agreements(here: DataResults, stored: DataResults) -> list[ClassAgreement]:
    """Compare precision and recall of all classes with the stored ones, where both have the same classes."""
    known = {(c.network, c.test): c for c in stored.classes}
    if here.class_names != stored.class_names:
        return []
    return [
        _class_agreement(here, stored, one, known[one.network, one.test])
        for one in here.classes
        if (one.network, one.test) in known
    ]


def claim_agreements(here: Sequence[Claim], stored: Sequence[Claim]) -> list[ClaimAgreement]:
    """Compare the verdicts on all claims that both have."""
    known = {(claim.data, claim.said): claim for claim in stored}
    return [ClaimAgreement(c, known[c.data, c.said]) for c in here if (c.data, c.said) in known]


def relation_of(here: DataResults, stored: DataResults, kinds: tuple[str, ...], test: str) -> Relation:
    """Return how the results of these kinds of networks in one test, as in `Figure.test`, are related."""
    if here.images.get("fingerprint") != stored.images.get("fingerprint"):
        return Relation.IMAGES
    one, other = ([r.networks.get(kind, {}).get("fingerprint") for kind in kinds] for r in (here, stored))
    if one != other:
        return Relation.NETWORKS
    same = all(_settings(here, kind, test) == _settings(stored, kind, test) for kind in kinds)
    return Relation.SAME if same else Relation.SETTINGS


def _settings(results: DataResults, kind: str, test: str) -> dict[str, Any]:
    """Return the settings of the run behind a network's figures, without the number of copies; empty without a run."""
    run = results.made.get("runs", {}).get(RUNS.get(test, "").format(kind=kind), {})
    return {name: value for name, value in run.get("settings", {}).items() if name != "copies"}


def _agreement(here: DataResults, stored: DataResults, one: Figure, other: Figure) -> Agreement:
    """Compare two figures."""
    relation = relation_of(here, stored, one.kinds, one.test)
    first, second = (np.array([f.value, f.low, f.high])[:, None] for f in (one, other))
    shares = one.measure in SHARES
    if not shares:
        with np.errstate(divide="ignore", invalid="ignore"):
            first, second = np.log(first), np.log(second)
    ours = (one.images, one.copies) <= (other.images, other.copies)
    ends = difference(first, second, relation, ours)[:, 0]
    change, low, high = (ends if shares else np.exp(ends)).tolist()
    return Agreement(here.data, one, other, relation, change, low, high)


def _class_agreement(here: DataResults, stored: DataResults, one: ClassFigures, other: ClassFigures) -> ClassAgreement:
    """Compare the precision and recall of all classes."""
    relation = relation_of(here, stored, (one.network,), one.test)
    first, second = (np.hstack([c.precision, c.recall]) for c in (one, other))
    ours = (one.images, one.copies) <= (other.images, other.copies)
    change, low, high = difference(first, second, relation, ours)
    known = ~np.isnan(change)
    outside = (low > 0) | (high < 0)
    largest = float(np.abs(change[known]).max(initial=0))
    return ClassAgreement(here.data, one.network, one.test, relation, largest, int(known.sum()), int(outside.sum()))


def difference(
    first: NDArray[np.float64], second: NDArray[np.float64], relation: Relation, first_is_sample: bool
) -> NDArray[np.float64]:
    """Return the first values minus the second with 95 % intervals, from the intervals of both.

    Parameters
    ----------
    first, second : ndarray of float64, (3, N)
        Values and the ends of their intervals.
    relation : Relation
        How the two are related.
    first_is_sample : bool
        Whether the first has fewer images or copies than the second; used if networks and test set are the same.

    Returns
    -------
    ndarray of float64, (3, N)
        The differences and the ends of their intervals.

    References
    ----------
    Hausman, Specification Tests in Econometrics, Econometrica 46, 1978: variance of the difference between a sample's
    and the whole's estimate. Donner and Zou, Closed-form confidence intervals for functions of the normal mean and
    standard deviation, Statistical Methods in Medical Research 21, 2012: intervals from those of independent estimates.
    """
    (first_low, first_high), (second_low, second_high) = (
        (values[0] - values[1], values[2] - values[0]) for values in (first, second)
    )
    if relation is Relation.SAME:
        with np.errstate(invalid="ignore"):  # both are infinite
            low, high = (np.sqrt(np.abs(a**2 - b**2)) for a, b in ((first_low, second_low), (first_high, second_high)))
        if not first_is_sample:
            low, high = high, low
    else:
        low, high = np.hypot(first_low, second_high), np.hypot(first_high, second_low)
    change = first[0] - second[0]
    return np.stack([change, change - low - ROUNDING, change + high + ROUNDING])
