"""How many images would decide a requirement that is not decided, and whether so many were given, in sentences."""

import math

from tfstab.assessment.figures import Figures
from tfstab.assessment.lowest_recall import LowestRecall
from tfstab.assessment.measured_by import MeasuredBy
from tfstab.assessment.required import RECALL, SPECIFICITY, Requirement
from tfstab.assessment.required_figures import of_others
from tfstab.assessment.undecided import CARRIED, RAISE_OR_VALIDATE, TOO_NEAR
from tfstab.assessment.words import name
from tfstab.datasets.groups import drawn_in, needed_images
from tfstab.datasets.remarks import remarks_of
from tfstab.metrics import Estimate
from tfstab.metrics.outlook import MOST, images_deciding, round_up
from tfstab.names import quoted
from tfstab.wording import counted

RAISE_LIMIT = " Raise the limit of images (`--limit`, in Python limit=)."


def outlook(figures: Figures, r: Requirement, value: Estimate, images: int, by: MeasuredBy) -> str:
    """Return how many images would decide a requirement, and whether some are left to measure, with a space in front.

    Parameters
    ----------
    figures : Figures
        The numbers of the network.
    r : Requirement
        The requirement, which is not decided.
    value : Estimate
        The figure that it is about.
    images : int
        The number of images that the figure is measured on; 0 for a mean over figures of different images.
    by : MeasuredBy
        What measured the figure.
    """
    remarks = remarks_of(figures.info["data"])
    if not images:
        return f" An interval of half this width takes {needed_images('about four times as many', remarks)}."
    of_class = " of this class" if r.figure == RECALL and r.what else ""
    of_class = of_others(r) if r.figure == SPECIFICITY else of_class
    there = _given(figures, r) if of_class else figures.available
    needed = images_deciding(value, r.least, images)
    return _how_many(needed, images, of_class, remarks) + _left(figures, needed, images, there, of_class, by)


def lowest_outlook(figures: Figures, lowest: LowestRecall, least: float, measured: int, by: MeasuredBy) -> str:
    """Return the same of a requirement on the lowest recall.

    measured: how many images of all classes the recalls are measured on.
    """
    remarks = remarks_of(figures.info["data"])
    return _of_classes(lowest, least, remarks) + _left(figures, math.nan, measured, figures.available, "", by)


def _of_classes(lowest: LowestRecall, least: float, remarks: str) -> str:
    """Return how many images of which classes would decide whether a class is below a limit, with a space in front.

    If a class has a lower recall than the limit, it is enough to know this one for certain. If none has, all open
    classes must certainly reach the limit.
    """
    needed = {k: images_deciding(lowest.recalls[k], least, lowest.images[k]) for k in lowest.open_classes(least)}
    if not needed or not all(lowest.images[k] for k in needed):
        return ""  # the list of the open classes tells that a class has no images

    def further(k: int) -> float:
        """How many images of a class are missing; more than any number if that is not known."""
        return math.inf if math.isnan(needed[k]) else needed[k] - lowest.images[k]

    below = [k for k in needed if lowest.recalls[k].value < least]
    settling = min(below, key=further) if below else max(needed, key=lambda k: (math.isnan(needed[k]), needed[k]))
    if below or len(needed) == 1 or not _named(needed[settling], lowest.images[settling]):
        of_class = f" of class {quoted(name(lowest.names[settling]))}"
        return _how_many(needed[settling], lowest.images[settling], of_class, remarks)
    it_takes = needed_images(f"about {round_up(needed[settling]):,}", remarks)
    return f" If the recalls stay as measured, {it_takes} of each of these {len(needed):,} classes would decide this."


def _named(needed: float, measured: int) -> bool:
    """Return whether a number of images needed is worth naming; False for NaN."""
    return needed <= CARRIED * measured


def _how_many(needed: float, measured: int, of_class: str, remarks: str) -> str:
    """Return how many images would decide a requirement, with a space in front.

    needed: as `images_advised` returns it. of_class: which images, with a space in front; "" for all.
    """
    if math.isnan(needed):
        return f" {counted(measured)}{of_class} cannot tell how many would decide this."
    if _named(needed, measured):
        it_takes = needed_images(f"about {round_up(needed):,}", remarks)
        return f" If the value stays as measured, {it_takes}{of_class} in all would decide this (so far {measured:,})."
    if math.isfinite(needed):
        return f" {TOO_NEAR.format(images=('groups' if drawn_in(remarks) else 'images') + of_class)}"
    it_takes = needed_images(f"more than {MOST} times as many", remarks)
    return f" If the value stays as measured, it takes {it_takes}{of_class} to decide this."


def _left(figures: Figures, needed: float, measured: int, there: int | None, of_class: str, by: MeasuredBy) -> str:
    """Return whether there are more images to measure, with a space in front.

    there: how many were given, if known.
    """
    if figures.available is None:
        return ""
    if there is None:
        return f" {by.more.format('the images given')}"
    given, raising = f"{there:,} images given{of_class}", ""
    if figures.limited:
        raising = RAISE_OR_VALIDATE if figures.of_hardening else RAISE_LIMIT
    if measured >= there:
        return f" {by.all_used.format(given)}.{raising}"
    if there < needed and _named(needed, measured):
        return f" The {given} are probably too few for this.{raising}"
    return f" {by.more.format(f'the {given}')}"


def _given(figures: Figures, r: Requirement) -> int | None:
    """Return how many images of its class, of the other classes, or of the other class that it names, were given.

    None if not all images given have been scored when clean.
    """
    if figures.images < (figures.available or 0):
        return None
    own = r.what if r.figure == RECALL else r.of
    return sum(len(one.right) for one in figures.clean_classes if (one.name == own if own else one.name != r.what))
