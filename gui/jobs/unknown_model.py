"""Models of runs that the viewer cannot load: why, and what to do in Python instead. No Qt in here."""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tfstab.runs.info import FUNCTION

if TYPE_CHECKING:
    from tfstab.gui.jobs.draft import Draft

WITHOUT = "It cannot be fine-tuned, so that hardening tries only what needs no training. "


def why_unknown(model: Mapping[str, Any]) -> str:
    """Return in a sentence why the viewer cannot load a model (`model_of`), and what to do."""
    if model.get(FUNCTION):
        return (
            f"The model of this run ({model['name']}) was a Python function, which the viewer cannot load. In Python, "
            "the classifier that was assessed gives scores, and tfstab.explain_failure says why an image is "
            "misclassified."
        )
    return (
        f"The viewer does not know where the file of the model {model['name']} is: choose it with “Locate model "
        "file…”. A model that was never saved must be saved to a file first."
    )


def why_to_choose(model: Mapping[str, Any]) -> str:
    """Return in a sentence why a new run is not filled in with a model (`model_of`)."""
    if model.get(FUNCTION):
        return (
            f"the model of the run ({model['name']}) was a Python function, which the viewer cannot load: choose "
            "another model, or use tfstab in Python."
        )
    return f"the viewer does not know the file of the model {model['name']}: choose it."


def instead_of(task: str, model: Mapping[str, Any], draft: "Draft", out: Path) -> tuple[str, str]:
    """Return what to do in Python with a model that was a function: in sentences, and as a script.

    Parameters
    ----------
    task : str
        "assess", "explain" or "harden".
    model : mapping
        As from `model_of`.
    draft : Draft
        What is known of the images.
    out : Path
        Folder of the results.
    """
    told = (
        f"The model of this run ({model['name']}) was a Python function, which the viewer cannot load. "
        f"{WITHOUT if task == 'harden' else ''}Use tfstab.{task} in Python:"
    )
    split = draft.images.get("split", "test")
    arguments = [
        "classifier",
        repr(draft.data) if draft.data else "images",
        *(["train=training_images"] if task == "harden" else []),
        *([f"split={split!r}"] if split != "test" else []),
        f"out={str(out)!r}",
    ]
    script = "\n".join(
        [
            "import tfstab",
            "",
            "# classifier: the one that was assessed, made by tfstab.Classifier.from_function",
            *(["# images: the data set that was assessed"] if not draft.data else []),
            *(["# training_images: a folder of images, or a data set"] if task == "harden" else []),
            f"found = tfstab.{task}(",
            *(f"    {argument}," for argument in arguments),
            ")",
            "print(found)",
            "",
        ]
    )
    return told, script
