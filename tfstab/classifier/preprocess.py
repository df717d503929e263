"""Forms of preprocessing that models need, and the one of each network of keras.applications.

Only arithmetic, so that the same functions work on NumPy arrays and TensorFlow tensors.
"""

from collections.abc import Callable
from typing import Any

import numpy as np

from tfstab.errors import unknown_name

# Mean and standard deviation of ImageNet's training images: red, green, blue; of values 0..1, and in grey levels.
MEAN, DEVIATION = np.array([0.485, 0.456, 0.406], np.float32), np.array([0.229, 0.224, 0.225], np.float32)
MEAN_LEVELS = np.array([123.68, 116.779, 103.939], np.float32)

_SCALED: dict[str, Callable[[Any], Any]] = {
    "none": lambda images: images,
    "unit": lambda images: images / np.float32(255),
    "signed": lambda images: images / np.float32(127.5) - np.float32(1),
    "imagenet": lambda images: (images / np.float32(255) - MEAN) / DEVIATION,
}
_UNSCALED: dict[str, Callable[[Any], Any]] = {
    "none": lambda inputs: inputs,
    "unit": lambda inputs: inputs * np.float32(255),
    "signed": lambda inputs: (inputs + np.float32(1)) * np.float32(127.5),
    "imagenet": lambda inputs: (inputs * DEVIATION + MEAN) * np.float32(255),
}
_ABOUT = {"none": "0..255", "unit": "0..1", "signed": "-1..1", "imagenet": "ImageNet's mean 0 and deviation 1"}
# The same forms with the channels in the order blue, green, red, as OpenCV reads images.
REVERSED = {"none": "bgr", "unit": "unit-bgr", "signed": "signed-bgr", "imagenet": "imagenet-bgr"}


PLAIN = {reversed_: form for form, reversed_ in REVERSED.items()}


def _then_reversed(scale: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """Return a form that scales red, green and blue, and then reverses their order."""
    return lambda images: scale(images)[..., ::-1]


def _reversed_before(unscale: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """Return what undoes such a form."""
    return lambda inputs: unscale(inputs[..., ::-1])


FORMS: dict[str, Callable[[Any], Any]] = {
    **_SCALED,
    "caffe": lambda images: (images - MEAN_LEVELS)[..., ::-1],
    **{REVERSED[form]: _then_reversed(scale) for form, scale in _SCALED.items()},
}
_UNDONE: dict[str, Callable[[Any], Any]] = {
    **_UNSCALED,
    "caffe": lambda inputs: inputs[..., ::-1] + MEAN_LEVELS,
    **{REVERSED[form]: _reversed_before(unscale) for form, unscale in _UNSCALED.items()},
}
ABOUT = {
    **_ABOUT,
    "caffe": "blue, green, red less ImageNet's mean",
    **{REVERSED[form]: f"{about} in the order blue, green, red" for form, about in _ABOUT.items()},
}
RGB_ONLY = ("imagenet", "caffe", *REVERSED.values())

# What `preprocess_input` of each module of keras.applications does.
FAMILIES = {
    "convnext": "none", "densenet": "imagenet", "efficientnet": "none", "efficientnet_v2": "none",
    "inception_resnet_v2": "signed", "inception_v3": "signed", "mobilenet": "signed", "mobilenet_v2": "signed",
    "mobilenet_v3": "none", "nasnet": "signed", "resnet": "caffe", "resnet50": "caffe", "resnet_v2": "signed",
    "vgg16": "caffe", "vgg19": "caffe", "xception": "signed",
}  # fmt: skip


def preprocess_form(name: str) -> str:
    """Return the form of preprocessing for the name of a form or of a module of keras.applications.

    Raises
    ------
    InputError
        There is no such form or module.

    Examples
    --------
    >>> from tfstab.classifier.preprocess import preprocess_form
    >>> preprocess_form("mobilenet_v2")
    'signed'
    """
    form = FAMILIES.get(name, name)
    if form not in FORMS:
        raise unknown_name("preprocess", name, [*FORMS, *FAMILIES])
    return form


def undone(form: str, inputs: Any) -> Any:
    """Return the images that a form of preprocessing turns into these inputs, within rounding."""
    return _UNDONE[form](inputs)
