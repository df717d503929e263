"""Experiments: evaluation on clean images, the demonstration, comparisons and the paper's experiments."""

from tfstab.experiments.demo import Demo, run_demo
from tfstab.experiments.evaluation import Evaluation, evaluate

__all__ = ["Demo", "Evaluation", "evaluate", "run_demo"]
