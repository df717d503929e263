"""Model cards: how a network was trained, on which data, and how accurate it is."""

from typing import Any

import numpy as np

from tfstab.classifier import Classifier
from tfstab.datasets import Dataset
from tfstab.metrics import wilson_interval
from tfstab.runs.environment import versions
from tfstab.training.recipes import Recipe


def model_card(
    recipe: Recipe,
    seed: int,
    classifier: Classifier,
    fitting: Dataset,
    validation: Dataset,
    test: Dataset,
    history: list[dict[str, float]],
) -> dict[str, Any]:
    """Return the model card of a trained network, with all that is needed to judge or repeat the training.

    Parameters
    ----------
    recipe : Recipe
        How the network was trained.
    seed : int
        Seed of the training.
    classifier : Classifier
        The trained network.
    fitting, validation, test : Dataset
        The images that it was trained on, those that chose the best epoch, and those that it is tested on.
    history : list of dict
        Loss and accuracy of each epoch.

    Returns
    -------
    dict
        The card, as values that JSON can represent.
    """
    best = max(history, key=lambda f: (f["validation_accuracy"], -f["validation_loss"]))
    return {
        "name": recipe.name,
        "about": "trained by tfstab after Aghdam, Heravi and Puig, Analyzing the Stability of Convolutional "
        "Neural Networks against Image Degradation",
        "parameters": classifier.model.count_params(),
        "fingerprint": classifier.fingerprint,
        "class_names": list(classifier.class_names),
        "data": {
            "training": described(fitting),
            "validation": described(validation),
            "test": described(test),
            "excluded": recipe.exclude,
        },
        "recipe": recipe.settings,
        "seed": seed,
        "epochs_run": len(history),
        "best_epoch": int(best["epoch"]),
        "accuracy": {
            "training_with_augmentation": best["accuracy"],
            "validation": measured(classifier, validation),
            "test": measured(classifier, test),
        },
        "history": history,
        "versions": versions(),
    }


def ensemble_card(
    recipe: Recipe, classifier: Classifier, combine: str, members: list[dict[str, Any]], test: Dataset
) -> dict[str, Any]:
    """Return the model card of an ensemble.

    Each member holds out another part of the training set for validation, so only the test images are new to all
    members, and only the accuracy on these is measured.

    Parameters
    ----------
    recipe : Recipe
        How the members were trained.
    classifier : Classifier
        The ensemble.
    combine : str
        How its scores are combined.
    members : list of dict
        The members' model cards. The first one's training images are those that the ensemble's card describes.
    test : Dataset
        The test images.

    Returns
    -------
    dict
        The card, as values that JSON can represent.
    """
    return {
        "name": classifier.name,
        "about": f"an ensemble of {len(members)} networks trained separately by tfstab, whose scores are combined",
        "combine": combine,
        "parameters": classifier.model.count_params(),
        "fingerprint": classifier.fingerprint,
        "class_names": list(classifier.class_names),
        "data": {
            "training": members[0]["data"]["training"],
            "test": described(test),
            "excluded": recipe.exclude,
        },
        "recipe": recipe.settings,
        "accuracy": {"test": measured(classifier, test)},
        "members": [
            {
                "seed": card["seed"],
                "fingerprint": card["fingerprint"],
                "epochs_run": card["epochs_run"],
                "best_epoch": card["best_epoch"],
                "mixed_precision": card["recipe"].get("mixed_precision", False),
                "training_images": card["data"]["training"]["images"],
                "test": card["accuracy"]["test"],
            }
            for card in members
        ],
        "versions": versions(),
    }


def described(dataset: Dataset) -> dict[str, Any]:
    """Return a card's description of a data set: name, split, number of images, origin and fingerprint."""
    return {
        "name": dataset.name,
        "split": dataset.split,
        "images": len(dataset),
        "note": dataset.note,
        "fingerprint": dataset.fingerprint,
    }


def measured(classifier: Classifier, dataset: Dataset) -> dict[str, Any]:
    """Return the accuracy on a data set, with its 95 % interval."""
    correct = int(np.sum(classifier.scores(dataset.images).argmax(axis=1) == dataset.labels))
    low, high = wilson_interval(correct, len(dataset))
    return {"correct": correct, "images": len(dataset), "accuracy": correct / len(dataset), "interval_95": [low, high]}
