"""The paper's networks, layer by layer, and weights that follow the seed."""

import keras
import numpy as np
import pytest
from keras import layers

from tfstab import Classifier, build_model
from tfstab.classifier.keras_graph import producer
from tfstab.errors import InputError

# The output of every layer with weights or a pool, without the batch.
SHAPES = {
    "mnist-lenet": [(24, 24, 20), (12, 12, 20), (8, 8, 50), (4, 4, 50), (500,), (10,)],
    "cifar10-quick": [
        (32, 32, 32), (16, 16, 32), (16, 16, 32), (8, 8, 32), (8, 8, 64), (4, 4, 64), (64,), (10,),
    ],
    # Two towers, each with half of the channels.
    "gtsrb-aghdam": [
        (48, 48, 3), *[(42, 42, 50)] * 2, *[(21, 21, 50)] * 2, *[(18, 18, 75)] * 2, *[(9, 9, 75)] * 2,
        *[(6, 6, 125)] * 2, *[(3, 3, 125)] * 2, (300,), (43,),
    ],
}  # fmt: skip
PARAMETERS = {"mnist-lenet": 431_080, "cifar10-quick": 145_578, "gtsrb-aghdam": 1_123_449}


@pytest.mark.parametrize("name", SHAPES)
def test_layers_and_parameters(name):
    model = build_model(name)
    assert sum(int(np.prod(w.shape)) for w in model.trainable_weights) == PARAMETERS[name]
    kinds = (layers.Conv2D, layers.DepthwiseConv2D, layers.MaxPooling2D, layers.Dense)
    shapes = [layer.output.shape[1:] for layer in model.layers if isinstance(layer, kinds)]
    assert sorted(shapes, key=lambda s: (-len(s), -s[0], s[-1])) == sorted(
        SHAPES[name], key=lambda s: (-len(s), -s[0], s[-1])
    )
    if name != "gtsrb-aghdam":  # without branches the order is fixed too
        assert shapes == SHAPES[name]
    assert model.name == name


# Scale and offset of grey levels; kernel, pool and stride of each layer that has one; rates of dropout.
SETTINGS = {
    "mnist-lenet": ((1 / 255, 0), [5, (2, 2), 5, (2, 2)], [0.5]),
    "cifar10-quick": ((1 / 64, -2), [5, (3, 2), 5, (3, 2), 5, (3, 2)], [0.3]),
    "gtsrb-aghdam": ((1 / 64, -2), [1, *[7] * 2, *[4] * 4, *[(2, 2)] * 6], [0.3, 0.5]),
}


@pytest.mark.parametrize("name", SETTINGS)
def test_settings_of_layers(name):
    model, scaled = build_model(name), SETTINGS[name][0]
    (scaling,) = [layer for layer in model.layers if isinstance(layer, layers.Rescaling)]
    assert (scaling.scale, scaling.offset) == scaled
    sizes, rates, dense = [], [], []
    for layer in model.layers:
        if isinstance(layer, layers.Conv2D | layers.DepthwiseConv2D):
            assert layer.kernel_size[0] == layer.kernel_size[1] and layer.strides == (1, 1)
            sizes.append(layer.kernel_size[0])
        elif isinstance(layer, layers.MaxPooling2D):
            assert layer.pool_size[0] == layer.pool_size[1] and layer.strides[0] == layer.strides[1]
            sizes.append((layer.pool_size[0], layer.strides[0]))
        elif isinstance(layer, layers.Dropout):
            rates.append(layer.rate)
        elif isinstance(layer, layers.Dense):
            dense.append((layer.activation.__name__, layer.dtype_policy.name))
    if name == "gtsrb-aghdam":  # whose branches have no order
        sizes.sort(key=lambda one: (isinstance(one, tuple), one != 1, -one if isinstance(one, int) else 0))
    assert (sizes, rates) == SETTINGS[name][1:]
    assert dense[-1] == ("softmax", "float32") and dense[0][0] == ("leaky_relu" if name == "gtsrb-aghdam" else "relu")


@pytest.mark.parametrize("name", SHAPES)
def test_weights_follow_the_seed_alone(name):
    first = Classifier(build_model(name, seed=3))
    keras.utils.set_random_seed(99)
    assert Classifier(build_model(name, seed=3)).fingerprint == first.fingerprint
    other = build_model(name, seed=4)
    assert Classifier(other).fingerprint != first.fingerprint
    kernels, others = (
        [x.kernel.numpy() for x in model.layers if type(x) in (layers.Conv2D, layers.Dense)]
        for model in (first.model, other)
    )
    assert len(kernels) >= 4
    assert not any(np.array_equal(a, b) for a, b in zip(kernels, others, strict=True))
    same_shape = [(a, b) for i, a in enumerate(kernels) for b in kernels[:i] if a.shape == b.shape]
    assert not any(np.array_equal(a, b) for a, b in same_shape)  # the towers, say, do not start equal


