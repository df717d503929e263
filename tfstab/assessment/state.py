"""What a running assessment tells an observer."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from tfstab.metrics import Estimate
from tfstab.metrics.shares import percent
from tfstab.wording import counted

Stage = Literal["reading", "clean", "measuring", "report", "finished"]


@dataclass(frozen=True)
class FamilyState:
    """How far the sweep of one family of degradations has got.

    Attributes
    ----------
    name, title : str
        The family's name, and what it is called in a sentence.
    images : int
        Images that have been swept.
    copies : int
        Most copies of one of them.
    kept : Estimate or None
        Accuracy kept so far; None before the first images, NaN until enough of them are right when clean.
    working : bool
        Whether it is being swept now.
    """

    name: str
    title: str
    images: int = 0
    copies: int = 0
    kept: Estimate | None = None
    working: bool = False

    @property
    def estimated(self) -> bool:
        """Whether there is an estimate of the accuracy kept."""
        return self.kept is not None and not math.isnan(self.kept.value)


@dataclass(frozen=True)
class NoiseState:
    """How far the search for minimum noise has got.

    Attributes
    ----------
    searched : int
        Images whose search has ended.
    median : float
        Median L2 of their minimum noise, in grey levels; NaN before the first, infinite if most have none.
    quartiles : tuple of float
        Lower and upper quartile; infinite where too few have noise.
    working : bool
        Whether images are being searched now.
    found : int
        Images for which noise was found.
    """

    searched: int = 0
    median: float = float("nan")
    quartiles: tuple[float, float] = (float("nan"), float("nan"))
    working: bool = False
    found: int = 0


@dataclass(frozen=True)
class AssessmentState:
    """Everything that is known at a moment of an assessment.

    Attributes
    ----------
    stage : str
        "reading" (model and images), "clean" (clean accuracy), "measuring", "report" or "finished".
    lines : tuple of str
        What model and images were taken for, and whether an assessment is continued.
    images : int
        Clean images that have been scored.
    clean : Estimate or None
        Their accuracy; None if they came without classes, as then it is 100 % by definition.
    families : tuple of FamilyState
        The families, in the order in which they were begun.
    noise : NoiseState
        The search for minimum noise.
    budget, left : float
        Seconds in all, and seconds left at this moment.
    available : int
        Number of images in the data set; there may be no time to use all of them.
    rare : int
        Most further images of the smaller classes under a degradation, which count only for recalls.
    others : int
        Degradations in the folder that were measured before and are not measured now.
    """

    stage: Stage
    budget: float
    left: float
    lines: tuple[str, ...] = ()
    images: int = 0
    clean: Estimate | None = None
    families: tuple[FamilyState, ...] = ()
    noise: NoiseState = NoiseState()
    available: int = 0
    rare: int = 0
    others: int = 0

    def __str__(self) -> str:
        """Return in one line how far the assessment is, for those who print states."""
        known = [] if self.clean is None else [f"clean accuracy {percent(self.clean)}"]
        measured = sum(family.images > 0 for family in self.families)
        known += [f"{counted(measured, 'degradation')} measured"] if measured else []
        known += [f"{f.title}: {counted(f.images)}" for f in self.families if f.working]
        known += [f"{counted(self.noise.searched)} searched for minimum noise"] if self.noise.searched else []
        return ", ".join([f"{self.stage}: {max(0, round(self.left))} s left", *known])


OnState = Callable[[AssessmentState], None]
