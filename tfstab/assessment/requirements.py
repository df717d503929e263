"""Whether a network meets requirements such as `gaussian_noise@20:90`, for continuous integration."""

import math
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from tfstab.assessment.clean_findings import input_finding
from tfstab.assessment.family_figures import FamilyFigures
from tfstab.assessment.figures import Figures
from tfstab.assessment.lowest_recall import LowestRecall
from tfstab.assessment.measured_by import ASSESSMENT, MeasuredBy, Planned
from tfstab.assessment.outcomes import Outcome, Status
from tfstab.assessment.required import ACCURACY, CLEAN, KEPT, LOWEST, MEAN, RECALL, STILL_RIGHT, Requirement
from tfstab.assessment.required_classes import check_labelled, with_classes
from tfstab.assessment.requirement_outlook import lowest_outlook, outlook
from tfstab.assessment.words import name, severity
from tfstab.degradations import get_degradation
from tfstab.errors import InputError
from tfstab.metrics import Estimate
from tfstab.metrics.estimate import NO_ESTIMATE, accuracy_of, mean_of_groups
from tfstab.metrics.kept import TOO_FEW, share_of
from tfstab.metrics.shares import percent
from tfstab.names import quoted
from tfstab.runs.info import without_classes
from tfstab.wording import counted, of_parameter


def check_planned(requirements: Sequence[Requirement], planned: Planned, by: MeasuredBy = ASSESSMENT) -> None:
    """Check before anything is loaded that all required figures of degraded images will be there.

    Parameters
    ----------
    requirements : sequence of Requirement
        The requirements.
    planned : mapping of str to sequence of float
        The severities that will be swept, by the name of the family.
    by : MeasuredBy
        What will sweep them.

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
            asked = of_parameter(get_degradation(r.family).parameter, r.severity)
            raise InputError(
                f"requirement '{r.text}' is about {asked}, which is not swept; "
                f"expected one of {known}. {by.other_severity(r, planned)}"
            )


def check(
    figures: Figures,
    requirements: Sequence[Requirement],
    planned: Sequence[str] = (),
    by: MeasuredBy | None = None,
) -> list[Outcome]:
    """Compare the figures of a network with what is required.

    Parameters
    ----------
    figures : Figures
        The numbers.
    requirements : sequence of Requirement
        The requirements.
    planned : sequence of str, optional
        Names of families that were to be swept; requirements on those for which there was no time are not decided.
    by : MeasuredBy, optional
        What measured the figures, `ASSESSMENT` or `SWEEP` of `tfstab.assessment.measured_by`, by default the former;
        sentences that say how to measure more depend on it.

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
    by = by or ASSESSMENT
    check_labelled(requirements, without_classes(figures.info))
    all_used = figures.available is None or figures.images >= figures.available  # a sample may lack classes
    there = [one.index for one in figures.clean_classes]
    named = with_classes(requirements, figures.classes, there, complete=all_used)
    swept = {f.name: f.run.severities for f in figures.families}
    outcomes = [_unmeasured(one, [name for name in planned if name not in swept], planned) for one in named]
    check_planned([r for r, outcome in zip(named, outcomes, strict=True) if outcome is None], swept, by)
    found = [outcome or _outcome(figures, r, by) for r, outcome in zip(named, outcomes, strict=True)]
    return [replace(outcome, model=figures.model, command=by.name) for outcome in found]


def with_note(outcomes: Sequence[Outcome], input_note: str | None) -> list[Outcome]:
    """Return outcomes with what the check of the inputs said, if these seem wrong."""
    found = input_finding(input_note)
    note = found.text if found is not None and found.level == "bad" else ""
    return [replace(outcome, note=note) for outcome in outcomes]


def _unmeasured(r: Requirement, missing: Sequence[str], planned: Sequence[str]) -> Outcome | None:
    """Return that a requirement is not decided if what it is about was not measured, else None."""
    if r.family in missing:
        there = f"the assessment ended before it came to {get_degradation(r.family).title}"
    elif r.what == MEAN and r.figure == KEPT and missing:
        there = f"only {len(planned) - len(missing)} of {len(planned)} degradations were measured"
    else:
        return None
    return Outcome(r, NO_ESTIMATE, "not decided", f"{r.text.strip()} is not decided: {there}; {ASSESSMENT.remedy}.")


def _outcome(figures: Figures, r: Requirement, by: MeasuredBy) -> Outcome:
    """Return whether one requirement is met."""
    if r.figure == LOWEST:
        return _of_lowest(figures, r, by)
    value, images, before, after = _figure(figures, r)
    said = r.text.strip()
    if math.isnan(value.value) and r.figure == RECALL:
        under = f" under {get_degradation(r.under).title}" if r.under else ""
        there = f"no image of class {quoted(name(r.what))} was measured{under}"
        return Outcome(r, value, "not decided", f"{said} is not decided: {there}; {by.remedy}.")
    if math.isnan(value.value):
        return Outcome(r, value, "not decided", f"{said} is not decided: {TOO_FEW}.")
    other = _kept_there(figures, r, value) if r.figure == STILL_RIGHT else ""
    open_yet = outlook(figures, r, value, images, by) + other
    return _told(r, value, before, after, {"missed": other, "not decided": open_yet})


def _kept_there(figures: Figures, r: Requirement, still: Estimate) -> str:
    """Return the accuracy kept at the severity, with a space in front; "" if requiring it would decide the same.

    still: the share still right, which is required.
    """
    assert r.severity is not None
    family = _family(figures, r.family)
    kept = family.kept_under(family.run.config.severity_index(r.severity))
    if _status(kept, r.least) == _status(still, r.least):
        return ""
    return (
        f" The accuracy kept at this severity is {percent(kept)}. It also counts images that are wrong when clean but "
        f"right when degraded. To require it instead, write '{KEPT} {r.text.strip()}'."
    )


