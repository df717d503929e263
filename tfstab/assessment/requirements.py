"""Whether a network meets requirements such as `gaussian_noise@20:90`, for continuous integration."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace

from tfstab.assessment.figures import FamilyFigures, Figures
from tfstab.assessment.outcomes import Outcome
from tfstab.assessment.required import ACCURACY, CLEAN, KEPT, MEAN, RECALL, Requirement
from tfstab.assessment.words import name, severity
from tfstab.datasets.dataset import BY_DEFINITION
from tfstab.degradations import get_degradation
from tfstab.errors import InputError, did_you_mean
from tfstab.metrics import Estimate
from tfstab.metrics.estimate import NO_ESTIMATE, TOO_FEW, mean_of_groups, share_of
from tfstab.metrics.shares import percent
from tfstab.names import all_quoted, quoted
from tfstab.runs.info import without_classes
from tfstab.wording import counted, listed


def check_planned(requirements: Sequence[Requirement], planned: Mapping[str, Sequence[float]]) -> None:
    """Check before anything is loaded that all required figures of degraded images will be there.

    Parameters
    ----------
    requirements : sequence of Requirement
        The requirements.
    planned : mapping of str to sequence of float
        The severities that will be swept, by the name of the family.

    Raises
    ------
    InputError
        A family or a severity will not be swept.
    """
    for r in requirements:
        if r.on_clean or (r.what == MEAN and not r.under and planned):
            continue
        if r.family not in planned:
            known = ", ".join(planned) or "none"
            raise InputError(
                f"requirement '{r.text}' is about {r.family or r.what}, which is not swept; swept are: {known}."
            )
        if r.severity is not None and r.severity not in planned[r.family]:
            known = ", ".join(f"{s:g}" for s in planned[r.family])
            raise InputError(
                f"requirement '{r.text}' is about {get_degradation(r.family).parameter} {r.severity:g}, which is not "
                f"swept; expected one of {known}. An assessment measures only these; to measure {r.severity:g}, use "
                f"`tfstab sweep --degradation {r.family} --severities {r.severity:g}`."
            )


def check_classes(requirements: Sequence[Requirement], classes: Sequence[str], predicted: bool) -> None:
    """Check before anything is scored that the images have the classes that the requirements need.

    Parameters
    ----------
    requirements : sequence of Requirement
        The requirements.
    classes : sequence of str
        Names of the classes that have images.
    predicted : bool
        Whether the images came without classes: what is predicted for a clean image then counts as right.

    Raises
    ------
    InputError
        There are no images of a class, or the accuracy of clean images is 100 % by definition.
    """
    for r in requirements:
        if predicted and (r.on_clean or r.figure == RECALL):
            raise InputError(
                f"requirement '{r.text}' is about clean images, on which the accuracy is 100 % {BY_DEFINITION}: give "
                "images with classes, or leave this requirement out."
            )
        if r.figure == RECALL and r.what and r.what not in classes:
            advice = (
                did_you_mean(r.what, classes)
                or f"choose one of the classes with images: {listed(all_quoted(classes), 'or')}."
            )
            raise InputError(
                f"requirement '{r.text}' cannot be checked, as no image is of class {quoted(name(r.what))}: {advice}"
            )


def check(figures: Figures, requirements: Sequence[Requirement], planned: Sequence[str] = ()) -> list[Outcome]:
    """Compare the figures of a network with what is required.

    Parameters
    ----------
    figures : Figures
        The numbers.
    requirements : sequence of Requirement
        The requirements.
    planned : sequence of str, optional
        Names of families that were to be swept; requirements on those for which there was no time are not decided.

    Returns
    -------
    list of Outcome
        One for each requirement, in the same order.

    Raises
    ------
    InputError
        A family or a severity has not been swept, there are no images of a class, or the accuracy of clean images is
        required although it is 100 % by definition.
    """
    swept = {f.name: f.run.severities for f in figures.families}
    outcomes = [_unmeasured(one, [name for name in planned if name not in swept], planned) for one in requirements]
    check_classes(requirements, [one.name for one in figures.clean_classes], without_classes(figures.info))
    check_planned([r for r, outcome in zip(requirements, outcomes, strict=True) if outcome is None], swept)
    found = [outcome or _outcome(figures, r) for r, outcome in zip(requirements, outcomes, strict=True)]
    return [replace(outcome, model=figures.model) for outcome in found]


def _unmeasured(r: Requirement, missing: Sequence[str], planned: Sequence[str]) -> Outcome | None:
    """Return that a requirement is not decided if what it is about was not measured, else None."""
    if r.family in missing:
        there = f"the assessment ended before it came to {get_degradation(r.family).title}"
    elif r.what == MEAN and r.figure == KEPT and missing:
        there = f"only {len(planned) - len(missing)} of {len(planned)} degradations were measured"
    else:
        return None
    return Outcome(r, NO_ESTIMATE, "not decided", f"{r.text.strip()} is not decided: {there}; give it more minutes.")


def _outcome(figures: Figures, r: Requirement) -> Outcome:
    """Return whether one requirement is met."""
    value, images, before, after = _figure(figures, r)
    said = r.text.strip()
    if math.isnan(value.value) and r.under:
        there = f"no image of class {quoted(name(r.what))} was measured under {get_degradation(r.under).title}"
        return Outcome(r, value, "not decided", f"{said} is not decided: {there}; give it more minutes.")
    if math.isnan(value.value):
        return Outcome(r, value, "not decided", f"{said} is not decided: {TOO_FEW}.")
    # An end that rounding would bring to the limit, or beyond it, has a digit more.
    near = min(abs(value.low - r.least), abs(value.high - r.least)) < 0.01
    told = f"{before} {percent(value, 1 if near else None)}{after}; {100 * r.least:g} % is required"
    if value.high < r.least:
        return Outcome(r, value, "missed", f"{said} is missed: {told}.")
    if value.low >= r.least:
        return Outcome(r, value, "met", f"{said} is met: {told}.")
    of_class = " of this class" if r.figure == RECALL and r.what else ""
    counts = f": {4 * images:,} instead of {images:,}" if images else ""
    halved = f"An interval of half this width takes about four times as many images{of_class}{counts}."
    return Outcome(r, value, "not decided", f"{said} is not decided by the images tested: {told}. {halved}")


def _figure(figures: Figures, r: Requirement) -> tuple[Estimate, int, str, str]:
    """Return the figure that a requirement is about, and the words before and after it in a sentence.

    After the figure comes the number of images that it is of, 0 for a mean over figures of different images.
    """
    if r.under:
        return _recall_under(next(f for f in figures.families if f.name == r.under), r)
    if r.figure == RECALL:
        return _recall(figures, r.what)
    if r.what == CLEAN:
        return figures.clean, figures.images, "the accuracy of clean images is", ""
    if r.what == MEAN:
        averaged = counted(len(figures.families), "degradation")
        return figures.mean_kept, 0, f"the mean accuracy kept under {averaged} is", ""
    return _of_family(next(f for f in figures.families if f.name == r.what), r)


def _of_family(family: FamilyFigures, r: Requirement) -> tuple[Estimate, int, str, str]:
    """Return the figure of a family, its number of images, and the words around it."""
    images = len(family.images)
    if r.severity is None:
        if r.figure == ACCURACY:
            return share_of(family.share_right.mean(axis=1)), images, f"the mean accuracy under {family.title} is", ""
        return family.kept, images, f"the accuracy kept under {family.title} is", ""
    place = family.run.config.severity_index(r.severity)
    where = f"{family.title}, {severity(family.run.degradation, r.severity)}"
    if r.figure == ACCURACY:
        return share_of(family.share_right[:, place]), images, f"the accuracy under {where}, is", ""
    before = "of the images that are right when clean,"
    return family.still_right(place), images, before, f" are still right under {where}"


def _recall(figures: Figures, what: str) -> tuple[Estimate, int, str, str]:
    """Return the recall of a class when clean, or the mean over all classes, its images, and the words around it."""
    classes = figures.clean_classes
    if not what:
        value = mean_of_groups([one.right for one in classes])
        return value, 0, f"the mean recall of {counted(len(classes), 'class', 'classes')} when clean is", ""
    one = next(one for one in classes if one.name == what)
    images = len(one.right)
    before = f"of the {counted(images, 'clean image')} of class {quoted(name(what))},"
    return one.accuracy, images, before, " are right"


def _recall_under(family: FamilyFigures, r: Requirement) -> tuple[Estimate, int, str, str]:
    """Return the recall of a class under a family, NaN without images of it, its images, and the words around it."""
    places = slice(None) if r.severity is None else [family.run.config.severity_index(r.severity)]
    found, index = family.of_classes, family.run.class_names.index(r.what)
    mine = found.share_right[found.labels == index][:, places].mean(axis=1)
    where = family.title if r.severity is None else f"{family.title}, {severity(family.run.degradation, r.severity)}"
    averaged = ", averaged over the severities" if r.severity is None else ""
    value = share_of(mine) if len(mine) else NO_ESTIMATE
    before = f"of the {counted(len(mine))} of class {quoted(name(r.what))},"
    return value, len(mine), before, f" are right under {where}{averaged}"
