"""The steps of a reproduction of the paper: each writes a file or a run, and goes on with what is there."""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from tfstab.classifier.matching import match_classes
from tfstab.datasets import Dataset
from tfstab.errors import InputError, WrongInputsError
from tfstab.experiments.networks import Network, OnStep
from tfstab.experiments.scales import ENSEMBLES, Scale
from tfstab.explanation import ExplanationConfig, run_explanation
from tfstab.runs.atomic import make_folder, write_atomically
from tfstab.search import SearchConfig, run_search
from tfstab.sweep import PAPER_COPIES, SweepConfig, run_sweep

if TYPE_CHECKING:
    from tfstab.classifier import Classifier

# The paper does not state lambda. At 1 the norm in grey levels outweighs the scores, so the two equations are nearly
# the same; at 0.001 a difference of scores counts as much as up to a thousand grey levels.
LAMBDAS = (0.001, 0.01, 0.1, 1.0)
OBJECTIVES = ("eq1", "eq2")

# The two explanations of a network: margins and gain of many images, which are quick to measure, and minimum noise.
EXPLANATIONS = {"layers": ("layers",), "noise": ("noise", "copies")}


def measure(chosen: Mapping[str, Network], images: Dataset, size: Scale, folder: Path, step: OnStep) -> None:
    """Make, or go on with, the runs of all networks.

    Runs of one kind are made for all networks before those of the next kind. So networks can already be compared when a
    reproduction is interrupted.
    """
    clean, swept = (images.take(count) if count else images for count in (size.clean, size.swept))
    evaluated = {kind: folder / "clean" / f"{kind}.npz" for kind in chosen}
    for kind, (classifier, _) in chosen.items():
        evaluate(classifier, clean, evaluated[kind])
    for kind, (classifier, _) in chosen.items():
        noise = SweepConfig(copies=size.copies.of(kind))
        try:
            sweep(classifier, swept, noise, folder / "sweeps" / kind, f"noise sweep, {kind}", step)
        except WrongInputsError as wrong:  # which would advise an option of other commands
            raise InputError(
                f"the inputs or classes of the network '{kind}' seem to be wrong. "
                f"{' '.join(filter(None, [wrong.note, wrong.lasting]))} --preprocess and --outputs apply to "
                "all networks that are given with --network."
            ) from None
    for kind, (classifier, _) in chosen.items():
        if size.unclipped.of(kind):
            noise = SweepConfig(copies=size.unclipped.of(kind), clip=False)
            sweep(classifier, swept, noise, folder / "unclipped" / kind, f"noise sweep without clipping, {kind}", step)
    for kind, (classifier, _) in chosen.items():
        few = weakest(clean, evaluated[kind], size.weakest)
        if len(few):
            noise = SweepConfig(sigmas=(1,), copies=PAPER_COPIES)
            sweep(classifier, few, noise, folder / "weakest" / kind, f"weakest images at sigma 1, {kind}", step)
    for kind, (classifier, _) in chosen.items():
        for which, count in images_explained(kind, chosen, size).items():
            if count:
                out = folder / "explanations" / f"{kind}-{which}"
                explain(classifier, images.take(count), which, out, f"{which} explained, {kind}", step)
    for kind, (classifier, _) in chosen.items():
        # How far unrefined searches end above the minimum noise differs from network to network.
        least = SearchConfig(max_queries=size.queries, refine=is_explainable(classifier))
        search(
            classifier, images.take(size.searched), least, folder / "searches" / kind, f"minimum noise, {kind}", step
        )


def compare_objectives(classifier: "Classifier", images: Dataset, size: Scale, folder: Path, step: OnStep) -> None:
    """Search the same images by the paper's procedure with each equation and each lambda."""
    images = images.take(size.compared)
    paper: dict[str, Any] = {"preset": "paper", "max_queries": size.tried, "mutation_rate": size.mutation_rate}
    for lambda_ in LAMBDAS:
        for objective in OBJECTIVES:
            name = objective_name(objective, lambda_)
            config = SearchConfig(objective=objective, lambda_=lambda_, **paper)
            search(classifier, images, config, folder / name, f"the paper's search, {name}", step)


def objective_name(objective: str, lambda_: float) -> str:
    """Return the name of the search that uses this equation and this lambda.

    Parameters
    ----------
    objective : str
        "eq1" or "eq2".
    lambda_ : float
        Weight of the norm.

    Returns
    -------
    str
        Name of the run's folder.
    """
    return f"{objective}-lambda-{lambda_:g}"


def evaluate(classifier: "Classifier", images: Dataset, path: Path) -> None:
    """Write class, predicted class and margin of each clean image, unless the file has those of this network already.

    The margin is the true class's score minus the highest other score, so it is below 0 for a misclassified image.
    """
    images = match_classes(classifier, images)
    key = f"{classifier.fingerprint} {images.fingerprint}"
    if path.is_file():
        with np.load(path, allow_pickle=False) as archive:
            if str(archive["key"]) == key and "margin" in archive:  # older versions did not write it
                return
    scores = classifier.scores(images.images)
    predicted: NDArray[np.int64] = scores.argmax(axis=1)
    rows = np.arange(len(images))
    true_score = scores[rows, images.labels]
    others = scores.copy()
    others[rows, images.labels] = -np.inf
    margin = true_score - others.max(axis=1)
    make_folder(path.parent)

    def save(temporary: Path) -> None:
        with temporary.open("wb") as file:
            np.savez_compressed(file, key=np.array(key), labels=images.labels, predicted=predicted, margin=margin)

    write_atomically(path, save)


def weakest(images: Dataset, evaluated: Path, count: int) -> Dataset:
    """Return the images that are right by the smallest clean margin, in the order of the data set.

    Parameters
    ----------
    images : Dataset
        The images that were evaluated.
    evaluated : Path
        File that `evaluate` has written for them.
    count : int
        Number of images; fewer if fewer are right.
    """
    with np.load(evaluated, allow_pickle=False) as archive:
        right, margin = archive["predicted"] == archive["labels"], archive["margin"]
    rows = np.flatnonzero(right)
    return images.select(np.sort(rows[np.argsort(margin[rows], kind="stable")[:count]]))


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
    """Return whether margins can be measured and searches refined: with gradients, which votes do not have."""
    return classifier.differentiable and classifier.combine != "vote"


def images_explained(kind: str, chosen: Mapping[str, Network], size: Scale) -> dict[str, int]:
    """Return how many images each of the `EXPLANATIONS` of a network gets; 0 if it is not made.

    Layers of an ensemble are explained for fewer images, as each image goes through all of its members. The member that
    the ensemble is compared with is among them, so its layers are not explained again.
    """
    if not is_explainable(chosen[kind][0]):
        return dict.fromkeys(EXPLANATIONS, 0)
    return explained_counts(kind, size, len(chosen[kind][0].logits.members))


def explained_counts(kind: str, size: Scale, members: int = 0) -> dict[str, int]:
    """Return how many images each of the `EXPLANATIONS` of an explainable network, or an ensemble of members, gets."""
    layers = 0 if kind == "member" else size.layered // max(1, members)
    return {"layers": layers, "noise": size.explained_by_ensembles if kind in ENSEMBLES else size.explained}


def explain(classifier: "Classifier", images: Dataset, which: str, out: Path, what: str, step: OnStep) -> None:
    """Run or resume one of the `EXPLANATIONS`, and report its progress."""
    run_explanation(
        classifier,
        images,
        ExplanationConfig(only=EXPLANATIONS[which]),
        out,
        on_progress=lambda progress: step(what, round(progress.done), round(progress.total)),
    )
