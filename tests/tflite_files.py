"""Small TFLite files, converted from Keras models."""

import contextlib
import io
import warnings
from typing import Any

import numpy as np

SIDE, CLASSES = 12, 3


def converted(layers: Any, quantised: Any = None, low: float = 0, high: float = 1, batch: int | None = None) -> bytes:
    """The TFLite file of a network of these layers on colour images.

    quantised: np.int8 or np.uint8 for whole numbers inside and as inputs from `low` to `high` and outputs; None for
    float32.
    """
    import keras
    import tensorflow as tf

    model = keras.Sequential([keras.Input((SIDE, SIDE, 3), batch_size=batch), *layers])
    converter = tf.lite.TFLiteConverter.from_keras_model(model)
    if quantised is not None:
        rng = np.random.default_rng(0)
        examples = rng.uniform(low, high, (20, 1, SIDE, SIDE, 3)).astype(np.float32)
        examples[0, 0, 0, :2] = [[low] * 3, [high] * 3]
        converter.optimizations = [tf.lite.Optimize.DEFAULT]
        converter.representative_dataset = lambda: ([example] for example in examples)
        converter.target_spec.supported_ops = [tf.lite.OpsSet.TFLITE_BUILTINS_INT8]
        kind = tf.as_dtype(quantised)
        converter.inference_input_type = converter.inference_output_type = kind
    with warnings.catch_warnings(), contextlib.redirect_stdout(io.StringIO()):
        warnings.simplefilter("ignore")  # it warns of its own settings
        return bytes(converter.convert())


def network(end: str | None = "softmax", outputs: int = CLASSES, rescaled: bool = False) -> list[Any]:
    """Layers of a convolutional network whose logits are the mean of each colour, from -6 to 6 for inputs 0..1."""
    from keras import layers
    from keras.initializers import Constant

    kernel, weights = np.tile(np.eye(3) / 9, (3, 3, 1, 1)), 12 * np.eye(3)[:, :outputs]
    return [
        *([layers.Rescaling(1 / 255)] if rescaled else []),
        layers.Conv2D(3, 3, activation="relu", kernel_initializer=Constant(kernel)),
        layers.GlobalAveragePooling2D(),
        layers.Dense(outputs, kernel_initializer=Constant(weights), bias_initializer=Constant(-6)),
        layers.Activation(end or "linear"),
    ]


def by_interpreter(content: bytes, inputs: np.ndarray) -> np.ndarray:
    """What LiteRT's own interpreter returns for inputs of the model's type, one image at a time, scaled back."""
    from ai_edge_litert.interpreter import Interpreter

    interpreter = Interpreter(model_content=content)
    interpreter.allocate_tensors()
    (given,), (found,) = interpreter.get_input_details(), interpreter.get_output_details()
    scale, zero = found["quantization"]
    returned = []
    for one in inputs:
        interpreter.set_tensor(given["index"], one[None])
        interpreter.invoke()
        returned.append(interpreter.get_tensor(found["index"])[0])
    return (np.array(returned).astype(np.float64) - zero) * (scale or 1)
