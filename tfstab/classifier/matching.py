"""Matches the labels of a data set to the classes of a model."""

import warnings
from dataclasses import replace

import numpy as np

from tfstab.classifier.classifier import Classifier, check_classifier
from tfstab.datasets import Dataset
from tfstab.errors import InputError
from tfstab.names import shortened


def match_classes(classifier: Classifier, dataset: Dataset) -> Dataset:
    """Return the data set with its labels renumbered as the model's classes.

    Classes are matched by name. Names that are numbers stand for positions: the class folders `3` and `00007` are the
    model's classes 3 and 7. If only the model has numbers for names, the classes of the data set are taken in order.

    Parameters
    ----------
    classifier : Classifier
        Model whose classes count.
    dataset : Dataset
        Images (N, H, W, C) with labels (N,) that index the data set's own class names.

    Returns
    -------
    Dataset
        The same images with labels int64 (N,) that index the model's classes. The class names are the model's; the
        data set's own names are kept where the model has only numbers and the positions are the same.

    Raises
    ------
    InputError
        `classifier` is not a Classifier, or the model does not take such images or does not know a class.

    Warns
    -----
    UserWarning
        The model has no class names and more classes than the data set, so that taking them in order is a guess.
    """
    check_classifier(classifier)
    classifier.for_images(dataset.image_shape)
    model_names, names = classifier.class_names, dataset.class_names
    in_order = list(range(len(names)))
    if names == model_names[: len(names)]:
        positions = in_order
    elif set(names) <= set(model_names):
        positions = [model_names.index(name) for name in names]
    elif all(name.isdecimal() for name in names):
        positions = [int(name) for name in names]
    elif all(name.isdecimal() for name in model_names):
        positions = in_order
        _warn_of_guessed_positions(classifier, dataset)
    else:
        unknown = next(name for name in names if name not in model_names)
        raise InputError(
            f"{dataset.name} has a class '{unknown}' that {classifier.name} does not know; its classes are "
            f"{', '.join(model_names[:5])}{', ...' * (len(model_names) > 5)}: rename the folders, or choose a model "
            "trained on such data."
        )
    # Compared as Python integers: a folder's name can be a number that does not fit into 64 bits.
    highest = max(positions[k] for k in np.unique(dataset.labels))
    if highest >= classifier.num_classes:
        raise InputError(
            f"{dataset.name} has class {shortened(str(highest), 20)} but {classifier.name} has "
            f"{classifier.num_classes} classes (0 to {classifier.num_classes - 1}): choose a model trained on such "
            "data."
        )
    # Classes without images may lie beyond the model's; the minimum keeps their huge numbers out of the array.
    labels = np.array([min(position, classifier.num_classes) for position in positions], np.int64)[dataset.labels]
    own = names if all(name.isdecimal() for name in model_names) and positions == in_order else ()
    images = np.asarray(dataset.images)  # decodes images that are read lazily
    return replace(dataset, images=images, labels=labels, class_names=own + model_names[len(own) :])


def _warn_of_guessed_positions(classifier: Classifier, dataset: Dataset) -> None:
    """Warn if the data set has fewer classes than the model, since their order is then probably not the model's."""
    names, count = dataset.class_names, classifier.num_classes
    if len(names) < count:
        pairs = ", ".join(f"{name} = {k}" for k, name in enumerate(names[:5]))
        warnings.warn(
            f"{classifier.name} has {count} classes without names and {dataset.name} has {len(names)}, taken in their "
            f"order ({pairs}{', ...' * (len(names) > 5)}): name the model's classes, with class_names=[...] in Python "
            'or in a file NAME.json beside its NAME.keras, as {"class_names": ["...", ...]}.',
            stacklevel=3,
        )
