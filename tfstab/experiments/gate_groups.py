"""The comparisons that a gate decides together.

Recalls on clean images share half of the permitted probability of an error, and all others the other half. If there are
only comparisons of one of these two kinds, they share all of it.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tfstab.metrics.multiple import decided, error_of_each

if TYPE_CHECKING:
    from tfstab.metrics.paired import Paired

Respects = dict[str, "Paired"]


@dataclass(frozen=True)
class Group:
    """Comparisons of one kind, such as those of all classes.

    Attributes
    ----------
    title : str
        What they are of, in a sentence: "18 degradations".
    respects : dict of str to Paired
        The comparisons, by name; at least one.
    recalls : bool
        Whether they are of the recall of classes on clean images, which gets half of the permitted error.
    """

    title: str
    respects: Respects
    recalls: bool = False


def together(groups: Iterable[Group]) -> Respects:
    """Return the comparisons of all groups."""
    return {title: paired for group in groups for title, paired in group.respects.items()}


def signs(groups: Sequence[Group], tolerance: float = 0.0) -> dict[str, int]:
    """Return which network is better in each respect, as `decided` does, for all of them at once."""
    halves, found = _halves(groups), dict[str, int]()
    for half in halves:
        found |= zip(half, decided(list(half.values()), 1 / len(halves), tolerance), strict=True)
    return found


def confidences(groups: Sequence[Group]) -> dict[str, float]:
    """Return the confidence at which `signs` decides each respect, so that all of them hold together."""
    halves = _halves(groups)
    errors = [error_of_each(list(half.values()), 1 / len(halves)) for half in halves]
    return {title: 1 - error for half, error in zip(halves, errors, strict=True) for title in half}


def _halves(groups: Sequence[Group]) -> list[Respects]:
    """Return the comparisons that share a part of the permitted error."""
    return [half for recalls in (True, False) if (half := together(g for g in groups if g.recalls is recalls))]
