"""A sentence on rarer classes that seem to lose far more than the others, without enough images to be sure.

Other findings name the classes that certainly lose far more. Of classes of like size, those that they don't name lose
less. But if a class has far fewer images than the others, that it is not named says nothing.
"""

from collections.abc import Sequence

import numpy as np

from tfstab.assessment.figures import Figures
from tfstab.assessment.finding import Finding
from tfstab.assessment.harmed_findings import HarmedClass, harmed_under, likely_harmed
from tfstab.assessment.ranking import weak_classes
from tfstab.assessment.words import name
from tfstab.metrics.shares import inside
from tfstab.names import all_quoted
from tfstab.runs.info import without_classes
from tfstab.wording import counted, listed

RARER = 0.5  # of the median number of images of a class, at most
CLASSES = 3  # that are named
DEGRADATIONS = 2  # that are named with each of them


def rarer_finding(figures: Figures) -> Finding | None:
    """Return which rarer classes may lose far more of their recall than the others; None if none seems to.

    They keep far less under a degradation as measured, and a 95 % interval of this comparison alone says so, too. For
    all classes and degradations at once, this is not certain under any of them.
    """
    rarer = {} if without_classes(figures.info) else _rarer_classes(figures)
    if not rarer:
        return None
    weak = {figures.classes.index(one.name) for one in weak_classes(figures.weakest_classes)}
    known = weak | {one.index for one in harmed_under(figures.families)}
    cases: dict[int, list[HarmedClass]] = {}
    for one in likely_harmed(figures.families, [index for index in rarer if index not in known]):
        cases.setdefault(one.index, []).append(one)
    if not cases:
        return None
    shown = [*cases][:CLASSES]
    titles = all_quoted(name(figures.classes[index]) for index in shown)
    named = [_named(title, cases[index], rarer[index]) for title, index in zip(titles, shown, strict=True)]
    if rest := len(cases) - len(shown):
        named.append(counted(rest, "more class", "more classes"))
    these, of_them = ("this rarer class loses", "its") if len(cases) == 1 else ("these rarer classes lose", "their")
    text = (
        f"Not decided: whether {these} far more of {of_them} recall than the others, as measured: "
        f"{listed(named, most=len(named))}. More images of {of_them.replace('its', 'it').replace('their', 'them')} can "
        "decide it."
    )
    return Finding("undecided", "unsure", text, tuple(figures.classes[index] for index in shown))


def _rarer_classes(figures: Figures) -> dict[int, int]:
    """Return the classes of which there are far fewer clean images than of others, with their number."""
    counts = {one.index: len(one.right) for one in figures.clean_classes}
    if len(counts) < 3:  # of two classes, the rarer one has findings of its own
        return {}
    most = RARER * float(np.median([*counts.values()]))
    return {index: count for index, count in counts.items() if count <= most}


def _named(title: str, cases: Sequence[HarmedClass], images: int) -> str:
    """Return a class with the degradations under which it keeps least: "class x (25 images) under fog (keeps ...)"."""
    under = [
        f"{one.family.title} (keeps {inside(one.kept)}; the others {inside(one.others)})"
        for one in cases[:DEGRADATIONS]
    ]
    if rest := len(cases) - len(under):
        under.append(counted(rest, "other degradation"))
    return f"class {title} ({counted(images)}) under {listed(under)}"
