"""Loading of TFLite models: a child process tries those of unknown origin first."""

from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from tfstab.classifier import Classifier
from tfstab.classifier.class_names import ClassNames
from tfstab.errors import InputError
from tfstab.models.onnx_file import check_size, one_sentence, try_in_child

CHILD = "tfstab.models.tflite_child"
NEEDED = "ai_edge_litert"


def check_tflite(path: Path) -> None:
    """Check that a TFLite file can be loaded here, without reading it.

    Parameters
    ----------
    path : Path
        The file.

    Raises
    ------
    InputError
        The package for it is not installed.
    ModelError
        The file is too large.
    """
    if find_spec(NEEDED) is None:
        raise InputError(
            f"{path} is a TFLite model, which needs ai-edge-litert: install it with pip install 'tfstab[tflite]'."
        )
    check_size(path)


def load_tflite(
    path: Path, name: str, class_names: ClassNames | None, settings: dict[str, Any], *, trust: bool = False
) -> Classifier:
    """Load a TFLite model, which `check_tflite` has accepted. Arguments and errors as in `load_onnx`."""
    if not trust:
        try_in_child(CHILD, path, name, settings)
    return read_tflite(path, name, class_names, settings)


def read_tflite(
    path: Path,
    name: str,
    class_names: ClassNames | None,
    settings: dict[str, Any],
    check: Callable[[bytes], None] | None = None,
) -> Classifier:
    """Load a TFLite model in this process, after a check of its content. Arguments and errors as in `load_onnx`."""
    from tfstab.classifier.tflite_model import TfliteClassifier

    with one_sentence(path, "a TFLite model"):
        content = path.read_bytes()
        if check is not None:
            check(content)
        return TfliteClassifier(content, name, class_names, **settings)
