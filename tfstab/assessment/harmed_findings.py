"""Sentences on classes that lose more of their recall than the others, overall or under single degradations."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tfstab.assessment.attracting import TOGETHER, keeps_less
from tfstab.assessment.class_findings import CLASSES as TOLD
from tfstab.assessment.classes import mistaken_under
from tfstab.assessment.family_figures import FamilyFigures
from tfstab.assessment.figures import Figures
from tfstab.assessment.finding import Finding
from tfstab.assessment.ranking import STRICTER, compared, harmed_classes, weak_classes
from tfstab.assessment.words import most_taken_for, name, over
from tfstab.metrics import Estimate
from tfstab.metrics.kept import Kept, estimate_kept
from tfstab.metrics.shares import inside, percent
from tfstab.metrics.weak_groups import FEWEST
from tfstab.names import all_quoted, quoted
from tfstab.runs.info import without_classes
from tfstab.wording import counted, first_few, listed

CLASSES = 3  # that are named with what they keep
OTHERS = 10  # at most, of the further classes, which are only named
TABLE = "a table in the report"  # to which the report links
IN_REPORT = f"{TABLE} lists all cases, including those named elsewhere in the verdict"
FAR = 0.1  # a class that keeps so much less of its recall than the others keep is named with the degradation


@dataclass(frozen=True, eq=False)
class HarmedClass:
    """A class that keeps far less of its recall under a degradation than the others, as measured.

    Attributes
    ----------
    family : FamilyFigures
        The degradation.
    index : int
        The class.
    kept, others : Estimate
        Share of its recall that the class keeps, averaged over the severities, and that all others together keep.
    """

    family: FamilyFigures
    index: int
    kept: Estimate
    others: Estimate

    @property
    def most_kept(self) -> float:
        """The upper end of what it keeps: the rest of its recall is certainly lost."""
        return self.kept.high


def harmed_finding(figures: Figures) -> Finding | None:
    """Return which classes degradation harms more than the others; None if it harms none.

    Weak classes that have a sentence of their own are left out, because that sentence says it (`class_findings`).
    """
    classes = figures.weakest_classes
    if len(classes) < 2 or without_classes(figures.info):
        return None
    told = weak_classes(classes)[:TOLD]
    harmed = [one for one in harmed_classes(classes) if one[0] not in told]
    if not harmed:
        return None
    shown = first_few(harmed, CLASSES)
    (one, kept, theirs), *more = shown
    less = keeps_less(one, classes)
    text = (
        f"Degradation harms class {quoted(name(one.name))} more than the others{TOGETHER if less else ''}: "
        f"{over(figures.families)} it keeps {percent(kept)} of its accuracy, the others keep {percent(theirs)} of "
        f"theirs{less}. Of its {one.images:,} measured "
        f"images, {percent(one.clean)} are right when clean, and {percent(one.accuracy)} when degraded."
    )
    if taken := most_taken_for(one.mistaken_for, figures.classes):
        text += f" When wrong, it is {taken}."
    if more:
        named = [f"{quoted(name(c.name))} (keeps {inside(kept)})" for c, kept, _ in more]
        named += [f"{rest} more"] if (rest := len(harmed) - len(shown)) else []
        text += f" Also harmed more than the others: {listed(named)}."
    return Finding("harmed classes", "mid", text, tuple(c.name for c, *_ in shown))


def harmed_elsewhere(
    figures: Figures, certain: Sequence[HarmedClass], told: Collection[tuple[str, int]] = ()
) -> list[HarmedClass]:
    """Return the classes that degradations other than the worst harm far more than the other classes.

    The largest certain loss of recall comes first. The degradation that leaves the least accuracy has a finding of its
    own, `worst_family_finding`.

    certain: what `harmed_under` returns. told: name of the degradation and class of the falls of recall that another
    finding names.
    """
    if len(figures.families) < 2:
        return []
    found = (one for one in certain if one.family is not figures.families[0])
    return sorted((one for one in found if (one.family.name, one.index) not in told), key=lambda one: one.most_kept)


def elsewhere_finding(found: Sequence[HarmedClass]) -> Finding | None:
    """Return which classes degradations other than the worst harm far more than the other classes; None if none.

    Each class is named with the degradation under which its certain loss of recall is largest.

    found: what `harmed_elsewhere` returns.
    """
    if not found:
        return None
    deepest: dict[int, HarmedClass] = {}
    for one in found:
        deepest.setdefault(one.index, one)
    shown = list(deepest.values())[:CLASSES]
    titles = [one.family.run.class_names[one.index] for one in deepest.values()]
    named = [
        f"{title} under {one.family.title} (keeps {inside(one.kept)}; the others {inside(one.others)})"
        for one, title in zip(shown, all_quoted(map(name, titles[:CLASSES])), strict=True)
    ]
    if rest := len(found) - len(shown):
        named.append(f"{counted(rest, 'more case')}{_also_concerned(rest, titles[CLASSES:])} ({IN_REPORT})")
    text = (
        f"Under other degradations, these classes lose far more of their recall than the others: "
        f"{listed(named, most=len(named))}."
    )
    return Finding("class falls", "mid", text, tuple(titles[:CLASSES]))


def _also_concerned(cases: int, classes: Sequence[str]) -> str:
    """Return which further classes so many more cases concern, to follow their number; "" for no further class."""
    if not classes:
        return ""
    concern, what = "concerns" if cases == 1 else "concern", "class" if len(classes) == 1 else "the classes"
    return f", which also {concern} {what} {listed(all_quoted(map(name, classes)), most=OTHERS)}"


def harmed_under(families: Sequence[FamilyFigures]) -> list[HarmedClass]:
    """Return the classes that single degradations harm far more than the others, the largest distance first."""
    comparisons = STRICTER * sum(len(np.unique(family.of_classes.labels)) for family in families)
    return [one for one in _far_apart(families) if compared(one.kept, one.others, comparisons) < 0]


def likely_harmed(families: Sequence[FamilyFigures], classes: Collection[int]) -> list[HarmedClass]:
    """Return which of these classes single degradations probably harm far more than the others.

    This is like `harmed_under`, but each comparison is judged by itself, so some of many are wrong.
    """
    return [one for one in _far_apart(families, classes) if compared(one.kept, one.others, 1) < 0]


def _far_apart(families: Sequence[FamilyFigures], classes: Collection[int] | None = None) -> list[HarmedClass]:
    """Return the classes that keep far less than the others under a degradation, the largest distance first.

    classes: only these; by default all.
    """
    found = []
    for family in families:
        images = family.of_classes
        part, whole = images.share_right.mean(axis=1), images.clean_right.astype(float)
        for index in _candidates(images.labels, part, whole, images.sampled):
            if classes is not None and index not in classes:
                continue
            mine = images.labels == index
            own, theirs = (
                estimate_kept(Kept(images.images[rows], part[rows], whole[rows]))
                for rows in (mine, ~mine & images.sampled)
            )
            found.append(HarmedClass(family, index, own, theirs))
    return sorted(found, key=lambda one: one.kept.value - one.others.value)


def mistaken_classes(found: Sequence[HarmedClass]) -> list[tuple[int, Estimate] | None]:
    """Return what each harmed class is most often mistaken for under its degradation, and the share of its errors.

    None for a class without errors.
    """
    classes: dict[FamilyFigures, list[int]] = {}
    for one in found:
        classes.setdefault(one.family, []).append(one.index)
    mistaken = {family: mistaken_under(family, indices) for family, indices in classes.items()}
    return [mistaken[one.family].get(one.index) for one in found]


def _candidates(
    labels: NDArray[np.int64], part: NDArray[np.float64], whole: NDArray[np.float64], counted: NDArray[np.bool_]
) -> list[int]:
    """Return the classes of enough images that keep far less of their recall than the others, as measured.

    labels, part, whole, counted: class of each image, the share of its copies that are right, whether it is right when
    clean, and whether it counts among the others; (N,) each.
    """
    classes, place, images = np.unique(labels, return_inverse=True, return_counts=True)
    own = [np.bincount(place, values) for values in (part, whole)]
    rest = [(values * counted).sum() - np.bincount(place, values * counted) for values in (part, whole)]
    with np.errstate(invalid="ignore", divide="ignore"):  # where no image is right when clean
        apart = rest[0] / rest[1] - own[0] / own[1]
    return [int(k) for k in classes[(images >= FEWEST) & (apart >= FAR)]]
