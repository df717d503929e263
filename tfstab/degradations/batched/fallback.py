"""Any family in a TensorFlow graph, through its NumPy function."""

from typing import Any

import numpy as np

from tfstab.classifier import backend
from tfstab.degradations.base import Degradation
from tfstab.degradations.batched import Batched

tf = backend.tensorflow()


def image_by_image(family: Degradation) -> Batched:
    """Return a function of a batch that calls the family's NumPy function for each image."""

    def in_numpy(images: np.ndarray, severities: np.ndarray, seed: np.ndarray) -> np.ndarray:
        """Degrade the images; each draws from a stream of its own."""
        key = seed.view(np.uint64)
        streams = (np.random.Philox(key=key, counter=[0, 0, 0, row]) for row in range(len(images)))
        degraded = [
            family.degrade(image, float(severity), np.random.Generator(stream))
            for image, severity, stream in zip(images, severities, streams, strict=True)
        ]
        return np.stack(degraded)

    def in_graph(images: Any, severities: Any, seed: Any) -> Any:
        """Call NumPy from the graph."""
        degraded = tf.numpy_function(in_numpy, [images, severities, seed], tf.float32)
        return tf.ensure_shape(degraded, images.shape)

    return in_graph
