"""Why a network loses images: where in it, in which direction, and at which frequency."""

from tfstab.explanation.config import ExplanationConfig
from tfstab.explanation.run import ExplanationRun
from tfstab.explanation.running import run_explanation

__all__ = ["ExplanationConfig", "ExplanationRun", "run_explanation"]
