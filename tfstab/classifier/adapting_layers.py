"""Layers that are put before or behind a model, for images or scores in a form of its own.

Importing this module starts TensorFlow.
"""

from typing import Any

from tfstab.classifier import backend
from tfstab.classifier.preprocess import prepared, preprocess_form
from tfstab.classifier.threshold import shift_of

tf, keras = backend.tensorflow(), backend.keras()

TINY = 1e-7  # in half precision, too


@keras.saving.register_keras_serializable(package="tfstab")
class PrepareImages(keras.layers.Layer):  # type: ignore[name-defined]
    """Turns images (N, H, W, C) in grey levels 0..255 into what a model takes.

    Parameters
    ----------
    preprocess : str
        A form of preprocessing, as `preprocess_form` returns it.
    channels : int
        How many channels the model takes; if there are 3, grey images are repeated.
    layout : str
        "NHWC", "NCHW", or "NHW" without a channel axis.
    """

    def __init__(self, preprocess: str, channels: int, layout: str, **settings: Any) -> None:
        super().__init__(**settings)
        # A file may hold any text: what is no form is refused here, where the message is not wrapped by Keras.
        self.preprocess, self.channels, self.layout = preprocess_form(preprocess), channels, layout

    def call(self, images: Any) -> Any:
        """Compute the layer's output."""
        if images.shape[-1] < self.channels:
            images = tf.repeat(images, self.channels, axis=-1)
        images = prepared(self.preprocess, images)
        if self.layout == "NHW":
            return tf.squeeze(images, -1)
        return tf.transpose(images, (0, 3, 1, 2)) if self.layout == "NCHW" else images

    def compute_output_shape(self, shape: Any) -> Any:
        """Return the output's shape for an input shape (N, H, W, C)."""
        count, height, width, _ = shape
        shapes = {
            "NHW": (count, height, width),
            "NCHW": (count, self.channels, height, width),
            "NHWC": (count, height, width, self.channels),
        }
        return shapes[self.layout]

    def get_config(self) -> dict[str, Any]:
        """Return the settings, from which Keras makes the layer again."""
        settings = {"preprocess": self.preprocess, "channels": self.channels, "layout": self.layout}
        return {**super().get_config(), **settings}


@keras.saving.register_keras_serializable(package="tfstab")
class TwoClasses(keras.layers.Layer):  # type: ignore[name-defined]
    """Turns one number for each image, (N, 1), into scores (N, 2) of the classes 0 and 1.

    Parameters
    ----------
    from_logits : bool
        Whether the number is the logit of class 1; otherwise it is the probability of class 1.
    """

    def __init__(self, from_logits: bool, **settings: Any) -> None:
        super().__init__(**settings)
        self.from_logits = from_logits

    def call(self, number: Any) -> Any:
        """Compute the layer's output."""
        probability = tf.sigmoid(number) if self.from_logits else number
        return tf.concat([1 - probability, probability], axis=-1)

    def compute_output_shape(self, shape: Any) -> Any:
        """Return the output's shape for an input shape (N, 1)."""
        return (shape[0], 2)

    def get_config(self) -> dict[str, Any]:
        """Return the settings, from which Keras makes the layer again."""
        return {**super().get_config(), "from_logits": self.from_logits}


@keras.saving.register_keras_serializable(package="tfstab")
class DecisionThreshold(keras.layers.Layer):  # type: ignore[name-defined]
    """Shifts scores or logits (N, 2) so that class 1 has the larger one if its own score is above a threshold.

    Parameters
    ----------
    threshold : float
        The threshold, between 0 and 1.
    from_logits : bool
        Whether the layer takes and returns logits; otherwise scores.
    """

    def __init__(self, threshold: float, from_logits: bool, **settings: Any) -> None:
        super().__init__(**settings)
        self.threshold, self.from_logits = threshold, from_logits

    def call(self, given: Any) -> Any:
        """Compute the layer's output."""
        shift = tf.constant([0, shift_of(self.threshold)], given.dtype)
        if self.from_logits:
            return given + shift
        return tf.nn.softmax(tf.math.log(tf.maximum(given, given.dtype.as_numpy_dtype(TINY))) + shift)

    def compute_output_shape(self, shape: Any) -> Any:
        """Return the output's shape: that of the input."""
        return tuple(shape)

    def get_config(self) -> dict[str, Any]:
        """Return the settings, from which Keras makes the layer again."""
        return {**super().get_config(), "threshold": self.threshold, "from_logits": self.from_logits}
