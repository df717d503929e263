"""The first sentence of a comparison of two assessments: in how many respects either network is better."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

from tfstab.experiments.comparison_text import sentence_names
from tfstab.metrics.multiple import decided
from tfstab.wording import counted, listed

if TYPE_CHECKING:
    from tfstab.experiments.folders_compared import FolderComparison

NOISE = "in minimum noise"


def in_short(pair: "FolderComparison") -> list[str]:
    """Return in which respects the second network is better and worse, each decided as in the sentences that follow.

    Clean accuracy, recalls on clean images, accuracy under degradations, recalls under degradations and minimum noise
    are each decided by themselves, the recalls and degradations for all of their kind at once. Nothing is returned for
    two assessments of one network.
    """
    if pair.same_network:
        return []
    (a, b), better, worse = sentence_names(pair), _respects(pair, 1), _respects(pair, -1)
    if not better and not worse:
        return [f"In short: it is not decided in any respect which of {a} and {b} is better."]
    said = [f"{b} is better than {a} {_and(better)}."] if better else []
    said += [f"{'It' if better else b} is worse{'' if better else f' than {a}'} {_and(worse)}."] if worse else []
    return [f"In short: {' '.join(said)} Everything else is undecided."]


def _and(respects: list[str]) -> str:
    return listed(respects, most=len(respects))


def _respects(pair: "FolderComparison", sign: int) -> list[str]:
    """Return in which respects the second network is better (sign 1) or worse (-1)."""
    clean, search = pair.largest.on_clean, pair.searches
    classes = [change.sign for change in clean.changed_classes]
    under = decided([one.accuracy() for one in pair.pairs])
    recalls = [change.sign for change in pair.recalls]
    found = ["on clean images"] if clean.accuracy.sign == sign else []
    found += _share("under", under, sign, len(under), "degradation")
    found += _share("for", classes, sign, len(clean.recalls), "class when clean", "classes when clean")
    found += _share("in", recalls, sign, len(recalls), "recall under degradation", "recalls under degradation")
    if search is not None and search.tells_networks_apart and search.ratio().sign == sign:
        found.append(NOISE)
    return found


def _share(where: str, signs: Iterable[int], sign: int, of: int, *what: str) -> list[str]:
    """Return in how many of several respects this sign was found: "in 4 of 8 classes when clean"; [] for none."""
    number = sum(one == sign for one in signs)
    if not number:
        return []
    return [f"{where} {'all ' if number == of > 1 else '' if number == of else f'{number:,} of '}{counted(of, *what)}"]
