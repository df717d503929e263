"""Reading Keras models from files, without running code from a file unless it is trusted."""

import contextlib
import math
import re
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tfstab.classifier import backend
from tfstab.errors import InputError, ModelError, TfstabError
from tfstab.limits import NOISE_FIELDS, SPARE_WEIGHTS
from tfstab.models.archive import check_archive, check_config
from tfstab.models.sequential import built_once
from tfstab.models.weights import check_weights
from tfstab.names import printed, shortened

UNKNOWN = re.compile(r"(?:Could not locate (?:class|function)|Unknown \w+:) '([^']+)'")
COLOURS = re.compile(r"\x1b\[[0-9;]*m")  # escape codes with which Keras colours words of a message
UNGUARDED = (".h5", ".hdf5")  # suffixes of files that Keras' safe mode does not protect against
_counting = threading.RLock()  # held while `_no_more_weights_than` has replaced methods of Keras' and our classes


def is_saved_model(path: Path) -> bool:
    """Return True for the folder of a SavedModel."""
    return path.is_dir() and any(path.glob("saved_model.pb*"))


def read_untrusted(path: Path) -> Any:
    """Load a `.keras` file of unknown origin.

    Parameters
    ----------
    path : Path
        The file.

    Returns
    -------
    keras.Model
        The model, not compiled.

    Raises
    ------
    ModelError
        The file is missing, damaged or unsafe to load.
    """
    check_archive(path)
    return read_keras(path, path.stem, trust=False)


def read_keras(path: Path, name: str, trust: bool, is_ours: bool = False) -> Any:
    """Read a model; raise ModelError with a plain reason if Keras or TensorFlow cannot."""
    # Registers our layers with Keras. If TensorFlow cannot be imported, no file is to blame.
    from tfstab.models import layers  # noqa: F401

    try:
        return _read(path, name, trust, is_ours)
    except TfstabError:
        raise
    except Exception as error:  # Keras raises nearly anything for a damaged or hostile file
        raise ModelError(f"{path} was not loaded: {_reason(error)}") from error


def _read(path: Path, name: str, trust: bool, is_ours: bool) -> Any:
    """Read the Keras model. is_ours: tfstab wrote the file, so its weights need no check."""
    saving = backend.keras().saving
    if path.is_dir():
        from tfstab.models.saved_model import load_saved_model

        return load_saved_model(path, name)
    if path.suffix in UNGUARDED:  # may run any code anyway, so a check of its weights would protect nobody
        with built_once():
            return saving.load_model(path, compile=False, safe_mode=False)
    if not trust:
        check_config(path, saving.get_custom_objects())
    with built_once(), contextlib.nullcontext() if is_ours else _no_more_weights_than(check_weights(path), path):
        return saving.load_model(path, compile=False, safe_mode=not trust)


@contextlib.contextmanager
def _no_more_weights_than(count: int, path: Path) -> Iterator[None]:
    """Within this context, raise ModelError if layers create more weights than the file contains.

    Keras creates the weights before it reads their values, so a small file could fill the memory. The noise fields of
    smoothed models are not weights and have a limit of their own. Only this thread's layers are counted, because a
    worker of a cluster may train or load other networks in other threads.
    """
    from tfstab.models.noise_layer import AddNoise

    layer, left, noise_left = backend.keras().layers.Layer, count + SPARE_WEIGHTS, NOISE_FIELDS
    owner = threading.get_ident()

    def add_weight(self: Any, shape: Any = None, *arguments: Any, **settings: Any) -> Any:
        nonlocal left
        if threading.get_ident() == owner:
            left -= math.prod(shape if isinstance(shape, list | tuple) else (shape or 1,))
        if left < 0:
            raise ModelError(f"{path} is refused: its layers need more weights than the file holds.")
        return original(self, shape, *arguments, **settings)

    def build(self: Any, shape: Any) -> None:
        nonlocal noise_left
        if threading.get_ident() == owner:
            noise_left -= math.prod(shape[1:])
        if noise_left < 0:
            raise ModelError(f"{path} is refused: its noise fields have more than {NOISE_FIELDS:,} numbers.")
        original_build(self, shape)

    with _counting:
        original, original_build = layer.add_weight, AddNoise.build
        layer.add_weight, AddNoise.build = add_weight, build  # type: ignore[method-assign]
        try:
            yield
        finally:
            layer.add_weight, AddNoise.build = original, original_build  # type: ignore[method-assign]


def _reason(error: Exception) -> str:
    """Return what an error of Keras means for the person, and what to do."""
    text, cause = " ".join(COLOURS.sub("", str(error)).split()), error.__cause__ or error.__context__
    while cause is not None and not isinstance(cause, InputError):
        cause = cause.__cause__ or cause.__context__
    if cause is not None:  # one of our layers refuses its settings
        of_others = "unknown degradation" in str(cause) and "--import" not in str(cause)
        hint = " Give the module that registers it with --import." if of_others else ""
        return f"it holds a layer that cannot be made: {cause}{hint}"
    if "No model config found" in text:
        return "it holds weights only: save the whole model with model.save('NAME.keras')."
    if "Could not locate" in text or "custom_object_scope" in text:  # in .keras files and in .h5 files
        found = UNKNOWN.search(text)
        which = f" ('{shortened(printed(found[1]), 100)}')" if found else ""
        return (
            f"it uses a custom class or function that Keras does not know{which}: give the module that registers it "
            "with --import."
        )
    if "Lambda.call()" in text or "marshal data" in text:
        return (
            "the function of its Lambda layer does not work here. It may use variables or imports of the script that "
            "defined it, or need another version of Python or Keras: replace the layer by a built-in one, or by a "
            "custom class, and give the module that registers this class with --import."
        )
    return f"it is damaged or not a Keras model ({text[:160] if text else type(error).__name__})."
