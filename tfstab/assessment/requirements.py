"""Requirements that a network must meet, such as `gaussian_noise@20:90`, for continuous integration."""

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal
from xml.etree import ElementTree

from tfstab.assessment.figures import Figures
from tfstab.assessment.words import severity
from tfstab.degradations import degradation_names, get_degradation
from tfstab.errors import InputError, unknown_name
from tfstab.metrics import Estimate
from tfstab.metrics.estimate import NO_ESTIMATE, estimate
from tfstab.metrics.shares import percent
from tfstab.names import printed, shortened

CLEAN, MEAN = "clean", "mean"
REQUIRE_HELP = (
    "What the network must reach, in percent; may be given several times. clean:95 is the accuracy of clean images. "
    "FAMILY@SEVERITY:90, such as gaussian_noise@20:90, is the share of images that stay right at this severity, of "
    "the images that are right when clean. FAMILY:80 is the accuracy kept: the mean accuracy over the severities "
    "divided by the clean accuracy. mean:80 is the mean of the accuracy kept over all families. A requirement is "
    "missed, with exit code 1, if the whole 95 % interval lies below it; if the interval contains it, it is not "
    "decided, which is reported and does not fail."
)

Status = Literal["met", "missed", "not decided"]
_FORM = re.compile(r"\s*([a-z0-9_]+)\s*(?:@\s*([^:@\s]+))?\s*:\s*([^:@\s]+?)\s*%?\s*")


@dataclass(frozen=True)
class Requirement:
    """The least value of a figure.

    Attributes
    ----------
    text : str
        How it was written.
    what : str
        "clean", "mean", or the name of a family.
    severity : float or None
        The severity; None for the accuracy kept over all of them.
    least : float
        The least value, 0..1.
    """

    text: str
    what: str
    severity: float | None
    least: float


@dataclass(frozen=True)
class Outcome:
    """Whether a requirement is met.

    Attributes
    ----------
    requirement : Requirement
        The requirement.
    estimate : Estimate
        The figure, with its 95 % interval.
    status : str
        "missed" if the whole interval is below the limit, "not decided" if it contains the limit, else "met".
    sentence : str
        The same in words.
    """

    requirement: Requirement
    estimate: Estimate
    status: Status
    sentence: str

    def __str__(self) -> str:
        """Return the sentence."""
        return self.sentence


def parse_requirements(texts: Sequence[str]) -> list[Requirement]:
    """Read requirements; each family must exist, and each severity be one that it can have.

    Parameters
    ----------
    texts : sequence of str
        Such as "gaussian_noise@20:90", "fog:50", "mean:80" or "clean:95".

    Returns
    -------
    list of Requirement
        In the same order.

    Raises
    ------
    InputError
        One cannot be read.

    Examples
    --------
    >>> from tfstab.assessment.requirements import parse_requirements
    >>> parse_requirements(["gaussian_noise@20:90"])[0].least
    0.9
    """
    return [_parse(text) for text in texts]


def _parse(text: str) -> Requirement:
    """Read one requirement."""
    match = _FORM.fullmatch(text)
    if not match:
        raise InputError(
            f"requirement '{shortened(text, 80)}' cannot be read; expected FAMILY@SEVERITY:PERCENT, FAMILY:PERCENT, "
            "mean:PERCENT or clean:PERCENT, such as gaussian_noise@20:90."
        )
    what, at, least = match.groups()
    number = _number(least)
    if not 0 <= number <= 100:
        raise InputError(f"requirement '{text}' asks for {least}; expected a number of percent from 0 to 100.")
    if 0 < number <= 1 and "." in least:  # a fraction, which would be met by any network
        raise InputError(
            f"requirement '{text}' asks for only {number:g} percent; give a percentage, such as {100 * number:g}."
        )
    if what in (CLEAN, MEAN):
        if at is not None:
            raise InputError(f"requirement '{text}' has a severity; expected {what}:{least}, as {what} has none.")
        return Requirement(text, what, None, number / 100)
    if what not in degradation_names():
        raise unknown_name("requirement", what, [*degradation_names(), MEAN, CLEAN])
    if at is None:
        return Requirement(text, what, None, number / 100)
    if math.isnan(_number(at)):
        raise InputError(f"requirement '{text}' has the severity '{at}'; expected a number.")
    return Requirement(text, what, get_degradation(what).check([_number(at)])[0], number / 100)


def _number(text: str) -> float:
    """Return a number; NaN for what is none."""
    try:
        return float(text)
    except ValueError:
        return math.nan


def check_planned(requirements: Sequence[Requirement], planned: Mapping[str, Sequence[float]]) -> None:
    """Check before anything is scored that all required figures will be there.

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
        if r.what == CLEAN or (r.what == MEAN and planned):
            continue
        if r.what not in planned:
            known = ", ".join(planned) or "none"
            raise InputError(f"requirement '{r.text}' is about {r.what}, which is not swept; swept are: {known}.")
        if r.severity is not None and r.severity not in planned[r.what]:
            known = ", ".join(f"{s:g}" for s in planned[r.what])
            raise InputError(
                f"requirement '{r.text}' is about {get_degradation(r.what).parameter} {r.severity:g}, which is not "
                f"swept; expected one of {known}."
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
        A family or a severity has not been swept.
    """
    swept = {f.name: f.run.severities for f in figures.families}
    outcomes = [_unmeasured(one, [name for name in planned if name not in swept], planned) for one in requirements]
    check_planned([r for r, outcome in zip(requirements, outcomes, strict=True) if outcome is None], swept)
    return [outcome or _outcome(figures, r) for r, outcome in zip(requirements, outcomes, strict=True)]


