"""The paper's ConvNets (Figures 1 and 2) for Keras 3. C(c, k, w), P(m, n) and FC(x) as in Figure 1's caption.

Activations, which the captions leave out: rectifiers, and leaky ones in the network for traffic signs, as in
Aghdam et al. (2015). Every network takes grey levels 0..255 and normalises them itself.
"""

from collections.abc import Callable
from typing import Any

from tfstab.classifier import backend
from tfstab.errors import unknown_name


def build_model(name: str, seed: int = 0) -> Any:
    """An untrained network with the weights that `seed` draws: `mnist-lenet`, `cifar10-quick` or `gtsrb-aghdam`.

    Raises InputError for another name.

    >>> tfstab.build_model("cifar10-quick", seed=1).count_params()
    145578
    """
    if name not in _BUILDERS:
        raise unknown_name("model", name, NAMES)
    backend.tensorflow()
    return _BUILDERS[name](_Layers(seed))


class _Layers:
    """Layers whose initial weights and dropout masks are drawn from one seed, each from a seed of its own."""

    def __init__(self, seed: int) -> None:
        self.layers = backend.keras().layers
        self.seed = 1000 * seed

    def next_seed(self) -> int:
        self.seed += 1
        return self.seed

    def convolution(self, filters: int, size: int, activation: str, padding: str = "valid") -> Any:
        start = backend.keras().initializers.HeNormal(seed=self.next_seed())
        return self.layers.Conv2D(filters, size, padding=padding, activation=activation, kernel_initializer=start)

    def dense(self, units: int, activation: str) -> Any:
        start = backend.keras().initializers.HeNormal(seed=self.next_seed())
        # Scores are float32 where the other layers are trained in bfloat16, whose 8 bits are too few for a loss.
        dtype = "float32" if activation == "softmax" else None
        return self.layers.Dense(units, activation=activation, kernel_initializer=start, dtype=dtype)

    def dropout(self, rate: float) -> Any:
        return self.layers.Dropout(rate, seed=self.next_seed())


def _mnist_lenet(new: _Layers) -> Any:
    """C(1, 20, 5) P(2, 2) C(20, 50, 5) P(2, 2) FC(500) FC(10): 431,080 parameters."""
    keras, layers = backend.keras(), new.layers
    return keras.Sequential(
        [
            layers.Input((28, 28, 1)),
            layers.Rescaling(1 / 255),
            new.convolution(20, 5, "relu"),
            layers.MaxPooling2D(2, 2),
            new.convolution(50, 5, "relu"),
            layers.MaxPooling2D(2, 2),
            layers.Flatten(),
            new.dense(500, "relu"),
            new.dropout(0.5),
            new.dense(10, "softmax"),
        ],
        name="mnist-lenet",
    )


def _cifar10_quick(new: _Layers) -> Any:
    """C(3, 32, 5) P(3, 2) C(32, 32, 5) P(3, 2) C(32, 64, 5) P(3, 2) FC(64) FC(10): 145,578 parameters.

    "same" padding is the paper's border of 2 for the convolutions, and for the pools what Caffe's rounding up
    of the output size does (32, 16, 8, 4).
    """
    keras, layers = backend.keras(), new.layers
    return keras.Sequential(
        [
            layers.Input((32, 32, 3)),
            layers.Rescaling(1 / 64, offset=-2.0),
            new.convolution(32, 5, "relu", "same"),
            layers.MaxPooling2D(3, 2, padding="same"),
            new.convolution(32, 5, "relu", "same"),
            layers.MaxPooling2D(3, 2, padding="same"),
            new.convolution(64, 5, "relu", "same"),
            layers.MaxPooling2D(3, 2, padding="same"),
            layers.Flatten(),
            new.dropout(0.3),
            new.dense(64, "relu"),
            new.dense(10, "softmax"),
        ],
        name="cifar10-quick",
    )


def _gtsrb_aghdam(new: _Layers) -> Any:
    """Scale and shift, C(3, 100, 7) P(2, 2) C(100, 150, 4) P(2, 2) C(150, 250, 4) P(2, 2) FC(300) FC(43).

    1,123,449 parameters. The second and third convolution have two groups: here two towers, each with half of
    the channels, which is the same function and trains several times faster on a CPU than `groups=2`.
    """
    keras, layers = backend.keras(), new.layers
    inputs = layers.Input((48, 48, 3))
    # A 1 x 1 depthwise convolution is the per-channel scale and shift: 6 parameters.
    scale = layers.DepthwiseConv2D(1, depthwise_initializer="ones", name="scale_and_shift")
    normalised = scale(layers.Rescaling(1 / 64, offset=-2.0)(inputs))
    towers = []
    for _ in range(2):
        tower = layers.MaxPooling2D(2, 2)(new.convolution(50, 7, "leaky_relu")(normalised))
        tower = layers.MaxPooling2D(2, 2)(new.convolution(75, 4, "leaky_relu")(tower))
        towers.append(layers.MaxPooling2D(2, 2)(new.convolution(125, 4, "leaky_relu")(tower)))
    features = new.dropout(0.3)(layers.Flatten()(layers.Concatenate()(towers)))
    features = new.dropout(0.5)(new.dense(300, "leaky_relu")(features))
    return keras.Model(inputs, new.dense(43, "softmax")(features), name="gtsrb-aghdam")


_BUILDERS: dict[str, Callable[[_Layers], Any]] = {
    "mnist-lenet": _mnist_lenet,
    "cifar10-quick": _cifar10_quick,
    "gtsrb-aghdam": _gtsrb_aghdam,
}
NAMES = tuple(_BUILDERS)
# The data set that each is tested on where no other is named.
OWN_DATA = {"mnist-lenet": "mnist-5k", "cifar10-quick": "cifar10", "gtsrb-aghdam": "gtsrb"}
