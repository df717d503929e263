"""Plants one cause of instability in a network: the inverse of `tfstab.explanation.cause`, which is tested with it.

The functions change the weights of a functional or Sequential model. How strongly is a parameter, which
`planted_causes.py` chooses by what it costs.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

PATCHES = 4000  # input patches that a covariance is estimated from, at least


def copy_of(model: Any) -> Any:
    """Return a copy of a functional or Sequential model with weights of its own."""
    import keras

    copy = keras.models.clone_model(model)
    copy.set_weights(model.get_weights())
    return copy


def kernel_layers(model: Any) -> list[Any]:
    """Return the convolutions and dense layers of a model in their order, the last of which returns its logits."""
    import keras

    return [layer for layer in model.layers if type(layer) in (keras.layers.Conv2D, keras.layers.Dense)]


def patches(model: Any, name: str, images: np.ndarray) -> NDArray[np.float64]:
    """Return what a layer multiplies by its kernel (n, d): its input vectors, or patches of its input."""
    import keras

    layer = model.get_layer(name)
    given = features(model, name, images)
    if isinstance(layer, keras.layers.Dense):
        return np.asarray(given, np.float64)
    height, width = layer.kernel_size
    windows = np.lib.stride_tricks.sliding_window_view(given, (height, width), axis=(1, 2))
    flat = windows.transpose(0, 1, 2, 4, 5, 3).reshape(len(images), -1, height * width * given.shape[3])
    each = min(flat.shape[1], -(-PATCHES // len(images)) + 8)
    places = np.random.default_rng(0).choice(flat.shape[1], each, replace=False)
    return np.asarray(flat[:, places].reshape(-1, flat.shape[2]), np.float64)


def features(model: Any, name: str, images: np.ndarray) -> NDArray[np.float32]:
    """Return what a layer takes (n, ...)."""
    import keras

    before = keras.Model(model.inputs, model.get_layer(name).input)
    parts = [before(images[k : k + 250].astype(np.float32), training=False) for k in range(0, len(images), 250)]
    return np.concatenate([np.asarray(part) for part in parts])


@dataclass(frozen=True, eq=False)
class Directions:
    """The principal directions of what a layer takes.

    Attributes
    ----------
    mean : ndarray (d,)
        Its mean.
    share : ndarray (d,)
        Share of the variance along this and all smaller directions.
    vectors : ndarray (d, d)
        The directions as columns, that with the smallest variance first.
    """

    mean: NDArray[np.float64]
    share: NDArray[np.float64]
    vectors: NDArray[np.float64]


def directions(model: Any, name: str, images: np.ndarray) -> Directions:
    """Return the principal directions of what a layer takes for images."""
    rows = patches(model, name, images)
    values, vectors = np.linalg.eigh(np.cov(rows.T))
    return Directions(rows.mean(axis=0), np.cumsum(values.clip(0)) / values.clip(0).sum(), vectors)


def gain(model: Any, name: str, found: Directions, low: float, strength: float) -> None:
    """Amplify the input directions of a layer in which images hardly vary by 1 + strength.

    They have the share `low` of the variance together. The bias takes away again what is added for the mean input, so
    that images are moved as little as possible.
    """
    hardly = found.vectors[:, : max(int(np.searchsorted(found.share, low)), 1)]
    layer = model.get_layer(name)
    kernel, *bias = layer.get_weights()
    flat = kernel.reshape(len(found.mean), -1)
    added = strength * hardly @ (hardly.T @ flat)
    new = (flat + added).reshape(kernel.shape).astype(kernel.dtype)
    layer.set_weights([new, *((array - found.mean @ added).astype(array.dtype) for array in bias)])


def high_frequency(model: Any, strength: float, seed: int = 0) -> None:
    """Add a checkerboard to the first kernels, as strong as `strength` times each kernel, by random amounts.

    The columns of a first dense layer are images; the checkerboard covers each of them, in random amounts by place.
    """
    rng = np.random.default_rng(seed)
    for layer in _first_layers(model):
        kernel, *bias = layer.get_weights()
        shape = kernel.shape if kernel.ndim == 4 else (*model.input_shape[1:], kernel.shape[1])
        squared = kernel.reshape(shape)
        rows, columns = np.indices(shape[:2])
        board = np.where((rows + columns) % 2, -1.0, 1.0)[:, :, None, None]
        amount = rng.normal(size=(1, 1, *shape[2:])) if kernel.ndim == 4 else _smooth(rng, shape)
        added = board * amount
        added -= added.mean(axis=(0, 1))  # zero mean: no answer to brightness
        norms = np.sqrt((squared**2).sum(axis=(0, 1, 2)) / (added**2).sum(axis=(0, 1, 2)))
        layer.set_weights([(squared + strength * norms * added).reshape(kernel.shape).astype(kernel.dtype), *bias])


def slim_margin(model: Any, pair: tuple[int, int], strength: float) -> None:
    """Move the output weights and biases of two classes together: 0 leaves them, 0.5 makes them equal."""
    layer = kernel_layers(model)[-1]
    layer.set_weights([together(array, pair, strength) for array in layer.get_weights()])


def together(array: np.ndarray, pair: tuple[int, int], strength: float) -> np.ndarray:
    """Return weights (..., K) with two of their columns moved towards each other."""
    first, second = pair
    moved = array.copy()
    moved[..., first] = (1 - strength) * array[..., first] + strength * array[..., second]
    moved[..., second] = (1 - strength) * array[..., second] + strength * array[..., first]
    return moved


def noisy_labels(labels: np.ndarray, cls: int, share: float, classes: np.ndarray, seed: int = 0) -> np.ndarray:
    """Return labels of which a share of one class was replaced by other classes at random."""
    rng = np.random.default_rng(seed)
    rows = np.flatnonzero(labels == cls)
    rows = rng.permutation(rows)[: round(share * len(rows))]
    noisy = labels.copy()
    noisy[rows] = rng.choice(classes[classes != cls], len(rows))
    return noisy


def fine_tune(model: Any, given: np.ndarray, labels: np.ndarray, seed: int = 0) -> None:
    """Train the last layer of a network on its features (n, d) of some images, from the weights that it has."""
    import keras

    layer = kernel_layers(model)[-1]
    keras.utils.set_random_seed(seed)
    dense = keras.layers.Dense(layer.units, use_bias=layer.use_bias)
    head = keras.Sequential([keras.Input((given.shape[1],)), dense])
    dense.set_weights(layer.get_weights())
    head.compile(keras.optimizers.Adam(1e-3), keras.losses.SparseCategoricalCrossentropy(from_logits=True))
    head.fit(given, labels, batch_size=64, epochs=15, verbose=0)
    layer.set_weights(dense.get_weights())


def rescale(model: Any, name: str, factor: float) -> None:
    """Scale a layer up and the next layer down: the same function, if what is between is positively homogeneous."""
    layer, following = model.get_layer(name), following_layer(model, name)
    if following is None:
        raise ValueError(f"{name} is not followed by one layer that takes back its scale")
    layer.set_weights([np.float32(factor) * array for array in layer.get_weights()])
    kernel, *bias = following.get_weights()
    following.set_weights([kernel / np.float32(factor), *bias])


def following_layer(model: Any, name: str) -> Any:
    """Return the only convolution or dense layer that takes what a layer returns, or None.

    None too if anything on the way is not positively homogeneous, or joins or branches.
    """
    import keras

    through = (
        keras.layers.MaxPooling2D,
        keras.layers.AveragePooling2D,
        keras.layers.Flatten,
        keras.layers.Dropout,
        keras.layers.ReLU,
    )
    layer = model.get_layer(name)
    if getattr(layer.activation, "__name__", "") not in ("relu", "leaky_relu", "linear"):
        return None
    while True:
        takers = [one for one in model.layers if any(tensor is layer.output for tensor in _inputs(one))]
        if len(takers) != 1:
            return None
        layer = takers[0]
        if type(layer) in (keras.layers.Conv2D, keras.layers.Dense):
            return layer
        if not isinstance(layer, through):
            return None


def _inputs(layer: Any) -> list[Any]:
    """Return the symbolic tensors that a layer takes."""
    try:
        given = layer.input
    except (AttributeError, ValueError):
        return []
    return given if isinstance(given, list) else [given]


def _first_layers(model: Any) -> list[Any]:
    """Return the layers that take the image: convolutions or dense layers that no other one comes before."""
    first = kernel_layers(model)[0]
    return [layer for layer in kernel_layers(model) if _source(layer) is _source(first)]


def _source(layer: Any) -> Any:
    """Return the symbolic tensor that a layer takes."""
    return _inputs(layer)[0]


def _smooth(rng: np.random.Generator, shape: tuple[int, ...]) -> np.ndarray:
    """Return random fields (H, W, C, n) that change slowly with the place."""
    from scipy.ndimage import gaussian_filter

    return np.asarray(gaussian_filter(rng.normal(size=shape), (2, 2, 0, 0)))
