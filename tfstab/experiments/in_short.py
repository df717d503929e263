"""The first sentences of a comparison of two assessments: in how many respects either network is better."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tfstab.experiments.also_taken import LEAST
from tfstab.experiments.comparison_text import sentence_names
from tfstab.experiments.degradations_decided import AtSeverities
from tfstab.metrics.multiple import decided
from tfstab.wording import counted, listed, percent

if TYPE_CHECKING:
    from tfstab.experiments.also_taken import DecidedRecall
    from tfstab.experiments.clean_comparison import CleanComparison
    from tfstab.experiments.folders_compared import FolderComparison
    from tfstab.experiments.recall_changes import RecallChange
    from tfstab.experiments.sweep_comparison import SweepComparison
    from tfstab.metrics.paired import Difference

NOISE, ON_CLEAN = "in minimum noise", "on clean images"
NAMED = 3  # degradations, if they are not more


@dataclass(frozen=True)
class Recalls:
    """How many of several recalls are certainly higher with the second of two networks, and how many are lower.

    Attributes
    ----------
    higher, lower, number : int
        How many recalls are certainly higher, how many are certainly lower, and how many were compared.
    doubtful : int
        For how many of the higher and lower ones the network with the higher recall also takes more images of other
        classes for the class.
    """

    higher: int
    lower: int
    number: int
    doubtful: int

    @classmethod
    def of(cls, changes: "Sequence[DecidedRecall]", number: int) -> "Recalls":
        """Count the recalls that differ. changes: these, and perhaps others."""
        signs = [change.sign for change in changes]
        doubtful = sum(change.takes_more for change in changes if change.sign)
        return cls(signs.count(1), signs.count(-1), number, doubtful)

    @property
    def differing(self) -> int:
        """How many are higher or lower."""
        return self.higher + self.lower

    def sentence(self, where: str, second: str) -> str:
        """Return how many are higher and how many are lower, in a sentence.

        "Of 8 recalls on clean images, 3 are higher with 'new' and 1 is lower."

        where: "on clean images", for example. second: the name of the second network.
        """
        said = [(self.higher, "higher"), (self.lower, "lower")]
        parts = [f"{number:,} {'is' if number == 1 else 'are'} {how}" for number, how in said if number]
        parts[0] += f" with {second}"
        return f"Of {counted(self.number, 'recall')} {where}, {listed(parts)}."


@dataclass(frozen=True)
class InShort:
    """In which respects the second of two networks is certainly better and worse than the first.

    Attributes
    ----------
    better, worse : tuple of str
        As parts of a sentence: "on clean images", "on average over 19 degradations", "under fog (1 of 19
        degradations)".
    open : tuple of (str, float, float)
        Clean accuracy and the mean over the degradations, if they are not decided: such a part of a sentence, and the
        accuracy of each network.
    degradations : int
        Under how many degradations their accuracies were compared.
    clean, degraded : Recalls
        Their recalls on clean images, and under each degradation.
    at_severities : AtSeverities
        At which severities one of them is certainly more accurate, but not over all severities of the degradation.
    """

    better: tuple[str, ...]
    worse: tuple[str, ...]
    open: tuple[tuple[str, float, float], ...]
    degradations: int
    clean: Recalls
    degraded: Recalls
    at_severities: "AtSeverities"

    def sentence(self, first: str, second: str) -> str:
        """Return this in a few sentences. first, second: the names of the networks."""
        recalls = self._recalls(second)
        single = [said] if (said := self.at_severities.sentence(first, second)) else []
        if not (self.better or self.worse or recalls or single):
            return f"In short: it is not decided in any respect which of {first} and {second} is better."
        said = f"{second} is better than {first} {_and(self.better)}." if self.better else ""
        overall = f"{self._neither(first, second)} " if self.open and (self.better or self.worse) else ""
        if self.worse:
            said += (
                f" It is worse {_and(self.worse)}." if said else f"{second} is worse than {first} {_and(self.worse)}."
            )
        if not said:
            averaged = "the degradation" if self.degradations == 1 else f"any of the {self.degradations} degradations"
            where = (
                f", either on clean images or averaged over the severities of {averaged}" if self.degradations else ""
            )
            said = f"it is not decided which of {first} and {second} is more accurate{where}."
        return f"In short: {overall}{' '.join([said, *single, *recalls])} Everything else is undecided."

    def _neither(self, first: str, second: str) -> str:
        """Return that neither network is certainly more accurate over all, with their accuracies, in a sentence.

        "neither is certainly more accurate on average over 19 degradations (63.8 % with 'old', 64.2 % with 'new')."
        """
        parts = [f"{where} ({percent(a, 1)} with {first}, {percent(b, 1)} with {second})" for where, a, b in self.open]
        return f"neither is certainly more accurate {' or '.join(parts)}."

    def _recalls(self, second: str) -> list[str]:
        """Return which recalls differ, and how many of the differences alone do not show which network is better."""
        places = (("on clean images", self.clean), ("under degradation", self.degraded))
        told = [found.sentence(place, second) for place, found in places if found.differing]
        cases, doubtful = (sum(values) for values in zip(*((r.differing, r.doubtful) for _, r in places), strict=True))
        if doubtful:
            least = f" (under degradation, {LEAST})" if self.degraded.doubtful else ""
            which = f"{doubtful:,} of the" if doubtful < cases else "all"
            where = f"For {which} {cases:,} recalls that differ" if cases > 1 else "In this case"
            told.append(
                f"{where}, the network with the higher recall also takes more images of other classes for the class"
                f"{least}, so the higher recall alone does not mean that it is better."
            )
        return told


def in_short(pair: "FolderComparison") -> list[str]:
    """Return in which respects the second network is better and worse, in a few sentences.

    Nothing is returned for two assessments of one network.
    """
    if pair.same_network:
        return []
    search = pair.searches
    noise = search.ratio().sign if search is not None and search.tells_networks_apart else 0
    found = in_short_of(pair.largest.on_clean, pair.pairs, pair.overall, pair.recalls, noise)
    return [found.sentence(*sentence_names(pair))]


def in_short_of(
    clean: "CleanComparison",
    pairs: "Sequence[SweepComparison]",
    mean: "Difference | None",
    recalls: "Sequence[RecallChange]",
    noise: int,
) -> InShort:
    """Return in which respects the second network is better and worse, each decided as in the sentences that follow.

    Clean accuracy, recalls on clean images, accuracy under each degradation and on average, recalls under degradations
    and minimum noise are each decided by themselves, the recalls and degradations for all of their kind at once.

    Parameters
    ----------
    clean : CleanComparison
        The networks on clean images.
    pairs : sequence of SweepComparison
        The networks under each degradation.
    mean : Difference or None
        The mean of these accuracies, on the images that all have; None without any.
    recalls : sequence of RecallChange
        Their recalls of each class under each degradation.
    noise : int
        1 if the second network certainly needs more minimum noise, -1 if it needs less, else 0.
    """
    titles = [one.first.degradation.title for one in pairs]
    under = dict(zip(titles, decided([one.accuracy() for one in pairs]), strict=True))
    average = f"on average over {counted(len(under), 'degradation')}"
    overall = {average: mean} if mean is not None and len(under) > 1 else {}

    def respects(sign: int) -> tuple[str, ...]:
        found = [ON_CLEAN] if clean.accuracy.sign == sign else []
        which = [title for title, one in under.items() if one == sign]
        # Better under all degradations says more than better on average, which is then left out.
        found += [where for where, one in overall.items() if one.sign == sign and len(which) < len(under)]
        found += _under(which, len(under))
        return (*found, *([NOISE] if noise == sign else []))

    both = overall | {ON_CLEAN: clean.accuracy}
    undecided = tuple((where, one.first, one.second) for where, one in both.items() if not one.sign)
    counts = Recalls.of(clean.changed_classes, len(clean.recalls)), Recalls.of(recalls, len(recalls))
    return InShort(respects(1), respects(-1), undecided, len(under), *counts, AtSeverities.of(pairs))


def _and(respects: Sequence[str]) -> str:
    return listed(respects, most=len(respects))


def _under(titles: Sequence[str], of: int) -> list[str]:
    """Return under which of several degradations, or how many: "under 4 of 19 degradations"; [] for none."""
    number = len(titles)
    if not number:
        return []
    if number == of:
        return [f"under {'all ' if of > 1 else ''}{counted(of, 'degradation')}"]
    some = f"{number:,} of {counted(of, 'degradation')}"
    return [f"under {listed(titles, most=NAMED)} ({some})" if number <= NAMED else f"under {some}"]
