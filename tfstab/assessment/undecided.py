"""Sentences on what the images leave open about families of degradations, and how many images would answer it."""

import math
from collections.abc import Sequence

import numpy as np

from tfstab.assessment.family_figures import FamilyFigures
from tfstab.assessment.family_findings import NAMED, does_harm, kept_values
from tfstab.assessment.figures import Figures
from tfstab.assessment.finding import Finding
from tfstab.assessment.levels import BREAKS, HARMLESS
from tfstab.assessment.ranking import Extreme, Standing, extreme
from tfstab.assessment.recall_findings import WIDER, certain_falls, doubtful_findings
from tfstab.assessment.recalls import ClassRecall
from tfstab.datasets.groups import drawn_in, needed_images
from tfstab.datasets.remarks import remarks_of
from tfstab.metrics.outlook import MOST, round_up
from tfstab.wording import counted, listed

CARRIED = 30  # times as many images as measured: if more are needed, the value may be near the limit only by chance
TOO_NEAR = (
    "This is too close to say how many {images} would decide it: intervals of half the width take about four times as "
    "many."
)
# In a hardening, either of the two may have left images out.
RAISE_OR_VALIDATE = (
    " If a limit of images was given, raise it (`--limit`, in Python limit=). Unless the validation images are a split "
    "of their own, such as photos/val, some of the test images are set aside for validation."
)


def undecided_findings(standings: Sequence[Standing], figures: Figures) -> list[Finding]:
    """Return which questions about families the images leave open, and how many images would answer them."""
    found = []
    for limit, what in ((BREAKS, "half"), (HARMLESS, "a tenth")):
        doubtful = [s for s in standings if s.doubtful == limit]
        if doubtful:
            listing = kept_values([s.family for s in doubtful])
            text = f"Not decided: whether it loses more than {what} of its accuracy under "
            text += f"{listed(listing, 'or', most=6)}.{certain_falls(doubtful)}"
            if any(not s.family.kept.low <= limit <= s.family.kept.high for s in doubtful):
                text += f" {WIDER}"
            text += _advice([s.images_needed for s in doubtful], [s.family for s in doubtful], figures)
            found.append(Finding("undecided", "unsure", text, tuple(s.family.name for s in doubtful)))
    doubtful_recalls = _doubtful_recalls(standings)
    found += doubtful_findings(doubtful_recalls)
    named = {one.family.name for one in doubtful_recalls}
    blind = [s.family for s in standings if s.blind and s.doubtful is None and s.family.rare_right]
    blind = [family for family in blind if family.name not in named]
    if blind:
        text = "Not decided: whether a class loses more than a tenth of its recall under "
        text += f"{listed([f.title for f in blind], 'or', most=8)}. The accuracy does not show it, as always answering "
        text += "the same class would be right nearly as often, and there are few images of other classes."
        found.append(Finding("undecided", "unsure", text, tuple(f.name for f in blind)))
    worst = extreme([s.family for s in standings], harmful=True)
    if len(worst.members) > 1 and worst.members[0].kept.value < 1:
        names = [f.title for f in worst.members]
        text = f"Not decided: which of {listed(names, most=6)} {does_harm(standings, 'most')}."
        text += _narrowing(worst, figures)
        found.append(Finding("undecided", "unsure", text, tuple(f.name for f in worst.members)))
    if found and more_may_decide(standings, figures):
        given = f"Not all of the {figures.available:,} images given have been measured yet"
        text = f"{given}: with more minutes, more of them are measured, which may decide more of this."
        found.append(Finding("undecided", "unsure", text))
    return found


def more_may_decide(standings: Sequence[Standing], figures: Figures) -> bool:
    """Return whether images that were given but not measured yet may decide what `undecided_findings` names."""
    if figures.available is None:
        return False
    worst = extreme([s.family for s in standings], harmful=True)
    if len(worst.members) > 1 and worst.members[0].kept.value < 1:
        number = math.nan if any(map(math.isnan, worst.images_needed)) else _narrowed(worst)[0]
        fewest = min(worst.members, key=lambda family: len(family.images))
        if _are_left(number, fewest, figures.available):
            return True
    if any(s.doubtful is not None and _are_left(s.images_needed, s.family, figures.available) for s in standings):
        return True
    of_class = {one.index: len(one.right) for one in figures.clean_classes}
    return any(one.images < of_class.get(one.index, 0) for one in _doubtful_recalls(standings))


def _are_left(needed: float, family: FamilyFigures, available: int) -> bool:
    """Return whether enough images are left to measure; needed: NaN if unknown, then any image is enough."""
    return len(family.images) < available and not needed > min(available, CARRIED * len(family.images))


def _doubtful_recalls(standings: Sequence[Standing]) -> list[ClassRecall]:
    """Return the recalls that are named as undecided.

    Where the accuracy itself is not decided, recalls of classes of like size would only say the same at length.
    """
    return [one for s in standings if s.doubtful is None or s.family.one_common for one in s.doubtful_recalls]