def _unmeasured(r: Requirement, missing: Sequence[str], planned: Sequence[str]) -> Outcome | None:
    """Return that a requirement is not decided if what it is about was not measured, else None."""
    if r.what in missing:
        there = f"the assessment ended before it came to {get_degradation(r.what).title}"
    elif r.what == MEAN and missing:
        there = f"only {len(planned) - len(missing)} of {len(planned)} degradations were measured"
    else:
        return None
    return Outcome(r, NO_ESTIMATE, "not decided", f"{r.text.strip()} is not decided: {there}; give it more minutes.")


def _outcome(figures: Figures, r: Requirement) -> Outcome:
    """Return whether one requirement is met."""
    value, before, after = _figure(figures, r)
    name = r.text.strip()
    if math.isnan(value.value):
        return Outcome(r, value, "not decided", f"{name} is not decided: no clean image is right.")
    # An end that rounding would bring to the limit, or beyond it, has a digit more.
    near = min(abs(value.low - r.least), abs(value.high - r.least)) < 0.01
    told = f"{before} {percent(value, 1 if near else None)}{after}; {100 * r.least:g} % is required"
    if value.high < r.least:
        return Outcome(r, value, "missed", f"{name} is missed: {told}.")
    if value.low >= r.least:
        return Outcome(r, value, "met", f"{name} is met: {told}.")
    return Outcome(r, value, "not decided", f"{name} is not decided by the images tested: {told}.")


def _figure(figures: Figures, r: Requirement) -> tuple[Estimate, str, str]:
    """Return the figure that a requirement is about, and the words before and after it in a sentence."""
    if r.what == CLEAN:
        return figures.clean, "the accuracy of clean images is", ""
    if r.what == MEAN:
        return figures.mean_kept, f"the mean accuracy kept under {len(figures.families)} degradations is", ""
    family = next(f for f in figures.families if f.name == r.what)
    if r.severity is None:
        return family.kept, f"the accuracy kept under {family.title} is", ""
    survivors = family.survivors(family.run.config.severity_index(r.severity))
    where = f"{family.title}, {severity(family.run.degradation, r.severity)}"
    return estimate(survivors), "of the images that are right when clean,", f" are still right under {where}"


def failed(outcomes: Sequence[Outcome], strict: bool = False) -> bool:
    """Return whether a requirement is missed, or is not decided and this is `strict`: a command then exits with 1."""
    return any(_fails(outcome, strict) for outcome in outcomes)


def _fails(outcome: Outcome, strict: bool) -> bool:
    """Return whether an outcome is a failure."""
    return outcome.status == "missed" or (strict and outcome.status == "not decided")


def outcomes_json(outcomes: Sequence[Outcome]) -> list[dict[str, Any]]:
    """Return outcomes as JSON values; a figure that does not exist is None."""
    return [
        {
            "requirement": o.requirement.text,
            "least": o.requirement.least,
            "status": o.status,
            "value": None if math.isnan(o.estimate.value) else o.estimate.value,
            "interval_95": None if math.isnan(o.estimate.value) else [o.estimate.low, o.estimate.high],
            "sentence": o.sentence,
        }
        for o in outcomes
    ]


def junit(outcomes: Sequence[Outcome], name: str = "tfstab assess", strict: bool = False) -> str:
    """Return outcomes as a JUnit XML document, which continuous integration shows as test results.

    Parameters
    ----------
    outcomes : sequence of Outcome
        The outcomes; one that is missed is a failure, one that is not decided is skipped.
    name : str
        Name of the test suite, such as that of the network.
    strict : bool
        Whether an outcome that is not decided is a failure too.

    Returns
    -------
    str
        The document, to be written as UTF-8.
    """
    counts = {
        "tests": str(len(outcomes)),
        "failures": str(sum(_fails(o, strict) for o in outcomes)),
        "errors": "0",
        "skipped": str(sum(o.status == "not decided" and not strict for o in outcomes)),
        "time": "0",
    }
    root = ElementTree.Element("testsuites", {k: v for k, v in counts.items() if k != "skipped"})
    suite = ElementTree.SubElement(
        root, "testsuite", {"name": printed(name).encode("utf-8", "replace").decode(), **counts}
    )
    for outcome in outcomes:
        attributes = {"classname": "tfstab.assess", "name": printed(outcome.requirement.text.strip()), "time": "0"}
        case = ElementTree.SubElement(suite, "testcase", attributes)
        if _fails(outcome, strict):
            failure = ElementTree.SubElement(case, "failure", {"message": outcome.sentence, "type": outcome.status})
            failure.text = outcome.sentence
        elif outcome.status == "not decided":
            ElementTree.SubElement(case, "skipped", {"message": outcome.sentence})
        else:
            ElementTree.SubElement(case, "system-out").text = outcome.sentence
    ElementTree.indent(root)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + ElementTree.tostring(root, "unicode") + "\n"
