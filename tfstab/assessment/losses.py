"""Where a family of degradations costs the network a tenth or half of its accuracy, in words."""

import math
import re

from tfstab.assessment.chance import lost_from
from tfstab.assessment.family_figures import FamilyFigures
from tfstab.assessment.ranking import Standing
from tfstab.assessment.recalls import loses_recall
from tfstab.assessment.words import number, severity, severity_range
from tfstab.metrics import Estimate
from tfstab.metrics.kept import TOO_FEW
from tfstab.metrics.shares import interval, share
from tfstab.sweep.config import SweepConfig
from tfstab.wording import capital

EXCLUDE = "the images are too few to exclude a larger loss"


def losses(standing: Standing, opening: str) -> list[str]:
    """Return where 10 % and 50 % of the accuracy are lost; a sentence, or none if severities lie on both sides.

    opening: how it begins, as in "Over all images"; "" for "The network".
    """
    if (standing.family.hides_recall or standing.falls) and math.isinf(standing.family.severity10.value):
        return []  # to say that less is lost would reassure where the accuracy shows little
    named = (re.sub(r"\b[Ii]t\b", "the network", text, count=1) for text in _losses_alone(standing))
    return [f"{opening}, {text[0].lower()}{text[1:]}" if opening else capital(text) for text in named]


def _losses_alone(standing: Standing) -> list[str]:
    """Return the same sentences, in which the network is "it"."""
    family = standing.family
    if math.isnan(family.severity50.value):
        return []
    strongest = severity(family.run.degradation, _strongest(family))
    up_to = f"up to {strongest}, the strongest tried"
    if standing.never_loses(0.1):
        return [f"It loses less than 10 % of its accuracy {up_to}."]
    least = _kept_up_to(standing, 0.1)
    tenth, half = _reached(standing, 0.1), _reached(standing, 0.5)
    kept, lost = f"It keeps 90 % of its accuracy up to at least {least}", f"It loses 10 % of its accuracy {tenth}"
    if not tenth:
        text = f"As measured, it loses less than 10 % of its accuracy {up_to}{_half_unknown(standing)}"
    elif family.guessing_keeps_half:  # where it does no better than guessing is said elsewhere
        text = f"{kept if least else lost}."
    elif standing.never_loses(0.5) and least == strongest:
        text = f"{kept}, the strongest tried."
    elif standing.never_loses(0.5):
        text = f"{kept}, and more than half {up_to}." if least else f"{lost}, and keeps more than half {up_to}."
    elif not half:
        text = f"{kept if least else lost}. As measured, it loses less than half {up_to}, but {EXCLUDE}."
    elif half == tenth:  # both before the mildest severity
        text = f"It loses half of its accuracy {half}."
    else:
        text = f"{lost}, and half of it {half}."
    return [text]


def _half_unknown(standing: Standing) -> str:
    """Return the end of a sentence that says of a tenth only what was measured: what is known of half."""
    if standing.never_loses(0.5):
        return ", and certainly less than half."
    least = _kept_up_to(standing, 0.5)
    return f", but {EXCLUDE}.{f' It keeps more than half up to at least {least}.' if least else ''}"


def _kept_up_to(standing: Standing, lost: float) -> str:
    """Return up to which severity at least so much is not lost, if the images tested do not lose it; "" if they do."""
    family = standing.family
    e = family.severity_of_loss(lost)
    if math.isfinite(e.value):
        return ""
    low = e.low if math.isfinite(e.low) else family.severity_of_loss(lost, standing.confidence).low
    return "" if family.run.config.before_mildest(low) else severity(family.run.degradation, low, measured=True)


