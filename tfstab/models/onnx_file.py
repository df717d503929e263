"""Loading of ONNX models: a child process tries those of unknown origin first."""

import contextlib
import json
import subprocess
from collections.abc import Callable, Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from tfstab.classifier import Classifier
from tfstab.classifier.class_names import ClassNames
from tfstab.classifier.running import reason_of
from tfstab.errors import InputError, ModelError, TfstabError
from tfstab.limits import HDF5_PATIENCE, ONNX_FILE, ONNX_SECONDS, cpu_seconds
from tfstab.models.child import answer_of_child

CHILD = "tfstab.models.onnx_child"
NEEDED = ("onnx", "onnxruntime")


def check_onnx(path: Path) -> None:
    """Check that an ONNX file can be loaded here, without reading it.

    Parameters
    ----------
    path : Path
        The file.

    Raises
    ------
    InputError
        A package for it is not installed.
    ModelError
        The file is too large.
    """
    missing = [name for name in NEEDED if find_spec(name) is None]
    if missing:
        raise InputError(
            f"{path} is an ONNX model, which needs {' and '.join(missing)}: install it with pip install 'tfstab[onnx]'."
        )
    check_size(path)


def check_size(path: Path) -> None:
    """Raise ModelError if a model's file is too large."""
    size = path.stat().st_size
    if size > ONNX_FILE:
        raise ModelError(f"{path} is refused: it has {size / 1e9:,.1f} GB; expected at most {ONNX_FILE / 1e9:.1f} GB.")


def load_onnx(
    path: Path, name: str, class_names: ClassNames | None, settings: dict[str, Any], *, trust: bool = False
) -> Classifier:
    """Load an ONNX model.

    Parameters
    ----------
    path : Path
        The file, which `check_onnx` has accepted.
    name : str
        The model's name.
    class_names
        As in `Classifier`.
    settings : dict
        preprocess, outputs and image_shape, as in `Classifier`.
    trust : bool
        Whether to load the model without trying it in a child process.

    Returns
    -------
    Classifier
        The classifier.

    Raises
    ------
    ModelError
        The model is damaged, takes too much time or memory, is not an image classifier, or refers to other files,
        operators that are not part of the ONNX standard, or graphs inside operators.
    InputError
        The settings do not fit the model.
    """
    if not trust:
        try_in_child(CHILD, path, name, settings)
    return read_onnx(path, name, class_names, settings)


def read_onnx(
    path: Path,
    name: str,
    class_names: ClassNames | None,
    settings: dict[str, Any],
    check: Callable[[bytes], None] | None = None,
) -> Classifier:
    """Load an ONNX model in this process, after a check of its content. Arguments and errors as in `load_onnx`."""
    from tfstab.classifier.onnx_model import OnnxClassifier
    from tfstab.models.onnx_external import content_of

    with one_sentence(path, "an ONNX model"):
        content = content_of(path)
        if check is not None:
            check(content)
        return OnnxClassifier(content, name, class_names, **settings)


@contextlib.contextmanager
def one_sentence(path: Path, kind: str) -> Iterator[None]:
    """Within this context, turn whatever reading a model's file raises into a ModelError. kind: "an ONNX model"."""
    try:
        yield
    except TfstabError:
        raise
    except MemoryError as error:
        raise ModelError(f"{path} is refused: to score a few images takes too much memory.") from error
    except OSError as error:
        raise ModelError(f"{path} cannot be read ({error.strerror}).") from error
    except Exception as error:  # a damaged file can make the libraries raise anything
        raise ModelError(f"{path} is damaged or not {kind} ({reason_of(error)}): export it again.") from error


def try_in_child(module: str, path: Path, name: str, settings: dict[str, Any]) -> None:
    """Let a child process check and try a model; raise what is wrong with it. module: what the child runs."""
    seconds = cpu_seconds(path.stat().st_size) + ONNX_SECONDS
    arguments = [str(path.absolute()), name, json.dumps(settings, default=int)]
    too_much = f"{path} is refused: to score a few images takes more than {seconds} s or too much memory, or crashes."
    try:
        answer = answer_of_child(module, arguments, HDF5_PATIENCE * seconds, path)
    except subprocess.TimeoutExpired as error:
        raise ModelError(too_much) from error
    if answer.get("fine") is not True:
        kind = InputError if answer.get("kind") == "InputError" else ModelError
        raise kind(str(answer.get("error") or too_much))
