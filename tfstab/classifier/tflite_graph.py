"""What a TFLite model's file shows: how it takes images, what it ends in, and its operators.

The file is read in Python, so that a damaged one cannot crash the process. Importing this module imports
ai_edge_litert, which comes with the extra `tflite`.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from ai_edge_litert import schema_py_generated as schema

from tfstab.classifier.adapt import ModelInput, layout_of
from tfstab.classifier.preprocess import FORMS, RGB_ONLY
from tfstab.errors import ModelError
from tfstab.limits import MODEL_IMAGE

MAGIC = b"TFL3"  # from byte 4 of a file on
VERSION = 3  # of the format
NUMBERS = schema.TensorType
TYPES: dict[int, Any] = {NUMBERS.FLOAT32: np.float32, NUMBERS.INT8: np.int8, NUMBERS.UINT8: np.uint8}
KEEPING = ("QUANTIZE", "DEQUANTIZE", "CAST", "RESHAPE")  # operators that keep scores, apart from rounding
ENDS = {"SOFTMAX": "softmax", "LOGISTIC": "sigmoid"}
CANDIDATES = ("none", "unit", "signed", "imagenet", "caffe")  # forms that the range of an input tells apart
MOST_INPUTS, MOST_DIMENSIONS = 100, 8  # of a model, and of its input: a file may declare millions of either
FITS = 0.25  # how much the two ends of an input's range may be away from those of a form, in all, as a share of it


@dataclass(frozen=True)
class Operator:
    """An operator: its name, and the numbers of the tensors that it takes and returns; -1 for one left out."""

    name: str
    inputs: tuple[int, ...]
    outputs: tuple[int, ...]


@dataclass(frozen=True)
class Input:
    """A model's first input: shape (-1 for any size), type and quantisation; scale is 0 if it is not quantised."""

    shape: tuple[int, ...]
    type: int
    scale: float
    zero: int


@dataclass(frozen=True)
class Graph:
    """A TFLite model's first graph.

    Attributes
    ----------
    inputs, outputs : tuple of int
        Numbers of the tensors.
    given : Input
        The first input.
    graphs : int
        Number of graphs in the file. Operators such as IF call further graphs beside the main one.
    model : schema.Model
        The parsed file; its fields are read when they are used.
    """

    inputs: tuple[int, ...]
    outputs: tuple[int, ...]
    given: Input
    graphs: int
    model: Any

    def operators(self) -> Iterator[Operator]:
        """Yield the operators in the order in which they are computed."""
        graph = self.model.Subgraphs(0)
        known = _names(schema.BuiltinOperator)
        codes = [self.model.OperatorCodes(i) for i in range(self.model.OperatorCodesLength())]
        # Older files have the code in one byte.
        names = [known.get(max(code.BuiltinCode(), code.DeprecatedBuiltinCode()), "unknown") for code in codes]
        for i in range(graph.OperatorsLength()):
            one = graph.Operators(i)
            yield Operator(names[one.OpcodeIndex()], _numbers(one.InputsAsNumpy()), _numbers(one.OutputsAsNumpy()))


def parsed(content: bytes, name: str) -> Graph:
    """Return the graph in a file's content, or raise ModelError. name: of the model, for the message."""
    try:
        if content[4:8] != MAGIC:
            raise ValueError
        model = schema.Model.GetRootAs(content, 0)
        graph = model.Subgraphs(0)
        if max(graph.InputsLength(), graph.OutputsLength()) > MOST_INPUTS:
            raise ValueError
        inputs, outputs = _numbers(graph.InputsAsNumpy()), _numbers(graph.OutputsAsNumpy())
        if model.Version() != VERSION or min(inputs) < 0 or max(inputs) >= graph.TensorsLength():
            raise ValueError
        return Graph(inputs, outputs, _input(graph.Tensors(inputs[0])), model.SubgraphsLength(), model)
    except Exception as error:  # flatbuffers raises anything for damaged files
        raise ModelError(f"{name} is damaged or not a TFLite model: convert it again.") from error


