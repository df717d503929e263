"""What a hardening has changed, for the overviews of both networks; runs in a worker thread."""

from typing import TYPE_CHECKING

from tfstab.errors import InputError
from tfstab.runs.together import is_hardened_from

if TYPE_CHECKING:
    from tfstab.assessment.figures import Figures


def hardened_first(own: "Figures", other: "Figures") -> "tuple[Figures, Figures] | None":
    """Return two assessments as original and hardened network if one was hardened from the other, else None."""
    for before, after in ((own, other), (other, own)):
        pairs = ((family.run, after.family(family.name)) for family in before.families)
        if any(theirs is not None and is_hardened_from(theirs.run.path, mine.path) for mine, theirs in pairs):
            return before, after
    return None


def change_of(own: "Figures", other: "Figures") -> str:
    """Return what a hardening changed, as its report says first; "" if neither network was hardened from the other."""
    from tfstab.experiments.remedy_comparison import RemedyComparison
    from tfstab.experiments.remedy_text import lead

    sides = hardened_first(own, other)
    if sides is None:
        return ""
    try:
        before, after = ([family.run for family in side.families] for side in sides)
        return lead(RemedyComparison(before, after))
    except InputError:  # nothing in common yet
        return ""
