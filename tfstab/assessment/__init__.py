"""The main job: how stable a network is, against what it breaks, and how sure that is.

`Figures` are the numbers of one network, from any of its runs; `verdict` says in sentences what they support.
"""

from tfstab.assessment.figures import FamilyFigures, Figures
from tfstab.assessment.verdict import Finding, Verdict, verdict

__all__ = ["FamilyFigures", "Figures", "Finding", "Verdict", "verdict"]
