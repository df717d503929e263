"""At which severity of a sweep classes lose a tenth and half of their clean recall; runs in a worker thread."""

import math
from collections.abc import Callable, Iterable
from functools import partial
from typing import TYPE_CHECKING

from tfstab.metrics import Estimate

if TYPE_CHECKING:
    from tfstab.sweep import SweepConfig
    from tfstab.sweep.measures import SweepMeasures

TENTH, HALF = 0.1, 0.5  # shares of the clean recall
NOT_REACHED = "not reached"


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

    "32 (29–36)", "before 20", "probably before 20 (at the latest at 36)", "not before 40, if at all" or "not reached";
    "about 32" if the interval has no ends.
    """
    from tfstab.assessment.words import number

    if math.isinf(e.value):
        return NOT_REACHED if _never(config, e) else f"not before {number(e.low)}, if at all"
    return "–" if math.isnan(e.value) else _finite(config, e, "", number, "{:g}".format)


def placed(config: "SweepConfig", e: Estimate) -> str:
    """Return a finite severity of loss as it follows a verb, in words.

    "at density 32 % (29–36)", "at about 3 stops", "before sigma 5".
    """
    from tfstab.assessment.words import severity

    family = config.degradation
    return _finite(config, e, "at ", partial(severity, family, measured=True), partial(severity, family))


def in_words(config: "SweepConfig", tenth: Estimate, half: Estimate) -> str:
    """Return where a class has lost a tenth and half of its recall, as the predicate of a sentence; "" if not known.

    "has lost a tenth of its recall at density 12 % (10–15) and half at density 32 % (29–36)"
    """
    if math.isnan(half.value):
        return ""
    if math.isinf(tenth.value):
        return f"loses a tenth of its recall {_if_at_all(config, tenth)}"
    first = placed(config, tenth)
    if math.isinf(half.value):
        return f"has lost a tenth of its recall {first}, and half {_if_at_all(config, half)}"
    then = placed(config, half)
    if config.before_mildest(half.value) and then == first:
        return f"has lost half of its recall {first}"
    return f"has lost a tenth of its recall {first} and half {then}"


def _finite(
    config: "SweepConfig", e: Estimate, at: str, measured: Callable[[float], str], tried: Callable[[float], str]
) -> str:
    """Return a finite severity with its interval. measured, tried: return one that was measured, or tried, as text."""
    from tfstab.assessment.losses import severity_ends

    ends = severity_ends(config, e)
    if not config.before_mildest(e.value):
        return f"{at}{'' if ends else 'about '}{measured(e.value)}{ends}"
    before = f"before {tried(config.severities[config.mildest_first[0]])}"
    return before if config.before_mildest(e.high) else f"probably {before}{ends}"


def _never(config: "SweepConfig", e: Estimate) -> bool:
    """Return whether nothing more is known of a severity that is not reached, or it is certain that it is not."""
    return math.isinf(e.low) or config.before_mildest(e.low)


def _if_at_all(config: "SweepConfig", e: Estimate) -> str:
    """Return that a share is lost not before a severity, or at none that was tried."""
    from tfstab.assessment.words import severity

    if not _never(config, e):
        return f"not before {severity(config.degradation, e.low, measured=True)}, if at all"
    return f"at no severity tried{'' if math.isinf(e.low) else ', as measured'}"
