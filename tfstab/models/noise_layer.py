"""The layer of the smoothed classifier. Importing this module starts TensorFlow."""

from typing import Any

import numpy as np

from tfstab.classifier import backend
from tfstab.degradations import standard_normal

tf, keras = backend.tensorflow(), backend.keras()

STREAM = 2**64 - 3  # apart from the noise of sweeps and of trainings


@keras.saving.register_keras_serializable(package="tfstab")
class AddNoise(keras.layers.Layer):  # type: ignore[name-defined]
    """clip(x + r, 0, 255) for images x (N, H, W, C) in grey levels and one Gaussian noise r (H, W, C) for all of them.

    sigma: its standard deviation in grey levels. noise_seed, copy: which noise, by a stream of its own.
    """

    def __init__(self, sigma: float, noise_seed: int, copy: int, **settings: Any) -> None:
        super().__init__(**settings)
        self.sigma, self.noise_seed, self.copy = sigma, noise_seed, copy

    def build(self, shape: Any) -> None:
        field = standard_normal(tuple(shape[1:]), self.noise_seed, self.copy, STREAM, 0)
        self.noise = tf.constant(np.float32(self.sigma) * field)

    def call(self, images: Any) -> Any:
        return tf.clip_by_value(images + self.noise, 0.0, 255.0)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "sigma": self.sigma, "noise_seed": self.noise_seed, "copy": self.copy}
