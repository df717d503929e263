"""Images of other classes that are taken for each class; every function may run in a worker thread."""

import math
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

from tfstab.assessment import words
from tfstab.assessment.class_shares import taken_shares
from tfstab.gui.content.class_column import ALL, CLEAN, ClassColumn
from tfstab.gui.content.robustness import range_of
from tfstab.metrics import Estimate
from tfstab.metrics.classification import ratio
from tfstab.metrics.estimate import accuracy_of
from tfstab.metrics.kept import share_of
from tfstab.metrics.shares import rounded
from tfstab.names import quoted
from tfstab.wording import counted

if TYPE_CHECKING:
    from tfstab.assessment.classes import ClassFigures, CleanClass
    from tfstab.assessment.family_figures import FamilyFigures
    from tfstab.assessment.figures import Figures
    from tfstab.assessment.others_taken import OthersTaken

FALSE_ALARMS = "false_alarms"  # key of the state of a view: whether the part Classes shows them


class Mostly(NamedTuple):
    """The class that most of the false alarms belong to, its share of them, and the share of its images."""

    class_index: int
    of_alarms: float
    of_images: Estimate


class AlarmDetails(NamedTuple):
    """What the tool tip of a cell says beyond its text; see `AlarmCell.details`."""

    share: Estimate
    mostly: Mostly | None = None


@dataclass(frozen=True, eq=False)
class AlarmCell:
    """The false alarms for a class, when clean or averaged over the severities of one degradation or of all.

    Attributes
    ----------
    images : int
        Images of the other classes; 0 if only their share is known.
    share : float
        Share of these images that is taken for the class.
    clean : float
        The same of the same images when clean.
    path : Path or None
        The sweep that lists the images; None if none does.
    more : bool
        Whether the share is certainly and notably larger than when clean.
    details : callable
        Computes the share with its 95 % interval, and the class that most of these images belong to; None if there is
        no choice or no false alarm.
    """

    images: int
    share: float
    clean: float
    path: Path | None
    more: bool
    details: Callable[[], AlarmDetails]


class AlarmColumn(ClassColumn[AlarmCell]):
    """The false alarms for all classes."""


@dataclass(frozen=True, eq=False)
class FalseAlarms:
    """The false alarms of an assessment.

    Attributes
    ----------
    classes : tuple of int
        Classes that have images, the one that most images of other classes are taken for first.
    names : tuple of str
        Their names.
    columns : tuple of AlarmColumn
        When clean, on average over all degradations if there are several, then under each, the one under which the
        least accuracy is kept first; () for none.
    all_names : tuple of str
        The names of all classes, by index.
    """

    classes: tuple[int, ...] = ()
    names: tuple[str, ...] = ()
    columns: tuple[AlarmColumn, ...] = ()
    all_names: tuple[str, ...] = ()


NO_ALARMS = FalseAlarms()


def false_alarms(
    figures: "Figures", more: "Sequence[Mapping[int, OthersTaken]]", clean_path: Path | None
) -> FalseAlarms:
    """Return the false alarms for each class when clean, on average over all degradations and under each.

    more: what `tfstab.assessment.others_taken.more_taken` returns. clean_path: the sweep that lists the clean images.
    """
    from tfstab.assessment.others_taken import more_taken_under_all

    families, found = figures.families, {c.index: c for c in figures.weakest_classes}
    shares = [np.nan_to_num(family.run.measures.taken_by_severity.mean(axis=0)) for family in families]
    mean = np.mean(shares, axis=0)
    mean[[*found]] = np.nan_to_num([c.taken.value for c in found.values()])  # the numbers of the column of all
    classes = sorted((one.index for one in figures.clean_classes), key=lambda k: (-mean[k], k))
    columns = [AlarmColumn(CLEAN, CLEAN, "when clean", tuple(_clean(figures.clean_classes, classes, clean_path)))]
    if len(families) > 1:
        worst = np.argmax(shares, axis=0)  # the family with most false alarms for each class
        paths = [Path(families[n].run.path) for n in worst]
        above = more_taken_under_all(figures.weakest_classes)
        cells = tuple(_of_all(found[k], paths[k], k in above) if k in found else None for k in classes)
        columns.append(AlarmColumn(ALL, "all degradations", over_all(len(families)), cells))
    for family, own, risen in zip(families, shares, more, strict=True):
        cells = tuple(_under(family, own, classes, risen))
        columns.append(AlarmColumn(family.name, family.title, f"under {family.title}", cells))
    names = tuple(figures.classes[k] for k in classes)
    return FalseAlarms(tuple(classes), names, tuple(columns), tuple(figures.classes))


