"""Training: recipes for the paper's networks, augmentation, noise, resumable training and ensembles.

Examples
--------
>>> from tfstab.training import RECIPES
>>> list(RECIPES)
['mnist-lenet', 'cifar10-quick', 'gtsrb-aghdam']
"""

from tfstab.training.ensemble import train_ensemble
from tfstab.training.images import training_set
from tfstab.training.noise import TrainingNoise
from tfstab.training.recipes import RECIPES, Augmentation, Recipe
from tfstab.training.trainer import TrainingResult, train

__all__ = [
    "RECIPES",
    "Augmentation",
    "Recipe",
    "TrainingNoise",
    "TrainingResult",
    "train",
    "train_ensemble",
    "training_set",
]