def test_each_layer_has_the_next_seed():
    model = build_model("mnist-lenet", seed=3)
    seeded = [layer for layer in model.layers if isinstance(layer, layers.Conv2D | layers.Dropout | layers.Dense)]
    for number, layer in enumerate(seeded, start=3001):
        if isinstance(layer, layers.Dropout):
            assert layer.seed == number
        else:
            start = keras.initializers.HeNormal(seed=number)
            np.testing.assert_array_equal(layer.kernel, start(layer.kernel.shape))
    assert len(seeded) == 5


@pytest.mark.parametrize("name", SHAPES)
def test_grey_levels_are_normalised_inside(name):
    """Untrained scores of images in 0..255 are those of a network of moderate sums, neither constant nor saturated."""
    classifier = Classifier(build_model(name))
    images = np.random.default_rng(0).integers(0, 256, (8, *classifier.input_shape), np.uint8)
    scores = classifier.scores(images)
    np.testing.assert_allclose(scores.sum(axis=1), 1, rtol=1e-5)
    assert scores.max() < 0.999 and scores.std(axis=0).max() > 1e-5


def test_two_towers_are_convolutions_in_two_groups():
    towers = build_model("gtsrb-aghdam", seed=1)
    grouped = keras.Sequential(
        [
            layers.Input((48, 48, 3)),
            layers.Rescaling(1 / 64, offset=-2.0),
            layers.DepthwiseConv2D(1),
            layers.Conv2D(100, 7, activation="leaky_relu"),
            layers.MaxPooling2D(2, 2),
            layers.Conv2D(150, 4, groups=2, activation="leaky_relu"),
            layers.MaxPooling2D(2, 2),
            layers.Conv2D(250, 4, groups=2, activation="leaky_relu"),
            layers.MaxPooling2D(2, 2),
            layers.Flatten(),
            layers.Dense(300, activation="leaky_relu"),
            layers.Dense(43, activation="softmax"),
        ]
    )
    assert grouped.count_params() == PARAMETERS["gtsrb-aghdam"]
    shift = np.random.default_rng(0).normal(size=3)
    scale = next(layer for layer in towers.layers if isinstance(layer, layers.DepthwiseConv2D))
    scale.bias.assign(shift)  # so that it takes part

    def of_tower(number):
        """The convolutions of a tower, followed down from the concatenation."""
        found, tensor = [], next(x for x in towers.layers if isinstance(x, layers.Concatenate)).input[number]
        while not isinstance(layer := producer(tensor)[0], layers.DepthwiseConv2D):
            if isinstance(layer, layers.Conv2D):
                found.insert(0, layer)
            tensor = layer.input
        return found

    convolutions = [x for x in grouped.layers if type(x) is layers.Conv2D]
    for target, left, right in zip(convolutions, of_tower(0), of_tower(1), strict=True):
        pairs = zip(left.get_weights(), right.get_weights(), strict=True)
        target.set_weights([np.concatenate(pair, axis=-1) for pair in pairs])
    grouped.layers[1].set_weights(scale.get_weights())
    heads = [x for x in towers.layers if isinstance(x, layers.Dense)]
    for target, head in zip((x for x in grouped.layers if isinstance(x, layers.Dense)), heads, strict=True):
        target.set_weights(head.get_weights())

    images = np.random.default_rng(2).integers(0, 256, (6, 48, 48, 3), np.uint8)
    expected = Classifier(grouped).log_scores(images)
    np.testing.assert_allclose(Classifier(towers).log_scores(images), expected, atol=1e-3)
    assert np.ptp(expected) > 1


def test_an_unknown_network_suggests_the_nearest():
    with pytest.raises(InputError, match="unknown model 'mnist-lent': did you mean 'mnist-lenet'"):
        build_model("mnist-lent")
    with pytest.raises(InputError, match="known: mnist-lenet, cifar10-quick, gtsrb-aghdam"):
        build_model("zzz")


def test_the_outputs_can_be_of_any_number_of_classes():
    usual, few = build_model("gtsrb-aghdam", seed=3), build_model("gtsrb-aghdam", seed=3, classes=2)
    assert few.output_shape == (None, 2) and few.count_params() == usual.count_params() - 41 * 301
    with pytest.raises(InputError, match="classes is 1; expected 2 or more"):
        build_model("gtsrb-aghdam", classes=1)
