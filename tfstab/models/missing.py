"""Errors for what was given as a model and is none: a mistyped file or name, or the folder of a run."""

import difflib
from collections.abc import Collection
from pathlib import Path

from tfstab import limits
from tfstab.errors import InputError, ModelError, TfstabError, unknown_name
from tfstab.models.keras_files import is_saved_model

SUGGESTED = 3  # nearest names in a message
RUN = "run.json"  # what a run's folder holds; tfstab.runs, which knows it too, is a layer above this one


def missing_model(path: Path, bundled: Collection[str], suffixes: Collection[str]) -> TfstabError:
    """Return the error for a model that is neither a file that can be read nor a bundled network.

    Parameters
    ----------
    path : Path
        What was given.
    bundled : collection of str
        Names of the bundled networks.
    suffixes : collection of str
        Suffixes of model files.
    """
    if path.exists():
        return _no_model(path, bundled)
    is_name = len(path.parts) == 1 and path.suffix not in suffixes and not _looks_like_a_file(path, bundled)
    if is_name and "did you mean" in str(unknown := unknown_name("model", str(path), bundled)):
        return unknown
    near = _nearest(path, suffixes)
    if near:
        return ModelError(f"{path} does not exist: did you mean {' or '.join(near)}?")
    if is_name:
        return InputError(
            f"there is neither a file or folder '{path}' nor a bundled model of this name: {_expected(bundled)}."
        )
    return ModelError(f"{path} does not exist: {_expected(bundled)}.")


def _no_model(path: Path, bundled: Collection[str]) -> TfstabError:
    """Return the error for a path that exists and is no model."""
    if (path / RUN).exists():
        return InputError(
            f"{path} is the folder of a run, not a model: give the model's file; to look at the run, use `tfstab "
            f"inspect {path}`."
        )
    if any(path.glob(f"*/{RUN}")):
        return InputError(
            f"{path} is a folder of runs, such as an assessment, not a model: give the model's file; to look at the "
            f"runs, use `tfstab view {path}` or `tfstab inspect {path}`."
        )
    return ModelError(f"{path} is not a file: {_expected(bundled)}.")


def _expected(bundled: Collection[str]) -> str:
    """Return what to give as a model."""
    names = ", ".join(bundled)
    return f"give a .keras, .onnx or .tflite file, a SavedModel folder, or the name of a bundled model ({names})"


def _looks_like_a_file(path: Path, bundled: Collection[str]) -> bool:
    """Return whether a name has the suffix of a file; of "mnist-lenet.v2", a bundled name is meant."""
    return bool(path.suffix) and not difflib.get_close_matches(path.name, list(bundled), n=1, cutoff=0.8)


def _nearest(path: Path, suffixes: Collection[str]) -> list[str]:
    """Return the models in the folder of a missing file or folder whose names resemble its name."""
    try:
        there = [one for one in sorted(path.parent.iterdir()) if one.suffix in suffixes or is_saved_model(one)]
    except OSError:
        return []
    named = {name: one for one in there[: limits.NAMES_COMPARED] for name in (one.stem, one.name)}
    near = difflib.get_close_matches(path.name, named, n=2 * SUGGESTED, cutoff=0.7)
    return list(dict.fromkeys(str(named[name]) for name in near))[:SUGGESTED]
