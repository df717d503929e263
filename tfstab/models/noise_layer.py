"""The noise layer of the smoothed classifier. Importing this module imports TensorFlow."""

from typing import Any

from tfstab.classifier import backend
from tfstab.models.smoothing import noise_field

tf, keras = backend.tensorflow(), backend.keras()


@keras.saving.register_keras_serializable(package="tfstab")
class AddNoise(keras.layers.Layer):  # type: ignore[name-defined]
    """Layer that adds the same Gaussian noise to every image and clips the sum to grey levels 0..255.

    Parameters
    ----------
    sigma : float
        Standard deviation of the noise in grey levels.
    noise_seed, copy : int
        Key of the noise: the same numbers give the same noise.
    **settings
        Settings of a Keras layer.
    """

    def __init__(self, sigma: float, noise_seed: int, copy: int, **settings: Any) -> None:
        """Store the settings; the noise is drawn once the shape of the images is known."""
        super().__init__(**settings)
        self.sigma, self.noise_seed, self.copy = sigma, noise_seed, copy

    def build(self, shape: Any) -> None:
        """Draw the noise, (H, W, C), for images of shape (N, H, W, C)."""
        self.noise = tf.constant(noise_field(tuple(shape[1:]), self.sigma, self.noise_seed, self.copy))

    def call(self, images: Any) -> Any:
        """Return clip(images + noise, 0, 255)."""
        return tf.clip_by_value(images + self.noise, 0.0, 255.0)

    def get_config(self) -> dict[str, Any]:
        """Return the settings from which Keras builds the layer again."""
        return {**super().get_config(), "sigma": self.sigma, "noise_seed": self.noise_seed, "copy": self.copy}
