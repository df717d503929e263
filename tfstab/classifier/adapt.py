"""Brings a Keras model of any usual form into one form: images (N, H, W, C) in grey levels to scores or logits (N, K).

Whatever a model needs in addition is put before or behind it as a layer; its own layers stay unchanged. Code that works
with models (gradients, ensembles, fingerprints, saving, sending) then has to know one form only.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np

from tfstab.classifier import backend
from tfstab.classifier.keras_graph import is_functional, producer
from tfstab.classifier.logits import before_activation, several_sigmoids
from tfstab.classifier.preprocess import check_channels
from tfstab.classifier.rounded import are_scores, check_logits, remedy
from tfstab.classifier.running import reason_of
from tfstab.classifier.threshold import DEFAULT, check_two_classes
from tfstab.classifier.tracing import gives_scores, last_operation, of_noise, traced_for_noise
from tfstab.errors import InputError, ModelError, unknown_name

OUTPUTS = ("scores", "logits")
MOST_LISTED = 6  # outputs that an error lists
Shape = tuple[int | None, int | None, int]


@dataclass(frozen=True)
class ModelInput:
    """How a model takes images.

    Attributes
    ----------
    shape : tuple
        (H, W, C); None for a size that may be any.
    layout : str
        "NHWC", "NCHW" or "NHW".
    batch : int or None
        The only batch size that the model takes; None for any.
    rounds : bool
        Whether the model takes whole numbers, which would round noise.
    """

    shape: Shape
    layout: str
    batch: int | None
    rounds: bool = False

    def takes(self, images: tuple[int, int, int]) -> bool:
        """Return whether the model takes images of this shape; a model for colours takes grey images too."""
        *size, channels = images
        *wanted, wanted_channels = self.shape
        sizes_fit = all(want in (None, have) for want, have in zip(wanted, size, strict=True))
        return sizes_fit and channels in (1, wanted_channels)


def checked_shape(name: str, shape: Any) -> tuple[int, int, int]:
    """Return the setting's value as a shape (H, W, C), or raise InputError, which names the setting."""
    shape = tuple(shape)
    whole = all(isinstance(size, int | np.integer) and size > 0 for size in shape)
    if not whole or len(shape) != 3 or shape[2] not in (1, 3):
        raise InputError(f"{name} is {shape}; expected (height, width, 1) or (height, width, 3).")
    height, width, channels = map(int, shape)
    return height, width, channels


def input_of(model: Any, name: str) -> ModelInput:
    """Return how a built model takes images, or raise ModelError, which says its name, if it takes anything else."""
    if is_functional(model):
        shapes, rounds = [tuple(tensor.shape) for tensor in model.inputs], _rounds(model)
    else:  # a subclassed model knows the shape of its first call
        if not model.built:
            raise ModelError(f"{name} is not built; expected a built model: call it once, on a few images.")
        shape = (model.get_build_config() or {}).get("input_shape")
        if isinstance(shape, dict) or (
            isinstance(shape, list | tuple) and shape and isinstance(shape[0], list | tuple)
        ):
            raise ModelError(f"{name} takes its inputs in a dictionary or list; expected images alone.")
        shapes, rounds = [(None, *(shape or ())[1:])], False
    if len(shapes) != 1:
        raise ModelError(f"{name} takes {len(shapes)} inputs; expected one image input (N, H, W, C).")
    batch, *shape = shapes[0]
    layout = layout_of(shape)
    if not layout or 0 in shape:
        raise ModelError(
            f"{name} takes input of shape {shapes[0]}; expected one image input (N, H, W, C) of 1 or 3 channels."
        )
    height, width, channels = {"NHW": (*shape, 1), "NCHW": (*shape[1:], *shape[:1]), "NHWC": shape}[layout]
    return ModelInput((height, width, channels), layout, batch, rounds)


def layout_of(shape: list[int | None]) -> str:
    """Return the layout of an input shape without its batch axis; "" if it is no image's."""
    if len(shape) == 2:
        return "NHW"
    if len(shape) != 3:
        return ""
    return "NHWC" if shape[2] in (1, 3) else "NCHW" if shape[0] in (1, 3) else ""


def adapted(
    model: Any,
    taken: ModelInput,
    image_shape: Shape,
    preprocess: str,
    outputs: str | None,
    threshold: float,
    name: str,
) -> Any:
    """Return a Keras model (N, H, W, C) to (N, K) for images of a shape: the given model if it has this form already.

    Parameters
    ----------
    model : keras.Model
        A built model.
    taken : ModelInput
        How it takes images.
    image_shape : tuple
        Shape (H, W, C) of the images to come.
    preprocess : str
        A form of preprocessing, as `preprocess_form` returns it.
    outputs : str or None
        "scores" or "logits", which the model returns; None to find out.
    threshold : float
        Score above which class 1 of two is predicted.
    name : str
        What errors call the model.

    Raises
    ------
    ModelError
        The model is not a classifier.
    InputError
        The form of preprocessing or the threshold does not fit the model.
    """
    from tfstab.classifier.adapting_layers import PrepareImages

    keras, channels = backend.keras(), taken.shape[2]
    check_channels(preprocess, channels, name)
    unchanged = preprocess == "none" and taken.layout == "NHWC" and taken.shape == image_shape and not taken.rounds
    if unchanged and is_functional(model) and not _in_containers(model):
        return _with_threshold(_with_scores(model, outputs, name), threshold, name)
    body = _in_float32(model)
    images = keras.Input(image_shape, batch_size=taken.batch)
    if preprocess == "none" and taken.layout == "NHWC" and channels == image_shape[2]:
        prepared = images
    else:
        prepared = PrepareImages(preprocess, channels, taken.layout)(images)
    try:
        given = body(prepared)
    except Exception as error:  # a user's own layers can raise anything
        raise ModelError(f"{name} cannot be called on images of shape {image_shape}: {reason_of(error)}") from error
    if isinstance(given, dict | list | tuple):
        if len(given) != 1:
            raise _several_outputs(model, len(given), name)
        (given,) = given.values() if isinstance(given, dict) else given
    scored = _with_scores(keras.Model(images, given, name=model.name), outputs, name)
    return _with_threshold(scored, threshold, name)


