"""Copies of Keras models, with weights that can be changed without changing the original."""

import tempfile
from pathlib import Path
from typing import Any

from tfstab.classifier import Classifier, backend
from tfstab.errors import ModelError
from tfstab.models.sequential import built_once


def copy_model(model: Any, name: str | None = None) -> Any:
    """Return a copy of a Keras model with weights of its own.

    Parameters
    ----------
    model : keras.Model
        The model.
    name : str, optional
        Name of the copy; by default that of the model.

    Returns
    -------
    keras.Model
        The copy.

    Raises
    ------
    Exception
        Any exception: the model has layers that cannot be made from their settings, such as those of a SavedModel, or
        the copy would share weights with it.

    Examples
    --------
    >>> from tfstab.models.copying import copy_model
    >>> copy = copy_model(classifier.model, "twin")
    >>> copy.name, copy.count_params() == classifier.model.count_params()
    ('twin', True)
    """
    with built_once():
        copy = type(model).from_config({**model.get_config(), "name": name or model.name})
    if {id(weight) for weight in copy.variables} & {id(weight) for weight in model.variables}:
        raise ValueError(f"get_config of {type(model).__name__} returns layers instead of their settings")
    copy.set_weights(model.get_weights())
    return copy


def copy_classifier(classifier: Classifier, name: str) -> Classifier:
    """Return a copy of a classifier with weights of its own.

    The model is saved and loaded again. This works for every model that Keras can save, and shows early whether it can.

    Parameters
    ----------
    classifier : Classifier
        A classifier made from a Keras model.
    name : str
        Name of the copy.

    Returns
    -------
    Classifier
        The copy.

    Raises
    ------
    ModelError
        Keras cannot save the model, or cannot load what it saved.

    Examples
    --------
    >>> from tfstab.models.copying import copy_classifier
    >>> copy = copy_classifier(classifier, "mine")
    >>> copy.name, copy.fingerprint == classifier.fingerprint
    ('mine', True)
    """
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "model.keras"
        try:
            classifier.given.save(path)
            # The model was loaded before, so its file holds nothing that was not trusted then.
            with built_once():
                model = backend.keras().saving.load_model(path, compile=False, safe_mode=False)
        except Exception as error:  # a user's own layers can raise anything
            reason = " ".join(str(error).split())[:200]
            raise ModelError(
                f"{classifier.name} cannot be saved as a .keras file and loaded again ({reason}): give its own layers "
                "a get_config method, and register them with Keras."
            ) from error
    return classifier.with_model(model, name)
