"""The settings of a search."""

import math
import pkgutil
from dataclasses import dataclass, fields

import numpy as np

from tfstab.errors import InputError, unknown_name
from tfstab.search import engines

ENGINES = tuple(sorted(module.name for module in pkgutil.iter_modules(engines.__path__)))
PRESETS = ("default", "paper")
OBJECTIVES = ("eq2", "eq1")
CROSSOVERS = ("mixed", "arithmetic", "intermediate", "uniform")
MAX_QUERIES = {"default": 20_000, "paper": 50_000}
PATIENCE = {"default": 100, "paper": 50}  # 50 is the paper's
PAPER_ONLY = (
    "objective", "population", "tournament_size", "crossover", "mutation_rate", "mutation_range", "elites",
    "start_range",
)  # fmt: skip


@dataclass(frozen=True)
class SearchConfig:
    """What is searched with, and for how long. Raises InputError for values out of range or at odds.

    engine: "pygad", the genetic search; "lbfgs", Szegedy et al. (2013), with gradients; "random", Gaussian noise of
    growing sigma. refine: afterwards, walk along the decision boundary to a local minimum of ||r||, with gradients.
    max_queries: degraded images that the engine may score for one image, which lbfgs overruns by less than one
    minimisation and to which refine adds at most 2,680; patience: generations without improvement after which it ends
    (pygad only); None for the preset's values. lambda_, beta: of eq. 2 and 3; lambda_ is
    per grey level of ||r||_2: as a margin is at most 1, at lambda 1 the whole of it is worth a grey level, and at
    0.001 a tenth of it a hundred. targets: how many of the leading other classes lbfgs tries, each as its target;
    as many as there are classes for all.

    preset: "default" is the sketching search (`tfstab.search.sketch`), which needs no more settings and serves all
    networks alike. "paper" is the paper's procedure (`tfstab.search.paper`); of its settings below the paper states
    tournament_size, the crossovers ("mixed" draws one of the three for each offspring), mutation_range in grey levels
    and elitism, and leaves population, elites, mutation_rate (share of the genes) and start_range (the first
    population is uniform within it, in grey levels) to us. objective: "eq1", the older objective, for comparison.
    All of these are the paper's preset's only.

    >>> tfstab.SearchConfig(preset="paper").limits
    (50000, 50)
    >>> tfstab.SearchConfig(engine="lbfg")
    Traceback (most recent call last):
        ...
    tfstab.errors.InputError: unknown engine 'lbfg': did you mean 'lbfgs'?
    """

    engine: str = "pygad"
    preset: str = "default"
    seed: int = 0
    max_queries: int | None = None
    patience: int | None = None
    refine: bool = False
    lambda_: float = 1.0
    beta: float = 1e8
    targets: int = 3
    objective: str = "eq2"
    population: int = 100
    tournament_size: int = 5
    crossover: str = "mixed"
    mutation_rate: float = 0.02
    mutation_range: float = 10.0
    elites: int = 1
    start_range: float = 10.0

    def __post_init__(self) -> None:
        known = {"engine": ENGINES, "preset": PRESETS, "objective": OBJECTIVES, "crossover": CROSSOVERS}
        for name, values in known.items():
            if getattr(self, name) not in values:
                raise unknown_name(name, getattr(self, name), values)
        if self.max_queries is None:
            object.__setattr__(self, "max_queries", MAX_QUERIES[self.preset])
        if self.patience is None:
            object.__setattr__(self, "patience", PATIENCE[self.preset])
        least = {"population": 4, "max_queries": 100, "patience": 1, "tournament_size": 1, "elites": 1, "targets": 1}
        for name, low in least.items():
            value = getattr(self, name)
            if not (isinstance(value, int | np.integer) and value >= low):
                raise InputError(f"{name} is {value}; expected {low} or more, a whole number.")
        if self.elites > self.population // 2:
            raise InputError(f"elites is {self.elites}; expected at most half of the population of {self.population}.")
        if not 0 < self.mutation_rate <= 1:
            raise InputError(f"mutation_rate is {self.mutation_rate}; expected a share above 0 and at most 1.")
        weights = {name: getattr(self, name) for name in ("mutation_range", "start_range", "beta", "lambda_")}
        for name, value in weights.items():
            if not (isinstance(value, int | float) and math.isfinite(value) and value > 0):
                raise InputError(f"{name} is {value}; expected a number above 0.")
        if not (isinstance(self.seed, int | np.integer) and 0 <= self.seed < 2**63):
            raise InputError(f"seed is {self.seed}; expected a whole number from 0.")
        self._check_agreement()

    def _check_agreement(self) -> None:
        if self.preset == "paper" and self.population - self.elites > self.limits[0]:
            raise InputError(f"max_queries is {self.limits[0]}; expected at least a population of {self.population}.")
        if self.preset == "paper" and self.engine != "pygad":
            raise InputError(f"preset 'paper' was asked for with engine '{self.engine}'; expected engine 'pygad'.")
        defaults = {field.name: field.default for field in fields(self)}
        for name in PAPER_ONLY if self.preset != "paper" else ():
            if getattr(self, name) != defaults[name]:
                raise InputError(
                    f"{name} is {getattr(self, name)} with the default preset, which has no such setting; "
                    "expected preset 'paper' with it."
                )
        defaults["patience"] = PATIENCE[self.preset]
        for name, engine in (("targets", "lbfgs"), ("patience", "pygad")):
            value = getattr(self, name)
            if value != defaults[name] and self.engine != engine:
                raise InputError(f"{name} is {value} with engine '{self.engine}'; expected engine '{engine}' with it.")

    @property
    def limits(self) -> tuple[int, int]:
        """(max_queries, patience), which are numbers once the settings are made."""
        assert self.max_queries is not None and self.patience is not None
        return self.max_queries, self.patience
