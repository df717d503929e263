"""Remedies: ways to make a network more stable, each with its source.

Those in `REMEDIES` train the network, and have a module each. Others need no training: `untrained.without_training`
chooses among these if the network cannot be trained, or if the user asks for it by the name `WITHOUT_TRAINING`.

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

WITHOUT_TRAINING = "without_training"  # as the choice of a remedy: the best one that needs no training
NAMES = (*REMEDIES, WITHOUT_TRAINING)

__all__ = ["NAMES", "REMEDIES", "WITHOUT_TRAINING", "Remedy", "cross_entropy"]
