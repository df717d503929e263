"""Training: recipes for the paper's networks, noise, ensembles; hardening of any network by remedies.

Examples
--------
>>> from tfstab.training import RECIPES
>>> list(RECIPES)
['mnist-lenet', 'cifar10-quick', 'gtsrb-aghdam']
"""

from tfstab.training.ensemble import train_ensemble
from tfstab.training.hardening import Hardened, run_hardening
from tfstab.training.hardening_config import HardenConfig
from tfstab.training.images import training_set
from tfstab.training.noise import TrainingNoise
from tfstab.training.recipes import RECIPES, Augmentation, Recipe
from tfstab.training.rounds import HardeningProgress
from tfstab.training.trainer import TrainingResult, train

__all__ = [
    "RECIPES",
    "Augmentation",
    "HardenConfig",
    "Hardened",
    "HardeningProgress",
    "Recipe",
    "TrainingNoise",
    "TrainingResult",
    "run_hardening",
    "train",
    "train_ensemble",
    "training_set",
]
