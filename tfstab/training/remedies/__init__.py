"""Remedies: ways to make a network more stable, each with its source.

Those in `REMEDIES` train the network, and have a module each. For a network that cannot be trained, and if
`WITHOUT_TRAINING` is asked for, `untrained.without_training` chooses among those that need no training.

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

WITHOUT_TRAINING = "without_training"  # in place of the name of a remedy: the best of those that need no training
NAMES = (*REMEDIES, WITHOUT_TRAINING)

__all__ = ["NAMES", "REMEDIES", "WITHOUT_TRAINING", "Remedy", "cross_entropy"]
