"""The engine `pygad`: a genetic search on PyGAD, several images at once.

Its strategies are asked for offspring and told their scores: `default` and `paper`, after their presets.
The islands adapt them to PyGAD's loop.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tfstab.errors import InputError
from tfstab.search.engine import Engine, Variant, setting
from tfstab.search.norm import GREY
from tfstab.search.objective import EQUATIONS

if TYPE_CHECKING:
    from tfstab.classifier import Classifier
    from tfstab.search.config import SearchConfig
    from tfstab.search.progress import Observer
    from tfstab.search.result import MinimumNoise
    from tfstab.search.task import Task

PATIENCE = {"default": 100, "paper": 50}  # 50 is the paper's
PAPER = {"preset": "paper"}


@dataclass(frozen=True)
class Settings:
    """The engine's own settings; all but `preset` and `patience` belong to the paper's procedure.

    The paper gives tournament_size, the crossovers ("mixed" draws one of the three for each offspring), mutation_range
    and the use of elitism. It leaves population, elites, mutation_rate and start_range open.
    """

    preset: str = setting(
        "default", "the strategy: default, or the paper's own procedure", choices=("default", "paper")
    )
    patience: int | None = setting(None, "generations without improvement before the search ends", least=1)
    objective: str = setting(
        "eq2", "the objective: eq2, or the older eq1 for comparison", choices=EQUATIONS, only=PAPER
    )
    population: int = setting(100, "chromosomes", least=4, only=PAPER)
    tournament_size: int = setting(5, "chromosomes in each tournament", least=1, only=PAPER)
    crossover: str = setting(
        "mixed",
        "the crossover: mixed draws one of the others for each offspring",
        choices=("mixed", "arithmetic", "intermediate", "uniform"),
        only=PAPER,
    )
    mutation_rate: float = setting(0.02, "share of the genes that mutate", most=1, open_below=True, only=PAPER)
    mutation_range: float = setting(10.0, "largest mutation, in grey levels", open_below=True, only=PAPER)
    elites: int = setting(1, "chromosomes that survive unchanged", least=1, only=PAPER)
    start_range: float = setting(
        10.0, "largest noise of the first population, in grey levels", open_below=True, only=PAPER
    )

    def __post_init__(self) -> None:
        """Set the preset's patience if none is given."""
        if self.patience is None and self.preset in PATIENCE:
            object.__setattr__(self, "patience", PATIENCE[self.preset])


def _search(
    classifier: "Classifier",
    tasks: "list[Task]",
    config: "SearchConfig",
    on_result: "Callable[[MinimumNoise], None]",
    observer: "Observer",
) -> None:
    """Search as `tfstab.search.engines` describes."""
    from tfstab.search.engines.pygad.session import search  # imports PyGAD, which opening a run does not need

    search(classifier, tasks, config, on_result, observer)


def _check(config: "SearchConfig") -> None:
    """Raise InputError if settings contradict each other."""
    settings: Settings = config.options
    if settings.elites > settings.population // 2:
        raise InputError(
            f"elites is {settings.elites}; expected at most half of the population of {settings.population}."
        )
    if settings.preset == "paper" and settings.population - settings.elites > config.max_queries:
        raise InputError(
            f"max_queries is {config.max_queries}; expected at least a population of {settings.population}."
        )


def _short(config: "SearchConfig") -> str:
    """Return that the paper's procedure had fewer queries than by default; "" if it had not, or for another preset."""
    usual = ENGINE.variant(config.options).max_queries
    if config.options.preset != "paper" or config.max_queries >= usual:
        return ""
    return f"Preset paper had only {config.max_queries:,} of its usual {usual:,} queries for each image."


ENGINE = Engine(
    _search,
    (
        Variant("Genetic search", "Needs the model's scores only; near the smallest noise that is known"),
        Variant(
            "Genetic search, the paper's procedure",
            "Section 3 of the paper, to the letter",
            PAPER,
            max_queries=50_000,
            norms=GREY,
        ),
    ),
    Settings,
    check=_check,
    short=_short,
)
