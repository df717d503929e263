"""How a model is read, as far as run.json records it: the form of preprocessing and the decision threshold.

The same network read in another way is another model. What is at its default is not recorded, as in older versions.
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from tfstab.classifier.source import DEFAULTS

if TYPE_CHECKING:
    from tfstab.classifier import Classifier


def form_of(classifier: "Classifier") -> dict[str, Any]:
    """Return how a classifier reads its model, {name: value}, without what is at its default."""
    return {name: getattr(classifier, name) for name in DEFAULTS if getattr(classifier, name) != DEFAULTS[name]}


def recorded_form(model: Mapping[str, Any]) -> dict[str, Any]:
    """Return how the model of a run was read, {name: value}, without what is at its default."""
    return {name: model[name] for name in DEFAULTS if model.get(name, DEFAULTS[name]) != DEFAULTS[name]}


def form_difference(there: Mapping[str, Any], here: Mapping[str, Any]) -> tuple[str, Any, Any] | None:
    """Return name and values of the first setting in which two forms differ; None if they are the same."""
    for name, default in DEFAULTS.items():
        was, now = there.get(name, default), here.get(name, default)
        if was != now:
            return name, was, now
    return None


def check_form(model: Mapping[str, Any], classes: int) -> None:
    """Raise TypeError or ValueError unless the form in a run.json is one that a model can have.

    model: its entry there. classes: how many the run has, which are those of the model.
    """
    for name, default in DEFAULTS.items():
        if not isinstance(model.get(name, default), type(default)):
            raise TypeError(f"model/{name} is no {type(default).__name__}")
    default = DEFAULTS["threshold"]
    threshold = model.get("threshold", default)
    if not 0 < threshold < 1:
        raise ValueError("model/threshold is not between 0 and 1")
    if threshold != default and classes != 2:
        raise ValueError(f"model/threshold is {threshold:g}, but data/class_names has {classes:,} classes, not two")
