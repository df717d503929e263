"""Dropout is for training only: scores of models of every form are those without it, and their noise is never drawn."""

import keras
import numpy as np
import pytest
from keras import layers
from scipy.special import expit, softmax

from tfstab import Classifier
from tfstab.classifier.rounded import are_scores
from tfstab.errors import InputError, ModelError

SHAPE = (2, 3, 1)
IMAGES = np.random.default_rng(0).integers(0, 256, (5, *SHAPE), np.uint8)


def dense(units=3, activation=None):
    start = keras.initializers.RandomNormal(stddev=0.01, seed=units)
    return layers.Dense(units, activation, kernel_initializer=start, bias_initializer=start)


def sequential(*ends):
    return keras.Sequential([layers.Input(SHAPE), layers.Flatten(), layers.Dropout(0.5), *ends])


def nested(*ends):
    """Dropout comes before a model that is itself the last layer."""
    return sequential(keras.Sequential([layers.Input((6,)), *ends]))


class Subclassed(keras.Model):
    """Dropout before the activation, or behind it."""

    def __init__(self, units, activation, last=False):
        super().__init__()
        self.parts = [layers.Flatten(), dense(units), layers.Activation(activation)]
        self.parts.insert(3 if last else 1, layers.Dropout(0.5))

    def call(self, images):
        for part in self.parts:
            images = part(images)
        return images

    @classmethod
    def built(cls, *settings):
        model = cls(*settings)
        model(IMAGES[:1].astype(np.float32))
        return model


@pytest.mark.parametrize(
    ("make", "outputs", "scores"),
    [
        (lambda: sequential(dense(3, "softmax")), None, np.asarray), (lambda: sequential(dense()), None, softmax),
        (lambda: sequential(dense(), layers.Softmax()), None, np.asarray),
        (lambda: sequential(dense(), layers.Activation("softmax")), None, np.asarray),
        (lambda: nested(dense(3, "softmax")), None, np.asarray), (lambda: nested(dense()), "logits", softmax),
        (lambda: sequential(dense(1, "sigmoid")), None, np.asarray), (lambda: sequential(dense(1)), "logits", expit),
        (lambda: nested(dense(1, "sigmoid")), None, np.asarray),
        (lambda: Subclassed.built(3, "softmax"), None, np.asarray), (lambda: Subclassed.built(3, None), None, softmax),
        (lambda: Subclassed.built(3, "softmax", True), None, np.asarray),
        (lambda: Subclassed.built(1, "sigmoid"), None, np.asarray),
        (lambda: Subclassed.built(1, "sigmoid", True), None, np.asarray),
    ],
)  # fmt: skip
def test_scores_are_those_without_dropout(make, outputs, scores):
    model = make()
    raw = np.asarray(model(IMAGES.astype(np.float32), training=False), np.float64)
    expected = softmax(raw, axis=1) if scores is softmax else scores(raw)
    if raw.shape[1] == 1:
        expected = np.hstack([1 - expected, expected])
    classifier = Classifier(model, outputs=outputs)
    np.testing.assert_allclose(classifier.scores(IMAGES), expected, atol=1e-6)
    np.testing.assert_allclose(classifier.log_scores(IMAGES), np.log(expected), atol=1e-5)


@pytest.mark.parametrize(
    ("outputs", "are"),
    [
        ([[0.5, 0.5], [0, 1]], True), ([[0.5, 0.5], [1.2, -0.2]], False), ([[0.5, 0.5], [0.2, 0.2]], False),
        ([[0.5, 0.4991]], True), ([[2, 3]], False),
        *[([[0.41237, 0.3518, 0.2004 + more, 0.03543]], are) for more, are in ((9e-4, 1), (-1.1e-3, 0), (1.1e-3, 0))],
        # Multiples of 1/255, of 1/100, and of a calibrated step; the last two have sums that rounding cannot give.
        ([[100 / 255, 79 / 255, 39 / 255, 36 / 255]], True), ([[0.33, 0.33, 0.33]], True), ([[0.3, 0.3, 0.3]], False),
        (0.0031 * np.array([[321, 3, 0, 0, 0], [66, 65, 65, 65, 64]]), True), ([[1.02, 0, 0]], False),
        (np.float32([[250, 4, 0]]) / 255, True), ([[250 / 255, 0, 0]], False), (np.zeros((1, 1000)), True),
        ([[0.0, 0.0]], False),
    ],
)  # fmt: skip
def test_what_scores_are(outputs, are):
    assert are_scores(np.array(outputs)) == are


def test_one_image_of_several_with_values_that_are_no_numbers_is_noticed():
    """Of a square root, which has no slope at 0 and no value below."""
    root = layers.Activation(keras.ops.sqrt)
    images, weights = np.full((3, *SHAPE), 9, np.uint8), np.eye(2)[[0, 1, 0]]
    images[1] = 0
    for shift, works in ((0, True), (-1, False)):
        parts = [layers.Input(SHAPE), layers.Rescaling(1, offset=shift), root, layers.Flatten(), dense(2, "softmax")]
        classifier = Classifier(keras.Sequential(parts))
        if works:
            assert classifier.scores(images).shape == (3, 2)
        else:
            with pytest.raises(ModelError, match="NaN"):
                classifier.scores(images)
        with pytest.raises(ModelError, match="NaN"):
            classifier.gradients(images, weights)
        assert np.isfinite(classifier.gradients(images[::2], weights[::2])[1]).all()
    with pytest.raises(InputError, match=r"were given, but .* takes \(N, 2, 3, 1\)"):
        classifier.gradients(np.zeros((1, 3, 3, 1), np.uint8), weights[:1])
