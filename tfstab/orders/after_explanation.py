"""What to do after an explanation, whether it is called as a command or in Python."""

import contextlib
from dataclasses import dataclass
from pathlib import Path

from tfstab.assessment.opened import Assessment
from tfstab.errors import TfstabError
from tfstab.explanation import ExplanationRun
from tfstab.explanation.assessment_near import assessment_near
from tfstab.explanation.cause import Cause, causes_of
from tfstab.explanation.classes import LEAST_OF_NETWORK
from tfstab.explanation.noise_cost import is_harmless
from tfstab.explanation.remedies import Hardening, hardenings
from tfstab.explanation.undecided import undecided
from tfstab.orders.shell import from_here

DECIDE_MINUTES = 3  # clean images are scored first, which takes a small part of the time of an explained image
WHY_ASSESS = "which degradation does the most harm"


@dataclass(frozen=True)
class AfterExplanation:
    """What is proposed after an explanation.

    Attributes
    ----------
    limit : int or None
        How many of the given images are to be explained; None if no more than now.
    minutes : int or None
        How long this may take; None for no limit.
    why_limit : str
        What the larger limit is for.
    assess : bool
        Whether to measure which degradation does the most harm.
    assessment : Assessment or None
        The assessment of the model, from which an image is proposed for a closer look; None if none is called for.
    hardenings : list
        What its causes call for.
    """

    limit: int | None
    minutes: int | None
    why_limit: str
    assess: bool
    assessment: Assessment | None
    hardenings: list[Hardening]


def after_explanation(run: ExplanationRun) -> AfterExplanation:
    """Return what to do after an explanation.

    If no cause stands out, or noise costs hardly any images, other degradations are looked at before the model is
    hardened. A class that is weak when clean comes first, because it is a cause whatever the degradation.
    """
    causes = causes_of(run)
    found = undecided(run, causes)
    enough = len(run.rows) >= LEAST_OF_NETWORK
    harmless = enough and is_harmless(run)
    looks = enough and not any(cause.kind == "clean" for cause in causes) and (not causes or harmless)
    near = assessment_near(run) if looks else None
    return AfterExplanation(
        found.images,
        DECIDE_MINUTES if found.of_clean else None,
        f"may decide whether {found.about} is a cause",
        looks and near is None,
        None if near is None else _opened(near),
        _hardenings(causes, harmless),
    )


def _hardenings(causes: list[Cause], harmless: bool) -> list[Hardening]:
    """Return what the causes call for; where noise costs hardly any images, training on a few degradations comes last.

    The causes are of the harm that noise does, so the training that they call for then helps little.
    """
    found = hardenings(causes)
    return sorted(found, key=lambda each: "against" in each[0]) if harmless else found


def _opened(folder: Path) -> Assessment | None:
    """Return the assessment in a folder; None if it cannot be opened."""
    with contextlib.suppress(TfstabError):
        return Assessment(from_here(str(folder)), skip_damaged=True)
    return None
