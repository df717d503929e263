"""Where a network does not do clearly better than always answering the same class, which accuracy kept hides."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tfstab.assessment.attracting import Attraction, share_taken
from tfstab.assessment.family_figures import FamilyFigures
from tfstab.assessment.finding import Finding
from tfstab.assessment.words import name, severity
from tfstab.metrics.classification import NEARLY_ALL
from tfstab.metrics.estimate import Estimate
from tfstab.metrics.kept import estimate_each, share_of
from tfstab.metrics.shares import inside, percent, rounded
from tfstab.metrics.weak_groups import ERROR
from tfstab.names import quoted
from tfstab.wording import capital, first_few, listed

NAMED = 4  # families that are named in the sentence


def lost_from(family: FamilyFigures) -> int | None:
    """Return from which severity on the accuracy is not clearly better than that of always answering the same class.

    Parameters
    ----------
    family : FamilyFigures
        The figures of a family.

    Returns
    -------
    int or None
        Index of the mildest of these severities: there and at all stronger ones the accuracy's 95 % interval reaches
        down to the share of the commonest class. None if at the strongest severity it does not, if severities lie on
        both sides of the neutral one, or if the clean images do not show that the network is better either.
    """
    if not family.run.config.one_sided or _reaches(family.clean_right[:, None], family.chance).all():
        return None
    reached, found = may_be_constant(family), None
    for index in family.run.config.mildest_first[::-1]:
        if not reached[index]:
            break
        found = int(index)
    return found


def may_be_constant(family: FamilyFigures) -> NDArray[np.bool_]:
    """Return at which severities the accuracy is not clearly better than that of always answering the same class.

    Parameters
    ----------
    family : FamilyFigures
        The figures of a family.

    Returns
    -------
    ndarray of bool, (S,)
        Whether the accuracy's 95 % interval reaches down to the share of the commonest class.
    """
    return _reaches(family.share_right, family.chance)


def _reaches(shares: NDArray[Any], chance: float) -> NDArray[np.bool_]:
    """Return whether the interval of the mean of each column reaches down to `chance`: bool (S,)."""
    _, lowest, _ = estimate_each(shares, np.ones(len(shares)))
    above: NDArray[np.bool_] = lowest > chance
    return ~above


@dataclass(frozen=True, eq=False)
class _Lost:
    """A family, and the severities, mildest first, at which it leaves the network no better than a constant answer."""

    family: FamilyFigures
    severities: NDArray[np.int64]

    @property
    def accuracy(self) -> Estimate:
        """The highest accuracy at these severities."""
        return max(map(share_of, self.family.share_right[:, self.severities].T), key=lambda e: e.value)

    def lower(self, comparisons: int) -> bool:
        """Return whether the accuracy is certainly lower than with a constant answer, at each of the severities.

        comparisons: how many families are judged, which together are wrong with a probability of at most 5 %.
        """
        parts = self.family.share_right[:, self.severities]
        _, _, highest = estimate_each(parts, np.ones(len(parts)), 1 - 2 * ERROR / comparisons)
        return bool((highest < self.family.chance).all())

    @property
    def where(self) -> str:
        """Under which family, and from which severity on, in words."""
        run = self.family.run
        at = severity(run.degradation, run.severities[self.severities[0]])
        return f"{'from' if self.many else 'at'} {at}{' on' if self.many else ''} under {self.family.title}"

    @property
    def many(self) -> bool:
        """Whether there are several severities."""
        return len(self.severities) > 1

    @property
    def most(self) -> str:
        """What stands before the highest accuracy at the severities."""
        return "at most " if self.many else ""


def chance_finding(families: Sequence[FamilyFigures]) -> Finding | None:
    """Return under which families, and from which severity on, a network may as well answer always the same class."""
    lost = []
    for family in families:
        if (index := lost_from(family)) is not None:
            order = family.run.config.mildest_first
            lost.append(_Lost(family, order[order.tolist().index(index) :]))
    if not lost:
        return None
    shares = [rounded(end(one.family.chance for one in lost)) for end in (min, max)]
    constant = f"that of always answering the same class ({'–'.join(dict.fromkeys(shares))} %)"
    lower = [one for one in lost if one.lower(len(families))]
    text = ""
    for some, compared in ((lower, "lower"), ([one for one in lost if one not in lower], "not clearly better")):
        if some:
            text += f"{' ' if text else ''}{_accuracies(some, compared)} than {'that' if text else constant}."
    return Finding("chance", "bad", text + _answers(lost), tuple(one.family.name for one in lost))


def _accuracies(some: Sequence[_Lost], compared: str) -> str:
    """Return where the accuracy is so low, how high it is there, and how it compares, as the start of a sentence."""
    if len(some) == 1:
        (one,) = some
        return f"{capital(one.where)}, the network's accuracy is {one.most}{percent(one.accuracy)}, {compared}"
    shown = first_few(some, NAMED)
    named = [f"{one.where} ({one.most}{inside(one.accuracy)})" for one in shown]
    if rest := len(some) - len(shown):
        named.append(f"under {rest} other degradations")
    return f"{capital(listed(named, most=NAMED + 1))}, the network's accuracy is {compared}"


def _answers(lost: Sequence[_Lost]) -> str:
    """Return under which families the network answers nearly always the same class at the strongest severity, or ""."""
    found: list[tuple[Attraction, int]] = []
    for one in lost:
        strongest = int(one.severities[-1])
        shares = np.nan_to_num(one.family.run.measures.taken_by_severity[strongest])
        index = int(shares.argmax())
        if shares[index] >= NEARLY_ALL:
            found.append((Attraction(one.family, strongest, float(shares[index])), index))
    found.sort(key=lambda each: -each[0].share)
    what, before = list[str](), -1
    for at, index in found[:NAMED]:
        taken = "" if what else " of the images of other classes are taken"
        for_class = "" if index == before else f" for {quoted(name(at.family.run.class_names[index]))}"
        under = f" under {at.family.title}" if len(lost) > 1 else ""
        what.append(f"{percent(share_taken(at, index))}{taken}{for_class}{under}")
        before = index
    if not what:
        return ""
    each = " under each of these degradations" if len(what) > 1 else ""
    answer = f"At the strongest severity tried, the network nearly always answers the same class{each}"
    return f" {answer}: {listed(what, most=NAMED)}."
