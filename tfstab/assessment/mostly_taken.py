"""Degradations under which a network takes most images of other classes for the same class."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from tfstab.assessment.attracting import MOST, Attraction, share_taken
from tfstab.assessment.family_figures import SOME, FamilyFigures
from tfstab.assessment.finding import Finding
from tfstab.assessment.words import name, severity
from tfstab.metrics.shares import inside
from tfstab.metrics.weak_groups import ERROR
from tfstab.names import quoted
from tfstab.wording import capital, first_few, listed

NAMED = 3  # families that are named for one class
CLASSES = 2  # classes that have a sentence of their own
SAME_ANSWER = 0.8  # of the images of other classes: if more are taken for a class, nearly all answers are the same


@dataclass(frozen=True)
class _Taken:
    """A family under which most images of other classes are taken for a class.

    Attributes
    ----------
    index : int
        The class.
    certain : list of int
        The severities at which this is certain, mildest first.
    nearly_all : list of int
        Those of them at which it is also certain that nearly all images of other classes are taken for the class.
    most : Attraction
        The severity at which the share is largest.
    """

    index: int
    certain: list[int]
    nearly_all: list[int]
    most: Attraction

    @property
    def words(self) -> str:
        """Where, and how many: "under fog from density 70 % on (87 %, 86–88, at density 80 %)"."""
        share = inside(share_taken(self.most, self.index))
        if self.certain[0] == self.most.severity_index:
            return f"{self._where(self.certain[:1])} ({share})"
        run = self.most.family.run
        most = severity(run.degradation, run.severities[self.most.severity_index])
        return f"{self._where(self.certain)} ({share}, at {most})"

    @property
    def words_nearly_all(self) -> str:
        """Where nearly all images of other classes are taken for the class: "under fog at density 80 %"."""
        return self._where(self.nearly_all)

    def _where(self, severities: Sequence[int]) -> str:
        """Return the family with some of its severities, mildest first."""
        run = self.most.family.run
        under, mildest = f"under {self.most.family.title}", severity(run.degradation, run.severities[severities[0]])
        if len(severities) == 1:
            return f"{under} at {mildest}"
        strongest = run.config.mildest_first[-len(severities) :].tolist()
        every = run.config.one_sided and strongest == severities
        return f"{under} from {mildest} on" if every else f"{under} at {mildest} and others"


def taken_finding(families: Sequence[FamilyFigures]) -> Finding | None:
    """Return for which class most images of the others are taken, and under which families; None if none is certain.

    It explains a loss under these families: where nearly all are, the network gives nearly the same answer whatever an
    image shows.
    """
    found = [taken for family in families if (taken := _taken(family, len(families))) is not None]
    if not found:
        return None
    of_class: dict[int, list[_Taken]] = {}
    for one in sorted(found, key=lambda one: -one.most.share):
        of_class.setdefault(one.index, []).append(one)
    names = found[0].most.family.run.class_names
    shown = first_few(list(of_class.items()), CLASSES)
    parts = [f"for {quoted(name(names[k]))} {_where(some)}" for k, some in shown]
    parts += [f"for {rest} more classes under others"] if (rest := len(of_class) - len(shown)) else []
    told = [one for _, some in shown for one in some]
    text = f"Most images of other classes are taken {'; '.join(parts)}. {_what_follows(told)}"
    about = tuple(dict.fromkeys(one.most.family.name for some in of_class.values() for one in some))
    return Finding("taken", "mid", text, about)


def _what_follows(told: Sequence[_Taken]) -> str:
    """Return that a high recall of these classes says little, and where the answer hardly depends on the image."""
    same = "gives nearly the same answer whatever an image shows"
    if all(one.nearly_all == one.certain for one in told):
        return f"The network then {same}, so a high recall of that class says little."
    where = [one.words_nearly_all for one in told if one.nearly_all]
    text = "A high recall of that class then says little, because most other images get the same answer."
    if where:
        share = f"more than {100 * SAME_ANSWER:g} % of them are taken for one class"
        text += f" {capital(listed(where, most=NAMED))}, {share}, so the network {same}."
    return text


def _where(some: Sequence[_Taken]) -> str:
    """Return under which families, and from which severities on."""
    shown = first_few(some, NAMED)
    named = [one.words for one in shown]
    named += [f"under {rest} more degradations"] if (rest := len(some) - len(shown)) else []
    return listed(named, most=NAMED + 1)


def _taken(family: FamilyFigures, comparisons: int) -> _Taken | None:
    """Return the class for which most images of the others are taken under a family, if that is certain.

    comparisons: number of families judged; any of them is judged wrongly with a probability of at most 5 % in all.
    """
    run = family.run
    if len(run.class_names) < 3 or len(family.images) < SOME:
        return None
    shares = np.nan_to_num(run.measures.taken_by_severity)
    index = int(shares.max(axis=0).argmax())
    when_clean = run.clean.predicted[run.clean.class_index != index] == index
    if shares[:, index].max() <= MOST or when_clean.mean() > MOST:
        return None
    confidence = 1 - 2 * ERROR / (comparisons * len(run.severities))

    def certain(limit: float) -> list[int]:
        above = [k for k in run.config.mildest_first.tolist() if shares[k, index] > limit]
        return [k for k in above if share_taken(Attraction(family, k, shares[k, index]), index, confidence).low > limit]

    if not (where := certain(MOST)):
        return None
    most = max(where, key=lambda k: shares[k, index])
    return _Taken(index, where, certain(SAME_ANSWER), Attraction(family, most, float(shares[most, index])))
