"""Model cards: JSON files beside models. Their origin is unknown, so they are read within limits."""

from pathlib import Path
from typing import Any

from tfstab.classifier.class_names import check_class_name
from tfstab.classifier.preprocess import FORMS
from tfstab.errors import ModelError
from tfstab.limits import MODEL_CARD
from tfstab.reading import read_json


def read_card(path: Path) -> dict[str, Any] | None:
    """Read a model card.

    Parameters
    ----------
    path : Path
        The JSON file.

    Returns
    -------
    dict or None
        The card; None if there is no file, or if its JSON is not an object.

    Raises
    ------
    ModelError
        The file cannot be read, is not JSON or is too large.
    """
    if not path.is_file():
        return None
    try:
        content = read_json(path, MODEL_CARD, finite=False)
    except (OSError, ValueError) as error:
        raise ModelError(f"{path}, the model's card, cannot be read ({error}): repair or remove it.") from error
    return content if isinstance(content, dict) else None


def class_names(path: Path) -> tuple[str, ...] | None:
    """Return the class names in a model card.

    Parameters
    ----------
    path : Path
        The JSON file.

    Returns
    -------
    tuple of str or None
        The names; None if there is no card, or if it has no class names.

    Raises
    ------
    ModelError
        The card cannot be read, or its class names are not usable.
    """
    names = (read_card(path) or {}).get("class_names")
    if names is None:
        return None
    if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
        raise ModelError(f'{path}: class_names is not a list of names; expected {{"class_names": ["...", ...]}}.')
    for name in names:
        check_class_name(name)
    return tuple(names)


def form(path: Path) -> dict[str, str]:
    """Return how a model takes images and what it returns, as its card says: `preprocess` and `outputs`.

    Parameters
    ----------
    path : Path
        The JSON file.

    Returns
    -------
    dict of str to str
        What is known; empty if there is no card, or if it does not say.

    Raises
    ------
    ModelError
        The card cannot be read.
    """
    told = (read_card(path) or {}).get("form")
    known = {"preprocess": tuple(FORMS), "outputs": ("scores", "logits")}
    return {name: told[name] for name in known if told.get(name) in known[name]} if isinstance(told, dict) else {}
