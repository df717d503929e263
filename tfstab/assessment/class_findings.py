"""Sentences on classes whose degraded images are right less often than those of the others."""

from collections.abc import Sequence

from tfstab.assessment.attracting import harm_sentences
from tfstab.assessment.classes import ClassFigures, class_figures
from tfstab.assessment.clean_findings import right_when_clean
from tfstab.assessment.figures import Figures
from tfstab.assessment.finding import Finding
from tfstab.assessment.ranking import harm, others, weak_classes, weak_when_clean
from tfstab.assessment.words import most_taken_for, name, over, severity
from tfstab.metrics.shares import inside, percent, share
from tfstab.metrics.weak_groups import FEWEST
from tfstab.names import all_quoted, quoted
from tfstab.runs.info import without_classes
from tfstab.wording import first_few, listed

CLASSES = 3  # weak classes that have a sentence of their own
MORE = 8  # further weak classes that are named
FEW = 5  # classes with too few images that are named


def class_findings(figures: Figures, falls: bool = False) -> list[Finding]:
    """Return which classes are weaker than the others, what they are mistaken for, and an example of each.

    falls: whether another finding says that the recall of a class falls under a degradation.
    """
    classes = figures.weakest_classes
    if len(classes) < 2:
        return []
    weak, few = weak_classes(classes), _too_few(classes, figures)
    if not weak:
        judged = [c for c in classes if c.images >= FEWEST]
        if not judged:
            return []
        lowest = min(judged, key=lambda c: c.accuracy.high)
        sentences = [_closest(lowest, figures, falls)] if len(judged) > 1 else []
        return [Finding("classes", "unsure", " ".join(filter(None, [*sentences, few])), (lowest.name,))]
    found = [_class_finding(one, figures) for one in weak[:CLASSES]]
    if len(weak) > CLASSES:
        more = all_quoted(name(c.name) for c in weak[CLASSES:])
        some = first_few(more, MORE)
        shown = ", ".join(some) + (f" and {rest} more" if (rest := len(more) - len(some)) else "")
        found.append(
            Finding("classes", "mid", f"Weaker than the others too: {shown}.", tuple(c.name for c in weak[CLASSES:]))
        )
    return [*found, *([Finding("classes", "unsure", few)] if few else [])]


def worst_family_finding(figures: Figures) -> Finding | None:
    """Return which classes are weaker than the others under the degradation that leaves least; None if none is.

    With a single degradation, `class_findings` says it.
    """
    if len(figures.families) < 2 or not figures.families[0].overall.enough:
        return None
    family = figures.families[0]
    classes = class_figures([family], figures.classes)
    weak = sorted(weak_classes(classes, len(figures.families)), key=lambda c: c.accuracy.high)
    if not weak:
        return None
    shown = first_few(weak, CLASSES)
    one, *more = shown
    rest = others(classes)[classes.index(one)]
    taken = most_taken_for(one.mistaken_for, figures.classes)
    text = (
        f"Under {family.title}, class {quoted(name(one.name))} is weaker than the others: {percent(one.accuracy)} of "
        f"its {one.images:,} images are right, averaged over the severities ({_right_when_clean(one)} when clean), "
        f"compared with {percent(rest)} of the others{f'; when wrong, it is {taken}' if taken else ''}."
    )
    if more:
        named = [f"{quoted(name(c.name))} ({inside(c.accuracy)}; {_right_when_clean(c)} when clean)" for c in more]
        named += [f"{left} more"] if (left := len(weak) - len(shown)) else []
        text += f" Also weaker under {family.title}: {listed(named)}."
    return Finding("worst classes", "mid", text, tuple(c.name for c in shown))


def _right_when_clean(one: ClassFigures) -> str:
    """Return which share of the degraded images of a class is right when clean."""
    return share(one.clean)


def _closest(lowest: ClassFigures, figures: Figures, falls: bool) -> str:
    """Return that no class is shown to be weaker than the others, and which one comes closest."""
    where = "" if falls else f"{over(figures.families)} "
    return (
        f"{_not_shown(figures, falls)} Class "
        f"{quoted(name(lowest.name))} comes closest: {where}{percent(lowest.accuracy)} of its "
        f"{lowest.images:,} measured images are right, and {percent(lowest.clean)} of them when clean."
    )


