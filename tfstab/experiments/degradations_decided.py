"""Under which degradations either of two networks is certainly more accurate, and what would decide the others."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tfstab.datasets.groups import needed_images
from tfstab.datasets.remarks import remarks_of
from tfstab.metrics.multiple import decided, error_of_each
from tfstab.metrics.outlook import MOST, images_advised, round_up
from tfstab.wording import counted, listed

if TYPE_CHECKING:
    from tfstab.experiments.folders_compared import FolderComparison
    from tfstab.experiments.sweep_comparison import SweepComparison
    from tfstab.metrics.paired import Difference

NAMED = 5  # degradations with their numbers of images, or with their severities; the others are counted


def degradation_sentences(pair: "FolderComparison", names: Sequence[str]) -> list[str]:
    """Return under which of several degradations each network is more accurate, decided for all of them at once.

    Then follows how many images would decide the others.

    Parameters
    ----------
    pair : FolderComparison
        The comparison; of one network, or with one degradation, nothing is returned.
    names : sequence of str
        What both networks are called.
    """
    if pair.same_network or len(pair.pairs) < 2:
        return []
    under = {one.first.degradation.title: one.accuracy() for one in pair.pairs}
    signs = dict(zip(under, decided([*under.values()]), strict=True))
    clearest = sorted(under, key=lambda title: -abs(under[title].value))
    said = _more_accurate({title: signs[title] for title in clearest if signs[title]}, names)
    many = counted(len(under), "degradation")
    open_ = [title for title in clearest if not signs[title]]
    if not said:
        text = f"Under none of the {many} is it decided which of the two is right more often."
    else:
        text = f"Decided for all {many} at once: {said}."
        text += f" Not decided: {listed(open_, most=len(open_))}." if open_ else ""
    remarks = remarks_of(pair.pairs[0].first.info["data"])
    text += _outlook({title: under[title] for title in open_}, error_of_each([*under.values()]), remarks)
    return [text]


@dataclass(frozen=True)
class AtSeverities:
    """At which severities a network is certainly more accurate, although it is not on average over the severities.

    Attributes
    ----------
    first, second : tuple of str
        Where the first network is, and the second, as in "fog (density 20 and 40 %)".
    number : int
        The severities of all degradations together, which are decided at once.
    """

    first: tuple[str, ...] = ()
    second: tuple[str, ...] = ()
    number: int = 0

    @classmethod
    def of(cls, pairs: "Sequence[SweepComparison]") -> "AtSeverities":
        """Find these severities. pairs: a comparison for each degradation."""
        found = decided_at_severities(pairs)
        first, second = (tuple(_places(found, sign)) for sign in (-1, 1))
        return cls(first, second, sum(len(one.severities) for one in pairs))

    def sentence(self, first: str, second: str) -> str:
        """Return this in a sentence, "" if there are none. first, second: the names of the networks."""
        parts = [
            f"{name} is right more often under {listed(where, most=NAMED)}"
            for name, where in ((first, self.first), (second, self.second))
            if where
        ]
        return f"At single severities (all {self.number:,} are decided at once), {'; '.join(parts)}." if parts else ""


def _places(found: "Sequence[tuple[SweepComparison, dict[float, int]]]", sign: int) -> list[str]:
    """Return the degradations with the severities that are decided in favour of one network."""
    each = [(one.first.degradation, [f"{s:g}" for s, here in at.items() if here == sign]) for one, at in found]
    return [f"{family.title} ({family.at(listed(at, most=len(at)))})" for family, at in each if at]


def to_look_into(pair: "FolderComparison") -> "SweepComparison | None":
    """Return the degradation to compare severity by severity next; None if there is none.

    It is the first with severities that are decided differently from its mean or, without one, that with the largest
    undecided difference.
    """
    if pair.same_network or len(pair.pairs) < 2:
        return None
    if found := decided_at_severities(pair.pairs):
        return found[0][0]
    signs = decided([one.accuracy() for one in pair.pairs])
    open_ = [one for one, sign in zip(pair.pairs, signs, strict=True) if not sign and len(one.severities) > 1]
    return max(open_, key=lambda one: abs(one.accuracy().value), default=None)


def decided_at_severities(
    pairs: "Sequence[SweepComparison]",
) -> "list[tuple[SweepComparison, dict[float, int]]]":
    """Return the severities at which a network is certainly more accurate, where this is not so over all of them.

    Degradations of a single severity are left out: their mean says the same.

    pairs: one for each degradation.
    """
    signs = iter(decided([one.accuracy(s) for one in pairs for s in one.severities]))
    found = []
    for one, mean in zip(pairs, decided([one.accuracy() for one in pairs]), strict=True):
        at = dict(zip(one.severities, signs, strict=False))
        here = {s: sign for s, sign in at.items() if sign not in (0, mean)}
        if here and len(at) > 1:
            found.append((one, here))
    return found


def _more_accurate(signs: Mapping[str, int], names: Sequence[str]) -> str:
    """Return under which degradations each network is right more often, the second one first."""
    better = [
        (name, [title for title in signs if signs[title] == sign]) for name, sign in zip(names, (-1, 1), strict=True)
    ]
    return "; ".join(
        f"{name} is right more often under {listed(titles, most=len(titles))}"
        for name, titles in reversed(better)
        if titles
    )


def _outlook(open_: "Mapping[str, Difference]", error: float, remarks: str) -> str:
    """Return how many images would decide each degradation, if its true difference is the measured one.

    error: the probability of an error that each decision is permitted. remarks: on the images.
    """
    needed = {title: images_advised(d.needed(confidence=1 - error), d.count) for title, d in open_.items()}
    known = sorted((title for title, count in needed.items() if math.isfinite(count)), key=lambda title: needed[title])
    far = sum(math.isinf(count) for count in needed.values())
    if not known:
        which = "this" if len(open_) == 1 else "any of these"
        more = needed_images(f"more than {MOST} times as many", remarks)
        return f" If the true differences are as small as measured, it takes {more} to decide {which}." * bool(far)
    counts = [f"{round_up(needed[title]):,}" for title in known]
    parts = [f"{needed_images(f'about {counts[0]}', remarks)} in all would decide {known[0]}"]
    parts += [f"about {count} {title}" for count, title in zip(counts[1:NAMED], known[1:NAMED], strict=True)]
    later, unknown = len(known[NAMED:]) + far, sum(map(math.isnan, needed.values()))
    others = f"; {counted(later, 'other takes', 'others take')} more" if later else ""
    others += f"; for {counted(unknown, 'other', 'others')}, too few images were measured to say" if unknown else ""
    true = "the true difference is" if len(open_) == 1 else "the true differences are"
    return f" If {true} as large as measured, {listed(parts, most=NAMED)}{others}."
