"""The figures that requirements are about, and the words around them in a sentence."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tfstab.assessment.class_shares import clean_taken, taken_shares
from tfstab.assessment.family_figures import FamilyFigures
from tfstab.assessment.figures import Figures
from tfstab.assessment.required import ACCURACY, CLEAN, KEPT, MEAN, RECALL, SPECIFICITY, Requirement
from tfstab.assessment.words import name, severity
from tfstab.metrics import Estimate
from tfstab.metrics.estimate import NO_ESTIMATE, accuracy_of, mean_of_groups
from tfstab.metrics.kept import share_of
from tfstab.names import quoted
from tfstab.wording import counted


@dataclass(frozen=True)
class RequiredFigure:
    """A figure that a requirement is about.

    Attributes
    ----------
    value : Estimate
        The figure; NaN if it is not known.
    images : int
        The number of images that it is of, 0 for a mean over figures of different images.
    before, after : str
        The words before and after the figure in a sentence.
    missing : str
        Which images are missing, if the figure is not known for lack of images of a class; else "".
    """

    value: Estimate
    images: int
    before: str
    after: str = ""
    missing: str = ""


def figure_of(figures: Figures, r: Requirement) -> RequiredFigure:
    """Return the figure that a requirement is about; not for the lowest recall.

    Parameters
    ----------
    figures : Figures
        The numbers of the network. They have the family and the severity.
    r : Requirement
        The requirement. A class is called as the figures call it.
    """
    if r.figure == RECALL:
        return _recall(figures, r) if r.what else _mean_recall(figures)
    if r.figure == SPECIFICITY:
        return _specificity(figures, r)
    if r.what == CLEAN:
        return RequiredFigure(figures.clean, figures.images, "the accuracy of clean images is")
    if r.what == MEAN:
        averaged = counted(len(figures.families), "degradation")
        images = {len(family.images) for family in figures.families}
        same = images.pop() if len(images) == 1 else 0
        return RequiredFigure(figures.mean_kept, same, f"the mean accuracy kept under {averaged} is")
    return _of_family(family_of(figures, r.what), r)


def family_of(figures: Figures, wanted: str) -> FamilyFigures:
    """Return the figures of a family that has been swept."""
    return next(family for family in figures.families if family.name == wanted)


def place_of(family: FamilyFigures, at: float | None) -> str:
    """Return the words for a family, or for one of its severities."""
    return family.title if at is None else f"{family.title}, {severity(family.run.degradation, at)}"


def shares_right(figures: Figures, r: Requirement, index: int) -> NDArray[np.float64]:
    """Return the share of each image of a class that is right where a requirement asks for it: 0 or 1 when clean."""
    if not r.under:
        clean = next((one.right for one in figures.clean_classes if one.index == index), np.zeros(0))
        return np.asarray(clean, np.float64)
    family = family_of(figures, r.under)
    found = family.of_classes
    return np.asarray(found.share_right[found.labels == index][:, _columns(family, r)].mean(axis=1))


def _columns(family: FamilyFigures, r: Requirement) -> slice | list[int]:
    """Return the severities over which a requirement averages."""
    return slice(None) if r.severity is None else [family.run.config.severity_index(r.severity)]


def _of_family(family: FamilyFigures, r: Requirement) -> RequiredFigure:
    """Return the figure of a family."""
    images = len(family.images)
    if r.severity is None:
        if r.figure == ACCURACY:
            mean = share_of(family.share_right.mean(axis=1))
            return RequiredFigure(mean, images, f"the mean accuracy under {family.title} is")
        return RequiredFigure(family.kept, images, f"the accuracy kept under {family.title} is")
    place, where = family.run.config.severity_index(r.severity), place_of(family, r.severity)
    if r.figure == ACCURACY:
        right = share_of(family.share_right[:, place])
        return RequiredFigure(right, images, f"the accuracy under {where}, is")
    if r.figure == KEPT:
        return RequiredFigure(family.kept_under(place), images, f"the accuracy kept under {where}, is")
    before = "of the images that are right when clean,"
    return RequiredFigure(family.still_right(place), images, before, f" are still right under {where}")


def _mean_recall(figures: Figures) -> RequiredFigure:
    """Return the mean recall of all classes when clean."""
    classes = figures.clean_classes
    value = mean_of_groups([one.right for one in classes])
    before = f"the mean recall of {counted(len(classes), 'class', 'classes')} when clean is"
    return RequiredFigure(value, figures.images, before)


def _recall(figures: Figures, r: Requirement) -> RequiredFigure:
    """Return the recall of a class, NaN without images of it."""
    right, called = shares_right(figures, r, figures.classes.index(r.what)), quoted(name(r.what))
    before = f"of the {counted(len(right), 'image' if r.under else 'clean image')} of class {called},"
    return _share(figures, r, right, before, "are right", f"no image of class {called} was measured")


def _specificity(figures: Figures, r: Requirement) -> RequiredFigure:
    """Return the share of the images of other classes that are not taken for a class, NaN without such images."""
    left, called = _left_alone(figures, r, figures.classes.index(r.what)), quoted(name(r.what))
    before = f"of the {counted(len(left), 'image' if r.under else 'clean image')}{of_others(r)},"
    none = f"no image{of_others(r) if r.of else f' of another class than {called}'} was measured"
    return _share(figures, r, left, before, f"are not taken for {called}", none)


def of_others(r: Requirement) -> str:
    """Return the words for the classes whose images may be taken for that of a specificity, with a space in front."""
    return f" of class {quoted(name(r.of))}" if r.of else " of other classes"


def _left_alone(figures: Figures, r: Requirement, index: int) -> NDArray[np.float64]:
    """Return the share of each image of the other classes that is not taken for a class: 0 or 1 when clean."""
    if not r.under:
        classes = [one for one in figures.clean_classes if r.of in ("", one.name)]
        return np.asarray(1.0 - clean_taken(classes, index))
    family = family_of(figures, r.under)
    taken, labels = taken_shares(family, index), family.labels[family.labels != index]
    if r.of:
        taken = taken[labels == figures.classes.index(r.of)]
    return np.asarray(1 - taken[:, _columns(family, r)].mean(axis=1))


def _share(
    figures: Figures, r: Requirement, shares: NDArray[np.float64], before: str, what: str, none: str
) -> RequiredFigure:
    """Return the mean share of images. what: what holds for them; none: what to say without images."""
    if not len(shares):
        under = f" under {family_of(figures, r.under).title}" if r.under else ""
        return RequiredFigure(NO_ESTIMATE, 0, before, missing=none + under)
    if not r.under:
        return RequiredFigure(accuracy_of(shares == 1), len(shares), before, f" {what}")
    averaged = ", averaged over the severities" if r.severity is None else ""
    where = place_of(family_of(figures, r.under), r.severity)
    return RequiredFigure(share_of(shares), len(shares), before, f" {what} under {where}{averaged}")
