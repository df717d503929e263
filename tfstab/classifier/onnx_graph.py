"""What an ONNX model's graph shows: how it takes images, and whether it ends in a softmax or a sigmoid.

Importing this module imports onnx, which comes with the extra `onnx`.
"""

import math
from typing import Any

import onnx
from google.protobuf.message import DecodeError

from tfstab.classifier.adapt import ModelInput, layout_of
from tfstab.errors import ModelError
from tfstab.limits import MODEL_IMAGE

# Operators that keep scores, apart from rounding. Quantised models end in the last two.
KEEPING = ("Identity", "Cast", "Dropout", "QuantizeLinear", "DequantizeLinear")
ENDS = {"Softmax": "softmax", "Sigmoid": "sigmoid"}
AS_FUNCTION = "use the model in Python, as a function (tfstab.Classifier.from_function)"
FLOATS = (onnx.TensorProto.FLOAT, onnx.TensorProto.DOUBLE, onnx.TensorProto.FLOAT16)


def parsed(content: bytes, name: str) -> Any:
    """Return the ModelProto of a file's content, or raise ModelError. name: of the model, for the message."""
    model = onnx.ModelProto()
    try:
        model.ParseFromString(content)
    except DecodeError as error:
        raise ModelError(f"{name} is damaged or not an ONNX model: export it again.") from error
    if not model.graph.node:
        raise ModelError(f"{name} is damaged or not an ONNX model: it has no operators; export it again.")
    return model


def input_of(model: Any, name: str) -> ModelInput:
    """Return how a model takes images, or raise ModelError if it takes anything else."""
    stored = {tensor.name for tensor in model.graph.initializer}
    inputs = [given for given in model.graph.input if given.name not in stored]
    if len(inputs) != 1:
        raise ModelError(f"{name} takes {len(inputs)} inputs; expected one image input.")
    kind = inputs[0].type.tensor_type
    dimensions = [size.dim_value if size.dim_value > 0 else None for size in kind.shape.dim]
    layout = layout_of(dimensions[1:])
    if not layout:
        shape = tuple(size or "any" for size in dimensions)
        raise ModelError(
            f"{name} takes input of shape {shape}; expected images (N, C, H, W) or (N, H, W, C)"
            f"{f', not rows of numbers: {AS_FUNCTION}' if len(shape) == 2 else ''}."
        )
    if kind.elem_type not in FLOATS:
        types = {number: word.lower() for word, number in onnx.TensorProto.DataType.items()}
        what = types.get(kind.elem_type, str(kind.elem_type))
        raise ModelError(f"{name} takes images of type {what}, which would round noise: export it for float32.")
    if math.prod(size or 1 for size in dimensions) > MODEL_IMAGE:
        raise ModelError(f"{name} is refused: its input has more than {MODEL_IMAGE:,} numbers.")
    batch, *sizes = dimensions
    height, width, channels = {"NHW": [*sizes, 1], "NCHW": [*sizes[1:], sizes[0]], "NHWC": sizes}[layout]
    return ModelInput((height, width, int(channels or 0)), layout, batch)


def without_end(model: Any, name: str) -> str:
    """Let a model return what the softmax or sigmoid at its end takes; return "softmax", "sigmoid", or "" if none.

    Raises ModelError if the model has several outputs.
    """
    outputs = model.graph.output
    if len(outputs) != 1:
        raise ModelError(
            f"{name} has {len(outputs)} outputs; expected one output, scores (N, K): export only one of them."
        )
    node = _last(model)
    if node is None or node.op_type not in ENDS:
        return ""
    if any(attribute.name == "axis" and attribute.i not in (-1, 1) for attribute in node.attribute):
        return ""
    outputs[0].CopyFrom(onnx.ValueInfoProto(name=node.input[0]))  # onnxruntime finds out its type and shape
    return ENDS[node.op_type]


def _last(model: Any) -> Any:
    """Return the operator whose output a model returns, apart from those in KEEPING; None if there is none."""
    makers = {tensor: node for node in model.graph.node for tensor in node.output}
    tensor = model.graph.output[0].name
    for _ in model.graph.node:  # which also ends if a damaged graph goes round in circles
        node = makers.get(tensor)
        if node is None or not node.input:
            return None
        if node.op_type not in KEEPING:
            return node
        tensor = node.input[0]
    return None
