"""Noise tolerance (section 4 of the paper): many degraded copies of each image at each severity, scored and stored.

Examples
--------
>>> from tfstab.sweep import PAPER_COPIES, PAPER_SIGMAS, SweepConfig
>>> SweepConfig().severities == PAPER_SIGMAS
True
"""

from tfstab.sweep.config import PAPER_COPIES, PAPER_SIGMAS, SweepConfig
from tfstab.sweep.run import SweepRun
from tfstab.sweep.running import run_sweep

__all__ = ["PAPER_COPIES", "PAPER_SIGMAS", "SweepConfig", "SweepRun", "run_sweep"]
