"""Requirements that a network must meet, such as `gaussian_noise@20:90`, as they are written."""

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass

from tfstab.checks import list_of
from tfstab.degradations import degradation_names, get_degradation
from tfstab.degradations.registry import GIVE_FILE, meant_by
from tfstab.errors import InputError, unknown_name
from tfstab.limits import CLASS_NAME
from tfstab.names import composed, shortened

CLEAN, MEAN = "clean", "mean"
ACCURACY, RECALL, LOWEST, KEPT, STILL_RIGHT = "accuracy", "recall", "lowest recall", "kept", "still right"
SPECIFICITY = "specificity"
PRECISION = "precision"  # which cannot be required
REQUIRE_HELP = "\n\n".join(  # a paragraph each
    (
        "What the network must reach, in percent; may be given several times. Examples:",
        "clean:95 – accuracy of clean images.",
        "fog:60 – accuracy kept under fog: its mean over the severities, divided by the clean accuracy.",
        "fog@55:50 – share still right at density 55, of the images that are right when clean.",
        "'kept fog@55:50' – accuracy kept at density 55: it also counts images that are right only when degraded, so "
        "fog@55:50 is stricter.",
        "mean:80 – accuracy kept, mean over all degradations.",
        "'accuracy fog:60', 'accuracy fog@55:45' – accuracy of all images, including those that are wrong when clean.",
        "'recall stop:60', 'recall stop under fog:50', 'recall stop under fog@55:40' – recall of the class stop when "
        "clean, under fog, and at density 55.",
        "'lowest recall:60', 'lowest recall under fog:50' – recall of the worst class: met if no class is below 60.",
        "recall:80 – mean recall of all classes when clean.",
        "'specificity stop:97', 'specificity stop under fog@55:90' – share of the images of other classes that are not "
        "taken for stop: 97 allows at most 3 % of them to be false alarms.",
        "'specificity stop of yield:95', 'specificity stop of yield under fog@55:90' – share of the images of class "
        "yield that are not taken for stop.",
        "If the whole 95 % interval lies below the value, the requirement is missed, and the exit code is 1. If the "
        "interval contains the value, the requirement is not decided, and the command does not fail.",
    )
)

LONGEST = CLASS_NAME + 200  # characters of a requirement, most of which may be the name of a class

_PERCENT = r"\s*:\s*([^:@\s]+?)\s*%?\s*"
_UNDER = r"(?:\s+under\s+([a-z0-9_]+)\s*(?:@\s*([^:@\s]+))?)?"
_RECALL = re.compile(rf"\s*({RECALL}|{SPECIFICITY})(?:\s+(\S.*?){_UNDER})?{_PERCENT}")
_LOWEST = re.compile(rf"\s*lowest\s+recall{_UNDER}{_PERCENT}")
_PRECISION = re.compile(rf"{PRECISION}\b")
_FORM = re.compile(rf"\s*({ACCURACY}\b|{KEPT}\b)?\s*([a-z0-9_]*)\s*(?:@\s*([^:@\s]+))?{_PERCENT}")


@dataclass(frozen=True)
class Requirement:
    """The least value of a figure.

    Attributes
    ----------
    text : str
        How it was written.
    what : str
        "clean", "mean", or the name of a family; of a recall or specificity the name of a class, "" for the mean recall
        of all classes and for the lowest recall.
    severity : float or None
        The severity; None for the mean over all of them.
    least : float
        The least value, 0..1.
    figure : str
        "accuracy", "recall", "lowest recall" (of all classes), "specificity" for the share of the images of other
        classes that are not taken for a class, "kept" for the accuracy divided by the clean accuracy, or "still right"
        for the share of the images that are right when clean.
    under : str
        The family under which a recall or specificity is required; "" for that of clean images.
    of : str
        The class whose images a specificity is about; "" for all other classes. It is "" until the classes are known
        (`with_classes`), and `what` is the whole of "frog of cat", as this may be the name of one class.
    classes : tuple of int
        The classes that have images, for the lowest recall; () if that is not known.
    """

    text: str
    what: str
    severity: float | None
    least: float
    figure: str = KEPT
    under: str = ""
    of: str = ""
    classes: tuple[int, ...] = ()

    @property
    def of_classes(self) -> bool:
        """Whether it is about the recall or specificity of classes."""
        return self.figure in (RECALL, LOWEST, SPECIFICITY)

    @property
    def family(self) -> str:
        """Name of the family that must be measured; "" for clean images, and for the mean over all families."""
        return self.under if self.of_classes else "" if self.what in (CLEAN, MEAN) else self.what

    @property
    def on_clean(self) -> bool:
        """Whether it is about clean images."""
        return self.what == CLEAN or (self.of_classes and not self.under)


