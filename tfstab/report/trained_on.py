"""Says on which images a hardened network was trained, and which degradations were measured but not trained on."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from tfstab.degradations import BUILT_IN
from tfstab.degradations.ranges import ALL
from tfstab.names import all_quoted, printed, shortened
from tfstab.training.control import is_control
from tfstab.training.remedies import REMEDIES
from tfstab.wording import capital, listed

if TYPE_CHECKING:
    from tfstab.experiments.remedy_change import FamilyChange

LONGEST = 60  # characters of a title
MOST_NAMED = 4  # degradations in a list, "and 3 others" included


def trained_on(card: Mapping[str, Any], measured: "Sequence[FamilyChange]" = ()) -> str:
    """Return on which images a network was trained, and which measured degradations are not among them.

    "" if the card does not say it, and for a control, as `longer_training` says it.

    Parameters
    ----------
    card : mapping
        The model card of the hardened network; it may be a stranger's.
    measured : sequence of FamilyChange, optional
        The degradations under which the network is compared with the original.
    """
    settings = card.get("settings", {})
    against, clean_share = settings.get("against"), settings.get("clean_share")
    if not isinstance(against, Mapping) or not against:
        return ""
    titles = {family.name: family.title for family in measured}
    if "cannot_train" in card:
        first = f"No weights were trained: the remedy was chosen on images degraded by {_named(against, titles)}."
        return " ".join([first, *_missing(against, titles, chosen=True)])
    remedy = REMEDIES.get(str(card["remedy"].get("name")))
    if remedy is None or is_control(card):
        return ""
    if remedy.families is None:
        clean = "clean images and on " if remedy.passes > 1 or clean_share else ""
        first = f"Trained on {clean}images degraded by {_named(against, titles)}."
        return " ".join([first, *_missing(against, titles)])
    if remedy.families:
        return f"Trained on images degraded by {_named(remedy.families, titles)} alone."
    return f"Trained on images changed by {remedy.title}, not by tfstab's degradations."


def _named(names: "Sequence[str] | Mapping[str, Any]", titles: Mapping[str, str]) -> str:
    """Return degradations in words; the built-in ones by their number if all are among them."""
    own = _titles([name for name in names if name not in BUILT_IN], titles)
    if BUILT_IN.keys() <= set(names):
        return listed([f"the {len(BUILT_IN)} built-in degradations", *own], most=MOST_NAMED)
    return listed([*_titles([name for name in names if name in BUILT_IN], titles), *own], most=MOST_NAMED)


def _missing(against: Mapping[str, Any], titles: Mapping[str, str], chosen: bool = False) -> list[str]:
    """Return in a sentence which measured degradations were not hardened against; [] if all were.

    If the user named none to harden against, the sentence says how to.

    chosen: whether a remedy was chosen on images degraded by `against`, and nothing was trained.
    """
    missing = [name for name in titles if name not in against]
    if not missing:
        return []
    told = listed(_titles(missing, titles), most=MOST_NAMED)
    if against.keys() != BUILT_IN.keys():
        return [f"Also measured, but not used {'for this choice' if chosen else 'in training'}: {told}."]
    are, them = ("is", "it") if len(missing) == 1 else ("are", "them")
    does = "chooses the remedy for" if chosen else "trains on"
    option = f"`--against {','.join([ALL, *missing])}` (in Python against=)"
    return [f"{capital(told)} {are} not among them: {option} {does} {them}, too."]


def _titles(names: Sequence[str], titles: Mapping[str, str]) -> list[str]:
    """Return the titles of degradations; those of the user's own in quotes if one of them is not a single word."""
    if all(name in BUILT_IN for name in names):
        return [BUILT_IN[name].title for name in names]
    return all_quoted(shortened(printed(titles.get(name, name)), LONGEST) for name in names)
