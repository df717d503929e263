"""The images that a model takes and its outputs, read from its file without TensorFlow, and whether images fit."""

import json
import math
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tfstab.classifier.adapt import ModelInput, layout_of
from tfstab.errors import TfstabError
from tfstab.limits import MODEL_IMAGE
from tfstab.models.archive import CONFIG, check_archive, opened
from tfstab.models.bundled import bundled_names
from tfstab.models.convnets import NAMES, image_shape
from tfstab.models.loading import ONNX, TFLITE
from tfstab.models.onnx_file import check_onnx
from tfstab.models.tflite_file import check_tflite
from tfstab.paths import user_path

DIMENSIONS = 4  # of a batch of images
UNREADABLE = (TfstabError, OSError, ValueError, KeyError, TypeError, AttributeError, IndexError, RecursionError)
WITHOUT_UNITS = ("Activation", "Softmax")  # layers that keep the number of outputs of the one before


def input_of_file(model: str) -> ModelInput | None:
    """Return how a model takes images, as far as its file shows it.

    Parameters
    ----------
    model : str
        Name of a bundled network, or path of a model.

    Returns
    -------
    ModelInput or None
        None for files that only TensorFlow can read, for damaged ones, and for models that take anything but images.

    Examples
    --------
    >>> from tfstab.models.input_shape import input_of_file
    >>> input_of_file("cifar10-quick").shape
    (32, 32, 3)
    """
    if model in bundled_names():
        name = next(name for name in NAMES if model.startswith(name))
        return ModelInput(image_shape(name), "NHWC", None)
    path = user_path(model)
    try:
        if path.suffix == ".keras":
            return _of_keras(path)
        readers = {ONNX: _of_onnx, TFLITE: _of_tflite}
        return readers[path.suffix](path) if path.suffix in readers else None
    except UNREADABLE:
        return None  # what is wrong is said when the model is checked or loaded


def outputs_of_file(model: str) -> int | None:
    """Return the number of a model's outputs if it is a .keras file that ends with a Dense layer, otherwise None.

    Parameters
    ----------
    model : str
        Path of a model.
    """
    path = user_path(model)
    if path.suffix != ".keras":
        return None
    try:
        config = _config(path)["config"]
        last = config["layers"][-1]["config"].get("name")
        if last != _output(config.get("output_layers", [last])):
            return None
        layer = [one for one in config["layers"] if one["class_name"] not in WITHOUT_UNITS][-1]
        units = layer["config"]["units"] if layer["class_name"] == "Dense" else None
    except UNREADABLE:
        return None
    return units if isinstance(units, int) and units > 1 else None  # a single unit may stand for two classes


def misfit(taken: ModelInput | None, images: tuple[int, int, int]) -> str:
    """Return in one sentence why images of a shape (H, W, C) do not fit a model, or "".

    Examples
    --------
    >>> from tfstab.models.input_shape import input_of_file, misfit
    >>> misfit(input_of_file("cifar10-quick"), (28, 28, 1))
    'the images are 28 x 28 x 1; the model takes 32 x 32 x 3: crop or stretch them to its size.'
    >>> misfit(input_of_file("mnist-lenet"), (28, 28, 3))
    'the images are 28 x 28 x 3; the model takes 28 x 28 x 1: give it grey images.'
    """
    if taken is None or taken.takes(images):
        return ""
    wanted = " x ".join("any" if size is None else str(size) for size in taken.shape)
    what = f"the images are {' x '.join(map(str, images))}; the model takes {wanted}"
    if images[2] not in (1, taken.shape[2]):
        return f"{what}: give it {'grey' if taken.shape[2] == 1 else 'colour'} images."
    return f"{what}: crop or stretch them to its size."


def _config(path: Path) -> dict[str, Any]:
    """Return the config of a .keras file; raises one of UNREADABLE."""
    check_archive(path)
    with opened(path) as archive:
        config: dict[str, Any] = json.loads(archive.read(CONFIG))
    return config


def _output(outputs: list[Any]) -> Any:
    """Return the name of a model's only output layer; None of several. Keras writes [name, 0, 0], or a list of such."""
    if not isinstance(outputs[0], list):
        return outputs[0]
    return outputs[0][0] if len(outputs) == 1 else None


def _of_keras(path: Path) -> ModelInput | None:
    """Return the input that a .keras file's config declares, if it declares only one."""
    config = _config(path)
    shapes = list(_inputs(config["config"])) or [config.get("build_config", {}).get("input_shape")]
    if len(shapes) != 1 or shapes[0] is None:
        return None
    batch, *shape = shapes[0]
    if not all(size is None or (isinstance(size, int) and size > 0) for size in shape):
        return None
    layout = layout_of(shape)
    if not layout or math.prod(size or 1 for size in shape) > MODEL_IMAGE:
        return None
    height, width, channels = {"NHW": (*shape, 1), "NCHW": (*shape[1:], *shape[:1]), "NHWC": shape}[layout]
    return ModelInput((height, width, int(channels or 0)), layout, batch)


def _inputs(config: dict[str, Any]) -> Iterator[list[int | None]]:
    """Yield the shapes of the input layers of a functional or sequential model, without those of models inside it."""
    for layer in config.get("layers", ()):
        if layer["class_name"] == "InputLayer":
            yield layer["config"].get("batch_shape") or layer["config"]["batch_input_shape"]


def _of_onnx(path: Path) -> ModelInput | None:
    """Return the input of an ONNX file; None if onnx is not installed."""
    check_onnx(path)
    try:
        from tfstab.classifier.onnx_graph import input_of, parsed
    except ImportError:
        return None
    return input_of(parsed(path.read_bytes(), path.name), path.name)


def _of_tflite(path: Path) -> ModelInput | None:
    """Return the input of a TFLite file; None if ai_edge_litert is not installed."""
    check_tflite(path)
    try:
        from tfstab.classifier.tflite_graph import input_of, parsed
    except ImportError:
        return None
    return input_of(parsed(path.read_bytes(), path.name), path.name)
