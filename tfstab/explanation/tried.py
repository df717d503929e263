"""What a network predicts of one image under the degradations that were tried, and under which of them it is right.

Works without TensorFlow.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from tfstab.degradations import Degradation
from tfstab.degradations.directions import DIRECTIONS, with_direction
from tfstab.explanation.kinds_of_change import NOISE, OTHERS, kind_of
from tfstab.explanation.traits import CENTRING
from tfstab.wording import capital, counted, listed, percent

if TYPE_CHECKING:
    from tfstab.sweep import SweepRun  # imports pyarrow, which the viewer's empty window must not wait for

HALF = 0.5  # of images of other classes: if a change turns so many into a class, it says nothing about an image of it
LEVEL = 0.025  # one-sided, of the sign test that decides whether more than half of random copies are right
BLIND = (
    "at least half of the images of other classes are then taken for this class, so this says nothing about the image"
)
NO_CURE = "noise undoes no fault of an image"
ANY_NOISY = f"{NO_CURE}, and the network may take any noisy image for this class"
MOST_NAMED = 8  # degradations that a sentence names with their severities; of more, it has the numbers of each kind
SEVERAL = 3  # severities, at least, of a change that is named because it makes the picture right at each of them
MOST_EVERYWHERE = 3  # such changes that are named, "and 2 others" included
UNSURE = "at each severity named, most copies are right, but too few to exclude chance"
ANY_DIRECTION = (
    "It shifts each copy in a random direction, so even if the picture lies off-centre, only a few copies are shifted "
    "back"
)


def opposite(family: Degradation) -> tuple[float, ...]:
    """Return severities beyond the neutral one that are about as strong as the default ones, () if there are none.

    Shifts and angles get the opposite sign; of factors and exponents, whose neutral severity is 1, the inverse is
    taken and rounded to two digits. What a family of one's own does not allow is left out, such as the inverse of 0.

    Examples
    --------
    >>> from tfstab.degradations import get_degradation
    >>> from tfstab.explanation.tried import opposite
    >>> opposite(get_degradation("brightness")), opposite(get_degradation("scaling"))
    ((-20.0, -40.0, -60.0, -80.0, -100.0), (1.1, 1.2, 1.4, 1.7, 2.0))
    """
    if not family.two_sided:
        return ()
    if family.neutral == 1:
        beyond = [float(f"{1 / s:.2g}") for s in family.severities if s > 0]
    else:
        beyond = [2 * family.neutral - s for s in family.severities]
    return tuple(severity for severity in beyond if family.low <= severity <= family.high)


@dataclass(frozen=True, eq=False)
class Tried:
    """One degradation of one image in one direction, and what is predicted at each severity.

    Attributes
    ----------
    family : Degradation
        The degradation.
    severities : tuple of float
        The severities (S), the mildest first.
    votes : ndarray of int64 (S, K)
        How many degraded copies are predicted as each class.
    others : ndarray of float64 (S,), optional
        Share of the degraded images of all other classes that are predicted as the true class of this image; None if it
        is not known, and NaN at the severities at which it was not measured.
    """

    family: Degradation
    severities: tuple[float, ...]
    votes: NDArray[np.int64]
    others: NDArray[np.float64] | None = None

    @classmethod
    def in_run(cls, run: "SweepRun", image: int) -> "Tried | None":
        """Return what a sweep has of an image, given by its index in the full split; None if nothing."""
        rows = run.samples(image=image, columns=["severity_index", "predicted"])
        if not len(rows):
            return None
        votes = np.zeros((len(run.severities), len(run.class_names)), np.int64)
        np.add.at(votes, (rows["severity_index"].to_numpy(), rows["predicted"].to_numpy()), 1)
        done = [s for s in run.config.mildest_first.tolist() if votes[s].any()]
        k = int(run.clean.class_index[run.clean.row(image)])
        others = run.measures.taken_by_severity[done, k]
        return cls(run.degradation, tuple(run.severities[s] for s in done), votes[done], others)

    @property
    def copies(self) -> int:
        """The number of degraded copies."""
        return int(self.votes.sum())

    @property
    def predicted(self) -> NDArray[np.int64]:
        """The class that most copies are predicted as at each severity, (S,)."""
        return np.asarray(self.votes.argmax(axis=1))

    def right(self, k: int) -> NDArray[np.bool_]:
        """Return at which severities more than half of the copies are predicted as class k, (S,)."""
        return np.asarray(2 * self.votes[:, k] > self.votes.sum(axis=1))

    def certain(self, copies: NDArray[np.int64]) -> NDArray[np.bool_]:
        """Return at which severities these numbers of copies (S,) are more than half, for random changes beyond chance.

        Copies that served to select a severity must not be counted.
        """
        of = self.votes.sum(axis=1)
        if not self.family.random:  # all copies are the same
            return np.asarray(2 * copies > of)
        from scipy.stats import binom

        return np.asarray(binom.cdf(of - copies, of, 0.5) <= LEVEL)

    def surely_right(self, k: int) -> NDArray[np.bool_]:
        """Return at which severities the image is right beyond chance, and other images are not taken for k, too."""
        return self.right(k) & self.certain(self.votes[:, k]) & ~self.blind

    @property
    def blind(self) -> NDArray[np.bool_]:
        """At which severities at least half of the images of other classes are taken for the class, too, (S,)."""
        return np.zeros(len(self.severities), bool) if self.others is None else self.others >= HALF

    def share(self, k: int) -> float:
        """Return the share of copies that are predicted as class k, averaged over the severities."""
        return float((self.votes[:, k] / self.votes.sum(axis=1)).mean())

    def mostly_taken_for(self, k: int) -> int | None:
        """Return the class, other than k, as which most copies are predicted; None if all are predicted as k."""
        others = self.votes.sum(axis=0)
        others[k] = 0
        return int(others.argmax()) if others.any() else None

    def at(self, which: NDArray[np.bool_]) -> str:
        """Return severities in words, those in a row as a range: "shift 20 to 80 and 120"."""
        pairs = groupby(zip(which, self.severities, strict=True), lambda pair: pair[0])
        rows = [[severity for _, severity in group] for held, group in pairs if held]
        ranges = [f"{row[0]:g}" if len(row) == 1 else f"{row[0]:g} to {row[-1]:g}" for row in rows]
        return self.family.at(listed(ranges, most=len(ranges)))

    @property
    def direction(self) -> str:
        """What the severities make of the image, such as "brighter"; "" if the name says so, or if it differs."""
        named = DIRECTIONS.get(self.family.name)
        return named[self.above] if named and self.above is not None else ""

    @property
    def above(self) -> bool | None:
        """Whether the severities are above the neutral one; None if they lie on both sides."""
        sides = {severity > self.family.neutral for severity in self.severities}
        return sides.pop() if len(sides) == 1 else None

    @property
    def kind(self) -> str:
        """What it does to the image, as in "all 25 that smooth it"."""
        return OTHERS if self.above is None else kind_of(self.family.name, self.above)

    @property
    def title(self) -> str:
        """The degradation's title with the direction."""
        return with_direction(self.family.title, self.direction)


