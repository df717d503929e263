"""Whether a network meets requirements such as `gaussian_noise@20:90`, for continuous integration."""

import math
from collections.abc import Sequence
from dataclasses import replace

from tfstab.assessment.clean_findings import input_finding
from tfstab.assessment.figures import Figures
from tfstab.assessment.lowest_recall import LowestRecall
from tfstab.assessment.measured_by import ASSESSMENT, MeasuredBy, Planned
from tfstab.assessment.outcomes import Outcome, Status
from tfstab.assessment.required import KEPT, LOWEST, MEAN, STILL_RIGHT, Requirement
from tfstab.assessment.required_classes import check_labelled, with_classes
from tfstab.assessment.required_figures import family_of, figure_of, place_of, shares_right
from tfstab.assessment.requirement_outlook import lowest_outlook, outlook
from tfstab.degradations import get_degradation
from tfstab.errors import InputError
from tfstab.metrics import Estimate
from tfstab.metrics.estimate import NO_ESTIMATE
from tfstab.metrics.kept import TOO_FEW
from tfstab.metrics.shares import percent
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
    required, said = figure_of(figures, r), r.text.strip()
    if math.isnan(required.value.value):
        why = f"{required.missing}; {by.remedy}" if required.missing else TOO_FEW
        return Outcome(r, required.value, "not decided", f"{said} is not decided: {why}.")
    value = required.value
    other = _kept_there(figures, r, value) if r.figure == STILL_RIGHT else ""
    open_yet = outlook(figures, r, value, required.images, by) + other
    return _told(r, value, required.before, required.after, {"missed": other, "not decided": open_yet})


def _kept_there(figures: Figures, r: Requirement, still: Estimate) -> str:
    """Return the accuracy kept at the severity, with a space in front; "" if requiring it would decide the same.

    still: the share still right, which is required.
    """
    assert r.severity is not None
    family = family_of(figures, r.family)
    kept = family.kept_under(family.run.config.severity_index(r.severity))
    if _status(kept, r.least) == _status(still, r.least):
        return ""
    return (
        f" The accuracy kept at this severity is {percent(kept)}. It also counts images that are wrong when clean but "
        f"right when degraded. To require it instead, write '{KEPT} {r.text.strip()}'."
    )


def _of_lowest(figures: Figures, r: Requirement, by: MeasuredBy) -> Outcome:
    """Return whether no class is below a limit."""
    lowest = LowestRecall.of({k: shares_right(figures, r, k) for k in r.classes}, figures.classes)
    averaged = "" if r.severity is not None else ", averaged over the severities"
    where = f"under {place_of(family_of(figures, r.under), r.severity)}{averaged}" if r.under else "when clean"
    before = f"{where}, the lowest recall of {counted(len(r.classes), 'class', 'classes')} is"
    more = f" {lowest.told(r.least)}"
    measured = len(family_of(figures, r.under).images) if r.under else figures.images
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
