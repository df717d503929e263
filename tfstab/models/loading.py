"""From a model's name or file to a Classifier, without running code from the file."""

import json
import zipfile
from functools import cache
from importlib.resources import as_file, files
from pathlib import Path
from typing import Any

from tfstab.classifier import Classifier, backend
from tfstab.errors import ModelError, unknown_name
from tfstab.models.convnets import NAMES, OWN_DATA

RESOURCES = "tfstab.resources.models"


def load_classifier(model: Any) -> Classifier:
    """A Classifier for a bundled network's name, the path of a `.keras` file, or a built Keras model.

    Files are loaded in Keras' safe mode: a Lambda layer or a custom class is refused. Class names come from the
    model card, a JSON file of the same name beside the model, where there is one. Raises InputError for an
    unknown name, ModelError for a file that cannot be loaded.
    """
    if isinstance(model, Classifier):
        return model
    if not isinstance(model, str | Path):
        return Classifier(model)
    check_model(model)
    if str(model) in bundled_names():
        weights = files(RESOURCES) / f"{model}.keras"
        with as_file(weights) as path:
            return _load_file(path, str(model))
    path = Path(model).expanduser()
    return _load_file(path, path.stem)


def check_model(model: str | Path) -> None:
    """Raise, before TensorFlow is started, where this is neither a bundled network's name nor a `.keras` file.

    Raises InputError for an unknown name, ModelError for a file that is missing or of another kind.
    """
    path = Path(model).expanduser()
    if str(model) in bundled_names():
        return
    if path.suffix != ".keras" and not path.exists():
        raise unknown_name("model", str(model), [*bundled_names(), "PATH.keras"])
    if not path.is_file():
        raise ModelError(f"{path} is not a file: give a .keras file, or a bundled model ({', '.join(NAMES)}).")
    if not zipfile.is_zipfile(path):
        raise ModelError(f"{path} is damaged or not a .keras file: save the model with model.save('NAME.keras').")


def bundled_card(name: str) -> dict[str, Any]:
    """The model card of a bundled network. Raises InputError for an unknown name."""
    if name not in bundled_names():
        raise unknown_name("model", name, bundled_names())
    return json.loads((files(RESOURCES) / f"{name}.json").read_text("utf-8"))


def card_of(model: Any) -> dict[str, Any] | None:
    """The card of what `load_classifier` takes: a bundled network's, or the one beside a file; None without one."""
    if not isinstance(model, str | Path):
        return None
    if str(model) in bundled_names():
        return bundled_card(str(model))
    card = Path(model).expanduser().with_suffix(".json")
    try:
        return json.loads(card.read_text("utf-8"))
    except (OSError, ValueError):
        return None


@cache
def bundled_names() -> tuple[str, ...]:
    """The networks that come with tfstab: the paper's three, then their ensembles and those trained with noise."""
    there = {path.name.removesuffix(".keras") for path in files(RESOURCES).iterdir() if path.name.endswith(".keras")}
    return (*NAMES, *sorted(there - set(NAMES)))


def own_data(model: str) -> str | None:
    """The data set that a bundled network is tested on where no other is named; None for another model."""
    return next((data for name, data in OWN_DATA.items() if model in bundled_names() and model.startswith(name)), None)


def _load_file(path: Path, name: str) -> Classifier:
    from tfstab.classifier import combine  # noqa: F401  (these two make Keras know our layers)
    from tfstab.models import noise_layer  # noqa: F401

    try:
        model = backend.keras().saving.load_model(path, compile=False, safe_mode=True)
    except Exception as error:  # Keras raises nearly anything for a damaged or hostile file
        raise ModelError(f"{path} was not loaded: {_reason(error)}") from error
    return Classifier(model, _class_names(path.with_suffix(".json")), name)


def _reason(error: Exception) -> str:
    text = str(error)
    if "Lambda" in text or "unsafe" in text or "lambda" in text:
        return "it holds a Lambda layer, which would run code from the file; replace it by a built-in layer."
    if "Could not locate" in text or "custom" in text:
        return "it uses a custom class that Keras does not know; rebuild it from built-in layers."
    return f"it is damaged or not a Keras model ({text.splitlines()[0][:160] if text else type(error).__name__})."


def _class_names(card: Path) -> tuple[str, ...] | None:
    if not card.is_file():
        return None
    try:
        names = json.loads(card.read_text("utf-8"))["class_names"]
        return tuple(str(name) for name in names)
    except (ValueError, KeyError, TypeError):
        return None