def parse_requirements(texts: Sequence[str]) -> list[Requirement]:
    """Read requirements; each family must exist, and each severity be one that it can have.

    Parameters
    ----------
    texts : sequence of str
        Such as "gaussian_noise@20:90", "fog:50", "kept fog@55:50", "mean:80", "clean:95", "accuracy jpeg@30:85",
        "recall cat:60", "recall cat under jpeg@30:50", "specificity cat:97" or "lowest recall:60".

    Returns
    -------
    list of Requirement
        In the same order.

    Raises
    ------
    InputError
        One cannot be read.

    Examples
    --------
    >>> from tfstab.assessment.required import parse_requirements
    >>> parse_requirements(["gaussian_noise@20:90"])[0].least
    0.9
    >>> parse_requirements(["recall traffic light:60"])[0].what
    'traffic light'
    """
    if isinstance(texts, str):
        raise InputError(
            f"the requirements are the text '{shortened(texts, 80)}'; expected a list, such as ['clean:90']."
        )
    return [_parse(text) for text in list_of("require", texts, str, "['clean:90']")]


def _parse(text: str) -> Requirement:
    """Read one requirement."""
    if len(text) > LONGEST:  # texts may come from the folder of a stranger
        raise _unreadable(text)
    if match := _RECALL.fullmatch(text):
        figure, name, under, at, least = match.groups()
        share, severity = _share(text, least), _severity(text, under, at) if under else None
        if figure == SPECIFICITY and not name:
            raise InputError(f"requirement '{text}' names no class; expected '{SPECIFICITY} CLASS:{least}'.")
        return Requirement(text, composed(name or ""), severity, share, figure, under or "")
    spaced = " ".join(text.split())  # many spaces in a row would be matched in very many ways
    if match := _LOWEST.fullmatch(spaced):
        under, at, least = match.groups()
        share, severity = _share(text, least), _severity(text, under, at) if under else None
        return Requirement(text, "", severity, share, LOWEST, under or "")
    if _PRECISION.match(spaced) and PRECISION not in degradation_names():
        raise InputError(
            f"requirement '{shortened(text, 80)}' is about precision, which cannot be required. To limit false alarms, "
            f"require '{SPECIFICITY} CLASS:97': at most 3 % of the images of other classes may be taken for CLASS."
        )
    match = _FORM.fullmatch(spaced)
    if not match or not (match[1] or match[2]):
        raise _unreadable(text)
    figure, what, at, least = match.groups()
    share = _share(text, least)
    if figure and what in ("", CLEAN, MEAN):
        other = f"clean:{least} for the accuracy of clean images"
        if figure == KEPT:
            other = f"mean:{least} for the mean over all degradations"
        raise InputError(f"requirement '{text}' names no degradation; expected '{figure} FAMILY:{least}', or {other}.")
    if what in (CLEAN, MEAN):
        if at is not None:
            raise InputError(f"requirement '{text}' has a severity; expected {what}:{least}, as {what} has none.")
        return Requirement(text, what, None, share, ACCURACY if what == CLEAN else KEPT)
    return Requirement(text, what, _severity(text, what, at), share, figure or (KEPT if at is None else STILL_RIGHT))


def _unreadable(text: str) -> InputError:
    """Return the error for a text that is no requirement."""
    return InputError(
        f"requirement '{shortened(text, 80)}' cannot be read; expected FAMILY@SEVERITY:PERCENT, FAMILY:PERCENT, "
        "mean:PERCENT, clean:PERCENT, 'kept FAMILY@SEVERITY:PERCENT', 'accuracy FAMILY@SEVERITY:PERCENT', 'recall "
        "CLASS:PERCENT', 'recall CLASS under FAMILY@SEVERITY:PERCENT', recall:PERCENT, 'lowest recall:PERCENT', "
        "'lowest recall under FAMILY@SEVERITY:PERCENT', 'specificity CLASS:PERCENT', 'specificity CLASS of "
        "OTHER:PERCENT' or 'specificity CLASS under FAMILY@SEVERITY:PERCENT', such as gaussian_noise@20:90."
    )


def _severity(text: str, family: str, at: str | None) -> float | None:
    """Return the severity of a requirement, None if it has none; its family must exist."""
    if family not in degradation_names():
        if meant := meant_by(family):
            raise InputError(f"unknown requirement '{family}': {meant}")
        raise unknown_name(
            "requirement", family, [*degradation_names(), MEAN, CLEAN, RECALL, LOWEST, SPECIFICITY], GIVE_FILE
        )
    if at is None:
        return None
    if math.isnan(_number(at)):
        raise InputError(f"requirement '{text}' has the severity '{at}'; expected a number.")
    return get_degradation(family).check([_number(at)])[0]


def _share(text: str, least: str) -> float:
    """Return the percentage of a requirement as a share."""
    number = _number(least)
    if not 0 <= number <= 100:
        raise InputError(f"requirement '{text}' asks for {least}; expected a number of percent from 0 to 100.")
    if 0 < number <= 1 and "." in least:  # a fraction, which would be met by any network
        raise InputError(
            f"requirement '{text}' asks for only {number:g} percent; give a percentage, such as {100 * number:g}."
        )
    return number / 100


def _number(text: str) -> float:
    """Return a number; NaN for what is none."""
    try:
        return float(text)
    except ValueError:
        return math.nan
