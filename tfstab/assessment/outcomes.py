"""Outcomes of requirements, for programs and for servers of continuous integration."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal
from xml.etree import ElementTree

from tfstab.assessment.required import Requirement
from tfstab.metrics import Estimate
from tfstab.names import printed
from tfstab.wording import listed

Status = Literal["met", "missed", "not decided"]
STATUSES: tuple[Status, ...] = ("missed", "not decided", "met")  # in the order in which outcomes are shown
FEW = 5  # requirements that a reader takes in without a sum


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
    model : str
        Name of the network.
    note : str
        What the check of the inputs said, if it seems that the figures say little about the network; "" for nothing.
    command : str
        Name of the command that measured the figure.
    """

    requirement: Requirement
    estimate: Estimate
    status: Status
    sentence: str
    model: str = ""
    note: str = ""
    command: str = "assess"

    def __str__(self) -> str:
        """Return the sentence."""
        return self.sentence


def worst_first(outcomes: Sequence[Outcome]) -> list[Outcome]:
    """Return outcomes in the order in which they are shown: the missed ones first, then those not decided."""
    return sorted(outcomes, key=lambda outcome: STATUSES.index(outcome.status))


def summed_up(statuses: Sequence[str]) -> str:
    """Return a sentence on how many requirements are missed, not decided and met; "" for a few.

    Examples
    --------
    >>> from tfstab.assessment.outcomes import summed_up
    >>> summed_up(["met"] * 71 + ["missed"] * 6 + ["not decided"])
    'Of 78 requirements, 6 are missed, 1 is not decided and 71 are met.'
    >>> summed_up(["met"] * 9), summed_up(["met", "missed"])
    ('All 9 requirements are met.', '')
    """
    if len(statuses) <= FEW:
        return ""
    counts = {status: statuses.count(status) for status in STATUSES}
    parts = [f"{count:,} {'is' if count == 1 else 'are'} {status}" for status, count in counts.items() if count]
    if len(parts) == 1:
        return f"All {parts[0].replace(' are ', ' requirements are ')}."
    return f"Of {len(statuses):,} requirements, {listed(parts)}."


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


def junit(outcomes: Sequence[Outcome], name: str | None = None, strict: bool = False) -> str:
    """Return outcomes as a JUnit XML document, which continuous integration shows as test results.

    Parameters
    ----------
    outcomes : sequence of Outcome
        The outcomes; one that is missed is a failure, one that is not decided is skipped. Their notes are in
        `system-err`.
    name : str, optional
        Name of the test suite; by default the command that measured the figures, such as "tfstab assess: ", and the
        names of the networks.
    strict : bool
        Whether an outcome that is not decided is a failure too.

    Returns
    -------
    str
        The document, to be written as UTF-8.
    """
    models = ", ".join(dict.fromkeys(outcome.model for outcome in outcomes if outcome.model))
    command = f"tfstab {outcomes[0].command if outcomes else 'assess'}"
    title = name if name is not None else f"{command}: {models}" if models else command
    counts = {
        "tests": str(len(outcomes)),
        "failures": str(sum(_fails(o, strict) for o in outcomes)),
        "errors": "0",
        "skipped": str(sum(o.status == "not decided" and not strict for o in outcomes)),
        "time": "0",
    }
    root = ElementTree.Element("testsuites", {k: v for k, v in counts.items() if k != "skipped"})
    suite = ElementTree.SubElement(
        root, "testsuite", {"name": printed(title).encode("utf-8", "replace").decode(), **counts}
    )
    for outcome in outcomes:
        called = printed(outcome.requirement.text.strip())
        attributes = {"classname": f"tfstab.{outcome.command}", "name": called, "time": "0"}
        case = ElementTree.SubElement(suite, "testcase", attributes)
        if _fails(outcome, strict):
            failure = ElementTree.SubElement(case, "failure", {"message": outcome.sentence, "type": outcome.status})
            failure.text = outcome.sentence
        elif outcome.status == "not decided":
            ElementTree.SubElement(case, "skipped", {"message": outcome.sentence})
        else:
            ElementTree.SubElement(case, "system-out").text = outcome.sentence
        if outcome.note:
            ElementTree.SubElement(case, "system-err").text = outcome.note
    ElementTree.indent(root)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + ElementTree.tostring(root, "unicode") + "\n"
