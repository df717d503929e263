"""The strategy of preset "default": a genetic search that learns the slopes of the log-scores from its mutations.

Each generation mutates one parent in many directions (`probes`), learns from them how the log-scores change
(`sketch`), and crosses the mutants into trials nearer to the smallest noise that flips, of which the best is the next
parent (`steps`).

The model is asked for scores only. Nothing depends on the budget, the data set or the size of the network's margins.
"""

from typing import TYPE_CHECKING

import numpy as np

from tfstab.search.engines.pygad.probes import PROBES, Probes
from tfstab.search.engines.pygad.sketch import Sketch
from tfstab.search.engines.pygad.steps import TRIALS, Steps
from tfstab.search.engines.pygad.strategy import clip
from tfstab.search.objective import Evaluation
from tfstab.search.task import Task

if TYPE_CHECKING:
    from tfstab.search.config import SearchConfig


class DefaultStrategy:
    """One image's search: after the first generation, offspring are TRIALS trials and then PROBES probes."""

    elites = 1
    from_clean = True
    offspring = PROBES + TRIALS

    def __init__(self, task: Task, config: "SearchConfig") -> None:
        self.rng, self.sketch = task.generator(config.seed), Sketch(task)
        self.steps = Steps(self.sketch, self.rng)
        self.probes = Probes(self.sketch, task.clean.shape, self.rng)
        self.crossed = 0  # how many of the next offspring are trials: none in the first generation

    def start(self, offspring: np.ndarray) -> None:
        """Mutate the clean image."""
        self.probes.mutate(offspring)

    def ask(self, population: np.ndarray, fitness: np.ndarray, offspring: np.ndarray) -> None:
        """Select the next parent, cross towards the boundary, mutate the parent."""
        self.steps.select()
        self.steps.cross(offspring[:TRIALS])
        clip(offspring[:TRIALS], self.sketch.clean)
        self.crossed = TRIALS
        self.probes.mutate(offspring[TRIALS:])

    def tell(self, noise: np.ndarray, log_scores: np.ndarray, evaluation: Evaluation) -> None:
        """Update the sketch with the mutants, and keep the trials for the next selection."""
        sketch, count = self.sketch, self.crossed
        watched = log_scores[:, sketch.classes]
        self.steps.tell(noise[:count], watched[:count], bool(evaluation.flipped.any()))
        moves, changes = noise[count:] - sketch.parent, watched[count:] - sketch.log_scores
        if sketch.large:  # such long moves change the log-scores by their curvature too, which is much the same for all
            changes -= changes.mean(axis=0)
        self.probes.learn(moves, changes)
        sketch.learn(moves, changes)