def right_again(tried: Sequence[Tried], k: int) -> list[str]:
    """Say under which changes an image that is wrong when clean becomes right. k: its true class.

    Three kinds are named separately: random changes of which too few copies are right to exclude chance; changes that
    turn most images of other classes into class k; and noise.
    """
    if not tried:
        return []
    order = sorted(tried, key=lambda one: -one.share(k))
    helping, unsure, blind, noisy = (
        [(one, at) for one, at in pairs if at.any()] for pairs in zip(*(_kinds(one, k) for one in order), strict=True)
    )
    number = sum(len(one.severities) for one in tried)
    no_cure = ANY_NOISY if any(one.others is None for one, _ in noisy) else NO_CURE
    if number == 1:
        makes = "may make" if unsure else "makes" if helping or blind or noisy else "does not make"
        but = f", but {BLIND}" if blind else f", but {no_cure}" if noisy else f": {UNSURE}" if unsure else ""
        return [f"{tried[0].title}, tried at {tried[0].at(np.array([True]))} alone, {makes} it right{but}."]
    one_family = len(tried) == 1
    of = (
        f"severities of {tried[0].title} that were tried"
        if one_family
        else f"changes that were tried ({families_of(tried)})"
    )
    if not (helping or unsure or blind or noisy):
        share = tried[0].votes[:, k] / tried[0].votes.sum(axis=1)
        if one_family and share.any():  # a few of several copies are right
            at = tried[0].at(np.arange(number) == int(share.argmax()))
            right = f"the most, {percent(share.max())}, at {at}"
            return [f"At none of the {number} {of} are more than half of its copies right ({right})."]
        closest = _closest(tried, k)
        in_most = f" in most of its copies. {closest}" if closest else ""
        return [f"None of the {number} {of} makes it right{in_most}."]
    said = list[str]()
    for pairs, verb, why in (
        (helping, "", ""),
        (unsure, "may ", f" {capital(UNSURE)}."),
        (blind, "", f" But {BLIND}."),
        (noisy, "", f" But {no_cure}."),
    ):
        if pairs:
            found = sum(int(at.sum()) for _, at in pairs)
            make = f"{verb}{'makes' if found == 1 and not verb else 'make'} it right"
            lead = f"{found} more" if said else f"Of the {number} {of}, {found}"
            named = _places(pairs, one_family) if len(pairs) <= MOST_NAMED else _by_kind(pairs, tried)
            said.append(f"{lead} {make}: {named}.{why}")
    said += _everywhere(helping) if len(helping) > MOST_NAMED else []
    said += _caution(tried, k)
    if helping and len(tried) > 1:
        said.append(
            "Any change may make an image right by chance, above all if its margin is slim: several severities in a "
            "row say more than a single one."
        )
    return said


