"""The paper's three ConvNets (Figures 1 and 2) in Keras 3.

The notation is that of Figure 1's caption: C(c, k, w) is a convolution of c channels with k filters of w x w, P(m, n) a
pooling of m x m with stride n, FC(x) a fully connected layer of x units. The captions do not name the activations; they
are ReLU here, and leaky ReLU in the network for traffic signs, as in Aghdam et al. (2015). Every network takes grey
levels 0..255 and normalises them itself.
"""

from collections.abc import Callable
from typing import Any

from tfstab.checks import checked_seed
from tfstab.classifier import backend
from tfstab.errors import InputError, unknown_name

# Height, width and channels of the images that each network takes.
_SHAPES = {"mnist-lenet": (28, 28, 1), "cifar10-quick": (32, 32, 3), "gtsrb-aghdam": (48, 48, 3)}


def build_model(name: str, seed: int = 0, *, classes: int | None = None) -> Any:
    """Build one of the paper's networks, untrained.

    Parameters
    ----------
    name : str
        "mnist-lenet", "cifar10-quick" or "gtsrb-aghdam".
    seed : int
        Seed of the initial weights and of dropout.
    classes : int, optional
        Number of outputs K, 2 or more; by default the paper's: 10, and 43 of "gtsrb-aghdam".

    Returns
    -------
    keras.Model
        Network that maps images (N, H, W, C), grey levels 0..255, to scores (N, K).

    Raises
    ------
    InputError
        There is no network of this name, or `classes` is below 2.

    References
    ----------
    Aghdam, Heravi and Puig, Figures 1 and 2.

    Examples
    --------
    >>> tfstab.build_model("cifar10-quick", seed=1).count_params()
    145578
    >>> tfstab.build_model("cifar10-quick", classes=3).output_shape
    (None, 3)
    """
    if name not in _BUILDERS:
        raise unknown_name("model", name, NAMES)
    layers = _Layers(checked_seed(seed, bits=31))
    if classes is None:
        return _BUILDERS[name](layers)
    if classes < 2:
        raise InputError(f"classes is {classes}; expected 2 or more.")
    return _BUILDERS[name](layers, classes)


def image_shape(name: str) -> tuple[int, int, int]:
    """Return height, width and channels of the images that one of the paper's networks takes.

    Parameters
    ----------
    name : str
        As in `build_model`.

    Raises
    ------
    InputError
        There is no network of this name.

    Examples
    --------
    >>> from tfstab.models.convnets import image_shape
    >>> image_shape("cifar10-quick")
    (32, 32, 3)
    """
    if name not in _SHAPES:
        raise unknown_name("model", name, NAMES)
    return _SHAPES[name]


class _Layers:
    """Maker of layers, each of which gets its own seed, derived from one seed for the network."""

    def __init__(self, seed: int) -> None:
        self.layers = backend.keras().layers
        self.seed = 1000 * seed

    def next_seed(self) -> int:
        """Return the seed of the next layer."""
        self.seed += 1
        return self.seed

    def convolution(self, filters: int, size: int, activation: str, padding: str = "valid") -> Any:
        """Return a convolution with `filters` filters of size x size."""
        start = backend.keras().initializers.HeNormal(seed=self.next_seed())
        return self.layers.Conv2D(filters, size, padding=padding, activation=activation, kernel_initializer=start)

    def dense(self, units: int, activation: str) -> Any:
        """Return a fully connected layer."""
        start = backend.keras().initializers.HeNormal(seed=self.next_seed())
        # Scores stay float32 in mixed-precision training: the 8 bits of bfloat16 are too few for the loss.
        dtype = "float32" if activation == "softmax" else None
        return self.layers.Dense(units, activation=activation, kernel_initializer=start, dtype=dtype)

    def dropout(self, rate: float) -> Any:
        """Return a dropout layer."""
        return self.layers.Dropout(rate, seed=self.next_seed())


def _mnist_lenet(new: _Layers, classes: int = 10) -> Any:
    """Build C(1, 20, 5) P(2, 2) C(20, 50, 5) P(2, 2) FC(500) FC(10): 431,080 parameters."""
    keras, layers = backend.keras(), new.layers
    return keras.Sequential(
        [
            layers.Input(_SHAPES["mnist-lenet"]),
            layers.Rescaling(1 / 255),
            new.convolution(20, 5, "relu"),
            layers.MaxPooling2D(2, 2),
            new.convolution(50, 5, "relu"),
            layers.MaxPooling2D(2, 2),
            layers.Flatten(),
            new.dense(500, "relu"),
            new.dropout(0.5),
            new.dense(classes, "softmax"),
        ],
        name="mnist-lenet",
    )


def _cifar10_quick(new: _Layers, classes: int = 10) -> Any:
    """Build C(3, 32, 5) P(3, 2) C(32, 32, 5) P(3, 2) C(32, 64, 5) P(3, 2) FC(64) FC(10): 145,578 parameters.

    For the convolutions "same" padding is the paper's border of 2 pixels; for the poolings it gives the output sizes
    that Caffe's rounding up gives (32, 16, 8, 4).
    """
    keras, layers = backend.keras(), new.layers
    return keras.Sequential(
        [
            layers.Input(_SHAPES["cifar10-quick"]),
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
            new.dense(classes, "softmax"),
        ],
        name="cifar10-quick",
    )


def _gtsrb_aghdam(new: _Layers, classes: int = 43) -> Any:
    """Build scale and shift, C(3, 100, 7) P(2, 2) C(100, 150, 4) P(2, 2) C(150, 250, 4) P(2, 2) FC(300) FC(43).

    It has 1,123,449 parameters. The second and third convolutions have two groups, built here as two towers with half
    of the channels each: the same function, which trains several times faster on a CPU than with `groups=2`.
    """
    keras, layers = backend.keras(), new.layers
    inputs = layers.Input(_SHAPES["gtsrb-aghdam"])
    # A 1 x 1 depthwise convolution scales and shifts each channel, with 6 parameters.
    scale = layers.DepthwiseConv2D(1, depthwise_initializer="ones", name="scale_and_shift")
    normalised = scale(layers.Rescaling(1 / 64, offset=-2.0)(inputs))
    towers = []
    for _ in range(2):
        tower = layers.MaxPooling2D(2, 2)(new.convolution(50, 7, "leaky_relu")(normalised))
        tower = layers.MaxPooling2D(2, 2)(new.convolution(75, 4, "leaky_relu")(tower))
        towers.append(layers.MaxPooling2D(2, 2)(new.convolution(125, 4, "leaky_relu")(tower)))
    features = new.dropout(0.3)(layers.Flatten()(layers.Concatenate()(towers)))
    features = new.dropout(0.5)(new.dense(300, "leaky_relu")(features))
    return keras.Model(inputs, new.dense(classes, "softmax")(features), name="gtsrb-aghdam")


_BUILDERS: dict[str, Callable[..., Any]] = {
    "mnist-lenet": _mnist_lenet,
    "cifar10-quick": _cifar10_quick,
    "gtsrb-aghdam": _gtsrb_aghdam,
}
NAMES = tuple(_BUILDERS)
# The data set that each network is tested on by default.
OWN_DATA = {"mnist-lenet": "mnist-5k", "cifar10-quick": "cifar10", "gtsrb-aghdam": "gtsrb"}
# The network that is tested on each known data set by default.
OWN_MODEL = {data: name for name, data in OWN_DATA.items()} | {"mnist": "mnist-lenet"}
