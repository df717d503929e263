"""Remedies: ways to make a network more stable, each with its source.

Those in `REMEDIES` train the network, and have a module each. For a network that cannot be trained,
`untrained.without_training` chooses among those that need no training.

Examples
--------
>>> from tfstab.training.remedies import REMEDIES
>>> REMEDIES["mixture"].passes
1
"""

from tfstab.training.remedies import augmix, fresh_noise, mixture, mixture_consistent, patch_gaussian, prime, stability
from tfstab.training.remedies.remedy import Remedy, cross_entropy

REMEDIES: dict[str, Remedy] = {
    module.REMEDY.name: module.REMEDY
    for module in (mixture, mixture_consistent, fresh_noise, patch_gaussian, stability, augmix, prime)
}

__all__ = ["REMEDIES", "Remedy", "cross_entropy"]
