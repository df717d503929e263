"""The recall of each class under each degradation, of two networks: a class may stay lost where accuracy rises."""

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from tfstab.experiments.also_taken import MORE_TAKEN, NAMED, merits, more_taken, number_word, takes_far_more
from tfstab.metrics import Estimate
from tfstab.metrics.estimate import CONFIDENCE
from tfstab.metrics.kept import share_of
from tfstab.metrics.multiple import decided
from tfstab.metrics.paired import Difference, mean_difference
from tfstab.metrics.shares import percent, rounded, signed, signed_ends
from tfstab.metrics.signs import sign_test
from tfstab.metrics.weak_groups import FEWEST
from tfstab.names import quoted, shortened
from tfstab.wording import counted, listed

PROBABLY_REAL = "Chance is unlikely to explain this, so the {} is probably real."
NOTABLE = 0.05  # a difference that is not decided is named in the first lines from this size on


@dataclass(frozen=True, eq=False)
class RecallChange:
    """The recall of a class under a degradation, of two networks.

    Attributes
    ----------
    family : str
        Title of the degradation.
    index : int
        The class.
    class_name : str
        Its name.
    paired : Difference
        The recalls, averaged over the severities, and their difference. Its interval is for this difference alone.
    shares : tuple of ndarray of float, (M,) each
        Share of each image's copies that each network gets right.
    confidence : float
        Coverage of an interval of one recall that holds for all classes, degradations and both networks at once.
    sign : int
        1 if the second network's recall is higher, -1 if it is lower, 0 if that is not decided; for all at once.
    taken : tuple of float
        Share of the degraded images of other classes that each network takes for this class; NaN if not known.
    """

    family: str
    index: int
    class_name: str
    paired: Difference
    shares: tuple[NDArray[np.float64], NDArray[np.float64]] = field(repr=False)
    confidence: float
    sign: int
    taken: tuple[float, float] = (math.nan, math.nan)

    @property
    def estimates(self) -> tuple[Estimate, Estimate]:
        """Both recalls, with intervals that hold for all at once."""
        first, second = (share_of(side, self.confidence) for side in self.shares)
        return first, second

    @property
    def which(self) -> str:
        """What it is of, in a sentence: "class dog under fog"."""
        return f"class {quoted(shortened(self.class_name, 60))} under {self.family}"

    @property
    def changed(self) -> tuple[int, int]:
        """On how many images the second network is right more often, and less often."""
        first, second = self.shares
        return int((second > first).sum()), int((second < first).sum())

    def is_hardly_chance(self, count: int) -> bool:
        """Return whether it is right more often, or less often, on more images than chance explains, by a sign test.

        count: how many recalls are compared at once (Bonferroni).
        """
        return 2 * sign_test(min(self.changed), sum(self.changed)) * count < 1 - CONFIDENCE

    @property
    def says_little(self) -> bool:
        """Whether the network with the higher recall also takes far more images of other classes for the class."""
        return takes_far_more(self.paired, self.taken)

    @property
    def takes_more(self) -> bool:
        """Whether this network takes at least 10 of 100 images of other classes more for the class."""
        return bool(more_taken(self.paired, self.taken) >= MORE_TAKEN)


class Compared(NamedTuple):
    """Two networks under one degradation.

    Attributes
    ----------
    family : str
        Title of the degradation.
    labels : ndarray of int (N,)
        Class of each image.
    first, second : ndarray of float (N,)
        Share of each image's copies that each network gets right, averaged over the severities.
    taken : tuple of ndarray of float (K,), optional
        Share of the degraded images of other classes that each network takes for each class, averaged likewise.
    """

    family: str
    labels: NDArray[np.int64]
    first: NDArray[np.float64]
    second: NDArray[np.float64]
    taken: tuple[NDArray[np.float64], NDArray[np.float64]] | None = None

    def taken_for(self, index: int) -> tuple[float, float]:
        """Return the share of other images that each network takes for a class."""
        return (math.nan, math.nan) if self.taken is None else (self.taken[0][index], self.taken[1][index])


