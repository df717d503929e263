"""At which severity of a sweep classes lose a tenth and half of their clean recall; runs in a worker thread."""

import math
from collections.abc import Iterable
from typing import TYPE_CHECKING

from tfstab.metrics import Estimate

if TYPE_CHECKING:
    from tfstab.sweep import SweepConfig
    from tfstab.sweep.measures import SweepMeasures

TENTH, HALF = 0.1, 0.5  # shares of the clean recall
NOT_LOST, BEFORE, ABOUT = "not reached", "before ", "about "


def severities_of_loss(m: "SweepMeasures", classes: Iterable[int]) -> dict[int, tuple[Estimate, Estimate]]:
    """Return the severities at which each of these classes loses a tenth and half of its clean recall.

    They are NaN if severities lie on both sides of the neutral one, or if too few images of the class are right when
    clean; infinite if as much is never lost.
    """
    from tfstab.sweep.intervals import severity_of_loss

    shares, right, found = 1 - m.wrong_share, m.clean_correct, {}
    for k in classes:
        mine = m.labels == k
        tenth, half = (severity_of_loss(m.config, shares[mine], right[mine], lost) for lost in (TENTH, HALF))
        found[k] = tenth, half
    return found


def in_short(config: "SweepConfig", e: Estimate) -> str:
    """Return a severity of loss with its interval for a table.

    "32 (29–36)", "before 20", "before 20 (at the latest at 36)" or "not reached (not before 40)"; "about 32" if the
    interval has no ends
    """
    from tfstab.assessment.losses import severity_ends
    from tfstab.assessment.words import number

    if math.isnan(e.value):
        return "–"
    ends = severity_ends(config, e)
    if math.isinf(e.value):
        return f"{NOT_LOST}{ends}"
    if config.before_mildest(e.value):
        late = "" if config.before_mildest(e.high) else ends or " (perhaps later)"
        return f"{BEFORE}{config.severities[config.mildest_first[0]]:g}{late}"
    return f"{number(e.value)}{ends}" if ends else f"{ABOUT}{number(e.value)}"


def placed(config: "SweepConfig", e: Estimate, parameter: str = "") -> str:
    """Return a severity of loss as it follows a verb: "at density 32 (29–36)", "before 20".

    parameter: what the severity is called, if it is to be said.
    """
    severity = in_short(config, e)
    start = next((start for start in (BEFORE, ABOUT) if severity.startswith(start)), "")
    how = {BEFORE: "before", ABOUT: "at about"}.get(start, "at")
    return " ".join(filter(None, (how, parameter, severity.removeprefix(start))))


def in_words(config: "SweepConfig", tenth: Estimate, half: Estimate) -> str:
    """Return where a class has lost a tenth and half of its recall, as the predicate of a sentence; "" if not known.

    "has lost a tenth of its recall at density 12 (10–15) and half at 32 (29–36)"
    """
    from tfstab.assessment.losses import severity_ends

    if math.isnan(half.value):
        return ""
    if math.isinf(tenth.value):
        return f"has, as measured, not lost a tenth of its recall at any severity tried{severity_ends(config, tenth)}"
    first, then = placed(config, tenth, config.degradation.parameter), placed(config, half)
    if math.isinf(half.value):
        ends = severity_ends(config, half)
        return f"has lost a tenth of its recall {first}, but, as measured, not half at any severity tried{ends}"
    if config.before_mildest(half.value) and then == placed(config, tenth):
        return f"has lost half of its recall {first}"
    return f"has lost a tenth of its recall {first} and half {then}"
