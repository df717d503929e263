"""The main job: how stable a network is, against what it breaks, and how sure that is.

`Figures` are the numbers of one network, from any of its runs; `verdict` says in sentences what they support;
`check` compares them with requirements, `check_runs` does so for runs made one by one.
"""

from tfstab.assessment.degradation_comparison import DegradationComparison
from tfstab.assessment.family_figures import FamilyFigures
from tfstab.assessment.figures import Figures
from tfstab.assessment.outcomes import failed, junit
from tfstab.assessment.record import assessment_json
from tfstab.assessment.reference import reference_figures
from tfstab.assessment.required import parse_requirements
from tfstab.assessment.required_runs import check_runs
from tfstab.assessment.requirements import check
from tfstab.assessment.verdict import Finding, Verdict, how_sure, verdict

__all__ = [
    "DegradationComparison",
    "FamilyFigures",
    "Figures",
    "Finding",
    "Verdict",
    "assessment_json",
    "check",
    "check_runs",
    "failed",
    "how_sure",
    "junit",
    "parse_requirements",
    "reference_figures",
    "verdict",
]