def recall_changes(compared: Iterable[Compared], name_of: Callable[[int], str]) -> list[RecallChange]:
    """Compare the recall of each class with at least FEWEST images under each degradation; the second's lowest first.

    name_of: returns the name of a class. There are none of a single class, whose recall is the accuracy.
    """
    cells = list[tuple[Compared, NDArray[np.int64]]]()
    for one in compared:
        rows = np.argsort(one.labels, kind="stable")  # the images of each class, one class after the other
        classes = np.split(rows, np.flatnonzero(np.diff(one.labels[rows])) + 1)
        cells += [(one, mine) for mine in classes if len(mine) >= FEWEST and len(classes) > 1]
    confidence = 1 - (1 - CONFIDENCE) / max(1, 2 * len(cells))
    shares = [(one.first[mine], one.second[mine]) for one, mine in cells]
    paired = [mean_difference(*both) for both in shares]
    changes = []
    for (one, mine), both, difference, sign in zip(cells, shares, paired, decided(paired), strict=True):
        index = int(one.labels[mine[0]])
        taken = one.taken_for(index)
        changes.append(RecallChange(one.family, index, name_of(index), difference, both, confidence, sign, taken))
    return sorted(changes, key=lambda c: (c.paired.second, c.paired.first))


def taken_record(change: RecallChange, first: str, second: str) -> dict[str, Any]:
    """Return how many other images each network takes for the class, and what this means, as values for JSON.

    first, second: how keys end that are of one network. A share that is not known is None.
    """
    shares = (None if math.isnan(share) else float(share) for share in change.taken)
    return dict(zip((f"taken_{first}", f"taken_{second}"), shares, strict=True)) | {"says_little": change.says_little}


def largest_likely(changes: Sequence[RecallChange], sign: int, least: float = 0.0) -> RecallChange | None:
    """Return the largest change with this sign that is likely: its own 95 % interval excludes 0.

    Changes that say little are left out, and those smaller than `least`, such as NOTABLE. None also if another change
    with this sign is decided for all at once.
    """
    likely = [c for c in changes if c.paired.sign == sign and abs(c.paired.value) >= least and not c.says_little]
    if not likely or any(c.sign == sign and not c.says_little for c in changes):
        return None
    return max(likely, key=lambda c: abs(c.paired.value))


def recall_sentences(
    changes: Sequence[RecallChange], before: str, after: str, told: RecallChange | None = None, uncompared: str = ""
) -> list[str]:
    """Return sentences on the second network's lowest recall, and on the recalls that are higher or lower than before.

    If none is certainly lower, the largest fall that may be real is named as not decided; likewise the largest rise,
    because either network may be the one that is to be judged.

    before, after: names of the networks. told: a fall named in an earlier sentence, which also says that none is
    decided. uncompared: what `uncompared_note` returns, which comes first.
    """
    if not changes:
        return []
    lowest, count = changes[0], len(changes)
    worst = min(changes, key=lambda c: (c.paired.first, c.paired.second))  # the first network's
    classes, families = len({c.class_name for c in changes}), len({c.family for c in changes})
    under, looked_at = "degradation", f"{counted(classes, 'class', 'classes')}, {counted(families, 'degradation')}"
    if families == 1:
        under, looked_at = lowest.family, "one of each class"
    if count < classes * families:
        looked_at += f"; those of fewer than {FEWEST} images are left out"
    higher, lower = (sorted((c for c in changes if c.sign == s), key=lambda c: -abs(c.paired.value)) for s in (1, -1))
    any_decided = bool(higher or lower)
    start = (
        f"Of the {count:,} recalls under {under} ({looked_at}), the lowest of {after} is "
        f"{_lowest(lowest, changes, 1, before, any_decided)}. "
    )
    if worst is not lowest:
        start += f"The lowest of {before} is {_lowest(worst, changes, 0, after, any_decided)}. "
    start += f"These intervals hold for all {count:,} recalls at once."
    if not (higher or lower):
        start += " For none of them is it decided whether the two networks differ."
    lines = [f"{uncompared} {start}" if uncompared else start]
    for some, more in ((higher, "higher"), (lower, "lower")):
        if some:
            lines.append(
                f"For {number_word(len(some))} of them, {after} has a {more} recall than {before}, decided for all at "
                f"once: {_named(some)}.{merits(some, before, after, some[0].sign)}"
            )
    if len(lines) == 2 and not (higher and told):
        rest = count - len(higher) - len(lower)
        decided = f"; for the other {rest:,}, it is not decided whether the networks differ" if rest > 1 else ""
        lines[1] += f" No recall is certainly {'lower' if higher else 'higher'}{decided}."
    return [*lines, *(each for sign in (-1, 1) for each in _undecided(changes, sign, before, after, told))]