def _rounds(layer: Any) -> bool:
    """Return whether a layer is a functional model with one input, of whole numbers."""
    return is_functional(layer) and len(layer.inputs) == 1 and "int" in layer.inputs[0].dtype


def _in_float32(model: Any) -> Any:
    """Return the model with a float32 input in place of one of whole numbers, so that no noise is rounded away.

    A single input or output in a list or dictionary is taken out of it.
    """
    keras = backend.keras()
    if is_functional(model) and len(model.outputs) == 1 and _in_containers(model):
        model = keras.Model(model.inputs[0], model.outputs[0], name=model.name)
    if not _rounds(model):
        return model
    given = model.inputs[0]
    images = keras.Input(given.shape[1:], batch_size=given.shape[0])
    if isinstance(model, keras.Sequential):
        return keras.Sequential([images, *map(_in_float32, model.layers)], name=model.name)
    return keras.models.clone_model(model, input_tensors=images, clone_function=_in_float32)


def _in_containers(model: Any) -> bool:
    """Return whether the input or the output of a functional model is in a list or dictionary."""
    if isinstance(model, backend.keras().Sequential):
        return False
    return any(isinstance(end, list | dict | tuple) for end in (model.input, model.output))


def _several_outputs(model: Any, count: int, name: str) -> ModelError:
    """Return the error for a model with several outputs: which they are, and how to make a model with one of them."""
    ends = getattr(model, "outputs", None) or []  # a model of one's own class has none
    layers = [_layer_of(model, end) for end in ends]
    named = all(layers)
    told = [f"{layers[n] if named else f'{n}:'} {tuple(end.shape)}" for n, end in enumerate(ends)]
    listed = f" ({', '.join(told)})" if 0 < len(told) <= MOST_LISTED else ""
    taken = next((n for n, end in enumerate(ends) if len(end.shape) == 2 and (end.shape[1] or 0) > 1), 0)
    one = f'model.get_layer("{layers[taken]}").output' if named and ends else f"model.outputs[{taken}]"
    how = f", as with keras.Model(model.inputs, {one})" if ends else ""
    return ModelError(
        f"{name} has {count} outputs{listed}; expected one output, scores (N, K): make a model with one of them{how}."
    )


def _layer_of(model: Any, output: Any) -> str:
    """Return the name of the layer by which `get_layer` finds a model's output; "" if there is none."""
    try:
        layer = str(producer(output)[0].name)
        return layer if model.get_layer(layer).output is output else ""
    except (AttributeError, ValueError):  # an operation that is no layer, or a layer that is called twice
        return ""


def _with_scores(model: Any, outputs: str | None, name: str) -> Any:
    """Return the model, with a layer behind it if its output alone does not show which scores it means."""
    from tfstab.classifier.adapting_layers import TwoClasses

    keras = backend.keras()
    if outputs not in (None, *OUTPUTS):
        raise unknown_name("outputs", outputs, OUTPUTS)
    if len(model.outputs) != 1:
        raise _several_outputs(model, len(model.outputs), name)
    shape = tuple(model.output_shape)
    if len(shape) != 2 or not shape[1]:
        raise ModelError(f"{name} has output of shape {shape}; expected scores (N, K) of 2 or more classes.")

    def followed_by(layer: Any) -> Any:
        """Return the model with one more layer at its end."""
        return keras.Model(model.inputs[0], layer(model.outputs[0]), name=model.name)

    if shape[1] == 1:
        in_sigmoid = before_activation(model, "sigmoid") is not None or last_operation(model) == "Sigmoid"
        if outputs is None and not in_sigmoid:
            raise ModelError(
                f"{name} gives one number an image and does not end in a sigmoid: say whether it is the "
                "probability of class 1 (--outputs scores) or its logit (--outputs logits)."
            )
        if outputs == "logits" and in_sigmoid:
            raise ModelError(f"{name} ends in a sigmoid, so that its output is a score and no logit.")
        model = followed_by(TwoClasses(from_logits=outputs == "logits"))
    elif before_activation(model, "sigmoid") is not None:
        raise several_sigmoids(name)
    elif outputs == "logits":
        traced = None if before_activation(model, "softmax") else traced_for_noise(model)
        if traced is None or last_operation(model, traced) == "Softmax":
            raise ModelError(f"{name} ends in a softmax, so that its outputs are scores and no logits.")
        check_logits(of_noise(model, traced), name, "--outputs scores")
        return followed_by(keras.layers.Softmax())
    if outputs == "scores" and not are_scores(given := of_noise(model)):
        raise ModelError(
            f"{name} does not give scores, from 0 to 1 with a sum of 1: {remedy(given, '--outputs logits')}."
        )
    return model


def _with_threshold(model: Any, threshold: float, name: str) -> Any:
    """Return a model that `_with_scores` returned, with a layer behind it for another threshold than 0.5."""
    from tfstab.classifier.adapting_layers import DecisionThreshold

    check_two_classes(threshold, int(model.output_shape[1]), name)
    if threshold == DEFAULT:
        return model
    layer = DecisionThreshold(threshold, from_logits=not gives_scores(model))
    return backend.keras().Model(model.inputs[0], layer(model.outputs[0]), name=model.name)
