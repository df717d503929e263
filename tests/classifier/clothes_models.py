"""Images of five classes, and classifiers for any form of their inputs that NumPy knows."""

import numpy as np

from tfstab import Classifier, Dataset
from tfstab.classifier.input_check import check_inputs
from tfstab.classifier.preprocess import FORMS

SIDE, CLASSES, COUNT = 4, 5, 400
NAMES = ("bag", "boot", "coat", "dress", "shirt")
CENTRES = np.random.default_rng(0).uniform(40, 200, (CLASSES, SIDE, SIDE, 1))
EVEN = np.arange(COUNT) % CLASSES


def images_of(labels, spread=60, seed=1):
    noise = np.random.default_rng(seed).normal(0, spread, (len(labels), SIDE, SIDE, 1))
    return Dataset.from_arrays(
        "clothes", "test", np.clip(np.rint(CENTRES[labels] + noise), 0, 255).astype(np.uint8), labels, NAMES
    )


def trained(form, sure=1.0, prior=0.0, seen=None):
    """The linear classifier that is right for images in a form, but `sure` times as sure as it should be.

    `prior` is added to the logit of class 0; `seen` lists the inputs of each call.
    """
    centres = FORMS[form](CENTRES.astype(np.float32)).reshape(CLASSES, -1).astype(float)
    variance = (FORMS[form](np.float32(60)) - FORMS[form](np.float32(0))) ** 2
    bias = -(centres**2).sum(axis=1) / 2

    def function(images):
        if seen is not None:
            seen.append(images)
        logits = sure * (images.reshape(len(images), -1) @ centres.T + bias) / variance
        logits[:, 0] += prior
        return logits

    return Classifier.from_function(
        function, (SIDE, SIDE, 1), CLASSES, fingerprint=f"{form} {sure} {prior}", outputs="logits", class_names=NAMES
    )


def said(classifier, dataset, scores=None):
    """What the check says, "" for nothing."""
    return check_inputs(classifier, dataset, classifier.scores(dataset.images) if scores is None else scores).text


def accuracy(classifier, dataset):
    return float((classifier.scores(dataset.images).argmax(1) == dataset.labels).mean())


def coloured(form, scale=1.0, seed=1):
    """(linear classifier that is right for images in a form, noisy images of CENTRES, each channel its own)."""
    random = np.random.default_rng(seed)
    centres = 128 + (CENTRES - 120) / 6 + scale * random.normal(0, 20, (CLASSES, SIDE, SIDE, 3))
    noise = random.normal(0, 60, (COUNT, SIDE, SIDE, 3))
    pixels = np.clip(np.rint(centres[EVEN] + noise), 0, 255).astype(np.uint8)
    taken = FORMS[form](centres.astype(np.float32)).reshape(CLASSES, -1).astype(float)
    deviation = FORMS[form](np.full(3, 60, np.float32)) - FORMS[form](np.zeros(3, np.float32))
    weights = taken / np.tile(deviation, SIDE**2) ** 2
    bias = -(taken * weights).sum(axis=1) / 2

    model = Classifier.from_function(
        lambda images: images.reshape(len(images), -1) @ weights.T + bias,
        (SIDE, SIDE, 3), CLASSES, fingerprint=f"coloured {form} {scale} {seed}", outputs="logits", class_names=NAMES,
    )  # fmt: skip
    return model, Dataset.from_arrays("coats", "test", pixels, EVEN, NAMES)
