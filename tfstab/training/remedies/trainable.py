"""What can be done with a model: whether it can be trained, and whether it can be saved as a `.keras` file."""

from collections.abc import Iterator
from typing import Any

import numpy as np

from tfstab.classifier import Classifier, backend
from tfstab.classifier.function import FunctionClassifier
from tfstab.classifier.keras_graph import nested_layers
from tfstab.classifier.running import explained


def can_train(classifier: Classifier) -> str | None:
    """Return why a classifier cannot be trained, as a clause such as "all its layers are frozen", or None if it can.

    Parameters
    ----------
    classifier : Classifier
        The classifier.

    Returns
    -------
    str or None
        The reason: it is a predict function or a SavedModel, has no weights, has frozen layers only, or computes no
        gradients.

    Examples
    --------
    >>> from tfstab.training.remedies.trainable import can_train
    >>> function = tfstab.Classifier.from_function(lambda images: np.full((len(images), 2), 0.5), (8, 8, 1), 2,
    ...                                            fingerprint="undecided 1")
    >>> can_train(function), can_train(classifier)
    ('it is a predict function, whose weights tfstab cannot change', None)
    """
    if isinstance(classifier, FunctionClassifier):
        return f"it is {classifier.kind}, whose weights tfstab cannot change"
    model = classifier.model
    if not model.trainable_weights:
        if any(_saved_models(model)):
            return "it is a SavedModel, whose weights cannot be changed"
        return "all its layers are frozen" if model.weights else "it has no weights"
    return None if _has_gradients(classifier) else "it computes no gradients of its weights"


def cannot_save(classifier: Classifier) -> str | None:
    """Return why a classifier cannot be saved as a `.keras` file, as a clause, or None if it can.

    Parameters
    ----------
    classifier : Classifier
        The classifier.

    Returns
    -------
    str or None
        The reason: it is a predict function or contains a SavedModel.

    Examples
    --------
    >>> from tfstab.training.remedies.trainable import cannot_save
    >>> print(cannot_save(classifier))
    None
    """
    if isinstance(classifier, FunctionClassifier):
        return f"it is {classifier.kind}"
    return "it contains a SavedModel" if any(_saved_models(classifier.model)) else None


def _saved_models(model: Any) -> Iterator[Any]:
    """Return the layers of a model that run a SavedModel."""
    from tfstab.models.saved_model import SavedSignature

    kinds = (SavedSignature, backend.keras().layers.TFSMLayer)
    return (layer for layer in nested_layers(model) if isinstance(layer, kinds))


def _has_gradients(classifier: Classifier) -> bool:
    """Return whether the model's output has a gradient with respect to any of its trainable weights."""
    tf, model, count = backend.tensorflow(), classifier.model, classifier.batch_size
    images = np.full((min(count, 2) if model.input_shape[0] is None else count, *classifier.input_shape), 128.0)
    weights = [weight.value for weight in model.trainable_weights]
    try:
        with explained(classifier.name, count), tf.GradientTape() as tape:
            output = model(tf.constant(images, tf.float32), training=False)
        return any(gradient is not None for gradient in tape.gradient(output, weights))
    except LookupError:  # an operation without a gradient
        return False