def input_of(graph: Graph, name: str) -> ModelInput:
    """Return how a model takes images, or raise ModelError if it takes anything else."""
    if len(graph.inputs) != 1:
        raise ModelError(f"{name} takes {len(graph.inputs)} inputs; expected one image input.")
    given = graph.given
    dimensions = [size if size > 0 else None for size in given.shape]
    layout = layout_of(dimensions[1:])
    if not layout:
        shape = tuple(size or "any" for size in dimensions)
        raise ModelError(f"{name} takes input of shape {shape}; expected images (N, H, W, C) or (N, C, H, W).")
    if given.type not in TYPES:
        found = _names(NUMBERS).get(given.type, "unknown").lower()
        raise ModelError(f"{name} takes images of type {found}; expected float32, int8 or uint8.")
    if math.prod(size or 1 for size in dimensions) > MODEL_IMAGE:
        raise ModelError(f"{name} is refused: its input has more than {MODEL_IMAGE:,} numbers.")
    batch, *sizes = dimensions
    height, width, channels = {"NHW": [*sizes, 1], "NCHW": [*sizes[1:], sizes[0]], "NHWC": sizes}[layout]
    return ModelInput((height, width, int(channels or 0)), layout, batch, TYPES[given.type] is not np.float32)


def form_of(graph: Graph, channels: int) -> str:
    """Return the form of preprocessing whose values have the range of a quantised input; "none" if there is none.

    Such a model says in its file which values it takes: a network for inputs 0..1 rounds 255 to 1.
    """
    dtype, given = TYPES[graph.given.type], graph.given
    if dtype is np.float32 or not given.scale:
        return "none"
    limits: Any = np.iinfo(dtype)
    ends = (np.array([limits.min, limits.max]) - given.zero) * given.scale
    black_and_white = np.array([0, 255], np.float32).reshape(2, 1, 1, 1).repeat(channels, axis=3)

    def away(form: str) -> float:
        values = FORMS[form](black_and_white)
        return float((abs(ends[0] - values.min()) + abs(ends[1] - values.max())) / np.ptp(values))

    nearest = min((form for form in CANDIDATES if channels == 3 or form not in RGB_ONLY), key=away)
    return nearest if away(nearest) <= FITS else "none"


def end_of(graph: Graph, name: str) -> str:
    """Return what a model ends in, apart from operators in KEEPING: "softmax", "sigmoid", or "" if neither.

    Raises ModelError if the model has several outputs.
    """
    if len(graph.outputs) != 1:
        raise ModelError(
            f"{name} has {len(graph.outputs)} outputs; expected one output, scores (N, K): convert only one of them."
        )
    makers = {tensor: operator for operator in graph.operators() for tensor in operator.outputs}
    tensor = graph.outputs[0]
    for _ in range(len(makers)):  # which also ends if a damaged graph goes round in circles
        operator = makers.get(tensor)
        if operator is None or not operator.inputs:
            return ""
        if operator.name not in KEEPING:
            return ENDS.get(operator.name, "")
        tensor = operator.inputs[0]
    return ""


def _input(tensor: Any) -> Input:
    """Return an input; raise ValueError if it has more dimensions than any image."""
    if max(tensor.ShapeLength(), tensor.ShapeSignatureLength()) > MOST_DIMENSIONS:
        raise ValueError
    shape = tensor.ShapeAsNumpy() if tensor.ShapeSignatureIsNone() else tensor.ShapeSignatureAsNumpy()
    steps = tensor.Quantization()
    quantised = steps is not None and steps.ScaleLength() == steps.ZeroPointLength() == 1
    scale, zero = (float(steps.Scale(0)), int(steps.ZeroPoint(0))) if quantised else (0.0, 0)
    return Input(_numbers(shape), tensor.Type(), scale, zero)


def _names(enumeration: Any) -> dict[int, str]:
    """Return the names of an enumeration of the format, by their numbers."""
    return {number: name for name, number in vars(enumeration).items() if isinstance(number, int)}


def _numbers(vector: Any) -> tuple[int, ...]:
    """Return a vector of a file as whole numbers; flatbuffers returns 0 for one that is not there."""
    return tuple(map(int, vector)) if isinstance(vector, np.ndarray) else ()