def over_all(families: int) -> str:
    """Return what the average over so many degradations is of, after the name of a class."""
    return f"on average over all {families} degradations and their severities"


def _clean(found: "Sequence[CleanClass]", classes: Sequence[int], path: Path | None) -> Iterator[AlarmCell]:
    """Iterate over the cells of all clean images."""
    labels = np.repeat([c.index for c in found], [len(c.predicted) for c in found])
    predicted = np.concatenate([c.predicted for c in found])
    most = max(*classes, int(predicted.max())) + 1
    wrong = np.bincount(predicted[predicted != labels], minlength=most)
    others = len(labels) - np.bincount(labels, minlength=most)
    shares = ratio(wrong, others)
    for k in classes:
        share = float(shares[k])
        yield AlarmCell(int(others[k]), share, share, path, False, partial(_details_clean, labels, predicted, k))


def _details_clean(labels: NDArray[np.int64], predicted: NDArray[np.int64], k: int) -> AlarmDetails:
    taken = predicted[labels != k] == k
    return AlarmDetails(accuracy_of(taken), _mostly(labels[labels != k], taken, accuracy_of))


def _of_all(one: "ClassFigures", path: Path, more: bool) -> AlarmCell:
    details = AlarmDetails(one.taken)
    return AlarmCell(0, one.taken.value, one.taken_clean.value, path, more, lambda: details)


def _under(
    family: "FamilyFigures", shares: NDArray[np.float64], classes: Sequence[int], more: Collection[int]
) -> Iterator[AlarmCell | None]:
    """Iterate over the cells of a degradation. shares: of the images of other classes, for all classes, (K,)."""
    m, path = family.run.measures, Path(family.run.path)
    predicted = m.clean_predicted[m.clean_predicted != m.labels]
    others = len(m) - np.bincount(m.labels, minlength=m.classes)
    clean = ratio(np.bincount(predicted, minlength=m.classes), others)
    for k in classes:
        numbers = int(others[k]), float(shares[k]), float(clean[k])
        yield AlarmCell(*numbers, path, k in more, partial(_details, family, k)) if others[k] else None


def _details(family: "FamilyFigures", k: int) -> AlarmDetails:
    taken = taken_shares(family, k).mean(axis=1)
    return AlarmDetails(share_of(taken), _mostly(family.labels[family.labels != k], taken, share_of))


def _mostly(labels: NDArray[np.int64], taken: np.ndarray, share: Callable[[np.ndarray], Estimate]) -> Mostly | None:
    """Return the class that most of the false alarms belong to; None if there is no choice.

    labels, taken: class of each image of the other classes, and the share of its copies that is taken. share: estimates
    the share of the images of a class.
    """
    if len(np.unique(labels)) < 2 or not taken.any():
        return None
    each = np.bincount(labels, taken)
    index = int(each.argmax())
    return Mostly(index, float(each[index] / each.sum()), share(taken[labels == index]))


def in_words(alarms: FalseAlarms, name: str, column: AlarmColumn, cell: AlarmCell | None) -> str:
    """Describe a cell in a sentence or two, for tool tips and screen readers. name: of the class."""
    who = quoted(words.name(name))
    if cell is None or math.isnan(cell.share):
        return f"{who} {column.where}: no images of other classes"
    found = cell.details()
    of = f"the {counted(cell.images)}" if cell.images else "the images"
    text = f"{who} {column.where}: {range_of(found.share)} of {of} of other classes are taken for it"
    if column.name != CLEAN:
        text += "" if column.name == ALL else ", averaged over the severities"
        text += f"; {rounded(cell.clean)} % when clean"
    if found.mostly is not None:
        whose = quoted(words.name(alarms.all_names[found.mostly.class_index]))
        text += f". Most often, these are images of {whose} ({rounded(found.mostly.of_alarms)} %)"
        text += f": {range_of(found.mostly.of_images)} of the images of {whose} are taken for {who}"
    return text
