"""Where a run's model is, if the viewer does not know it or another model has taken its place. No Qt in here."""

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from tfstab.content import Content

if TYPE_CHECKING:
    from tfstab.classifier import Classifier

CHANGED = "is not the model of this run any more"  # the file that was the model's


def fingerprint(classifier: "Classifier", arguments: Mapping[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Answer the question "fingerprint": yield that of the model, and what was loaded, which is trusted from now on."""
    content = Content() if classifier.source is None else classifier.source.content
    yield "fingerprint", {"fingerprint": classifier.fingerprint, "content": list(content)}


def another(path: str, model: Mapping[str, Any]) -> str:
    """Return in a sentence that a file is another model."""
    return (
        f"{path} is not the model of this run ({model['name']}): its layers or weights differ. Choose the file that "
        "the run was made with, or a copy of it."
    )
