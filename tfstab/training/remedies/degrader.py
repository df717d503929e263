"""Degrades images by a mixture outside of training, for measuring remedies."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from tfstab.classifier import backend


class Degrader:
    """Degrades images by a mixture, in compiled batches of a fixed size.

    Parameters
    ----------
    mixture : RandomDegradation
        The families of degradations.
    size : int
        Images in a batch.
    shape : tuple of int
        Their shape (H, W, C).
    """

    def __init__(self, mixture: Any, size: int, shape: tuple[int, int, int]) -> None:
        """Declare the compiled function; it is traced at its first call."""
        tf = backend.tensorflow()
        signature = [tf.TensorSpec((size, *shape), tf.float32), tf.TensorSpec((2,), tf.int64)]
        self.size = size
        self._degrade = tf.function(mixture.degrade, input_signature=signature, autograph=False)

    def __call__(self, images: np.ndarray, seed: int, number: int) -> NDArray[np.float32]:
        """Degrade at most `size` images: float32 (n, H, W, C). Seed and number determine the random numbers."""
        batch = images[np.arange(self.size) % len(images)].astype(np.float32)  # images are repeated to fill the batch
        return np.asarray(self._degrade(batch, np.array([seed, number], np.int64)).numpy()[: len(images)])