def _advice(needed: Sequence[float], families: Sequence[FamilyFigures], figures: Figures) -> str:
    """Return how many images would decide it, if the values stay, or that too few were measured to tell.

    needed: for each of these families.
    """
    if any(map(math.isnan, needed)):
        return _too_few(families)
    there = _carried(needed, families)
    if not there:
        return _too_many(needed, figures)
    there = [(n, f) for n, f in there if figures.available is None or n <= figures.available] or there
    numbers, decided = zip(*there, strict=True)
    for_which = "" if len(needed) == 1 else " for both" if len(needed) == 2 else " for all of them"
    if len(there) < len(needed):
        for_which = f" for {listed([f.title for f in decided], most=6)}"
    return _more(max(numbers), f"decide this{for_which}", decided, figures)


def _too_few(families: Sequence[FamilyFigures]) -> str:
    """Return that so few images do not tell how many it takes."""
    fewest = min(len(family.images) for family in families)
    return f" {counted(fewest)} under a degradation cannot tell how many would decide this."


def _carried(needed: Sequence[float], families: Sequence[FamilyFigures]) -> list[tuple[float, FamilyFigures]]:
    """Return the numbers of images needed that these families' images carry (see CARRIED), with their families."""
    return [(n, family) for n, family in zip(needed, families, strict=True) if n <= CARRIED * len(family.images)]


def _too_many(needed: Sequence[float], figures: Figures) -> str:
    """Return that it takes too many images to name their number."""
    remarks = remarks_of(figures.info["data"])
    if any(map(math.isfinite, needed)):
        return f" {TOO_NEAR.format(images='groups' if drawn_in(remarks) else 'images')}"
    it_takes = needed_images(f"more than {MOST} times as many", remarks)
    return f" If the values stay as measured, it takes {it_takes} to decide this."


def _more(images: float, do: str, families: Sequence[FamilyFigures], figures: Figures) -> str:
    """Return what more images of these families would do, and how many there are."""
    available, remarks = figures.available, remarks_of(figures.info["data"])
    it_takes = needed_images(f"about {round_up(images):,}", remarks)
    text = f" If the values stay as measured, {it_takes} under each degradation "
    if available is not None and images > available:
        drawn = drawn_in(remarks)
        if drawn and drawn[0] <= available:
            there = counted(available, "group")
            return f"{text}would {do}. More minutes cannot decide this: there are images of only {there}."
        if figures.limited and figures.of_hardening:
            return f"{text}would {do}. Only {available:,} of the data's images were compared.{RAISE_OR_VALIDATE}"
        if figures.limited:
            return f"{text}would {do}. It was limited to {available:,} of the data's images: raise this limit."
        return f"{text}would {do}. More minutes cannot decide this: only {available:,} images were given."
    of = "" if available is None else f" of the {available:,} given"
    return f"{text}({_so_far(images, families)}{of}) would {do}."


def _so_far(images: float, families: Sequence[FamilyFigures]) -> str:
    """Return how many images of these families are measured; if some have as many as needed, only of the others."""
    short = [family for family in families if len(family.images) < images] or families
    counts = [len(family.images) for family in short]
    low, high = f"{min(counts):,}", f"{max(counts):,}"
    number = low if low == high else f"{low} to {high}"
    if len(short) == len(families):
        return f"so far {number}"
    return f"so far, {listed([family.title for family in short])} {'has' if len(short) == 1 else 'have'} only {number}"


def _narrowing(worst: Extreme, figures: Figures) -> str:
    """Return how many images would leave one candidate for the most harmful family, or else a few."""
    first, *others = worst.members
    if any(map(math.isnan, worst.images_needed)):
        common = min(int(np.isin(first.images, other.images).sum()) for other in others)
        if common < min(len(family.images) for family in worst.members):
            shared = f"only {counted(common)}" if common else "no image"
            return f" Some of them have {shared} in common: measure all on the same images."
        return _too_few(worst.members)
    images, do = _narrowed(worst)
    return _more(images, do, worst.members, figures) if do else _too_many([max(worst.images_needed)], figures)


def _narrowed(worst: Extreme) -> tuple[float, str]:
    """Return how many images would leave one or a few candidates, and what they would do; infinite and "" if neither.

    worst: candidates of each of which it is known how many images would exclude it.
    """
    carried = sorted(n for n, _ in _carried(worst.images_needed, worst.members[1:]))
    if len(carried) == len(worst.members) - 1:
        return carried[-1], "decide this"
    surplus = len(worst.members) - NAMED  # candidates to exclude, so that a few are left
    if 0 < surplus <= len(carried):
        return carried[surplus - 1], f"narrow it down to {NAMED} of them"
    return math.inf, ""
