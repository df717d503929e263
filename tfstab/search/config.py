"""The settings of a search. What the paper states and what it leaves open stand apart."""

import math
from dataclasses import dataclass

from tfstab.errors import InputError, unknown_name

ENGINES = ("pygad",)
CROSSOVERS = ("mixed", "arithmetic", "intermediate", "uniform")


@dataclass(frozen=True)
class SearchConfig:
    """Settings of the genetic search by the paper's procedure (section 3).

    Stated by the paper: tournament_size 5; the crossovers (`mixed` draws one of the three for each offspring);
    mutation by U(-mutation_range, mutation_range) on some genes, in grey levels; elitism; an end after
    max_generations or after `patience` generations without improvement.

    Left open by the paper, our values: population; max_generations; elites; mutation_rate, the share of genes
    mutated; start_range, the first population being U(-start_range, start_range) in grey levels; beta and
    lambda_ of eq. 2 and 3. lambda_ is per grey level of ||r||_2: as a margin is at most 1, it sets how many grey
    levels a margin is worth. Raises InputError for values out of range.
    """

    engine: str = "pygad"
    seed: int = 0
    population: int = 100
    max_generations: int = 500
    patience: int = 50
    tournament_size: int = 5
    crossover: str = "mixed"
    mutation_rate: float = 0.02
    mutation_range: float = 10.0
    elites: int = 1
    start_range: float = 10.0
    beta: float = 1e8
    lambda_: float = 1e-3

    def __post_init__(self) -> None:
        if self.engine not in ENGINES:
            raise unknown_name("engine", self.engine, ENGINES)
        if self.crossover not in CROSSOVERS:
            raise unknown_name("crossover", self.crossover, CROSSOVERS)
        least = {"population": 4, "max_generations": 1, "patience": 1, "tournament_size": 1, "elites": 1}
        for name, low in least.items():
            if getattr(self, name) < low:
                raise InputError(f"{name} is {getattr(self, name)}; expected {low} or more.")
        if self.elites > self.population // 2:
            raise InputError(f"elites is {self.elites}; expected at most half of the population of {self.population}.")
        if not 0 < self.mutation_rate <= 1:
            raise InputError(f"mutation_rate is {self.mutation_rate}; expected a share above 0 and at most 1.")
        for name in ("mutation_range", "start_range", "beta", "lambda_"):
            value = getattr(self, name)
            if not (math.isfinite(value) and value > 0):
                raise InputError(f"{name} is {value}; expected a number above 0.")
        if not 0 <= self.seed < 2**63:
            raise InputError(f"seed is {self.seed}; expected a whole number from 0.")
