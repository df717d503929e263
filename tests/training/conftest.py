"""What the tests of hardening share: a small network, digits, and steps that take no time."""

import time

import keras
import pytest
import tensorflow as tf

from tfstab import Classifier
from tfstab.training.finetune import FineTuning


@pytest.fixture(scope="session")
def network(digits):
    """A small network of an own input form, 0..1 and logits, that knows the digits but no fog."""
    keras.utils.set_random_seed(3)
    layers = [
        keras.layers.Input((28, 28, 1)),
        keras.layers.AveragePooling2D(2),
        keras.layers.Flatten(),
        keras.layers.Dense(32, activation="relu"),
        keras.layers.BatchNormalization(),
        keras.layers.Dropout(0.1),
        keras.layers.Dense(10),
    ]
    model = keras.Sequential(layers, name="small")
    images = digits.take(1000)
    model.compile("adam", keras.losses.SparseCategoricalCrossentropy(from_logits=True))
    model.fit(images.images / 255.0, images.labels, epochs=8, batch_size=50, verbose=0)
    return Classifier(model, [str(k) for k in range(10)], preprocess="unit", outputs="logits")


@pytest.fixture(scope="session")
def sets(digits):
    """The digits that it knows, and others to validate with."""
    known = digits.take(1000)
    return known, digits.take(1340).without(known)


@pytest.fixture
def no_training(monkeypatch):
    """no_training(each): from now on a step of a hardening calls each(step) and shrinks some weights.

    For tests that look at the number, the times or the files of the steps: compiling real ones takes a second.
    """

    def stand_in(each=lambda step: time.perf_counter()):  # a clock of the test goes on when it is read
        def take(tuning, step):
            each(step)
            weight = tuning.classifier.model.trainable_variables[0]
            weight.assign(0.99 * weight)
            return tf.constant(0.0)

        monkeypatch.setattr(FineTuning, "compile", lambda tuning: None)
        monkeypatch.setattr(FineTuning, "take", take)

    return stand_in
