"""Checks requirements on runs that were made before, such as several sweeps of one network."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from tfstab.assessment.figures import Figures
from tfstab.assessment.measured_by import ASSESSMENT, SWEEPS_MADE
from tfstab.assessment.outcomes import Outcome
from tfstab.assessment.required import Requirement
from tfstab.assessment.requirements import check, with_note
from tfstab.assessment.results import earlier_note, earlier_unmeasured
from tfstab.errors import InputError
from tfstab.runs import RunFolder
from tfstab.runs.files import is_assessment
from tfstab.runs.together import misfit, subject_of

TOGETHER = " Measure several severities of a degradation in one sweep, as with --severities 3,5."


def check_runs(runs: Sequence[RunFolder], requirements: Sequence[Requirement]) -> list[Outcome]:
    """Compare the figures of runs with what is required.

    Parameters
    ----------
    runs : sequence of SweepRun, SearchRun or ExplanationRun
        Runs of one network on the same data, such as those of an assessment, or sweeps, each of another degradation.
    requirements : sequence of Requirement
        The requirements, as `parse_requirements` returns them.

    Returns
    -------
    list of Outcome
        One for each requirement, in the same order.

    Raises
    ------
    InputError
        The runs do not belong together, or a requirement is about a degradation or severity that has not been swept.

    Examples
    --------
    >>> from tfstab.assessment import check_runs, parse_requirements
    >>> (outcome,) = check_runs([sweep], parse_requirements(["kept gaussian_noise@80:99"]))
    >>> outcome.status
    'missed'
    """
    measured = [run for run in runs if run.kind != "explanation"]
    if not measured:
        raise InputError("requirements cannot be checked on an explanation alone: give sweeps, too.")
    if problem := misfit([(run.path, run.info) for run in measured]):
        repeated = len({subject_of(run.info) for run in measured}) < len(measured)
        raise InputError(f"requirements cannot be checked on these runs: {problem}{TOGETHER if repeated else ''}")
    folder, *others = {run.path.parent for run in measured}
    if not others and is_assessment(folder):
        figures, by = Figures.of(measured), replace(ASSESSMENT, name="report")
        planned = [*(family.name for family in figures.families), *earlier_unmeasured(folder)]
    else:
        given = len(np.unique(np.concatenate([run.clean.indices for run in measured])))
        figures, by, planned = Figures.of(measured, given), SWEEPS_MADE, list[str]()
    notes = (earlier_note(run.path.parent) or run.input_note for run in measured)
    return with_note(check(figures, requirements, planned, by), next(filter(None, notes), None))
