"""Forms of preprocessing that models need, and the one of each network of keras.applications.

A form is a text: a name in `FORMS`, or a mean and a standard deviation (see `own_scale`). Only arithmetic, so that the
same functions work on NumPy arrays and TensorFlow tensors.
"""

from collections.abc import Callable
from typing import Any

import numpy as np

from tfstab.classifier.own_scale import NOTATION, OwnScale, is_own_scale, own_scale
from tfstab.errors import InputError, unknown_name

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
_ABOUT = {
    "none": "0..255",
    "unit": "0..1",
    "signed": "-1..1",
    "imagenet": "0..1 less ImageNet's mean, divided by its standard deviation",
}
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
    """Return the form of preprocessing for its name, a module of keras.applications, or a mean and deviation.

    Raises
    ------
    InputError
        There is no such form or module, or no images have such a mean and standard deviation.

    Examples
    --------
    >>> from tfstab.classifier.preprocess import preprocess_form
    >>> preprocess_form("mobilenet_v2"), preprocess_form("mean=76.0/std=66.0")
    ('signed', 'mean=76/std=66')
    """
    if not isinstance(name, str):
        given = "a function" if callable(name) else f"an object of type {type(name).__name__}"
        raise InputError(
            f"preprocess is {given}; expected the name of a form, such as 'unit', or your own mean and standard "
            "deviation, 'mean=M/std=S'. For anything else, wrap model and preprocessing in one function with "
            "Classifier.from_function."
        )
    form = FAMILIES.get(name, name)
    if form in FORMS:
        return form
    if is_own_scale(form):
        return own_scale(form).text
    advice = f"Your own mean and standard deviation are written {NOTATION}."
    raise unknown_name("preprocess", name, [*FORMS, *FAMILIES], advice)


def prepared(form: str, images: Any) -> Any:
    """Return what a form of preprocessing makes of images (..., C) in grey levels 0..255."""
    own = _own(form)
    return FORMS[form](images) if own is None else own.scaled(FORMS[own.base](images))


def undone(form: str, inputs: Any) -> Any:
    """Return the images that a form of preprocessing turns into these inputs, within rounding."""
    own = _own(form)
    return _UNDONE[form](inputs) if own is None else _UNDONE[own.base](own.unscaled(inputs))


def about(form: str) -> str:
    """Return in words what a form of preprocessing makes of grey levels; a form that is not known, as it is."""
    try:
        own = _own(form)
    except InputError:  # in a stranger's file
        return form
    return ABOUT.get(form, form) if own is None else f"{ABOUT[own.base]} {own.words}"


def in_reverse_order(form: str) -> str | None:
    """Return the form that scales colours as this one does, but has them in the reverse order; None if there is none.

    Examples
    --------
    >>> from tfstab.classifier.preprocess import in_reverse_order
    >>> in_reverse_order("unit"), in_reverse_order("bgr/mean=104,117,123/std=1")
    ('unit-bgr', 'mean=123,117,104/std=1')
    """
    own = _own(form)
    return (REVERSED | PLAIN).get(form) if own is None else own.reversed.text


def is_reversed(form: str) -> bool:
    """Return whether a form is another one with the channels in the order blue, green, red."""
    own = _own(form)
    return (form if own is None else own.base) in PLAIN


def check_channels(form: str, channels: int, name: str) -> None:
    """Raise InputError if a form is for colours, but a model, whose name is given, has one channel."""
    own = _own(form)
    for_colours = form in RGB_ONLY if own is None else own.channels == 3 or own.base in RGB_ONLY
    if for_colours and channels != 3:
        raise InputError(f"preprocess is '{form}', which is for colours, but {name} takes grey images.")


def _own(form: str) -> OwnScale | None:
    """Return the mean and standard deviation that a form states; None for the form of a name."""
    return None if form in FORMS or not is_own_scale(form) else own_scale(form)
