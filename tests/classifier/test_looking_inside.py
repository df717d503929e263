"""What the layers of a network take and return, by NumPy, however the network is nested and ends."""

import keras
import numpy as np
import pytest
from keras import layers

from tfstab import Classifier, make_ensemble
from tfstab.classifier.backend import tensorflow
from tfstab.classifier.layers import LONGEST_NAME, calls_of, networks_of

SHAPE = (2, 3, 1)
IMAGES = np.random.default_rng(0).uniform(0, 255, (2, *SHAPE)).astype(np.float32)
ENDS = {
    "its own softmax": lambda: [layers.Dense(3, "softmax", name="last")],
    "a softmax behind it": lambda: [layers.Dense(3, name="last"), layers.Softmax()],
    "logits": lambda: [layers.Dense(3, name="last")],
}


def network(end="logits", first="same"):
    """Two layers of the same name, one of them in a model inside, and dropout."""
    inner = keras.Sequential([layers.Input((6,)), layers.Dense(5, "relu", name="same"), layers.Dense(4, name="mid")])
    start = [layers.Input(SHAPE), layers.Rescaling(1 / 255), layers.Flatten(), layers.Dense(6, "tanh", name=first)]
    return keras.Sequential([*start, inner, layers.Dropout(0.5), *ENDS[end]()])


def looked(found):
    """What is seen in a network, as arrays."""
    names = []

    def look(images):
        seen = found.look(images)
        names[:] = seen.names
        return seen.given, seen.linear, seen.outputs, seen.features, seen.logits

    seen = tensorflow().function(look, autograph=False)(IMAGES)
    arrays = [[tensor.numpy() for tensor in part] if isinstance(part, list | tuple) else part.numpy() for part in seen]
    return names, *arrays


@pytest.mark.parametrize("end", ENDS)
def test_layers_are_seen_in_their_order_before_and_behind_their_activation(end):
    model = network(end)
    (found,) = networks_of(Classifier(model))
    given, linear, outputs, taken = [], [], [], IMAGES.reshape(2, 6) / 255
    weights = model.get_weights()
    for kernel, bias, activation in zip(weights[::2], weights[1::2], ("tanh", "relu", "same", "same"), strict=True):
        given.append(taken)
        linear.append(taken @ kernel + bias)
        taken = {"tanh": np.tanh, "relu": lambda x: np.maximum(x, 0), "same": np.asarray}[activation](linear[-1])
        outputs.append(taken)
    names, *seen, features, logits = looked(found)
    assert found.name == "" and names == ["same (1)", "same (2)", "mid", "logits"]
    for told, expected in zip(seen, (given, linear, outputs), strict=True):
        for one, by_hand in zip(told, expected, strict=True):
            np.testing.assert_allclose(one, by_hand, atol=1e-5)
    np.testing.assert_allclose(features, given[-1], atol=1e-5)
    np.testing.assert_allclose(logits, linear[-1], atol=1e-5)
    (calls,) = calls_of(Classifier(model))
    assert [(call.name, call.layer.name, call.shape) for call in calls] == [
        ("same (1)", "same", (6,)), ("same (2)", "same", (6,)), ("mid", "mid", (5,)), ("logits", "last", (4,)),
    ]  # fmt: skip


LAST = {
    "softmax inside": (lambda: [layers.Dense(2, "softmax", name="last")], {}),
    "softmax without a bias": (lambda: [layers.Dense(2, "softmax", use_bias=False, name="last")], {}),
    "softmax behind": (lambda: [layers.Dense(2, name="last"), layers.Softmax()], {}),
    "softmax, threshold": (lambda: [layers.Dense(2, "softmax", name="last")], {"threshold": 0.3}),
    "sigmoid inside": (lambda: [layers.Dense(1, "sigmoid", name="last")], {}),
    "sigmoid behind": (lambda: [layers.Dense(1, name="last"), layers.Activation("sigmoid")], {}),
    "sigmoid, threshold": (lambda: [layers.Dense(1, "sigmoid", name="last")], {"threshold": 0.3}),
    "sigmoid left to the caller": (lambda: [layers.Dense(1, name="last")], {"outputs": "logits"}),
}


@pytest.mark.parametrize("end", LAST)
@pytest.mark.parametrize("nested", [False, True])
def test_features_are_what_the_last_layer_takes_wherever_its_activation_is(end, nested):
    make, settings = LAST[end]
    inner = [layers.Conv2D(4, 2, activation="relu", name="conv"), layers.GlobalAveragePooling2D(), *make()]
    body = [keras.Sequential([layers.Input(SHAPE), *inner])] if nested else inner
    classifier = Classifier(keras.Sequential([layers.Input(SHAPE), layers.Rescaling(1 / 255), *body]), **settings)
    (found,) = networks_of(classifier)
    names, given, _, outputs, features, logits = looked(found)
    assert names == ["conv", "logits"] == [call.name for calls in calls_of(classifier) for call in calls]
    np.testing.assert_allclose(features, outputs[0].mean(axis=(1, 2)), atol=1e-6)
    np.testing.assert_array_equal(given[1], features)
    kernel, *bias = inner[2].get_weights()
    product = features @ kernel + (bias[0] if bias else 0)
    lead = product[:, -1] - (product[:, 0] if product.shape[1] == 2 else 0)
    shift = np.log(0.7 / 0.3) if "threshold" in settings else 0
    np.testing.assert_allclose(logits[:, 1] - logits[:, 0], lead + shift, atol=1e-5)


def test_members_of_an_ensemble_are_seen_one_by_one():
    both = make_ensemble([network("its own softmax"), network("logits", first="other")])
    assert [found.name for found in networks_of(both)] == ["member 1", "member 2"]
    names = [["same (1)", "same (2)", "mid", "logits"], ["other", "same", "mid", "logits"]]
    assert [looked(found)[0] for found in networks_of(both)] == names
    assert [[call.name for call in calls] for calls in calls_of(both)] == names


def test_a_network_without_layers_that_have_weights_is_not_looked_into():
    plain = keras.Sequential([layers.Input((2, 3, 3)), layers.GlobalAveragePooling2D(), layers.Softmax()])
    function = Classifier.from_function(lambda images: images, SHAPE, 2, fingerprint="f")
    assert networks_of(Classifier(plain)) == [] == networks_of(function)


def test_a_network_that_ends_in_a_pooling_has_no_layer_of_logits():
    """Its last convolution is a layer like the others; what runs twice is seen once, and long names are shortened."""
    start, twice = layers.Input(SHAPE), layers.Conv2D(1, 1, name="twice")
    last = layers.Conv2D(3, (2, 1), name="long" * LONGEST_NAME)(twice(twice(layers.Rescaling(1 / 255)(start))))
    classifier = Classifier(keras.Model(start, layers.GlobalAveragePooling2D()(last)))
    (found,) = networks_of(classifier)
    names, given, _, outputs, features, logits = looked(found)
    assert names[0] == "twice" and len(names[1]) < len("long" * LONGEST_NAME) and names[2:] == ["logits"]
    kernel, bias = twice.get_weights()
    np.testing.assert_allclose(given[0], IMAGES / 255 * kernel.item() + bias.item(), rtol=1e-5)
    assert features.shape == outputs[1].shape == (2, 1, 3, 3)
    np.testing.assert_allclose(logits, features.mean(axis=(1, 2)), atol=1e-6)
    (calls,) = calls_of(classifier)
    assert [call.name for call in calls] == names[:2] and calls[1].shape == SHAPE
