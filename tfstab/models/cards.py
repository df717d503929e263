"""Model cards: JSON files beside models. Their origin is unknown, so they are read within limits."""

import difflib
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any

from tfstab.checks import as_float
from tfstab.classifier.class_names import check_class_name, check_distinct
from tfstab.classifier.own_scale import is_own_scale, own_scale
from tfstab.classifier.preprocess import FORMS
from tfstab.classifier.source import FORM
from tfstab.errors import InputError, ModelError
from tfstab.limits import MODEL_CARD
from tfstab.names import printed, shortened
from tfstab.reading import read_json

VALUES = {"preprocess": tuple(FORMS), "outputs": ("scores", "logits")}  # of a card's "form"; threshold is a number
ALIKE = 0.85  # keys that resemble an expected one so much are taken for misspelled ones


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
        The card cannot be read, its class names are not usable, or a key seems to be misspelled.
    """
    card = read_card(path) or {}
    _check_keys(path, card, ("class_names", "form"))
    for key in FORM:
        if key in card:
            value = '"..."' if key in VALUES else "0.3"
            raise ModelError(
                f'{path}, the model\'s card, has {_shown(key)} outside of "form": write it as '
                f'{{"form": {{"{key}": {value}}}}}.'
            )
    names = card.get("class_names")
    if names is None:
        return None
    if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
        raise ModelError(f'{path}: class_names is not a list of names; expected {{"class_names": ["...", ...]}}.')
    for name in names:
        check_class_name(name)
    check_distinct(names, f"{path}, the model's card, gives")
    return tuple(names)


def form(path: Path) -> dict[str, Any]:
    """Return how a model is read, as its card says: `preprocess`, `outputs` and `threshold`.

    Parameters
    ----------
    path : Path
        The JSON file.

    Returns
    -------
    dict
        What is known; empty if there is no card, or if it does not say.

    Raises
    ------
    ModelError
        The card cannot be read, says something else than these can be, or a key seems to be misspelled.
    """
    told = (read_card(path) or {}).get("form")
    if not isinstance(told, dict):
        return {}
    _check_keys(path, told, FORM)
    return {name: _checked(path, name, told[name]) for name in FORM if told.get(name) is not None}


def _checked(path: Path, name: str, value: Any) -> Any:
    """Return a value of a card's form as results record it; raise ModelError if the form may not have it."""
    if name == "preprocess" and isinstance(value, str) and is_own_scale(value):
        try:
            return own_scale(value).text
        except InputError as error:
            raise ModelError(f"{path}, the model's card: {printed(str(error))}") from error
    if not _is_valid(name, value):
        expected = f"one of {', '.join(VALUES[name])}" if name in VALUES else "a number between 0 and 1"
        own = ", or your own mean and standard deviation as mean=M/std=S" * (name == "preprocess")
        raise ModelError(f"{path}, the model's card, has {name} {_shown(value)}; expected {expected}{own}.")
    return value


def _is_valid(name: str, value: object) -> bool:
    """Return whether a card's form may have this value."""
    if name in VALUES:
        return value in VALUES[name]
    number = as_float(value)
    return number is not None and 0 < number < 1


def _check_keys(path: Path, card: Mapping[str, object], known: Collection[str]) -> None:
    """Raise ModelError for a key that resembles an expected one that is missing."""
    for key in card:
        near = difflib.get_close_matches(key, [name for name in known if name not in card], n=1, cutoff=ALIKE)
        if near and key not in known:
            raise ModelError(f"{path}, the model's card, has {_shown(key)}: did you mean '{near[0]}'?")


def _shown(value: object) -> str:
    """Return a value of a stranger's file so that it fits into a sentence."""
    return f"'{shortened(printed(str(value)), 40)}'"