def _too_few(classes: Sequence[ClassFigures], figures: Figures) -> str:
    """Return which classes have too few images to be compared with the others; "" if none has, or if all have."""
    few = sorted((c for c in classes if c.images < FEWEST), key=lambda c: c.images)
    if not few or len(few) == len(classes):
        return ""
    shown = first_few(few, FEW)
    names = all_quoted(name(c.name) for c in shown)
    named = [f"{title} ({c.images:,})" for title, c in zip(names, shown, strict=True)]
    if rest := len(few) - len(shown):
        named.append(f"{rest} more")
    which = f"Class {listed(named)}" if len(few) == 1 else f"Classes {listed(named, most=FEW + 1)}"
    one, whose = len(figures.families) == 1, "its" if len(few) == 1 else "their"
    measured = "degraded" if one else "measured under all degradations"
    text = f"{which} cannot be compared with the others: fewer than {FEWEST} of {whose} images were {measured}."
    if max(len(family.images) for family in figures.families) < (figures.available or 0):
        text += (
            f" With more minutes{'' if one else ', or fewer degradations (--degradation)'}, more images are measured."
        )
    return text


def _not_shown(figures: Figures, falls: bool) -> str:
    """Return that the degraded images show no weak class; and that they are fewer, if the clean ones show one."""
    if falls:
        return (
            "Averaged over all degradations, the degraded images do not show that any class is weaker than the others."
        )
    if not (weak := [] if without_classes(figures.info) else weak_when_clean(figures.clean_classes)):
        return "The degraded images do not show that any class is weaker than the others."
    one, _ = min(weak, key=lambda found: found[0].accuracy.high)
    most, which = max(c.images for c in figures.weakest_classes), f"Class {quoted(name(one.name))}"
    degraded = f"Under {figures.families[0].title}" if len(figures.families) == 1 else "Averaged over all degradations"
    return (
        f"{which} is weaker than the others on clean images ({len(one.right):,} of this class). {degraded}, however, "
        f"the recalls do not show that any class is weaker than the others (at most {most:,} images of a class)."
    )


def _class_finding(one: ClassFigures, figures: Figures) -> Finding:
    """Return how weak a class is, what it is mistaken for, and an example."""
    rest = others(figures.weakest_classes)[figures.weakest_classes.index(one)]
    harmed = harm(one, figures.weakest_classes)
    text = (
        f"Class {quoted(name(one.name))} is weaker than the others: {over(figures.families)} {percent(one.accuracy)} "
        f"of its {one.images:,} measured images are right, compared with {percent(rest)} of the others. Of the same "
        f"images when clean, {percent(one.clean)} are right."
    )
    if not without_classes(figures.info):
        text += harm_sentences(one, harmed, figures.weakest_classes, figures.families)
    # Between two classes there is no choice.
    if len(figures.classes) > 2 and one.mistaken_for is not None and one.share_of_errors is not None:
        taken = quoted(name(figures.classes[one.mistaken_for]))
        text += f" In {percent(one.share_of_errors)} of its errors it is taken for {taken}"
        example = one.example()
        family = figures.family(example.family) if example else None
        if example and family:
            image = name(family.run.clean.name(example.image))
            under = f"{family.title}, {severity(family.run.degradation, example.severity)}"
            text += f" (an example: {image} under {under})"
        text += "."
    text += _clean_as_well(one, figures)
    return Finding("class", "bad" if harmed[2] < 0 else "mid", text, (one.name,))


def _clean_as_well(one: ClassFigures, figures: Figures) -> str:
    """Return how many of all clean images of a class are right, if it is weaker there, too; "" if it is not.

    The weakest of all is left out, because the lead says it (`clean_class_finding`).
    """
    weak = [] if without_classes(figures.info) else weak_when_clean(figures.clean_classes)
    less_weak = sorted(weak, key=lambda found: found[0].accuracy.high)[1:]
    return "".join(f" {right_when_clean(clean, rest)}" for clean, rest in less_weak if clean.index == one.index)