def _of_lowest(figures: Figures, r: Requirement, by: MeasuredBy) -> Outcome:
    """Return whether no class is below a limit."""
    lowest = LowestRecall.of({k: _right(figures, r, k) for k in r.classes}, figures.classes)
    averaged = "" if r.severity is not None else ", averaged over the severities"
    where = f"under {_place(_family(figures, r.under), r.severity)}{averaged}" if r.under else "when clean"
    before = f"{where}, the lowest recall of {counted(len(r.classes), 'class', 'classes')} is"
    more = f" {lowest.told(r.least)}"
    measured = len(_family(figures, r.under).images) if r.under else figures.images
    open_yet = more + lowest_outlook(figures, lowest, r.least, measured, by)
    return _told(r, lowest.estimate, before, f", that of {lowest.whose}", {"missed": more, "not decided": open_yet})


def _told(r: Requirement, value: Estimate, before: str, after: str, more: dict[Status, str]) -> Outcome:
    """Return what a figure decides. before, after: the words around it; more: what follows, by status."""
    status = _status(value, r.least)
    # An end that rounding would bring to the limit, or beyond it, has a digit more.
    near = min(abs(value.low - r.least), abs(value.high - r.least)) < 0.01
    told = f"{before} {percent(value, 1 if near else None)}{after}; {100 * r.least:g} % is required"
    by = " by the images tested" if status == "not decided" else ""
    return Outcome(r, value, status, f"{r.text.strip()} is {status}{by}: {told}.{more.get(status, '')}")


def _status(value: Estimate, least: float) -> Status:
    """Return what a figure decides about the least value."""
    return "missed" if value.high < least else "met" if value.low >= least else "not decided"


def _family(figures: Figures, wanted: str) -> FamilyFigures:
    """Return the figures of a family that has been swept."""
    return next(family for family in figures.families if family.name == wanted)


def _figure(figures: Figures, r: Requirement) -> tuple[Estimate, int, str, str]:
    """Return the figure that a requirement is about, and the words before and after it in a sentence.

    After the figure comes the number of images that it is of, 0 for a mean over figures of different images.
    """
    if r.figure == RECALL:
        return _recall(figures, r) if r.what else _mean_recall(figures)
    if r.what == CLEAN:
        return figures.clean, figures.images, "the accuracy of clean images is", ""
    if r.what == MEAN:
        averaged = counted(len(figures.families), "degradation")
        images = {len(family.images) for family in figures.families}
        same = images.pop() if len(images) == 1 else 0
        return figures.mean_kept, same, f"the mean accuracy kept under {averaged} is", ""
    return _of_family(_family(figures, r.what), r)


def _of_family(family: FamilyFigures, r: Requirement) -> tuple[Estimate, int, str, str]:
    """Return the figure of a family, its number of images, and the words around it."""
    images = len(family.images)
    if r.severity is None:
        if r.figure == ACCURACY:
            return share_of(family.share_right.mean(axis=1)), images, f"the mean accuracy under {family.title} is", ""
        return family.kept, images, f"the accuracy kept under {family.title} is", ""
    place, where = family.run.config.severity_index(r.severity), _place(family, r.severity)
    if r.figure == ACCURACY:
        return share_of(family.share_right[:, place]), images, f"the accuracy under {where}, is", ""
    if r.figure == KEPT:
        return family.kept_under(place), images, f"the accuracy kept under {where}, is", ""
    before = "of the images that are right when clean,"
    return family.still_right(place), images, before, f" are still right under {where}"


def _place(family: FamilyFigures, at: float | None) -> str:
    """Return the words for a family, or for one of its severities."""
    return family.title if at is None else f"{family.title}, {severity(family.run.degradation, at)}"


def _mean_recall(figures: Figures) -> tuple[Estimate, int, str, str]:
    """Return the mean recall of all classes when clean, its number of images, and the words around it."""
    classes = figures.clean_classes
    value = mean_of_groups([one.right for one in classes])
    return value, figures.images, f"the mean recall of {counted(len(classes), 'class', 'classes')} when clean is", ""


def _recall(figures: Figures, r: Requirement) -> tuple[Estimate, int, str, str]:
    """Return the recall of a class, NaN without images of it, its images, and the words around it."""
    right = _right(figures, r, figures.classes.index(r.what))
    before = f"of the {counted(len(right), 'image' if r.under else 'clean image')} of class {quoted(name(r.what))},"
    if not len(right):
        return NO_ESTIMATE, 0, before, ""
    if not r.under:
        return accuracy_of(right == 1), len(right), before, " are right"
    averaged = ", averaged over the severities" if r.severity is None else ""
    after = f" are right under {_place(_family(figures, r.under), r.severity)}{averaged}"
    return share_of(right), len(right), before, after


def _right(figures: Figures, r: Requirement, index: int) -> NDArray[np.float64]:
    """Return the share of each image of a class that is right where a requirement asks for it: 0 or 1 when clean."""
    if not r.under:
        clean = next((one.right for one in figures.clean_classes if one.index == index), np.zeros(0))
        return np.asarray(clean, np.float64)
    family = _family(figures, r.under)
    places = slice(None) if r.severity is None else [family.run.config.severity_index(r.severity)]
    found = family.of_classes
    return np.asarray(found.share_right[found.labels == index][:, places].mean(axis=1))
