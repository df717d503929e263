"""Checks of what is read from a training's folder: its state, its model cards and its checkpoints."""

import contextlib
import math
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tfstab import limits
from tfstab.errors import DISK_ERRORS, RunError, disk_error
from tfstab.reading import read_json
from tfstab.runs.files import check_own_file

FIGURES = {"epoch", "loss", "accuracy", "validation_loss", "validation_accuracy"}
# The entries that are read from the card of a finished training or of an ensemble's member, and their types.
CARD: dict[str, type[Any]] = {
    "name": str,
    "fingerprint": str,
    "class_names": list,
    "seed": int,
    "recipe": dict,
    "epochs_run": int,
    "best_epoch": int,
    "data/training/fingerprint": str,
    "data/training/images": int,
    "accuracy/test": dict,
}
_KINDS = {str: "a text", list: "a list", int: "a whole number", float: "a number", dict: "an object"}
LONGEST_REASON = 200  # characters of another package's message about a damaged file


def read_card(path: Path, entries: dict[str, type[Any]] = CARD) -> dict[str, Any]:
    """Read the model card of a training or of a hardening.

    Parameters
    ----------
    path : Path
        The JSON file.
    entries : dict
        The entries that it must have, with slashes between the keys that lead to them, and their types.

    Returns
    -------
    dict
        The card.

    Raises
    ------
    RunError
        The card is damaged, or is a link.
    """
    check_own_file(path)
    with damage_reported(path):
        card: dict[str, Any] = read_json(path, limits.LARGEST_TRAINING_JSON, finite=False)
        for keys, kind in entries.items():
            value: Any = card
            for key in keys.split("/"):
                value = value[key]
            if type(value) is not kind:
                raise ValueError(f"{keys} is not {_KINDS[kind]}")
    return card


def rank(figures: dict[str, float]) -> tuple[float, float]:
    """Return a key that orders epochs from worst to best: by validation accuracy, then by validation loss."""
    return figures["validation_accuracy"], -figures["validation_loss"]


def check_state(state: Any, epochs: int) -> None:
    """Check that a state is one that `TrainingFolder.save` writes.

    Parameters
    ----------
    state : object
        Content of training.json.
    epochs : int
        Maximum number of epochs.

    Raises
    ------
    ValueError, KeyError, TypeError
        It is not; the message says why. Call this within `damage_reported`.
    """
    history = state["history"]
    if not isinstance(state["identity"], dict) or not isinstance(history, list) or len(history) > epochs:
        raise ValueError(f"it has no settings, or no list of at most {epochs} epochs")
    best, highest = None, (-1.0, -math.inf)
    for number, figures in enumerate(history, start=1):
        if not isinstance(figures, dict) or not figures.keys() >= FIGURES:
            raise ValueError(f"epoch {number} lacks figures")
        if figures["epoch"] != number or not all(type(value) in (int, float) for value in figures.values()):
            raise ValueError(f"the figures of epoch {number} are not numbers, or of another epoch")
        if not 0 <= figures["validation_accuracy"] <= 1:
            raise ValueError(f"the accuracy of epoch {number} is {figures['validation_accuracy']}")
        if rank(figures) > highest:
            best, highest = number, rank(figures)
    expected = {"last": len(history) or None, "best": best}
    for name, epoch in expected.items():
        if state[name] != (None if epoch is None else f"{name}-{epoch:04d}.keras"):
            raise ValueError(f"'{name}' does not name the checkpoint of epoch {epoch}")
    random = state["random"] if history else []
    if not isinstance(random, list) or not all(_is_random_state(value) for value in random):
        raise ValueError("'random' is not a list of random states")


def _is_random_state(value: Any) -> bool:
    """Return True if this is the state of a Keras seed generator: two numbers of 32 bits."""
    return isinstance(value, list) and len(value) == 2 and all(type(n) is int and 0 <= n < 1 << 32 for n in value)


@contextlib.contextmanager
def damage_reported(path: Path) -> Iterator[None]:
    """Turn any error that is raised within this context into a RunError about a file.

    Parameters
    ----------
    path : Path
        The file.

    Raises
    ------
    RunError
        For any error; a RunError is passed on unchanged. If the disk has failed, it is a DiskError.
    """
    try:
        yield
    except RunError:
        raise
    except Exception as error:  # Keras raises nearly anything for a damaged file
        if isinstance(error, OSError) and error.errno in DISK_ERRORS:
            raise disk_error(error, path) from error
        reason = f"{error} is missing" if isinstance(error, KeyError) else " ".join(str(error).split())[:LONGEST_REASON]
        raise RunError(
            f"{path} is damaged ({reason or type(error).__name__}): restore it, or train again in another folder."
        ) from error
