"""Small networks for the tests of explanations, and images for them."""

import keras
import numpy as np

from tfstab import Classifier, Dataset
from tfstab.explanation import ExplanationConfig, run_explanation


def fast(*only):
    """Settings of a run that takes little time; only: the analyses to make."""
    return ExplanationConfig(copies=4, max_queries=100, only=only)


def images(count=12, shape=(6, 6, 1), classes=3, seed=0):
    """Random images with labels that take turns."""
    pixels = np.random.default_rng(seed).integers(40, 216, (count, *shape), np.uint8)
    names = tuple(f"class {k}" for k in range(classes))
    return Dataset.from_arrays("random", "test", pixels, np.arange(count) % classes, names)


def seeded(model, seed=0):
    """The model with weights drawn from a seed."""
    rng = np.random.default_rng(seed)
    model.set_weights([rng.normal(0, 0.3, weight.shape) for weight in model.get_weights()])
    return model


def convolutional(shape=(6, 6, 1), classes=3, seed=0, end="softmax"):
    """Two convolutions and a dense layer."""
    layers = keras.layers
    return seeded(
        keras.Sequential(
            [
                layers.Input(shape),
                layers.Rescaling(1 / 64),
                layers.Conv2D(4, 3, activation="relu", name="one"),
                layers.Conv2D(5, 3, activation="relu", name="two"),
                layers.Flatten(),
                layers.Dense(classes, activation=end, name="last"),
            ]
        ),
        seed,
    )


def agreeing(classifier, dataset):
    """The data set with the classifier's own predictions as labels, so that all images are right."""
    predicted = classifier.scores(dataset.images).argmax(axis=1)
    return Dataset.from_arrays(dataset.name, dataset.split, dataset.images, predicted, dataset.class_names)


def explained(model, folder, dataset=None, config=None, only=()):
    """The explanation of a Keras model or classifier, for images that it is right about."""
    classifier = model if isinstance(model, Classifier) else Classifier(model, batch_size=16)
    dataset = dataset or agreeing(classifier, images(shape=classifier.input_shape, classes=classifier.num_classes))
    return run_explanation(classifier, dataset, config or fast(*only), folder, as_is=True)  # some labels are made wrong
