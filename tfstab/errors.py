"""Every error that tfstab raises on purpose: one sentence that says what was wrong, what was expected, what to do."""

import difflib
from collections.abc import Iterable


class TfstabError(Exception):
    """Base of all errors below; the command line prints it as one sentence and exits with 2."""


class InputError(TfstabError, ValueError):
    """A setting, an image array or a name that cannot be used."""


class DataError(TfstabError, ValueError):
    """A data set that is missing, damaged or not what it should be."""


class ModelError(TfstabError, ValueError):
    """A model file that is missing, damaged, unsafe to load or not an image classifier."""


class RunError(TfstabError, RuntimeError):
    """A run folder that cannot be written, resumed or opened."""


def unknown_name(kind: str, name: str, known: Iterable[str]) -> InputError:
    """An InputError for a name that is not in `known`, with the nearest one suggested."""
    known = list(known)
    near = difflib.get_close_matches(name, known, n=1, cutoff=0.5)
    hint = f"did you mean '{near[0]}'?" if near else f"known: {', '.join(known)}."
    return InputError(f"unknown {kind} '{name}': {hint}")
