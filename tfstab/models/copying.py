"""Copies of Keras models, whose weights can be changed without changing the original."""

from typing import Any


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
        Of any kind, if the model has layers that cannot be made from their settings, such as those of a SavedModel, or
        if the copy would share weights with it.

    Examples
    --------
    >>> from tfstab.models.copying import copy_model
    >>> copy = copy_model(classifier.model, "twin")
    >>> copy.name, copy.count_params() == classifier.model.count_params()
    ('twin', True)
    """
    copy = type(model).from_config({**model.get_config(), "name": name or model.name})
    if {id(weight) for weight in copy.variables} & {id(weight) for weight in model.variables}:
        raise ValueError(f"get_config of {type(model).__name__} returns layers instead of their settings")
    copy.set_weights(model.get_weights())
    return copy
