"""Remedies: ways to make a network more stable, each in a module of its own with its source.

Those in `REMEDIES` are trained.

Examples
--------
>>> from tfstab.training.remedies import REMEDIES
>>> REMEDIES["mixture"].passes
1
"""

from tfstab.training.remedies import mixture
from tfstab.training.remedies.remedy import Remedy, cross_entropy

REMEDIES: dict[str, Remedy] = {remedy.name: remedy for remedy in (mixture.REMEDY,)}

__all__ = ["REMEDIES", "Remedy", "cross_entropy"]
