"""Tiny networks whose answers are known, and what an analysis is computed from, made by hand."""

import numpy as np

from tfstab import Classifier
from tfstab.classifier import backend
from tfstab.explanation.analysis import Material
from tfstab.explanation.config import ExplanationConfig
from tfstab.runs import CleanImages

SHAPE = (4, 4, 1)


def dense(*sizes, shape=SHAPE):
    """A classifier of dense layers with ReLU between them, whose weights a test sets; the last layer has logits."""
    layers = backend.keras().layers
    hidden = [layers.Dense(size, activation="relu") for size in sizes[:-1]]
    model = backend.keras().Sequential([layers.Input(shape), layers.Flatten(), *hidden, layers.Dense(sizes[-1])])
    return Classifier(model, outputs="logits", batch_size=32)


def of_function(margin, shape=SHAPE):
    """A classifier without gradients of two classes: class 0 leads by margin(images)."""

    def logits(images):
        lead = margin(images.astype(np.float64))
        return np.stack([lead, np.zeros_like(lead)], axis=1).astype(np.float32)

    return Classifier.from_function(logits, shape, 2, fingerprint="made up", outputs="logits")


def material(classifier, images, noise, classes=None, found=None, **settings):
    """What an analysis gets of these images and their noise, with class 0 unless classes are given."""
    classes = np.zeros(len(images), np.int64) if classes is None else classes
    clean = CleanImages(images, classes, np.arange(len(images)), classifier.scores(images))
    found = np.ones(len(images), bool) if found is None else found
    return Material(classifier, ExplanationConfig(**settings), clean, clean, np.asarray(noise, np.float32), found)
