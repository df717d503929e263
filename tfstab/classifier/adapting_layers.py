"""The layers put before and behind a model that wants images, or gives scores, in a form of its own.

Importing this module starts TensorFlow.
"""

from typing import Any

from tfstab.classifier import backend
from tfstab.classifier.preprocess import FORMS

tf, keras = backend.tensorflow(), backend.keras()


@keras.saving.register_keras_serializable(package="tfstab")
class PrepareImages(keras.layers.Layer):  # type: ignore[name-defined]
    """Images (N, H, W, C) in grey levels 0..255 to what a model takes.

    preprocess: one of `preprocess.FORMS`. channels: 3 repeats grey images. layout: "NHWC", "NCHW", or "NHW" without an
    axis of channels.
    """

    def __init__(self, preprocess: str, channels: int, layout: str, **settings: Any) -> None:
        super().__init__(**settings)
        self.preprocess, self.channels, self.layout = preprocess, channels, layout

    def call(self, images: Any) -> Any:
        if images.shape[-1] < self.channels:
            images = tf.repeat(images, self.channels, axis=-1)
        images = FORMS[self.preprocess](images)
        if self.layout == "NHW":
            return tf.squeeze(images, -1)
        return tf.transpose(images, (0, 3, 1, 2)) if self.layout == "NCHW" else images

    def compute_output_shape(self, shape: Any) -> Any:
        count, height, width, _ = shape
        shapes = {
            "NHW": (count, height, width), "NCHW": (count, self.channels, height, width),
            "NHWC": (count, height, width, self.channels),
        }  # fmt: skip
        return shapes[self.layout]

    def get_config(self) -> dict[str, Any]:
        settings = {"preprocess": self.preprocess, "channels": self.channels, "layout": self.layout}
        return {**super().get_config(), **settings}


@keras.saving.register_keras_serializable(package="tfstab")
class TwoClasses(keras.layers.Layer):  # type: ignore[name-defined]
    """One number an image, (N, 1), to scores (N, 2) of the classes 0 and 1.

    from_logits: whether it is the logit of class 1, else its probability.
    """

    def __init__(self, from_logits: bool, **settings: Any) -> None:
        super().__init__(**settings)
        self.from_logits = from_logits

    def call(self, number: Any) -> Any:
        probability = tf.sigmoid(number) if self.from_logits else number
        return tf.concat([1 - probability, probability], axis=-1)

    def compute_output_shape(self, shape: Any) -> Any:
        return (shape[0], 2)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "from_logits": self.from_logits}
