"""The requirements of an assessment: whether they are decided, and what they come to, whatever goes wrong."""

import contextlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from tfstab.assessment.figures import Figures
from tfstab.assessment.opened import Assessment
from tfstab.assessment.required import Requirement
from tfstab.assessment.requirements import check
from tfstab.errors import InputError, TfstabError


def all_decided(runs: Sequence[Any], require: Sequence[Requirement], planned: Sequence[str]) -> bool:
    """Return whether all requirements are decided; False if that fails, as the measuring must go on."""
    with contextlib.suppress(Exception):  # `add_outcomes` meets the same error, when a report can be written
        return all(outcome.status != "not decided" for outcome in check(Figures.of(runs), require, planned))
    return False


def add_outcomes(assessment: Assessment, require: Sequence[Requirement], planned: Sequence[str]) -> Exception | None:
    """Set the outcomes of an assessment; return the error if that fails, as its report must be written first."""
    try:
        assessment.outcomes = assessment.outcomes_of(require, planned)
    except Exception as error:
        return error
    return None


def raise_after_report(problem: Exception | None, report: Path) -> None:
    """Raise the error of `add_outcomes`, if there is one, with a sentence on where the report is."""
    if isinstance(problem, TfstabError):
        raise InputError(f"{problem} The report of what has been measured: {report}") from problem
    if problem is not None:
        raise problem
