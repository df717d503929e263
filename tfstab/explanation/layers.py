"""The analysis `layers`: how far noise, and another image, move what each layer returns, and the margin in each layer.

From these distances follow, for each image and layer:

- the gain for noise, E||h(x + sigma e) - h(x)|| / (sigma sqrt(d)), and the gain for differences between images,
  E||h(x) - h(x')|| / ||x - x'||, of which `tfstab.explanation.gain` takes the quotient;
- the margin (f_c - f_j) / ||grad_h (f_c - f_j)||, the distance to the boundary in the layer's own space if the rest of
  the network were linear (Elsayed et al. 2018), which is divided by the spread of h (Jiang et al. 2019).

Distances are reduced inside the TensorFlow graph, so that no layer's output is kept.

References
----------
Elsayed, Krishnan, Mobahi, Regan and Bengio, Large Margin Deep Networks for Classification, NeurIPS 2018.
Jiang, Krishnan, Mobahi and Bengio, Predicting the Generalization Gap in Deep Networks with Margin Distributions, ICLR
2019.
"""

import functools
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from tfstab import limits
from tfstab.classifier import backend
from tfstab.classifier.layers import Look, Network, networks_of
from tfstab.classifier.running import Compiled
from tfstab.explanation.analysis import Analysis, Arrays, Field, Material

if TYPE_CHECKING:
    from tfstab.classifier import Classifier

INPUT = "input"
# How far noise and another image move what a layer returns, what it takes, and what it computes before its activation.
DISTANCES = ("noise_distance", "image_distance", "noise_taken", "image_taken", "noise_linear", "image_linear")


def has_layers(classifier: "Classifier") -> bool:
    """Return True if the network's layers and their gradients can be looked at."""
    # A batch of one image has no second one to compare.
    return classifier.differentiable and classifier.batch_size > 1 and bool(networks_of(classifier))


def compute(material: Material) -> Arrays:
    """Measure all layers of all networks of a classifier for each image."""
    images, config = material.images, material.config
    noise, image = [], []
    for row in range(len(images)):  # the copies of all images of a block: 100 MB for 8 images of 224 x 224
        fields = material.random_noise(row, config.copies)
        noise.append(np.clip(images[row] + np.float32(config.sigma) * fields, 0, 255))
        image.append(material.others(row))
    return measured(material.classifier, images, material.clean.class_index, np.stack(noise), np.stack(image))


def measured(
    classifier: "Classifier",
    images: NDArray[np.float32],
    classes: NDArray[np.int64],
    noisy: NDArray[np.float32],
    others: NDArray[np.float32],
) -> Arrays:
    """Return the arrays of the analysis for images whose noisy copies are given.

    Parameters
    ----------
    classifier : Classifier
        A classifier with gradients whose layers can be looked at.
    images : ndarray of float32 (n, H, W, C)
        Clean images, grey levels 0..255.
    classes : ndarray of int64 (n,)
        Their true classes.
    noisy, others : ndarray of float32 (n, m, H, W, C)
        Noisy copies of each image, and other images.
    """
    found = [_of_network(probe, images, classes, noisy, others) for probe in probes_of(classifier)]
    joined: Arrays = {
        name: np.concatenate([one[name] for one in found], axis=axis)
        for name, axis in (("names", 0), ("sizes", 0), *((name, 1) for name in DISTANCES), ("gradient", 1))
    }
    joined |= {name: np.stack([one[name] for one in found], axis=1) for name in ("margin", "rival")}
    joined["network"] = np.repeat(np.arange(len(found)), [len(one["names"]) for one in found])
    return joined


def probes_of(classifier: "Classifier") -> list["Probe"]:
    """Return the compiled functions that look into each network of a classifier, which keeps them."""
    return [
        classifier.kept(f"layers {k}", functools.partial(Probe, network, classifier))
        for k, network in enumerate(networks_of(classifier))
    ]


def _of_network(
    probe: "Probe",
    images: NDArray[np.float32],
    classes: NDArray[np.int64],
    noisy: NDArray[np.float32],
    others: NDArray[np.float32],
) -> Arrays:
    """Measure one network."""
    moved = probe.distances(images, noisy)
    if others.shape[1]:
        spread = np.sqrt((probe.distances(images, others) ** 2).mean(axis=1))
    else:
        spread = np.full_like(moved[:, 0], np.nan)
    margin, rival, gradient = probe.margins(images, classes)
    return {
        "names": np.array([INPUT, *probe.names]),
        "sizes": np.array([images[0].size, *probe.sizes]),
        **_by_place("noise", moved.mean(axis=1)),
        **_by_place("image", spread),
        "gradient": gradient,
        "margin": margin,
        "rival": rival,
    }


def _by_place(kind: str, distances: NDArray[np.float64]) -> Arrays:
    """Return distances (n, 3 (1 + L)) by the place where they were measured."""
    returned, taken, linear = np.split(distances, 3, axis=1)
    return {f"{kind}_distance": returned, f"{kind}_taken": taken, f"{kind}_linear": linear}


