"""A control: a hardening on clean images only, which shows what longer training alone gains."""

from collections.abc import Mapping
from typing import Any

from tfstab.training.remedies import REMEDIES

CLEAN_ONLY = "clean images only"  # what a control trains on
MIXTURES = [name for name, remedy in REMEDIES.items() if remedy.families is None]  # those with a share of clean images


def is_control(card: Mapping[str, Any]) -> bool:
    """Return whether a network was trained on clean images only, as its model card says."""
    return only_clean(card["remedy"].get("name"), card.get("settings", {}).get("clean_share"))


def only_clean(remedy: str | None, clean_share: float | None) -> bool:
    """Return whether a remedy, given by its name, trains on clean images only with this share of clean images."""
    return remedy in MIXTURES and clean_share == 1


def training_title(remedy: str, clean_share: float) -> str:
    """Return the title of a remedy, given by its name, or CLEAN_ONLY if it trains on nothing else.

    Examples
    --------
    >>> from tfstab.training.control import training_title
    >>> training_title("mixture", 0.25), training_title("mixture", 1)
    ('mixture of degradations', 'clean images only')
    """
    return CLEAN_ONLY if only_clean(remedy, clean_share) else REMEDIES[remedy].title
