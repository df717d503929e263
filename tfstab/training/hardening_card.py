"""The model card of a hardened network: how it was made, and its accuracy on validation images."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from tfstab.classifier import Classifier
from tfstab.datasets import Dataset
from tfstab.models.bundled import card_of
from tfstab.models.validation import INDICES
from tfstab.runs.environment import versions
from tfstab.training.card import described
from tfstab.training.control import training_title
from tfstab.training.hardening_config import HardenConfig
from tfstab.training.remedies import REMEDIES
from tfstab.training.remedies.averaging import ShareFigures
from tfstab.training.step_plan import SLACK
from tfstab.training.tried_shares import measure_of, tried_shares, unchanged_sentence
from tfstab.wording import capital

# The entries that are read from the card of a finished hardening, and their types.
CARD: dict[str, type[Any]] = {
    "name": str,
    "original/name": str,
    "original/fingerprint": str,
    "fingerprint": str,
    "remedy/title": str,
    "class_names": list,
    "form/preprocess": str,
    "share_of_new_weights": float,
    "inference_cost": int,
    "settings": dict,
    "versions": dict,
    **{f"validation/{what}_{when}": float for what in ("clean", "degraded") for when in ("before", "after")},
}

SET_ASIDE = "set aside of the test images for validation"  # in the note of such images
OWN_TRAINING = (
    "The program that trained the model, in PyTorch for example, can train it on degraded images: `tfstab guide "
    "training-loop` shows how."
)


def hardening_card(
    original: Classifier,
    hardened: Classifier,
    config: HardenConfig,
    figures: list[ShareFigures],
    share: float,
    images: int,
) -> dict[str, Any]:
    """Return the model card of a hardened network.

    Parameters
    ----------
    original, hardened : Classifier
        The network before and after.
    config : HardenConfig
        Settings of the hardening.
    figures : list of ShareFigures
        Accuracies on validation images for each share of the fine-tuned weights, the first of which is 0.
    share : float
        The share that was chosen.
    images : int
        Number of validation images for these accuracies.

    Returns
    -------
    dict
        The card, as values that JSON can represent.
    """
    remedy, title = REMEDIES[config.remedy], training_title(config.remedy, config.clean_share)
    before, after = figures[0], next(row for row in figures if row.share == share)
    return {
        **_common(original, hardened, config),
        "about": f"{original.name} hardened by tfstab: {title}",
        "parameters": hardened.model.count_params(),
        "remedy": {"name": remedy.name, "title": title, "about": remedy.about, "source": remedy.source},
        "share_of_new_weights": share,
        "validation": {
            **_accuracies(asdict(before), asdict(after)),
            "images": images,
            "by_share": [asdict(row) for row in figures],
        },
        "inference_cost": 1,
    }


def untrained_card(
    original: Classifier, hardened: Classifier, config: HardenConfig, found: dict[str, Any], reason: str | None
) -> dict[str, Any]:
    """Return the model card of a network that was hardened without training.

    Parameters
    ----------
    original, hardened : Classifier
        The network before and after.
    config : HardenConfig
        Settings of the hardening.
    found : dict
        What `without_training` returns beside the classifier.
    reason : str or None
        Why the network cannot be trained, as a clause; None if it can be, but was not to be.

    Returns
    -------
    dict
        The card, as values that JSON can represent.
    """
    before = found["compared"][0]
    after = next(row for row in found["compared"] if row["remedy"] == found["remedy"])
    return {
        **_common(original, hardened, config),
        "about": f"{original.name} hardened by tfstab without training: {found['about']}",
        "remedy": {"name": found["remedy"], "title": found["about"], "about": found["about"], "source": ""},
        "cannot_train": reason,
        "share_of_new_weights": 1.0,
        "validation": {
            **_accuracies(before, after),
            "measure": found["measure"],
            "images": found["validation_images"],
            "compared": found["compared"],
            "left_out": found["left_out"],
        },
        "summary": found["summary"],
        "not_saved": found["not_saved"],
        "inference_cost": found["inference_cost"],
    }


def _common(original: Classifier, hardened: Classifier, config: HardenConfig) -> dict[str, Any]:
    """Return what the cards of both kinds of hardening have: the networks, the settings and the versions."""
    return {
        "name": hardened.name,
        "original": {"name": original.name, "fingerprint": original.fingerprint},
        "fingerprint": hardened.fingerprint,
        "class_names": list(hardened.class_names),
        "form": _form(hardened),
        "settings": config.identity,
        "versions": versions(),
    }


def _accuracies(before: Mapping[str, float], after: Mapping[str, float]) -> dict[str, float]:
    """Return the accuracies on clean and degraded validation images, before and after."""
    return {
        f"{what}_{when}": row[what]
        for what in ("clean", "degraded")
        for when, row in (("before", before), ("after", after))
    }


def _form(classifier: Classifier) -> dict[str, Any]:
    """Return how a model takes images and what it returns, as values that JSON can hold."""
    form = {name: value for name, value in classifier.form.items() if value is not None}
    return form | ({"image_shape": list(form["image_shape"])} if "image_shape" in form else {})


def is_hardened(classifier: Classifier) -> bool:
    """Return whether a model is the result of a hardening, as the card beside its file says."""
    card = (None if classifier.source is None else card_of(classifier.source.path)) or {}
    original = card.get("original")
    if not isinstance(original, dict) or card.get("fingerprint") != classifier.fingerprint:
        return False
    return original.get("fingerprint") not in (None, classifier.fingerprint)


def data_of(fitting: Dataset, validation: Dataset) -> dict[str, Any]:
    """Return a card's description of the training and validation images."""
    indices = {INDICES: validation.indices.tolist()}
    return {"training": described(fitting), "validation": described(validation) | indices}


def shortened_sentence(card: dict[str, Any]) -> str:
    """Return that the training was clearly shortened; "" if it was not.

    Either it was slower than planned, or it was interrupted and went on in a call that had less time.
    """
    steps, planned = card.get("steps"), card.get("planned_steps")
    if not (isinstance(steps, int) and isinstance(planned, int)) or planned <= SLACK * steps:
        return ""
    lead = "There was no time for all planned steps of the training"
    return f"{lead}: it was shortened from {planned:,} to {steps:,} steps."


def summary_of(card: dict[str, Any]) -> str:
    """Return a few lines about a hardened network: the remedy, and the accuracy on validation images."""
    if card.get("cannot_train", "") is None:
        return str(card["summary"])
    if "cannot_train" in card:
        return f"{card['original']['name']} cannot be trained: {card['cannot_train']}.\n{card['summary']}"
    seen, share, tried = card["validation"], card["share_of_new_weights"], tried_shares(card)
    if share == 0 and tried is not None:
        return f"{card['original']['name']} stays unchanged. {unchanged_sentence(tried)}"
    lines = [f"{card['name']}: {card['original']['name']}, fine-tuned (remedy: {card['remedy']['title']})"]
    if share < 1:
        lines.append(
            f"The weights are a weighted average: {100 * share:.0f} % fine-tuned, {100 - 100 * share:.0f} % original."
        )
    for what in ("clean", "degraded"):
        lines.append(
            f"{capital(measure_of(card))} on {what} validation images: {100 * seen[f'{what}_before']:.1f} % before, "
            f"{100 * seen[f'{what}_after']:.1f} % after."
        )
    return "\n".join(lines)
