"""The smoothed classifier as a function: scores averaged over noisy copies, for any classifier, without TensorFlow."""

import numpy as np
from numpy.typing import NDArray

from tfstab.classifier import Classifier
from tfstab.degradations import standard_normal

STREAM = 2**64 - 3  # a stream from which neither sweeps nor trainings draw


def noise_field(shape: tuple[int, ...], sigma: float, seed: int, copy: int) -> NDArray[np.float32]:
    """Return the noise of one copy, float32 (H, W, C), in grey levels; the arguments determine it."""
    return np.asarray(np.float32(sigma) * standard_normal(shape, seed, copy, STREAM, 0))


class SmoothedScores:
    """A function that averages a classifier's scores over noisy copies of each image.

    The noise of each copy is the same for every image. Objects of this class can be pickled if the classifier can.

    Parameters
    ----------
    classifier : Classifier
        The classifier.
    sigma : float
        Standard deviation of the noise in grey levels.
    copies : int
        Number of noisy copies of each image.
    seed : int
        Seed of the noise.
    """

    def __init__(self, classifier: Classifier, sigma: float, copies: int, seed: int) -> None:
        """Draw the noise of all copies."""
        self.classifier = classifier
        self.fields = [noise_field(classifier.input_shape, sigma, seed, copy) for copy in range(copies)]

    def __call__(self, images: NDArray[np.float32]) -> NDArray[np.float32]:
        """Return scores, float32 (N, K), of images, float32 (N, H, W, C) in grey levels."""
        total = np.zeros((len(images), self.classifier.num_classes))
        for field in self.fields:
            total += self.classifier.scores(np.clip(images + field, 0, 255))
        return (total / len(self.fields)).astype(np.float32)
