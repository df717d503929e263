"""Bars of classes, marked as the verdict judges them; every function may run in a worker thread."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from tfstab.assessment import words
from tfstab.assessment.ranking import harm, harmed_classes, weak_classes
from tfstab.experiments.also_taken import LITTLE
from tfstab.gui.content.class_losses import in_words, severities_of_loss
from tfstab.gui.content.other_images import on_its_own
from tfstab.gui.content.robustness import BAD, MIDDLE, PLAIN, range_of
from tfstab.metrics import Estimate
from tfstab.metrics.estimate import NO_ESTIMATE
from tfstab.metrics.shares import percent, share
from tfstab.metrics.weak_groups import FEWEST
from tfstab.names import quoted
from tfstab.runs.info import without_classes
from tfstab.wording import counted

if TYPE_CHECKING:
    from tfstab.assessment.figures import Figures
    from tfstab.assessment.others_taken import OthersTaken
    from tfstab.gui.content.comparison import Compared
    from tfstab.sweep import SweepRun
    from tfstab.sweep.measures import SweepMeasures

MOST_CLASSES = 10
WEAKER, HARMED = "weaker than the others", "harmed more by degradation than the others"
BOTH = "weaker than the others, and harmed more by degradation"
TONES = {BOTH: BAD, WEAKER: MIDDLE, HARMED: MIDDLE}
LEGEND = {BAD: BOTH, MIDDLE: "weaker than the others, or harmed more by degradation"}


@dataclass(frozen=True)
class ClassBar:
    """Accuracy of a class over all severities.

    Attributes
    ----------
    class_index : int
        The class.
    name : str
        Its name.
    share : float
        Its accuracy, 0 to 1.
    text : str
        The accuracy in percent, and of how many images; with `LITTLE` if many images of other classes are taken for it.
    ends : tuple of float
        Its 95 % interval.
    tone : str
        One of `LEGEND` if the class is weaker than the others, or harmed more, beyond doubt; else `PLAIN`.
    tip : str
        The accuracy with its interval, and what the class is mistaken for.
    worst : tuple of (Path, str), optional
        Folder of the sweep, of several, in which the fewest of its images are right, and what its family is called.
    others : tuple of float
        Its accuracy in each compared run; NaN if that run has no images of a class of this name.
    beside : str
        The same with the intervals, a line for each run, to be added to the tip.
    """

    class_index: int
    name: str
    share: float
    text: str
    ends: tuple[float, float]
    tone: str
    tip: str
    worst: tuple[Path, str] | None = None
    others: tuple[float, ...] = ()
    beside: str = ""


@dataclass(frozen=True)
class ClassBars:
    """The bars of the weakest classes, the lowest first.

    Attributes
    ----------
    bars : tuple of ClassBar
        The bars.
    more : int
        How many further classes have images.
    note : str
        Why the order of the classes says little, or "".
    lost : str
        Where the weakest class of a sweep has lost a tenth and half of its recall, as a sentence, or "".
    little : str
        For which classes many images of other classes are taken, too, as a sentence, or "".
    others : tuple of str
        Names of the compared runs, in the order of `ClassBar.others`.
    apart : str
        What the title says of compared runs of other images, or under other degradations, or "".
    """

    bars: tuple[ClassBar, ...] = ()
    more: int = 0
    note: str = ""
    lost: str = ""
    little: str = ""
    others: tuple[str, ...] = ()
    apart: str = ""


ByName = dict[str, tuple[Estimate, NDArray[np.int64]]]  # accuracy and images of each class


def bars_of_sweep(
    run: "SweepRun",
    m: "SweepMeasures",
    judged: dict[int, str],
    others: "Sequence[Compared]" = (),
    taken: "Mapping[int, OthersTaken] | None" = None,
) -> ClassBars:
    """Return the accuracy of classes over all severities of a sweep.

    Parameters
    ----------
    run, m
        The sweep and its measures.
    judged : dict of int to str
        What the verdict says of classes, by index, as `judged_classes` returns it for the sweep.
    others : sequence of Compared, optional
        The sweeps that it is compared with.
    taken : mapping of int to OthersTaken, optional
        The classes whose recall says little: what `tfstab.assessment.others_taken.others_taken` returns for the sweep.
    """
    from tfstab.assessment.others_taken import little_said

    taken = taken or {}
    names, order, wrong = run.class_names, m.weakest_classes().tolist(), m.class_wrong
    own, lost = _of_sweep(names, m), severities_of_loss(m, order[:MOST_CLASSES])
    images = np.bincount(m.labels, minlength=len(names)).tolist()
    bars = []
    for k in order[:MOST_CLASSES]:
        of, _ = own[names[k]]
        tip = f"{names[k]}: {percent(of)} of {counted(images[k])} right over {run.degradation.together}, with the 95 % "
        tip += "interval"
        tip += f"; most often taken for {names[wrong[k]]}" if wrong[k] >= 0 else ""
        tip += f". It {where}" if (where := in_words(m.config, *lost[k])) else ""
        bar = _bar(k, names[k], of, images[k], judged, tip)
        if k in taken:
            bar = replace(bar, text=f"{bar.text} {LITTLE}", tip=f"{bar.tip}. But {taken[k].said(names[k])}")
        bars.append(bar)
    where = in_words(m.config, *lost[order[0]]) if images[order[0]] >= FEWEST else ""
    weakest = f"Weakest: class {quoted(words.name(names[order[0]]))}, which {where}." if where else ""
    found = ClassBars(tuple(bars), len(order) - len(bars), _note(max(images)), weakest, little_said(taken, names))
    beside = [(other.name, _of_sweep(other.classes, other.measures)) for other in others]
    unlike = any({*other.measures.severities} != {*m.severities} for other in others)
    return _beside(found, own, beside, severities=unlike)


def bars_of_assessment(figures: "Figures", others: "Sequence[tuple[str, Figures]]" = ()) -> ClassBars:
    """Return the accuracy of classes over all families of an assessment. others: those it is compared with, by name."""
    judged, bars = judged_classes(figures), []
    clean = {} if without_classes(figures.info) else {one.index: one for one in figures.clean_classes}
    for c in figures.weakest_classes[:MOST_CLASSES]:
        tip = f"{c.name}: {percent(c.accuracy)} of {counted(c.images)} right over all degradations, with the 95 % "
        tip += f"interval; when clean, {percent(c.clean)}"
        if c.index in clean and len(clean[c.index].right) > c.images:
            tip += f", and {percent(clean[c.index].accuracy)} of all its {counted(len(clean[c.index].right))}"
        tip += "" if c.mistaken_for is None else f"; most often taken for {figures.classes[c.mistaken_for]}"
        bar = _bar(c.index, c.name, c.accuracy, c.images, judged, tip)
        bars.append(replace(bar, worst=(Path(c.worst.run.path), c.worst.title)))
    most = max((c.images for c in figures.weakest_classes), default=0)
    found = ClassBars(tuple(bars), len(figures.weakest_classes) - len(bars), _note(most) if bars else "")
    beside = [(name, _of_assessment(other)) for name, other in others]
    unlike = any({f.name for f in other.families} != {f.name for f in figures.families} for _, other in others)
    return _beside(found, _of_assessment(figures), beside, degradations=unlike)


def judged_classes(figures: "Figures") -> dict[int, str]:
    """Return what the verdict says of classes that are weaker than the others or harmed more: one of `TONES`, by index.

    Red is for a weak class of which degradation takes more than of the others; one that is weak when clean already is
    amber, as is one that is harmed more, but not weaker than the others when degraded.
    """
    classes = figures.weakest_classes
    harmed = [] if without_classes(figures.info) else harmed_classes(classes)
    judged = {c.index: HARMED for c, *_ in harmed}
    return judged | {c.index: BOTH if harm(c, classes)[2] < 0 else WEAKER for c in weak_classes(classes)}


def _of_sweep(names: Sequence[str], m: "SweepMeasures") -> ByName:
    recall, ends = m.class_metrics().recall, m.intervals.class_metrics().recall
    return {
        names[k]: (Estimate(float(recall[k]), *map(float, ends[:, k])), m.images[m.labels == k])
        for k in np.unique(m.labels).tolist()
    }


def _of_assessment(figures: "Figures") -> ByName:
    return {c.name: (c.accuracy, c.right.images) for c in figures.weakest_classes}


def _beside(own: ClassBars, mine: ByName, others: Sequence[tuple[str, ByName]], **differing: bool) -> ClassBars:
    """Add to each bar what compared runs have of its class. differing: what else the runs do not have in common."""
    bars, unlike = [], False
    for bar in own.bars:
        found = [(name, of.get(bar.name)) for name, of in others]
        unlike |= any(one is not None and not np.array_equal(one[1], mine[bar.name][1]) for _, one in found)
        accuracies = [(name, NO_ESTIMATE if one is None else one[0]) for name, one in found]
        beside = "".join(f"\n{name}: {range_of(e)}" for name, e in accuracies)
        bars.append(replace(bar, others=tuple(e.value for _, e in accuracies), beside=beside))
    apart = on_its_own(images=unlike, **differing)
    return replace(own, bars=tuple(bars), others=tuple(name for name, _ in others), apart=apart)


def _note(most: int) -> str:
    """Return that the classes have too few images to be compared; "" if one has enough. most: images of a class."""
    if most >= FEWEST:
        return ""
    return (
        f"No class has as many as {FEWEST} images that were degraded: too few to say that a class is weaker than the "
        "others."
    )


def _bar(k: int, name: str, of: Estimate, images: int, judged: dict[int, str], tip: str) -> ClassBar:
    tone = TONES[judged[k]] if k in judged else PLAIN
    tip += f". It is {judged[k]}" if k in judged else ""
    return ClassBar(k, name, of.value, f"{share(of)} of {images:,}", (of.low, of.high), tone, tip)
