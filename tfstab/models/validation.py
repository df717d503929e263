"""Finds images by which a model's hardening chose its weights among those on which the model is measured."""

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from tfstab.datasets import Dataset
from tfstab.datasets.dataset import stratified_order
from tfstab.datasets.remarks import remarks_of
from tfstab.models.bundled import card_of
from tfstab.names import printed

if TYPE_CHECKING:
    from tfstab.classifier import Classifier

INDICES = "indices"  # of the images in their split; an entry of a card's description of validation images
CHOSEN_BY = "some of which chose the model's weights (validation images of its hardening)"  # in run.json


def validation_images(classifier: "Classifier", dataset: Dataset) -> int:
    """Return how many of the images were validation images when the model was hardened, as its card says.

    Parameters
    ----------
    classifier : Classifier
        The model.
    dataset : Dataset
        Images with labels that `match_classes` has matched to the model.
    """
    return len(_rows(classifier, dataset))


def _rows(classifier: "Classifier", dataset: Dataset) -> NDArray[np.int64]:
    """Return the rows of these images."""
    none = np.zeros(0, np.int64)
    card = card_of(classifier.source.path) if classifier.source is not None else None
    data = (card or {}).get("data")
    used = data.get("validation") if isinstance(data, dict) else None
    if not isinstance(used, dict):
        return none
    indices = used.get(INDICES)
    if not isinstance(indices, list) or not all(isinstance(index, int) for index in indices):
        return none
    rows = np.flatnonzero(np.isin(dataset.indices, np.array(indices, np.int64)))
    if not len(rows) or used.get("split") != dataset.split:
        return none
    if len(rows) == len(indices):
        same = dataset.select(rows).fingerprint == used.get("fingerprint")
    else:
        same = used.get("name") == dataset.name
    return rows if same else none


def validation_note(classifier: "Classifier", dataset: Dataset) -> str:
    """Return a sentence on these images, "" if there are none."""
    rows = _rows(classifier, dataset)
    count, others = len(rows), len(dataset) - len(rows)
    if not count:
        return ""
    name, better = classifier.name, "It may look better on them than it is."
    used, set_aside = _chosen_on(classifier)
    if used < set_aside:
        chose = (
            f"were set aside for validation when {name} was hardened, and its weights were chosen on {used:,} of the "
            f"{set_aside:,} set aside"
        )
    else:
        chose = f"were used to choose the weights of {name}: they were set aside for validation when it was hardened"
    last = set(stratified_order(dataset.labels)[others:]) == set(rows)
    limit, too = "", ""
    if others and last:
        limit, too = f" `--limit {others}` (in Python limit={others}) leaves them out here.", ", too"
    return (
        f"note: {count:,} of these images {chose}. {better}{limit} The comparison of `tfstab harden` leaves them "
        f"out{too}; the same harden command with more --minutes (in Python minutes=) makes it more precise."
    )


def chosen_by_notes(infos: Iterable[Mapping[str, Any]]) -> list[str]:
    """Return a sentence for each model whose weights were chosen by some of the images. infos: run.json of each run."""
    found = [info for info in infos if CHOSEN_BY in remarks_of(info["data"])]
    named = dict.fromkeys((printed(info["data"]["name"]), printed(info["model"]["name"])) for info in found)
    return [
        f"Some of the images of {data} were used to choose the weights of {model}: they were set aside for validation "
        "when it was hardened. It may look better on them than it is; the comparison of the hardening leaves them out."
        for data, model in named
    ]


def _chosen_on(classifier: "Classifier") -> tuple[int, int]:
    """Return on how many images the weights were chosen, and how many were set aside, as the card of a model says."""
    card = (card_of(classifier.source.path) if classifier.source is not None else None) or {}
    set_aside, validation = len(card["data"]["validation"][INDICES]), card.get("validation")
    used = validation.get("images") if isinstance(validation, dict) else None
    return (used if isinstance(used, int) else set_aside), set_aside
