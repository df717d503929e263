"""The networks that are bundled with tfstab, and their model cards."""

import json
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

from tfstab.errors import ModelError, unknown_name
from tfstab.models.cards import read_card
from tfstab.models.convnets import NAMES, OWN_DATA
from tfstab.paths import user_path

RESOURCES = "tfstab.resources.models"


def bundled_card(name: str) -> dict[str, Any]:
    """Return the model card of a bundled network.

    Parameters
    ----------
    name : str
        Name of the network.

    Returns
    -------
    dict
        The card.

    Raises
    ------
    InputError
        There is no bundled network of this name.

    Examples
    --------
    >>> from tfstab.models import bundled_card
    >>> bundled_card("mnist-lenet")["parameters"]
    431080
    """
    if name not in bundled_names():
        raise unknown_name("model", name, bundled_names())
    card: dict[str, Any] = json.loads((files(RESOURCES) / f"{name}.json").read_text("utf-8"))
    return card


def card_of(model: Any) -> dict[str, Any] | None:
    """Return the model card of a bundled network, or the one beside a model file.

    Parameters
    ----------
    model : object
        A model in any form that `load_classifier` accepts.

    Returns
    -------
    dict or None
        The card; None if there is none, or if it cannot be read.

    Examples
    --------
    >>> from tfstab.models import card_of
    >>> card_of("mnist-lenet")["name"], card_of("without-a-card.keras")
    ('mnist-lenet', None)
    """
    if not isinstance(model, str | Path):
        return None
    if str(model) in bundled_names():
        return bundled_card(str(model))
    try:
        return read_card(user_path(model).with_suffix(".json"))
    except (ModelError, OSError, ValueError, RuntimeError):  # the card is damaged, or the path is not valid
        return None


@cache
def bundled_names() -> tuple[str, ...]:
    """Return the names of the networks that are bundled with tfstab.

    Returns
    -------
    tuple of str
        The paper's three networks, then their ensembles and the networks trained with noise.

    Examples
    --------
    >>> from tfstab.models import bundled_names
    >>> bundled_names()[:3]
    ('mnist-lenet', 'cifar10-quick', 'gtsrb-aghdam')
    """
    there = {path.name.removesuffix(".keras") for path in files(RESOURCES).iterdir() if path.name.endswith(".keras")}
    return (*NAMES, *sorted(there - set(NAMES)))


def own_data(model: str) -> str | None:
    """Return the data set that a bundled network is tested on by default.

    Parameters
    ----------
    model : str
        Name or path of a model.

    Returns
    -------
    str or None
        Name of the data set; None if the model is not bundled.

    Examples
    --------
    >>> from tfstab.models import own_data
    >>> own_data("cifar10-quick")
    'cifar10'
    """
    return next((data for name, data in OWN_DATA.items() if model in bundled_names() and model.startswith(name)), None)
