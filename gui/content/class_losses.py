"""At which severity of a sweep classes lose a tenth and half of their clean recall; runs in a worker thread."""

import math
from collections.abc import Iterable
from typing import TYPE_CHECKING

from tfstab.metrics import Estimate

if TYPE_CHECKING:
    from tfstab.sweep import SweepConfig
    from tfstab.sweep.measures import SweepMeasures

TENTH, HALF = 0.1, 0.5  # shares of the clean recall
NOT_LOST, BEFORE = "not reached", "before "


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

    "32 (29–36)", "before 20", "not reached" or "not reached (not before 40)"
    """
    from tfstab.assessment.losses import severity_ends
    from tfstab.assessment.words import number

    if math.isnan(e.value):
        return "–"
    if math.isinf(e.value):
        return f"{NOT_LOST}{severity_ends(config, e)}"
    if config.before_mildest(e.value):
        return f"{BEFORE}{config.severities[config.mildest_first[0]]:g}"
    return f"{number(e.value)}{severity_ends(config, e)}"


def placed(severity: str, parameter: str = "") -> str:
    """Return what `in_short` returns as it follows a verb: "at density 32 (29–36)", "before 20".

    parameter: what the severity is called, if it is to be said.
    """
    how = "before" if severity.startswith(BEFORE) else "at"
    return " ".join(filter(None, (how, parameter, severity.removeprefix(BEFORE))))


def in_words(config: "SweepConfig", tenth: Estimate, half: Estimate) -> str:
    """Return where a class loses a tenth and half of its recall, as a part of a sentence; "" if it is not known.

    "of its recall, a tenth is lost at density 12 (10–15), and half at 32 (29–36)"
    """
    if math.isnan(half.value):
        return ""
    first, second = in_short(config, tenth), in_short(config, half)
    if math.isinf(tenth.value):
        return "as measured, less than a tenth of its recall is lost at every severity"
    then = "none of the severities measured" if math.isinf(half.value) else second
    return f"of its recall, a tenth is lost {placed(first, config.degradation.parameter)}, and half {placed(then)}"
