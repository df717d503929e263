"""Training: a recipe per network, augmentation, resumable training with a model card."""

from tfstab.training.recipes import RECIPES, Augmentation, Recipe
from tfstab.training.trainer import TrainingResult, train, training_set

__all__ = ["RECIPES", "Augmentation", "Recipe", "TrainingResult", "train", "training_set"]
