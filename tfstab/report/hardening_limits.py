"""What the figures of a hardening do not show: which images chose the weights, and what longer training alone gains."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from tfstab.datasets.folders import VALIDATION
from tfstab.training.control import is_control
from tfstab.training.hardening_card import SET_ASIDE
from tfstab.training.hardening_config import FEWEST_WATCHED
from tfstab.wording import capital

if TYPE_CHECKING:
    from tfstab.experiments.remedy_comparison import RemedyComparison

PERHAPS_LONGER = "A part of the gain may come from longer training alone, not from degraded images."
TOO_BRIEF = (
    "Clean accuracy rose, so the original may have been trained too briefly or on fewer images, and a part of the "
    "other gains may come from longer training alone."
)
LONGER_ONLY = (
    "This model was trained on clean images only, so whatever has become better comes from longer training, not from "
    "degraded images."
)


def longer_training(card: Mapping[str, Any], comparison: "RemedyComparison") -> str:
    """Return that gains may come from longer training alone, in a sentence; "" without training or a gain.

    card: the model card of the hardened network.
    """
    if "cannot_train" in card:
        return ""
    if is_control(card):
        return LONGER_ONLY
    if comparison.change("clean").paired.sign > 0:
        return TOO_BRIEF
    gained = comparison.change("accuracy").paired.sign > 0 or any(family.decided > 0 for family in comparison.families)
    return PERHAPS_LONGER if gained else ""


def control_advice(card: Mapping[str, Any]) -> str:
    """Return how to train a control or, for a control, the network to compare it with: a sentence.

    card: the model card of the hardened network.
    """
    steps = card.get("steps")
    length, argument = "", ""
    if steps is not None:
        length, argument = f" and `--steps {steps}` to train equally long", f", steps={steps}"
    compare = "compare both hardened models with `tfstab compare` (in Python tfstab.compare)"
    if is_control(card):
        return (
            f"To see what degraded images add, harden the original into another folder with `--out`{length}, but "
            f"without `--clean-share 1` (in Python out={argument}, but no clean_share). Then {compare}."
        )
    return (
        "To see how far longer training alone gets, harden again into another folder (`--out`) with the default "
        f"`--remedy`, with `--clean-share 1` to train on clean images only{',' * bool(length)}{length} (in Python "
        f"out=, clean_share=1{argument}). Then {compare}."
    )


def not_compared(card: Mapping[str, Any], comparison: "RemedyComparison", ended: bool) -> str:
    """Return why fewer images are compared than were given, in a sentence; "" if all are.

    Parameters
    ----------
    card : mapping
        The model card of the hardened network.
    comparison : RemedyComparison
        Both networks on the same images.
    ended : bool
        Whether the measurement has ended, so that images that are not degraded are so for lack of time.
    """
    several, degraded = len(comparison.families) > 1, len(comparison.images)
    under = "every degradation" if several else comparison.families[0].title
    parts, aside = [], set_aside(card)
    if aside is not None:
        chosen = "remedy" if "cannot_train" in card else "weights"
        parts = [f"{aside:,} of the test images were set aside to choose the {chosen}, so they are left out here"]
    if ended and degraded < len(comparison.on_clean.images):
        those = "test images" if aside is None else "others"
        parts.append(f"for lack of time, only {degraded:,} of the {those} are compared under {under}")
    return f"{capital('; '.join(parts))}." if parts else ""


def set_aside(card: Mapping[str, Any]) -> int | None:
    """Return how many of the test images were set aside for validation; None for images of their own, or if unknown."""
    used = validation_of(card)
    images = used.get("images")
    return images if isinstance(images, int) and not has_own_validation(card) else None


def has_own_validation(card: Mapping[str, Any]) -> bool:
    """Return whether the validation images were a split of their own, and not some of the test images."""
    used = validation_of(card)
    return used.get("split") in VALIDATION and SET_ASIDE not in str(used.get("note"))


def validation_of(card: Mapping[str, Any]) -> dict[str, Any]:
    """Return what a card says of the validation images."""
    return dict(card.get("data", {}).get("validation", {}))


def used_for_validation(card: Mapping[str, Any]) -> int | None:
    """Return on how many images the weights were chosen, perhaps fewer than were set aside; None if unknown."""
    used: int | None = card["validation"].get("images", validation_of(card).get("images"))
    return used


def chosen_on(card: Mapping[str, Any]) -> tuple[int, int] | None:
    """Return on how many validation images of how many the choice was made; None if there was time for all or 200."""
    used, available = card["validation"].get("images"), validation_of(card).get("images")
    if not (isinstance(used, int) and isinstance(available, int)) or used >= min(available, FEWEST_WATCHED):
        return None
    return used, available
