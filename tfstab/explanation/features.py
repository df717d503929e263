"""The analysis `features`: what the penultimate layer returns for each image, clean and degraded.

Recorded are the features of the clean image, of the image with its minimum noise, and of one randomly degraded copy at
the run's sigma. Those of an ensemble's members stand side by side.
"""

import functools
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from tfstab.classifier import backend
from tfstab.classifier.inputs import batches
from tfstab.classifier.layers import Network, networks_of
from tfstab.classifier.running import Compiled
from tfstab.explanation.analysis import Analysis, Arrays, Field, Material

if TYPE_CHECKING:
    from tfstab.classifier import Classifier

# Features of an image, those of all members together. More are averaged over neighbouring pixels or projected at
# random: 4,096 features of 500 images, clean and degraded, take 25 MB, and a map of the images needs no more.
MOST_FEATURES = 4096


def compute(material: Material) -> Arrays:
    """Record the features of each image, of the image with its minimum noise, and of a noisy copy."""
    fields = np.concatenate([material.random_noise(row, 1) for row in range(len(material.images))])
    noisy = np.clip(material.images + np.float32(material.config.sigma) * fields, 0, 255)
    given: Arrays = {"clean": material.images, "degraded": material.degraded, "noisy": noisy}
    return {name: features_of(material.classifier, images) for name, images in given.items()}


def features_of(classifier: "Classifier", images: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return the features (n, F) of images (n, H, W, C); those of an ensemble's members stand side by side."""
    networks = networks_of(classifier)
    readers = [
        classifier.kept(
            f"features {k}", functools.partial(FeatureReader, networks[k], classifier, MOST_FEATURES // len(networks))
        )
        for k in range(len(networks))
    ]
    return np.concatenate([read(images) for read in readers], axis=1)


class FeatureReader:
    """A compiled function that returns a network's penultimate features, reduced to a number that can be kept.

    Parameters
    ----------
    network : Network
        The network.
    classifier : Classifier
        The classifier that it belongs to, whose batch size it takes.
    most : int
        Features that it may return for an image.
    """

    def __init__(self, network: Network, classifier: "Classifier", most: int) -> None:
        self.network, self.batch, self.most = network, classifier.batch_size, most
        self._projection: Any = None
        tf = backend.tensorflow()
        spec = tf.TensorSpec((self.batch, *classifier.input_shape), tf.float32)
        self._pooled = Compiled(self._pooled_in_graph, [spec], classifier.name)

    def __call__(self, images: NDArray[np.float32]) -> NDArray[np.float32]:
        """Return the features (n, F) of images (n, H, W, C)."""
        found = [
            self._few(self._pooled(batch).numpy()[: len(images) - start])
            for start, batch in batches(images, self.batch)
        ]
        return np.concatenate(found)

    def _pooled_in_graph(self, images: Any) -> Any:
        """Return the features (B, F), averaged over squares of pixels if they are a map that has too many."""
        tf = backend.tensorflow()
        features = self.network.look(images).features
        if len(features.shape) == 4:
            side = pooling(tuple(features.shape[1:]), self.most)
            features = tf.nn.avg_pool2d(features, side, side, "SAME")
        return tf.reshape(features, (self.batch, -1))

    def _few(self, features: NDArray[np.float32]) -> NDArray[np.float32]:
        """Return features (n, F), projected if there are too many: distances stay the same within a few percent."""
        from sklearn.random_projection import SparseRandomProjection

        if features.shape[1] <= self.most:
            return features
        if self._projection is None:
            self._projection = SparseRandomProjection(self.most, random_state=0).fit(features)
        return np.asarray(self._projection.transform(features), np.float32)


def pooling(shape: tuple[int, int, int], most: int) -> int:
    """Return the least side of squares of pixels to average, so that a map (H, W, C) has at most so many values.

    If even the averages over all pixels are more, return the side that covers the map.
    """
    height, width, channels = shape
    sides = range(1, max(height, width) + 1)
    fits = (side for side in sides if -(-height // side) * -(-width // side) * channels <= most)
    return next(fits, max(height, width))


FEATURES = Analysis(
    "features",
    compute,
    {
        "clean": Field(np.floating, ("image", "feature")),
        "degraded": Field(np.floating, ("image", "feature")),  # equals `clean` where no minimum noise was found
        "noisy": Field(np.floating, ("image", "feature")),  # one random copy at the run's sigma
    },
    layers=True,
    noise=True,
    work=4,
)
