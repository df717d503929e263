"""A classifier made from a TFLite model, which the LiteRT interpreter computes on the CPU, as devices do.

Importing this module imports ai_edge_litert, which comes with the extra `tflite`.
"""

import re
import threading
from functools import cached_property
from importlib.metadata import version
from typing import Any

import numpy as np
from ai_edge_litert.interpreter import Interpreter
from numpy.typing import NDArray

from tfstab.classifier.backend import quiet_start
from tfstab.classifier.exported import ExportedClassifier, Network, threads
from tfstab.classifier.running import reason_of
from tfstab.classifier.tflite_graph import end_of, form_of, input_of, parsed
from tfstab.errors import ModelError
from tfstab.limits import TENSOR_OF_BATCH

HALF = np.float32(0.5 + 1e-3)  # of a step, beyond the error of float32
_JOINS = re.compile(r"(?<=[^\s.])(?=Node number \d)"), re.compile(r"(?<=[a-z)]\.)(?=[A-Z])")


class TfliteNetwork(Network):
    """A TFLite model as a function of images: see `Network`.

    A quantised model gets images that are rounded to its steps, and what it returns is scaled back. If no form of
    preprocessing is named, the range of a quantised input says which one the model takes.
    """

    without_end = False

    def __init__(self, content: bytes, name: str, form: str | None) -> None:
        super().__init__(content, name, form)
        graph = parsed(content, name)
        self.taken = input_of(graph, name)
        self.end = end_of(graph, name)
        if form is None:
            self.form = form_of(graph, self.taken.shape[2])
        self._ready: tuple[int, ...] | None = None  # the shape for which the interpreter has memory
        self._lock = threading.Lock()  # an interpreter serves one thread at a time

    def __reduce__(self) -> tuple[Any, ...]:
        """Return what is pickled: everything but the interpreter and the lock."""
        return type(self), (self.content, self.name, self.form)

    @cached_property
    def _interpreter(self) -> Any:
        """The model, loaded by LiteRT."""
        try:
            return Interpreter(model_content=self.content, num_threads=threads())
        except Exception as error:  # a ValueError or RuntimeError
            raise ModelError(f"{self.name} was not loaded by LiteRT: {_reason_of(error)}") from error

    def __call__(self, images: NDArray[np.float32]) -> NDArray[Any]:
        """Return what the model computes for images (B, H, W, C), grey levels 0..255."""
        with self._lock:
            interpreter = self._interpreter
            try:
                (given,) = interpreter.get_input_details()
                values = _quantised(self.prepared(images, np.float32), given)
                self._resize(given, values.shape)
                interpreter.set_tensor(given["index"], values)
                interpreter.invoke()
                (found,) = interpreter.get_output_details()
                return _scaled_back(interpreter.get_tensor(found["index"]), found)
            except (RuntimeError, ValueError) as error:
                raise ModelError(f"{self.name} cannot score images: {_reason_of(error)}") from error

    def _resize(self, given: dict[str, Any], shape: tuple[int, ...]) -> None:
        """Prepare the interpreter for inputs of a shape, unless it is. Raises ModelError if they take too much memory.

        given: details of the input.
        """
        if self._ready == shape:
            return
        self._ready = None
        if tuple(given["shape"]) != shape:
            self._interpreter.resize_tensor_input(given["index"], shape)
        with quiet_start():  # it prints which delegate it uses
            self._interpreter.allocate_tensors()
        tensors = self._interpreter.get_tensor_details()
        largest = max(np.prod(one["shape"], dtype=float) * np.dtype(one["dtype"]).itemsize for one in tensors)
        if largest > TENSOR_OF_BATCH:
            raise ModelError(
                f"{self.name} is refused: a tensor has {largest / 1e9:,.1f} GB for {shape[0]} images; choose a smaller "
                "batch_size."
            )
        self._ready = shape


class TfliteClassifier(ExportedClassifier):
    """A classifier made from a TFLite model: see `ExportedClassifier`."""

    kind = "a TFLite model"
    format = "tflite"
    network_class = TfliteNetwork
    device = f"CPU, LiteRT {version('ai-edge-litert')}"  # scores of other versions can differ


def _reason_of(error: Exception) -> str:
    """Return what is wrong, shortened. LiteRT joins the sentences of its message without anything between them."""
    without_end, without_space = _JOINS
    return reason_of(RuntimeError(without_space.sub(" ", without_end.sub(". ", str(error)))))


def _quantised(values: NDArray[np.float32], tensor: dict[str, Any]) -> NDArray[Any]:
    """Return values as numbers of an input's type. tensor: its details."""
    dtype = tensor["dtype"]
    if dtype == np.float32:
        return values
    scale, zero = _steps(tensor)
    limits = np.iinfo(dtype)
    # Of inputs -1..1, all 256 grey levels lie halfway between two steps: always the upper one keeps them apart.
    steps = np.floor(values / scale + (zero + HALF))
    rounded: NDArray[Any] = np.clip(steps, limits.min, limits.max).astype(dtype)
    return rounded


def _scaled_back(values: NDArray[Any], tensor: dict[str, Any]) -> NDArray[Any]:
    """Return an output's numbers as float32; unchanged if they are whole numbers without a scale."""
    if values.dtype.kind == "f" or not len(tensor["quantization_parameters"]["scales"]):
        return values
    scale, zero = _steps(tensor)
    scaled: NDArray[Any] = (values.astype(np.float32) - zero) * scale
    return scaled


def _steps(tensor: dict[str, Any]) -> tuple[np.float32, np.float32]:
    """Return the scale and the zero point of a tensor of whole numbers: 1 and 0 if it is not quantised."""
    scale, zero = tensor["quantization"]
    return np.float32(scale or 1), np.float32(zero)
