"""The settings of a sweep."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tfstab import limits
from tfstab.checks import as_float, checked_seed, whole_number
from tfstab.degradations import GAUSSIAN_NOISE, PAPER_SIGMAS, Degradation, get_degradation
from tfstab.degradations.base import COPIES
from tfstab.degradations.registry import recorded
from tfstab.errors import InputError, RunError, unknown_name
from tfstab.runs.known_degradations import load_degradation
from tfstab.wording import as_given, with_article

__all__ = ["PAPER_COPIES", "PAPER_SIGMAS", "SweepConfig"]

PAPER_COPIES = 150  # noisy copies of each image at each sigma (section 4 of the paper)
PRESETS = ("paper",)
MOST_UNCLIPPED = 1e6  # largest sigma without clipping, in grey levels; float32 overflows only far above it


@dataclass(frozen=True, init=False)
class SweepConfig:
    """What to sweep: a degradation, its severities, and how many copies of each image.

    Parameters
    ----------
    sigmas : sequence of float, optional
        Another name of `severities` for Gaussian noise: its standard deviations, in grey levels.
    copies : int, optional
        Degraded images of each image at each severity, by default the family's number; 1 for a family that draws
        nothing at random. A run can be given more copies later.
    seed : int
        Seed of all random numbers.
    common_noise : bool
        Draw the noise of each copy once and scale it to every severity, instead of drawing it anew for each. This is
        faster, and each copy then has its own severity at which it fails; expected accuracies are the same. Only for
        Gaussian noise, and other families that are `scalable`.
    degradation : str or Degradation
        The family, or its name.
    severities : sequence of float, optional
        Severities to apply, in reporting order; by default the family's. Those of Gaussian noise are the paper's.
    clip : bool
        Clip degraded images to grey levels 0..255, as a camera and an image file do. It can be False only for families
        that are `additive` (Gaussian, uniform and speckle noise, brightness); the model is then given grey levels below
        0 and above 255. The paper does not say whether it clips.
    preset : str, optional
        "paper" for the paper's 150 copies.

    Raises
    ------
    InputError
        A setting is out of range or contradicts another.

    References
    ----------
    Section 4 of Aghdam, Heravi and Puig.

    Examples
    --------
    >>> tfstab.SweepConfig(sigmas=(10, 20)).copies
    20
    >>> tfstab.SweepConfig(preset="paper").copies
    150
    >>> tfstab.SweepConfig(degradation="jpeg").severities
    (90.0, 70.0, 50.0, 30.0, 10.0)
    >>> tfstab.SweepConfig(sigmas=(10, 20), clip=False).degradation.title
    'unclipped Gaussian noise'
    """

    severities: tuple[float, ...]
    copies: int
    seed: int
    common_noise: bool
    degradation: Degradation

    def __init__(
        self,
        sigmas: Sequence[float] | None = None,
        copies: int | None = None,
        seed: int = 0,
        common_noise: bool = False,
        *,
        degradation: str | Degradation = GAUSSIAN_NOISE.name,
        severities: Sequence[float] | None = None,
        clip: bool = True,
        preset: str | None = None,
    ) -> None:
        family = get_degradation(degradation) if isinstance(degradation, str) else degradation
        if not isinstance(family, Degradation):
            raise InputError(
                f"degradation is {with_article(type(family).__name__)}; expected one name, as in degradation='fog', or "
                "a Degradation. To measure several, run one sweep for each, in a folder of its own."
            )
        family = family if clip else family.without_clipping()
        if sigmas is not None:
            if family.plural != "sigmas":
                raise InputError(f"sigmas are of Gaussian noise; expected the severities of {family.name}.")
            if severities is not None:
                raise InputError("sigmas and severities were both given; expected one of them, as they mean the same.")
            severities = sigmas
        if preset is not None:
            copies = _paper_copies(preset, family, copies)
        values = {
            "severities": family.severities if severities is None else family.check(severities),
            "copies": family.copies if copies is None else whole_number("copies", copies, 1, limits.MOST_COPIES),
            "seed": checked_seed(seed),
            "common_noise": common_noise,
            "degradation": family,
        }
        for name, value in values.items():
            object.__setattr__(self, name, value)
        self._check()

    def _check(self) -> None:
        """Raise InputError for values out of range."""
        if self.rows_per_image > limits.MOST_ROWS_PER_IMAGE:
            raise InputError(
                f"{len(self.severities)} severities and {self.copies} copies make {self.rows_per_image:,} degraded "
                f"images of each; expected at most {limits.MOST_ROWS_PER_IMAGE:,}."
            )
        if self.copies > 1 and not self.degradation.random:
            raise InputError(f"copies is {self.copies}; expected 1, as {_why_one_copy(self.degradation)}.")
        if self.common_noise and not self.degradation.scalable:
            raise InputError(f"common noise is Gaussian noise scaled to each sigma; {self.degradation.name} has none.")

        if not self.clip and self.degradation.scalable and max(self.severities) > MOST_UNCLIPPED:
            raise InputError(
                f"{self.degradation.parameter} is {max(self.severities):g}; expected at most {MOST_UNCLIPPED:,.0f} "
                "without clipping."
            )

    @property
    def clip(self) -> bool:
        """Whether degraded images are clipped to grey levels 0..255."""
        return self.degradation.clip

    @property
    def distances(self) -> NDArray[np.float64]:
        """Distance of each severity from the neutral one, float64 (S,): the smallest is the mildest."""
        return np.abs(np.array(self.severities) - self.degradation.neutral)

    @property
    def mildest_first(self) -> NDArray[np.int64]:
        """Indices of the severities from mild to strong, int64 (S,)."""
        return np.argsort(self.distances, kind="stable")

    def before_mildest(self, severity: float) -> bool:
        """Return whether a severity is milder than every one that is swept, so that it is not between two of them."""
        return bool(abs(severity - self.degradation.neutral) < self.distances.min() * (1 - 1e-9))

    def at_distance(self, distances: np.ndarray | float) -> NDArray[np.float64]:
        """Return the severities at these distances from neutral; NaN if the run's severities lie on both sides.

        An infinite distance stays infinite.
        """
        if not self.one_sided:
            return np.full_like(distances, np.nan, np.float64)
        neutral = self.degradation.neutral
        sign = 1 if self.severities[0] > neutral else -1
        return np.where(np.isinf(distances), np.inf, neutral + sign * np.asarray(distances, np.float64))

    def severity_index(self, severity: float) -> int:
        """Return the index of a severity. Raises InputError for one that is not swept."""
        number = as_float(severity)
        if number is None or number not in self.severities:
            known = ", ".join(f"{s:g}" for s in self.severities)
            raise InputError(f"{self.degradation.parameter} {as_given(severity)} is not in this run; it has {known}.")
        return self.severities.index(number)

    @property
    def one_sided(self) -> bool:
        """Whether all severities lie on one side of the neutral one, so that they lead from clean to strong."""
        above = np.array(self.severities) > self.degradation.neutral
        return bool(above.all() or not above.any())

    @property
    def falls(self) -> bool:
        """Whether severities fall from mild to strong; False if they lie on both sides of the neutral one."""
        return self.one_sided and self.severities[0] < self.degradation.neutral

    @property
    def most_scored(self) -> int:
        """Degraded images scored for one image."""
        return self.rows_per_image

    @property
    def rows_per_image(self) -> int:
        """Degraded images of each image."""
        return len(self.severities) * self.copies

    @property
    def settings(self) -> dict[str, Any]:
        """What run.json records of a sweep, except the seed."""
        settings: dict[str, Any] = {
            "sigmas" if self.stores_sigmas else "severities": self.severities,
            "copies": self.copies,
            "degradation": self.degradation.name,
        }
        if not self.stores_sigmas:
            settings["family"] = self.degradation.identity
        if self.common_noise:  # left out otherwise, as in runs that are older than the setting
            settings["common_noise"] = True
        if not self.clip:  # likewise
            settings["clip"] = False
        return settings

    @property
    def changed(self) -> dict[str, Any]:
        """Settings that differ from the defaults and that a resumed run must repeat: all but the copies."""
        plain = SweepConfig(degradation=self.degradation)
        before = plain.settings | {"seed": plain.seed, "copies": self.copies, "clip": True}
        settings = self.settings | {"seed": self.seed}
        return {name: value for name, value in settings.items() if before.get(name) != value}

    @property
    def stores_sigmas(self) -> bool:
        """Whether run folders call the severities "sigma", as they did before there were other degradations."""
        return self.degradation.name == GAUSSIAN_NOISE.name

    @classmethod
    def of_settings(cls, settings: dict[str, Any], seed: int) -> "SweepConfig":
        """Return the configuration that run.json records.

        If the family is not installed or has changed, it is a placeholder that cannot degrade.

        Parameters
        ----------
        settings : dict
            The settings in run.json.
        seed : int
            The seed in run.json.

        Returns
        -------
        SweepConfig
            The configuration.

        Raises
        ------
        RunError
            No sweep has recorded such settings.
        """
        names = ("sigmas", "severities", "copies", "common_noise")
        try:
            known = {name: settings[name] for name in names if name in settings}
            return cls(**known, seed=seed, degradation=recorded(settings, partial(load_degradation, settings)))
        except (KeyError, ValueError, TypeError, AttributeError, OverflowError) as error:
            raise RunError(f"run.json is damaged (settings: {error}): restore it, or make the run again.") from error


def _why_one_copy(family: Degradation) -> str:
    """Return why copies of a family's images would be equal; what a function of the user's own draws is not known."""
    if family.built_in:
        return f"{family.name} draws nothing at random and all copies would be equal"
    return (
        f"by its `copies`, which is 1, {family.name} draws nothing at random and all copies would be equal; if it does "
        f"draw, set another number in its Degradation(..., copies={COPIES})"
    )


def _paper_copies(preset: str, family: Degradation, copies: int | None) -> int:
    """Return the number of copies of a preset; raise InputError if other settings contradict it."""
    if preset not in PRESETS:
        raise unknown_name("preset", preset, PRESETS)
    if family.name != GAUSSIAN_NOISE.name:
        raise InputError(f"preset 'paper' is of Gaussian noise; expected no preset for {family.name}.")
    if copies not in (None, PAPER_COPIES):
        raise InputError(f"preset 'paper' makes {PAPER_COPIES} copies and copies is {copies}; expected one of them.")
    return PAPER_COPIES
