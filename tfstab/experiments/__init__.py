"""What the paper does with the parts: evaluation on clean images, and the demonstration."""

from tfstab.experiments.demo import Demo, run_demo
from tfstab.experiments.evaluation import Evaluation, evaluate

__all__ = ["Demo", "Evaluation", "evaluate", "run_demo"]
