"""A lost image is compared with images that stay right under its degradation, by formula in a network of one layer."""

import keras
import numpy as np
import pytest
from networks import agreeing, images

from tfstab import Classifier, SweepConfig
from tfstab.explanation.amplified import LEAST, Amplified
from tfstab.explanation.degraded_image import DegradedImage, Reference
from tfstab.explanation.image_words import ImageFindings, gain_ratios
from tfstab.explanation.random_noise import RandomNoise
from tfstab.explanation.staying_right import COMPARED, layers_compared
from tfstab.runs import CleanImages
from tfstab.stepwise import finished

SHAPE, BRIGHTER = (6, 6, 1), SweepConfig(degradation="brightness", severities=(20,), copies=1)
EVEN = np.full(36, 1 / 6)  # of length 1: the direction of a change of brightness
STEEP = np.tile([1.0, -1.0], 18) / 6  # another one, to which the hidden layer reacts even more


@pytest.fixture(scope="module")
def network():
    """A network whose hidden layer moves 3 times as far along EVEN as along most directions, and 9 along STEEP."""
    layers = keras.layers
    model = keras.Sequential(
        [layers.Input(SHAPE), layers.Flatten(), layers.Dense(36, name="hidden"), layers.Dense(3, activation="softmax")]
    )
    hidden = np.eye(36) + 2 * np.outer(EVEN, EVEN) + 8 * np.outer(STEEP, STEEP)
    last = np.random.default_rng(4).normal(0, 0.1, (36, 3))
    last -= np.outer(EVEN, EVEN @ last)  # brightness does not change the logits
    model.set_weights([hidden, np.zeros(36), last, np.zeros(3)])
    return Classifier(model, batch_size=16)


def compared(network, change, count):
    """What is found of the first of so many images, all of which stay right when they are brighter."""
    data = agreeing(network, images(count, SHAPE))
    clean = CleanImages(data.images, data.labels, data.indices + 100, network.scores(data.images))
    first = clean.images[0].astype(np.float32)
    pair = DegradedImage.of(network, 100, first, first + change.reshape(SHAPE), int(clean.class_index[0]))
    found = finished(layers_compared(Reference(network, clean), pair, BRIGHTER, 0))
    return found, ImageFindings(
        "cat", "dog", "cat", 0.9, random=RandomNoise((1, 2), (0, 40)), places=[], change="change",
        gains=gain_ratios(found.names, found.gain, found.random_gain), others=found.others,
    )  # fmt: skip


def test_a_layer_that_reacts_as_strongly_to_images_that_stay_right_is_no_cause(network):
    found, findings = compared(network, np.float32(20 * 6 * EVEN), 60)
    assert len(found.others) == COMPARED - 1, "the image itself is not among them"
    # Random noise moves the layer as far as the mean square of its gains says: along two of the 36 they are not 1.
    by_random = np.sqrt((34 + 3**2 + 9**2) / 36)
    assert np.median(found.others) == pytest.approx(3 / by_random, rel=0.15)
    assert findings.gains["hidden"] == pytest.approx(3 / by_random, rel=0.15)
    assert findings.title == "No single cause stands out"
    said = findings.sentences[-1]
    assert "times as far as random noise of the same L2 does. This is not unusual enough to count as a cause: " in said
    assert said.endswith("It would count only if that were so for at most 1 of them.")


def test_a_layer_that_reacts_more_strongly_than_to_images_that_stay_right_is_one(network):
    _, findings = compared(network, np.float32(60 * STEEP), 60)
    assert findings.title == (
        "Layer hidden reacts more strongly to this change than to the changes of images that stay right"
    )
    assert "more than for all 39 images that stay right at this severity (median: 1." in findings.sentences[-1]
    # The same among too few images: whether it is unusual is not known.
    found, findings = compared(network, np.float32(60 * STEEP), LEAST)
    assert len(found.others) == LEAST - 1 and findings.title == "No single cause stands out"
    assert "fewer than 19 images that stay right" in findings.sentences[-1]


def test_the_layer_named_is_the_one_with_the_largest_difference_from_the_others():
    others = [(2.0, 2.0)] * 40
    assert Amplified.of({"a": 2.0, "b": 3.0}).layer == "a" and Amplified.of({"a": 2.0, "b": 3.0}, others).layer == "b"
    unknown = [(2.0, 2.0)] * 5 + [(np.nan, 2.0), (0.0, 2.0)]
    assert Amplified.of({"a": 2.0, "b": 3.0}, unknown).others == (2.0,) * 5


@pytest.mark.parametrize(
    ("images", "above", "explains"), [(19, 0, True), (18, 0, False), (40, 1, True), (40, 2, False), (20, 1, False)]
)
def test_it_must_exceed_95_percent_of_the_images_that_stay_right(images, above, explains):
    found = Amplified.of({"a": 2.0}, [(2.0,)] * above + [(1.0,)] * (images - above))
    assert found.explains is explains and found.much
    if not explains and images >= LEAST:
        allowed = "at most 1" if images == 40 else "none"
        assert found.sentence("change").endswith(f"It would count only if that were so for {allowed} of them.")
