"""The first sentence of a comparison of two assessments: in how many respects either network is better."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tfstab.experiments.comparison_text import sentence_names
from tfstab.metrics.multiple import decided
from tfstab.wording import counted, listed

if TYPE_CHECKING:
    from tfstab.experiments.also_taken import DecidedRecall
    from tfstab.experiments.clean_comparison import CleanComparison
    from tfstab.experiments.folders_compared import FolderComparison
    from tfstab.experiments.recall_changes import RecallChange
    from tfstab.metrics.paired import Difference

NOISE = "in minimum noise"
CLASSES = "class when clean", "classes when clean"
RECALLS = "recall under degradation", "recalls under degradation"


@dataclass(frozen=True)
class InShort:
    """In which respects the second of two networks is certainly better and worse than the first.

    Attributes
    ----------
    better, worse : tuple of str
        As parts of a sentence: "on clean images", "under 3 of 19 degradations".
    """

    better: tuple[str, ...]
    worse: tuple[str, ...]

    def sentence(self, first: str, second: str) -> str:
        """Return this in a sentence or two. first, second: the names of the networks."""
        if not self.better and not self.worse:
            return f"In short: it is not decided in any respect which of {first} and {second} is better."
        said = [f"{second} is better than {first} {_and(self.better)}."] if self.better else []
        if self.worse:
            said += [
                f"It is worse {_and(self.worse)}." if said else f"{second} is worse than {first} {_and(self.worse)}."
            ]
        return f"In short: {' '.join(said)} Everything else is undecided."


def in_short(pair: "FolderComparison") -> list[str]:
    """Return in which respects the second network is better and worse, in a sentence.

    Nothing is returned for two assessments of one network.
    """
    if pair.same_network:
        return []
    search = pair.searches
    noise = search.ratio().sign if search is not None and search.tells_networks_apart else 0
    found = in_short_of(pair.largest.on_clean, [one.accuracy() for one in pair.pairs], pair.recalls, noise)
    return [found.sentence(*sentence_names(pair))]


def in_short_of(
    clean: "CleanComparison", degraded: "Sequence[Difference]", recalls: "Sequence[RecallChange]", noise: int
) -> InShort:
    """Return in which respects the second network is better and worse, each decided as in the sentences that follow.

    Clean accuracy, recalls on clean images, accuracy under degradations, recalls under degradations and minimum noise
    are each decided by themselves, the recalls and degradations for all of their kind at once.

    Parameters
    ----------
    clean : CleanComparison
        The networks on clean images.
    degraded : sequence of Difference
        Their accuracies under each degradation.
    recalls : sequence of RecallChange
        Their recalls of each class under each degradation.
    noise : int
        1 if the second network certainly needs more minimum noise, -1 if it needs less, else 0.
    """
    under = decided(list(degraded))

    def respects(sign: int) -> tuple[str, ...]:
        found = ["on clean images"] if clean.accuracy.sign == sign else []
        found += _share("under", sum(one == sign for one in under), len(under), "degradation")
        found += _recalls("for", clean.changed_classes, sign, len(clean.recalls), CLASSES)
        found += _recalls("in", recalls, sign, len(recalls), RECALLS)
        return (*found, *([NOISE] if noise == sign else []))

    return InShort(respects(1), respects(-1))


def _and(respects: Sequence[str]) -> str:
    return listed(respects, most=len(respects))


def _share(where: str, number: int, of: int, *what: str) -> list[str]:
    """Return in how many of several respects: "in 4 of 8 classes when clean"; [] for none."""
    if not number:
        return []
    return [f"{where} {'all ' if number == of > 1 else '' if number == of else f'{number:,} of '}{counted(of, *what)}"]


def _recalls(where: str, changes: "Sequence[DecidedRecall]", sign: int, of: int, what: tuple[str, str]) -> list[str]:
    """Return how many recalls are higher (sign 1) or lower (-1), and for how many the higher one alone proves little.

    where, of, what: as of `_share`.
    """
    found = [change for change in changes if change.sign == sign]
    more = sum(change.takes_more for change in found)
    told = _share(where, len(found), of, *what)
    if not more:
        return told
    which = f"{more:,} of them" if more < len(found) else "both" if more == 2 else "all"
    lead = f"{where} {which}, " if len(found) > 1 else ""
    network = "it" if sign > 0 else "the other one"
    return [f"{told[0]} ({lead}{network} also takes more images of other classes for the class)"]
