"""Degradations of images, each a pure function of the image, a severity and a random stream.

Examples
--------
>>> from tfstab.degradations import BUILT_IN, COMMON, GAUSSIAN_NOISE, PAPER_SIGMAS
>>> "fog" in BUILT_IN, GAUSSIAN_NOISE.severities == PAPER_SIGMAS, COMMON == 2**64 - 1
(True, True, True)
"""

from tfstab.degradations.augment import augment
from tfstab.degradations.base import Degradation
from tfstab.degradations.chain import chain
from tfstab.degradations.combined import combined
from tfstab.degradations.gaussian import (
    COMMON,
    GAUSSIAN_NOISE,
    PAPER_SIGMAS,
    NoiseStreams,
    add_gaussian_noise,
    scale_and_add,
    standard_normal,
)
from tfstab.degradations.ranges import SeverityRange, severity_ranges
from tfstab.degradations.registry import BUILT_IN, degradation_names, get_degradation, register

__all__ = [
    "BUILT_IN",
    "COMMON",
    "GAUSSIAN_NOISE",
    "PAPER_SIGMAS",
    "Degradation",
    "NoiseStreams",
    "SeverityRange",
    "add_gaussian_noise",
    "augment",
    "chain",
    "combined",
    "degradation_names",
    "get_degradation",
    "register",
    "scale_and_add",
    "severity_ranges",
    "standard_normal",
]
