"""Bars of classes, marked as the verdict judges them; every function may run in a worker thread."""

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from tfstab.assessment.ranking import harm, weak_classes
from tfstab.gui.content.robustness import BAD, MIDDLE, PLAIN
from tfstab.metrics import Estimate
from tfstab.metrics.shares import percent, share
from tfstab.metrics.weak_groups import FEWEST
from tfstab.runs.info import without_classes
from tfstab.wording import counted

if TYPE_CHECKING:
    from tfstab.assessment.figures import Figures
    from tfstab.sweep import SweepRun
    from tfstab.sweep.measures import SweepMeasures

MOST_CLASSES = 10
WEAK = {BAD: "weaker than the others, and harmed more by degradation", MIDDLE: "weaker than the others"}


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
        The accuracy in percent, and of how many images.
    ends : tuple of float
        Its 95 % interval.
    tone : str
        One of `WEAK` if the class is weaker than the others beyond doubt, else `PLAIN`.
    tip : str
        The accuracy with its interval, and what the class is mistaken for.
    worst : tuple of (Path, str), optional
        Folder of the sweep, of several, in which the fewest of its images are right, and what its family is called.
    """

    class_index: int
    name: str
    share: float
    text: str
    ends: tuple[float, float]
    tone: str
    tip: str
    worst: tuple[Path, str] | None = None


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
    """

    bars: tuple[ClassBar, ...] = ()
    more: int = 0
    note: str = ""


def bars_of_sweep(run: "SweepRun", m: "SweepMeasures", tones: dict[int, str]) -> ClassBars:
    """Return the accuracy of classes over all severities of a sweep. tones: of the weak classes, by index."""
    names, order = run.class_names, m.weakest_classes().tolist()
    recall, ends, wrong = m.class_metrics().recall, m.intervals.class_metrics().recall, m.class_wrong
    images = np.bincount(m.labels, minlength=len(names)).tolist()
    bars = []
    for k in order[:MOST_CLASSES]:
        of = Estimate(float(recall[k]), *map(float, ends[:, k]))
        tip = f"{names[k]}: {percent(of)} of {counted(images[k])} right over {run.degradation.together}, with the 95 % "
        tip += "interval"
        tip += f"; most often taken for {names[wrong[k]]}" if wrong[k] >= 0 else ""
        bars.append(_bar(k, names[k], of, images[k], tones, tip))
    return ClassBars(tuple(bars), len(order) - len(bars), _note(max(images)))


def bars_of_assessment(figures: "Figures") -> ClassBars:
    """Return the accuracy of classes over all families of an assessment."""
    tones, bars = tones_of(figures), []
    clean = {} if without_classes(figures.info) else {one.index: one for one in figures.clean_classes}
    for c in figures.weakest_classes[:MOST_CLASSES]:
        tip = f"{c.name}: {percent(c.accuracy)} of {counted(c.images)} right over all degradations, with the 95 % "
        tip += f"interval; when clean, {percent(c.clean)}"
        if c.index in clean and len(clean[c.index].right) > c.images:
            tip += f", and {percent(clean[c.index].accuracy)} of all its {counted(len(clean[c.index].right))}"
        tip += "" if c.mistaken_for is None else f"; most often taken for {figures.classes[c.mistaken_for]}"
        bar = _bar(c.index, c.name, c.accuracy, c.images, tones, tip)
        bars.append(replace(bar, worst=(Path(c.worst.run.path), c.worst.title)))
    most = max((c.images for c in figures.weakest_classes), default=0)
    return ClassBars(tuple(bars), len(figures.weakest_classes) - len(bars), _note(most) if bars else "")


def tones_of(figures: "Figures") -> dict[int, str]:
    """Return how each of the weakest classes is marked if it is weaker than the others: as its sentence in a verdict.

    Red is for a class of which degradation takes more than of the others; one that is weak when clean already is amber.
    """
    classes = figures.weakest_classes
    weak = {c.index for c in weak_classes(classes)}
    shown = [c for c in classes[:MOST_CLASSES] if c.index in weak]
    return {c.index: BAD if harm(c, classes)[2] < 0 else MIDDLE for c in shown}


def _note(most: int) -> str:
    """Return that the classes have too few images to be compared; "" if one has enough. most: images of a class."""
    if most >= FEWEST:
        return ""
    return (
        f"No class has as many as {FEWEST} images that were degraded: too few to say that a class is weaker than the "
        "others."
    )


def _bar(k: int, name: str, of: Estimate, images: int, tones: dict[int, str], tip: str) -> ClassBar:
    tone = tones.get(k, PLAIN)
    tip += f". It is {WEAK[tone]}" if tone in WEAK else ""
    return ClassBar(k, name, of.value, f"{share(of)} of {images:,}", (of.low, of.high), tone, tip)