class Probe:
    """Compiled functions that look into one network.

    Attributes
    ----------
    names : list of str
        The layers after the input, as `Network.look` names them; known after the first call.
    sizes : list of int
        How many values each of them returns for an image.
    """

    def __init__(self, network: Network, classifier: "Classifier") -> None:
        self.network, self.names, self.sizes = network, list[str](), list[int]()
        tf = backend.tensorflow()
        self.batch = classifier.batch_size
        spec = tf.TensorSpec((self.batch, *classifier.input_shape), tf.float32)
        labels = tf.TensorSpec((self.batch,), tf.int64)
        anchor = tf.TensorSpec((self.batch,), tf.int32)
        self._distances = Compiled(self._distances_in_graph, [spec, anchor], classifier.name)
        self._gradients = Compiled(self._gradients_in_graph, [spec, labels], classifier.name)

    def distances(self, images: NDArray[np.float32], others: NDArray[np.float32]) -> NDArray[np.float64]:
        """Return the distances (n, m, 3 (1 + L)) of images (n, H, W, C) from others (n, m, H, W, C), m > 0.

        First in what each layer returns, then in what each takes, then in what each computes before its activation.
        """
        count, width = others.shape[:2]
        piece = min(width, self.batch - 1)
        group = self.batch // (piece + 1)
        found: NDArray[np.float64] | None = None
        for row in range(0, count, group):
            for start in range(0, width, piece):
                some = others[row : row + group, start : start + piece]
                rows = np.concatenate([images[row : row + group, None], some], axis=1)
                anchors = np.repeat(np.arange(len(rows)) * rows.shape[1], rows.shape[1])
                batch = np.zeros((self.batch, *images.shape[1:]), np.float32)
                batch[: len(anchors)] = rows.reshape(-1, *images.shape[1:])
                anchor = np.zeros(self.batch, np.int32)
                anchor[: len(anchors)] = anchors
                distances = self._distances(batch, anchor).numpy()[: len(anchors)]
                if found is None:
                    found = np.empty((count, width, distances.shape[1]))
                found[row : row + group, start : start + piece] = distances.reshape(*rows.shape[:2], -1)[:, 1:]
        return np.asarray(found)

    def margins(
        self, images: NDArray[np.float32], classes: NDArray[np.int64]
    ) -> tuple[NDArray[np.float64], NDArray[np.int64], NDArray[np.float64]]:
        """Return f_c - f_j (n,), the rival j (n,), and the norms of the gradients of f_c - f_j (n, 1 + L)."""
        found: tuple[list[np.ndarray], ...] = ([], [], [])
        for start in range(0, len(images), self.batch):
            some = images[start : start + self.batch]
            batch = np.zeros((self.batch, *images.shape[1:]), np.float32)
            labels = np.zeros(self.batch, np.int64)
            batch[: len(some)], labels[: len(some)] = some, classes[start : start + self.batch]
            for into, tensor in zip(found, self._gradients(batch, labels), strict=True):
                into.append(tensor.numpy()[: len(some)])
        margin, rival, gradient = (np.concatenate(parts) for parts in found)
        return margin.astype(np.float64), rival.astype(np.int64), gradient.astype(np.float64)

    def _look(self, images: Any) -> Look:
        """Look into the network, and remember the names and sizes of its layers."""
        look = self.network.look(images)
        self.names = look.names
        self.sizes = [int(np.prod(output.shape[1:])) for output in look.outputs]
        return look

    def _distances_in_graph(self, images: Any, anchor: Any) -> Any:
        """Return the distance (B, 3 (1 + L)) of each image from the one in row `anchor` (B,), as `distances` does."""
        tf = backend.tensorflow()
        look = self._look(images)
        places = [images, *look.outputs, images, *look.given, images, *look.linear]
        flat = [tf.reshape(place, (self.batch, -1)) for place in places]
        return tf.stack([tf.norm(place - tf.gather(place, anchor), axis=1) for place in flat], axis=1)

    def _gradients_in_graph(self, images: Any, classes: Any) -> Any:
        """Return f_c - f_j, j, and the norms of its gradients by the input and by each layer's output."""
        tf = backend.tensorflow()
        with tf.GradientTape() as tape:
            tape.watch(images)
            look = self._look(images)
            logits = look.logits
            actual = tf.one_hot(classes, logits.shape[1])
            rival = tf.argmax(tf.where(actual > 0, -np.inf, logits), axis=1)
            margin = tf.reduce_sum(logits * actual, axis=1) - tf.gather(logits, rival, batch_dims=1)
        gradients = tape.gradient(margin, [images, *look.outputs], unconnected_gradients=tf.UnconnectedGradients.ZERO)
        norms = [tf.norm(tf.reshape(gradient, (self.batch, -1)), axis=1) for gradient in gradients]
        return margin, rival, tf.stack(norms, axis=1)


def _problem_of(arrays: Arrays) -> str | None:
    """Return in words what is wrong with the order of networks and layers, or None."""
    network = arrays["network"]
    if len(network) > limits.MOST_LAYERS:
        return f"it has {len(network):,} layers"
    if (np.diff(network) < 0).any() or (np.bincount(network, minlength=arrays["margin"].shape[1]) < 2).any():
        return "its layers are not those of one network after the other"
    return None


LAYERS = Analysis(
    "layers",
    compute,
    {
        "names": Field(np.str_, ("layer",)),  # "input", the layers, "logits"; of one network after the other
        "sizes": Field(np.integer, ("layer",), 1),
        "network": Field(np.integer, ("layer",), 0, along="network"),
        "noise_distance": Field(np.floating, ("image", "layer"), 0),
        "image_distance": Field(
            np.floating, ("image", "layer"), 0, missing=True
        ),  # root mean square; NaN with one image
        "noise_taken": Field(np.floating, ("image", "layer"), 0),
        "image_taken": Field(np.floating, ("image", "layer"), 0, missing=True),
        "noise_linear": Field(np.floating, ("image", "layer"), 0),
        "image_linear": Field(np.floating, ("image", "layer"), 0, missing=True),
        "gradient": Field(np.floating, ("image", "layer"), 0),
        "margin": Field(np.floating, ("image", "network")),  # f_c - f_j, negative for an image that is wrong
        "rival": Field(np.integer, ("image", "network"), 0, along="class"),
    },
    gradients=True,
    layers=True,
    check=_problem_of,
    work=40,
)
