"""Where a run's model is, if the viewer does not know it or another model has taken its place. No Qt in here."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tfstab.classifier.source import Source
from tfstab.runs.known_models import known_model

if TYPE_CHECKING:
    from tfstab.classifier import Classifier

CHANGED = "is not the model of this run any more"  # the file that was the model's


def fingerprint(classifier: "Classifier", arguments: Mapping[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Answer the question "fingerprint": yield that of the model, for images of the shape that was asked for."""
    yield "fingerprint", {"fingerprint": classifier.fingerprint}


def source_at(path: Path, model: Mapping[str, Any], trust: bool) -> Source:
    """Return how a run's model is loaded from a file: with the options that are remembered of it.

    Parameters
    ----------
    path : Path
        A model file, or the main file in a SavedModel folder.
    model : mapping
        The model of the run, as `tfstab.runs.info.model_of` returns it.
    trust : bool
        Whether the file may run any code; that another file was trusted does not count.
    """
    kept = known_model(model["fingerprint"])
    options = {name: value for name, value in ({} if kept is None else kept[1]).items() if name != "trust"}
    form = model.get("preprocess", "none")
    options |= ({} if form == "none" else {"preprocess": form}) | ({"trust": True} if trust else {})
    folder = path.parent if path.stem == "saved_model" else path
    return Source(str(folder.absolute()), options)


def another(path: str, model: Mapping[str, Any]) -> str:
    """Return in a sentence that a file is another model."""
    return (
        f"{path} is not the model of this run ({model['name']}): its layers or weights differ. Choose the file that "
        "the run was made with, or a copy of it."
    )
