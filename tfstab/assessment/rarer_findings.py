"""A sentence on rarer classes that seem to lose far more than the others, without enough images to be sure.

Other findings name the classes that certainly lose far more than the others. A class with about as many images as those
named, but not named itself, probably loses less. A class with far fewer images may lose as much and yet not be named,
because so few images cannot make it certain.
"""

from collections.abc import Sequence

import numpy as np

from tfstab.assessment.figures import Figures
from tfstab.assessment.finding import Finding
from tfstab.assessment.harmed_findings import HarmedClass, likely_harmed
from tfstab.assessment.ranking import weak_classes
from tfstab.assessment.words import name
from tfstab.metrics.shares import inside
from tfstab.names import all_quoted
from tfstab.runs.info import without_classes
from tfstab.wording import counted, listed

RARER = 0.5  # of the median number of images of a class, at most
CLASSES = 3  # that are named
DEGRADATIONS = 2  # that are named with each of them


def rarer_finding(figures: Figures, certain: Sequence[HarmedClass]) -> Finding | None:
    """Return which rarer classes may lose far more of their recall than the others; None if none seems to.

    They keep far less under a degradation as measured, and a 95 % interval of this comparison alone says so, too. For
    all classes and degradations at once, this is not certain under any of them.

    certain: what `harmed_under` returns.
    """
    rarer = {} if without_classes(figures.info) else _rarer_classes(figures)
    if not rarer:
        return None
    known = {one.index for one in certain} | {one.index for one in weak_classes(figures.weakest_classes)}
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
    these, them = "these rarer classes lose far more of their", "them"
    if len(cases) == 1:
        these, them = "this rarer class loses far more of its", "it"
    text = (
        f"Not decided: whether {these} recall than the others, as measured: {listed(named, most=len(named))}. More "
        f"images of {them} can decide it."
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
