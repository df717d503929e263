"""Comparison of two networks in the classes that a user names, on clean and on degraded images."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING

from tfstab.classifier.class_names import class_called
from tfstab.errors import InputError, did_you_mean
from tfstab.experiments.also_taken import NAMED, shares_taken, takes_far_more
from tfstab.experiments.clean_comparison import CleanComparison
from tfstab.experiments.folders_compared import FolderComparison
from tfstab.experiments.gate_groups import Group, confidences, signs
from tfstab.experiments.possible_loss import points
from tfstab.experiments.search_comparison import SearchComparison
from tfstab.experiments.sweep_comparison import SweepComparison
from tfstab.names import all_quoted, quoted, shortened
from tfstab.wording import counted, listed

if TYPE_CHECKING:
    from tfstab.metrics.paired import Difference

RECALL, PRECISION, UNDER, SPECIFICITY = "recall", "precision", "under", "specificity"
LONGEST = 70  # characters of the name of a class or degradation in a sentence

Pair = SweepComparison | SearchComparison | FolderComparison


@dataclass(frozen=True)
class ClassFigure:
    """What is compared of a class.

    Attributes
    ----------
    kind : str
        RECALL or PRECISION on clean images, recall UNDER a degradation, or SPECIFICITY under one: the share of the
        images of other classes that are not taken for the class.
    title : str
        What it is of: "recall of class stop under fog".
    paired : Difference
        The value of each network, and the difference.
    images : int
        Number of images that were compared. For recall, these are the images of the class; for precision, the images
        that a network takes for the class; for specificity, those of other classes.
    sign : int
        1 if the second network is better, -1 if the first is, 0 if that is not decided.
    taken : tuple of float
        Of a recall, the share of the images of other classes that each network takes for the class, degraded likewise;
        NaN if not known, and of other figures.
    """

    kind: str
    title: str
    paired: "Difference"
    images: int
    sign: int = 0
    taken: tuple[float, float] = (math.nan, math.nan)

    @property
    def says_little(self) -> bool:
        """Whether the network with the higher recall also takes far more images of other classes for the class."""
        return takes_far_more(self.paired, self.taken)


@dataclass(frozen=True)
class PossibleClassLoss:
    """The largest loss of recall of some classes that a comparison of two networks leaves possible.

    Attributes
    ----------
    loss : float
        How much lower the recall of the second network is at most: a share, 0..1. Negative if it is certainly higher
        for all classes, on clean images and under each degradation. 1 if a recall is not known.
    what : str
        The recall with the largest possible loss, as in `class_table`: "recall of class stop under fog".
    images : int
        Number of images that were compared for it; 0 if it is not known.
    """

    loss: float
    what: str
    images: int

    def sentence(self) -> str:
        """Return the loss in words; "" if none is possible."""
        what = shortened(self.what, LONGEST)
        if not self.images:
            return f"The {what} cannot be compared: no image of the class was measured with both networks."
        if not (lower := points(self.loss)):
            return ""
        return (
            f"The largest loss of recall that remains possible is {lower} points: {what}, compared on "
            f"{counted(self.images)}."
        )


def class_figures(pair: Pair, of_classes: Sequence[str]) -> list[ClassFigure]:
    """Return the recall, precision and specificity of some classes, decided for all at once, class by class.

    of_classes: at least one; see `tfstab.experiments.worse.worse`.
    """
    better = signs(class_groups(pair, of_classes))
    return [replace(figure, sign=better[figure.title]) for figure in _undecided(pair, _indices(pair, of_classes))]


def little_sentences(pair: Pair, of_classes: Sequence[str], first: str, second: str) -> list[str]:
    """Return which recalls say little, because the network with the higher one takes far more other images for a class.

    of_classes: as of `class_figures`. first, second: what the networks are called.
    """
    told = []
    for figure in _undecided(pair, _indices(pair, of_classes)):
        if figure.says_little:
            one, other = shares_taken(figure.taken, 0)
            told.append(f"{shortened(figure.title, LONGEST)} ({one} with {first}, {other} with {second})")
    if not told:
        return []
    lead = "A higher recall says little where the network also takes far more images of other classes for the class"
    return [f"{lead}: {listed(told, most=NAMED)}."]


def class_groups(pair: Pair, of_classes: Sequence[str]) -> list[Group]:
    """Return the comparisons of some classes by what they are of."""
    classes = _indices(pair, of_classes)
    figures = _undecided(pair, classes)
    of_several = f" of {len(classes)} classes" if len(classes) > 1 else ""
    titles = {
        RECALL: f"clean recall{of_several}",
        PRECISION: f"precision{of_several}",
        UNDER: f"recall{of_several} under {counted(len(sweeps_of(pair)), 'degradation')}",
        SPECIFICITY: f"specificity{of_several} under {counted(len(sweeps_of(pair)), 'degradation')}",
    }
    groups = [
        Group(title, {f.title: f.paired for f in figures if f.kind == kind}, recalls=kind == RECALL)
        for kind, title in titles.items()
    ]
    return [group for group in groups if group.respects]


def possible_class_loss(pair: Pair, of_classes: Sequence[str]) -> PossibleClassLoss:
    """Return the largest loss of recall that the intervals leave possible.

    Their confidence is that at which `class_groups` are decided, so the limit and the decisions hold together, with
    95 % confidence.

    of_classes: as of `class_figures`.
    """
    confidence, losses = confidences(class_groups(pair, of_classes)), list[PossibleClassLoss]()
    for index in _indices(pair, of_classes):
        for title, compared in _recalls(pair, index).items():
            recall = compared(confidence=confidence[title])
            losses.append(PossibleClassLoss(-recall.low if recall.count else 1.0, title, recall.count))
    return max(losses, key=lambda each: (each.loss, -each.images))


def sweeps_of(pair: Pair) -> Sequence[SweepComparison]:
    """Return the comparisons under degradations."""
    return pair.pairs if isinstance(pair, FolderComparison) else [pair] if isinstance(pair, SweepComparison) else []


def on_clean(pair: Pair) -> CleanComparison:
    """Return the comparison on clean images."""
    return (pair.largest if isinstance(pair, FolderComparison) else pair).on_clean


def _indices(pair: Pair, wanted: Sequence[str]) -> list[int]:
    """Return the classes that a user names, each once; raise InputError if there are none, or no images of one."""
    clean, found = on_clean(pair), list[int]()
    names = {clean.name_of(k): k for k in clean.recalls}
    if not wanted:
        raise InputError(f"no class is named: choose one or more of {listed(all_quoted(list(names)))}.")
    for text in wanted:
        index = names.get(text)
        if index is None and text not in clean.class_names:  # else two classes have this name, or it has no images
            index = class_called(text, clean.class_names)
        if index is None or index not in clean.recalls:
            advice = did_you_mean(text, list(names)) or f"choose one of {listed(all_quoted(list(names)), 'or')}."
            raise InputError(f"the runs have no clean image of class {quoted(text)} in common: {advice}")
        found.append(index)
    return list(dict.fromkeys(found))


def _undecided(pair: Pair, classes: Sequence[int]) -> list[ClassFigure]:
    """Return what is compared of some classes, class by class, before it is decided which network is better."""
    return [figure for index in classes for figure in _figures(pair, index)]


def _figures(pair: Pair, index: int) -> list[ClassFigure]:
    """Return what is compared of a class: recall and precision on clean images, then recall and specificity degraded.

    There is no specificity if the networks call their classes by other names, or without images of other classes.
    """
    clean = on_clean(pair)
    (title, recall), *under = [(title, compared()) for title, compared in _recalls(pair, index).items()]
    predicted = sum(taken == index for taken in clean.predicted) > 0
    called, sweeps = quoted(clean.name_of(index)), sweeps_of(pair)
    precision = f"precision of class {called}"
    specific = [(one.first.degradation.title, one.specificity(index)) for one in sweeps if one.same_classes]
    return [
        ClassFigure(RECALL, title, recall, recall.count, taken=clean.taken_for(index)),
        ClassFigure(PRECISION, precision, clean.precision(index), int(predicted.sum())),
        *(
            ClassFigure(UNDER, title, each, each.count, taken=sweep.by_class.taken_for(index))
            for (title, each), sweep in zip(under, sweeps, strict=True)
        ),
        *(
            ClassFigure(SPECIFICITY, f"specificity of class {called} under {title}", each, each.count)
            for title, each in specific
            if each.count
        ),
    ]


def _recalls(pair: Pair, index: int) -> "dict[str, Callable[..., Difference]]":
    """Return how to compare each recall of a class at some confidence, by what it is of: on clean images first."""
    clean = on_clean(pair)
    title = f"recall of class {quoted(clean.name_of(index))}"
    under = {f"{title} under {one.first.degradation.title}": partial(one.recall, index) for one in sweeps_of(pair)}
    return {title: partial(clean.recall, index), **under}