def _reached(standing: Standing, lost: float) -> str:
    """Return in words at which severity an accuracy is lost; "" if the images show none, nor one before it."""
    family, degradation = standing.family, standing.family.run.degradation
    e = family.severity_of_loss(lost)
    if math.isinf(e.value):
        least = "" if standing.never_loses(lost) else _kept_up_to(standing, lost)
        return f"not before {least}, if at all" if least else ""
    if family.run.config.before_mildest(e.value):
        where = f"before {severity(degradation, _mildest(family))}, the mildest tried"
        if family.run.config.before_mildest(e.high):
            return where
        return f"probably {where}{f' (at the latest at {number(e.high)})' if math.isfinite(e.high) else ''}"
    about = "about " if math.isinf(e.high) else ""
    return f"at {about}{severity(degradation, e.value, measured=True)}{severity_ends(family.run.config, e)}"


def severity_ends(config: SweepConfig, e: Estimate) -> str:
    """Return the interval of a severity, in brackets after a space; "" if it has no ends.

    " (29–36)", " (not before 29)" or " (at the latest at 36)": the milder end is left out if it is milder than all
    severities tried, as it is then only interpolated from the clean accuracy. The severity lies among those tried, or
    is infinite, because as much is not lost.
    """
    early = config.before_mildest(e.low)
    if math.isinf(e.high):
        return "" if early or math.isinf(e.low) else f" (not before {number(e.low)})"
    if early:
        return f" (at the latest at {number(e.high)})"
    return f" ({severity_range(e)})"


def instead_of_half(family: FamilyFigures, named: bool = True) -> tuple[str, str] | None:
    """Return what to say if no severity was measured at which half of the accuracy is lost; None if one was.

    It is a big number of a report, or a headline number of the viewer, and its caption: "69 %", "of its accuracy is
    kept under fog at density 80 %, the strongest tried (40–93)". If always answering the same class would keep half of
    the accuracy, the number is the severity from which on the network may do no better than that.

    Parameters
    ----------
    family : FamilyFigures
        The figures of a family.
    named : bool
        Whether to name the family.
    """
    degradation, config = family.run.degradation, family.run.config
    if family.guessing_keeps_half and (index := lost_from(family)) is not None:
        of = f"of {family.title}" if named else ""
        where = ", the strongest tried: there," if index == config.mildest_first[-1] else ": from there on,"
        text = f"{of}{where} accuracy may be no better than with one constant answer"
        return severity(degradation, config.severities[index]), text.lstrip(",: ")
    under, half = f" under {family.title}" if named else "", family.severity50.value
    if math.isinf(family.severity10.value) and (family.hides_recall or loses_recall(family)):
        return "not known", f"at which severity recall is lost{under}: accuracy does not show it"
    order, early = config.mildest_first, config.before_mildest(half)
    if math.isfinite(half) and not early:
        return None
    index, which = (order[0], "mildest") if early else (order[-1], "strongest")
    kept = Estimate(*map(float, family.kept_at()[:, index]))
    at = severity(degradation, config.severities[index])
    if math.isnan(kept.value):
        return "not known", f"how much of its accuracy is kept{under} at {at}: {TOO_FEW}"
    return share(kept), f"of its accuracy is kept{under} at {at}, the {which} tried ({interval(kept)})"


def before_mildest(family: FamilyFigures, e: Estimate) -> str:
    """Return "before sigma 10" for a severity on the mild side of all that were tried, "" for any other.

    There the curve is a straight line from the clean images, too little for a number with an interval. If the interval
    ends at a severity that was tried, or beyond it, its end is added: "before sigma 10 (up to 12)".
    """
    if not family.run.config.before_mildest(e.value):
        return ""
    text = f"before {severity(family.run.degradation, _mildest(family))}"
    if family.run.config.before_mildest(e.high):
        return text
    return f"{text} ({f'up to {number(e.high)}' if math.isfinite(e.high) else 'or stronger'})"


def _mildest(family: FamilyFigures) -> float:
    """Return the mildest severity that was swept."""
    config = family.run.config
    return float(config.severities[config.mildest_first[0]])


def _strongest(family: FamilyFigures) -> float:
    """Return the strongest severity that was swept."""
    config = family.run.config
    return float(config.severities[config.mildest_first[-1]])
