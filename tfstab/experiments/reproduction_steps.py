"""The steps of a reproduction of the paper: each writes a file or a run, and goes on with what is there."""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from tfstab.classifier.matching import match_classes
from tfstab.datasets import Dataset
from tfstab.experiments.networks import Network, OnStep
from tfstab.experiments.scales import FEWEST, Scale
from tfstab.explanation import ExplanationConfig, run_explanation
from tfstab.runs.atomic import make_folder, write_atomically
from tfstab.search import SearchConfig, run_search
from tfstab.sweep import SweepConfig, run_sweep

if TYPE_CHECKING:
    from tfstab.classifier import Classifier

# The two explanations of a network: margins and gain of many images, which are quick to measure, and minimum noise.
EXPLANATIONS = {"layers": ("layers",), "noise": ("noise", "copies")}


def evaluate(classifier: "Classifier", images: Dataset, path: Path) -> None:
    """Write the actual and predicted class of each clean image, unless the file has those of this network already."""
    images = match_classes(classifier, images)
    key = f"{classifier.fingerprint} {images.fingerprint}"
    if path.is_file():
        with np.load(path, allow_pickle=False) as archive:
            if str(archive["key"]) == key:
                return
    predicted: NDArray[np.int64] = classifier.scores(images.images).argmax(axis=1)
    make_folder(path.parent)

    def save(temporary: Path) -> None:
        with temporary.open("wb") as file:
            np.savez_compressed(file, key=np.array(key), labels=images.labels, predicted=predicted)

    write_atomically(path, save)


def sweep(classifier: "Classifier", images: Dataset, config: SweepConfig, out: Path, what: str, step: OnStep) -> None:
    """Run or resume a sweep, and report its progress."""
    run_sweep(classifier, images, config, out, lambda progress: step(what, progress.done, progress.total))


def search(classifier: "Classifier", images: Dataset, config: SearchConfig, out: Path, what: str, step: OnStep) -> None:
    """Run or resume a search, and report each finished image."""
    done = 0

    def on_result(_: Any) -> None:
        nonlocal done
        done += 1
        step(what, done, len(images))

    run_search(classifier, images, config, out, on_result=on_result)


def is_explainable(classifier: "Classifier") -> bool:
    """Return whether margins can be measured: with gradients, which scores that are counts of votes do not have."""
    return classifier.differentiable and classifier.combine != "vote"


def images_explained(kind: str, chosen: Mapping[str, Network], size: Scale) -> dict[str, int]:
    """Return how many images each of the `EXPLANATIONS` of a network gets; 0 if it is not made.

    An ensemble gets fewer, as each image goes through all of its members, and so does the member that its minimum noise
    is compared with. That member's layers are explained with the ensemble.
    """
    if not is_explainable(chosen[kind][0]):
        return dict.fromkeys(EXPLANATIONS, 0)
    share = max(1, len(chosen.get("ensemble" if kind == "member" else kind, chosen[kind])[0].logits.members))
    noise = size.explained // share
    layers = 0 if kind == "member" else size.layered // share
    return {"layers": layers, "noise": noise if share == 1 or noise >= FEWEST else 0}


def explain(classifier: "Classifier", images: Dataset, which: str, out: Path, what: str, step: OnStep) -> None:
    """Run or resume one of the `EXPLANATIONS`, and report its progress."""
    run_explanation(
        classifier,
        images,
        ExplanationConfig(only=EXPLANATIONS[which]),
        out,
        on_progress=lambda progress: step(what, round(progress.done), round(progress.total)),
    )
