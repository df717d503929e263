"""Model cards: JSON files beside models, which anybody may have written."""

import json
from pathlib import Path
from typing import Any

from tfstab.classifier.classifier import check_class_name
from tfstab.errors import ModelError
from tfstab.limits import MODEL_CARD


def read_card(path: Path) -> dict[str, Any] | None:
    """What a card says; None where there is no file, or one of something else than a JSON object.

    Raises ModelError for one that cannot be read or is too large.
    """
    if not path.is_file():
        return None
    try:
        with path.open("rb") as file:
            text = file.read(MODEL_CARD + 1)
        if len(text) > MODEL_CARD:
            raise ModelError(f"{path}, the model's card, is larger than {MODEL_CARD >> 20} MB: shorten or remove it.")
        content = json.loads(text.decode("utf-8"))
        json.dumps(content, ensure_ascii=False).encode()  # so that what is read can be written
    except (OSError, ValueError, RecursionError) as error:
        if isinstance(error, ModelError):
            raise
        raise ModelError(f"{path}, the model's card, cannot be read ({error}): mend or remove it.") from error
    return content if isinstance(content, dict) else None


def class_names(path: Path) -> tuple[str, ...] | None:
    """The names of the classes in the card at this path; None without one that has them. Raises ModelError."""
    names = (read_card(path) or {}).get("class_names")
    if names is None:
        return None
    if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
        raise ModelError(f'{path}: class_names is no list of names; expected {{"class_names": ["...", ...]}}.')
    for name in names:
        check_class_name(name)
    return tuple(names)