def _everywhere(helping: Sequence[tuple[Tried, NDArray[np.bool_]]]) -> list[str]:
    """Return which of so many changes that only their kinds are named make it right at each of several severities."""
    found = [one.title for one, at in helping if at.all() and len(at) >= SEVERAL]
    if not found:
        return []
    return [f"At every severity that was tried, it is right under {listed(found, most=MOST_EVERYWHERE)}."]


def _closest(tried: Sequence[Tried], k: int) -> str:
    """Return which random change makes the largest share of the copies right; "" if none makes any copy right."""
    best = max((one for one in tried if one.family.random), key=lambda one: one.share(k), default=None)
    right = 0 if best is None else int(best.votes[:, k].sum())
    if best is None or not right:
        return ""
    why = f". {ANY_DIRECTION}" if best.family.name == "translation" else ""
    are = "is" if right == 1 else "are"
    return (
        f"{capital(best.title)} comes closest: {right} of its {counted(best.copies, 'copy', 'copies')} {are} right{why}"
    )


def _places(pairs: Sequence[tuple[Tried, NDArray[np.bool_]]], one_family: bool) -> str:
    """Return the changes that do something, with their severities: first those with several severities in a row."""
    if one_family:
        return pairs[0][0].at(pairs[0][1])
    rows, alone = list[str](), list[str]()
    for one, at in pairs:
        several = (at[1:] & at[:-1]).any()
        (rows if several else alone).append(f"{one.title}, {one.at(at)}")
    if rows and alone:
        alone[0] = f"at single severities: {alone[0]}"
    return "; ".join(rows + alone)


def _by_kind(pairs: Sequence[tuple[Tried, NDArray[np.bool_]]], tried: Sequence[Tried]) -> str:
    """Return how many changes of each kind do something, of how many that were tried; the most numerous first."""
    of, found = Counter[str](), Counter[str]()
    for one in tried:
        of[one.kind] += len(one.severities)
    for one, at in pairs:
        found[one.kind] += int(at.sum())
    shares = [(f"all {n}" if n == of[kind] else f"{n} of the {of[kind]}", kind) for kind, n in found.most_common()]
    return listed([f"{share} {kind}" for share, kind in shares], most=len(shares))


def _kinds(one: Tried, k: int) -> tuple[tuple[Tried, NDArray[np.bool_]], ...]:
    """Return at which severities a change makes an image right; may do so; does so blindly; and does so as noise."""
    right, certain = one.right(k), one.certain(one.votes[:, k])
    sure = one.surely_right(k)
    noise = one.family.name in NOISE
    return (
        (one, sure & (not noise)),
        (one, right & ~certain & ~one.blind),
        (one, right & one.blind),
        (one, sure & noise),
    )


def _caution(tried: Sequence[Tried], k: int) -> list[str]:
    """Return a warning if most changes, where strongest, give class k, and what they do to other images is unknown."""
    strongest = sum(int(one.predicted[-1] == k) for one in tried)
    if any(one.others is not None for one in tried) or len(tried) < 2 or 2 * strongest <= len(tried):
        return []
    return [
        f"At their strongest, {strongest} of the {len(tried)} kinds of change give this class. The network may take "
        "any strongly degraded image for it, so rely only on the mild changes."
    ]


def families_of(tried: Sequence[Tried]) -> str:
    """Return the number of degradations in words, and how many of them were tried in both directions."""
    names = {one.family.name for one in tried}
    both, centred = len(tried) - len(names), ", and centring" if CENTRING in names else ""
    number = counted(len(names - {CENTRING}), "degradation")
    return number + (f", {both} of them in both directions" if both else "") + centred
