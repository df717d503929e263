"""Experiments: evaluation on clean images, comparisons and the paper's experiments."""

from tfstab.experiments.evaluation import Evaluation, evaluate

__all__ = ["Evaluation", "evaluate"]
