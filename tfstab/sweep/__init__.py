"""Noise tolerance (paper section 4): many noisy copies of each image at each sigma, scored and kept.

>>> from tfstab.sweep import PAPER_SIGMAS, SweepConfig
>>> SweepConfig().sigmas == PAPER_SIGMAS
True
"""

from tfstab.sweep.config import PAPER_SIGMAS, SweepConfig
from tfstab.sweep.run import SweepRun
from tfstab.sweep.running import run_sweep

__all__ = ["PAPER_SIGMAS", "SweepConfig", "SweepRun", "run_sweep"]