def _lowest(lowest: RecallChange, changes: Sequence[RecallChange], which: int, other: str, any_decided: bool) -> str:
    """Return which recall is a network's lowest, its value, and that of the other network.

    which: 0 for the first network, 1 for the second. other: name of the other one. any_decided: whether it is decided
    for any recall that the networks differ.
    """
    own, compared = lowest.estimates[which], lowest.estimates[1 - which]
    open_yet = "" if lowest.sign or not any_decided else ", and it is not decided whether these two differ"
    as_low = [change.estimates[which].value for change in changes].count(own.value) - 1
    more = f" ({number_word(as_low)} more {'is' if as_low == 1 else 'are'} as low)" if as_low else ""
    return (
        f"{percent(own)}, for {lowest.which}{more}; {other} has {percent(compared)} on the same "
        f"{counted(lowest.paired.count)}{open_yet}"
    )


def _named(changes: Sequence[RecallChange]) -> str:
    """Return the first of these recalls: "class dog under fog (81.1 % against 60.2 %) and 3 others".

    The recall of the second network comes first.
    """
    shares = [(rounded(c.paired.second, 1), rounded(c.paired.first, 1)) for c in changes]
    names = [f"{c.which} ({own} % against {other} %)" for c, (own, other) in zip(changes, shares, strict=True)]
    return listed(names, most=NAMED)


def _undecided(
    changes: Sequence[RecallChange], sign: int, before: str, after: str, told: RecallChange | None
) -> list[str]:
    """Return the change of `largest_likely` as not decided; [] without one.

    before, after, told: as in `recall_sentences`.
    """
    largest = largest_likely(changes, sign)
    if largest is None:
        return []
    p, (first, second) = largest.paired, largest.shares
    together = mean_difference(first, second, confidence=1 - (1 - CONFIDENCE) / len(changes))
    (more, less), change = largest.changed, "rise" if sign > 0 else "fall"
    other = "other " if any(c.sign == sign for c in changes) else ""  # decided, but it says little
    start = (
        f"The largest {other}{change} from {before} to {after} whose own 95 % interval excludes 0 is "
        f"that of {largest.which}: from {rounded(p.first, 1)} % to {rounded(p.second, 1)} %, of {counted(p.count)} "
        f"({signed(p.value)} points, {signed_ends(p.low, p.high)}). On {more or 'none'} of them, {after} is right more "
        f"often, and on {less or 'none'} less often."
    )
    if largest is told:
        start = (
            f"The recall of {largest.which} changes by {signed(p.value)} points (its own 95 % interval: "
            f"{signed_ends(p.low, p.high)})."
        )
    open_yet = "It is not decided"
    if largest.is_hardly_chance(len(changes)):
        real = "" if largest is told else f"{PROBABLY_REAL.format(change)} "
        open_yet = f"{real}It is not called certain"
    return [
        f"{start} {open_yet}, because a wider interval contains 0 "
        f"({signed_ends(together.low, together.high)}): {len(changes):,} comparisons are made at once, and among "
        f"{counted(p.count)}, rare ones that change the other way may be missing."
        f"{merits([largest], before, after, sign)}"
    ]
