"""The settings of an explanation."""

from dataclasses import asdict, dataclass
from numbers import Real
from typing import Any

from tfstab.checks import checked_seed, list_of, whole_number
from tfstab.errors import InputError, RunError, unknown_name
from tfstab.explanation.analyses import names
from tfstab.wording import as_given

SIGMA = 10.0  # grey levels; strong enough to leave the smallest bends of a network behind, weak enough to clip little
COPIES = 20
QUERIES = 400  # ends 0.5 to 2 % above the least noise known: see tfstab.search.engines.boundary
MOST_COPIES, MOST_QUERIES = 1000, 100_000


@dataclass(frozen=True)
class ExplanationConfig:
    """How to explain a classifier.

    Parameters
    ----------
    sigma : float
        Standard deviation of the random noise, in grey levels.
    copies : int
        Noisy copies of each image.
    max_queries : int
        Degraded images scored in the search for the minimum noise of each image.
    seed : int
        Seed of all random numbers.
    only : sequence of str
        Names of the analyses to make, those of `tfstab.explanation.analyses`; by default all that the model allows.

    Raises
    ------
    InputError
        A setting is out of range.

    Examples
    --------
    >>> from tfstab.explanation import ExplanationConfig
    >>> ExplanationConfig(sigma=5).copies
    20
    """

    sigma: float = SIGMA
    copies: int = COPIES
    max_queries: int = QUERIES
    seed: int = 0
    only: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        """Check the settings."""
        if not isinstance(self.sigma, Real) or not 0 < self.sigma <= 255:
            raise InputError(
                f"sigma is {as_given(self.sigma)}; expected a number above 0 and at most 255, in grey levels."
            )
        object.__setattr__(self, "copies", whole_number("copies", self.copies, 2, MOST_COPIES))
        object.__setattr__(self, "max_queries", whole_number("max_queries", self.max_queries, 100, MOST_QUERIES))
        object.__setattr__(self, "seed", checked_seed(self.seed))
        object.__setattr__(self, "only", tuple(list_of("only", self.only, str, "only=['layers']")))
        for name in self.only:
            if name not in names():
                raise unknown_name("analysis", name, names())

    @property
    def settings(self) -> dict[str, Any]:
        """All settings but the seed, as run.json has them."""
        return {name: value for name, value in asdict(self).items() if name != "seed"}

    @property
    def changed(self) -> dict[str, Any]:
        """The settings that differ from the defaults."""
        defaults = asdict(ExplanationConfig())
        return {name: value for name, value in asdict(self).items() if value != defaults[name]}

    @classmethod
    def of_settings(cls, settings: dict[str, Any], seed: int) -> "ExplanationConfig":
        """Return the settings that a run recorded; raise RunError for what no explanation records."""
        try:
            return cls(**settings, seed=seed)
        except (TypeError, InputError) as error:
            raise RunError(f"the settings of this explanation are damaged ({error}): make the run again.") from error
