"""Running a model that anybody may have made: its errors become one sentence, and what takes too much memory is refused
before it runs.
"""

import contextlib
import math
import re
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from tfstab.classifier import backend
from tfstab.errors import ModelError, TfstabError
from tfstab.limits import TENSOR_OF_BATCH, TENSOR_OF_IMAGE
from tfstab.names import printed, shortened

LONGEST_REASON = 200
_NOISE = re.compile(r"\x1b\[[0-9;]*m|\{\{[^}]*\}\} ")  # colours, and names of places in a graph
_TRACEBACK = re.compile(r"Exception encountered|Graph execution error|Detected at node|<stack traces|\s*File \"")
_ERROR_NAME = re.compile(r"^\s*\w+(?:Error|Exception): ", re.MULTILINE)


class Compiled:
    """A function in a TensorFlow graph, for inputs of one signature: its first axis is the batch.

    It is traced and checked when first called, or by `prepare`. Calls raise ModelError for whatever TensorFlow raises
    but LookupError, by which an operation says that it has no gradient.
    """

    def __init__(self, function: Callable[..., Any], signature: Sequence[Any], name: str) -> None:
        self.function = backend.tensorflow().function(function, input_signature=signature)
        self.name, self.batch = name, int(signature[0].shape[0])
        self._ready = False

    def prepare(self) -> None:
        """Trace the function now. Raises ModelError where it cannot be, or takes too much memory."""
        with explained(self.name, self.batch):
            check_size(self.function.get_concrete_function(), self.name, self.batch)
        self._ready = True

    def __call__(self, *inputs: Any) -> Any:
        if not self._ready:
            self.prepare()
        with explained(self.name, self.batch):
            return self.function(*inputs)


@contextlib.contextmanager
def explained(name: str, batch: int) -> Iterator[None]:
    """Raise ModelError for what running the model of this name raises, but LookupError."""
    errors = backend.tensorflow().errors
    try:
        yield
    except (TfstabError, LookupError):
        raise
    except (errors.ResourceExhaustedError, MemoryError) as error:
        raise ModelError(
            f"{name} needs more memory for a batch of {batch} images than there is: choose a smaller batch_size, or "
            "another model."
        ) from error
    except Exception as error:  # a model of anybody's making raises anything
        raise ModelError(f"{name} cannot score images: {reason_of(error)}") from error


def reason_of(error: Exception) -> str:
    """The line of an error's text that says what is wrong, cut where it is long."""
    text = _NOISE.sub("", str(error))
    if text.startswith("in user code"):  # what is raised in tracing is told with its traceback, the error at the end
        text = _ERROR_NAME.split(text)[-1]
    lines = [line.strip() for line in text.splitlines() if line.strip() and not _TRACEBACK.match(line)]
    return shortened(printed(lines[0]), LONGEST_REASON) if lines else type(error).__name__


def check_size(concrete: Any, name: str, batch: int) -> None:
    """Raise ModelError where an operation of a traced function gives a tensor that is too large, by its shape.

    Inside loops only TensorFlow itself finds what is too large.
    """
    for operation in concrete.graph.get_operations():
        for tensor in operation.outputs:
            size = tensor.dtype.size * math.prod(tensor.shape) if tensor.shape.is_fully_defined() else 0
            if size <= TENSOR_OF_IMAGE:
                continue
            where = f"its operation '{shortened(printed(operation.name), LONGEST_REASON)}' gives {size / 1e9:,.1f} GB"
            if size > TENSOR_OF_IMAGE * batch:
                raise ModelError(f"{name} is refused: {where} for {batch} images.")
            if size > TENSOR_OF_BATCH:
                raise ModelError(f"{name} is refused: {where} for {batch} images; choose a smaller batch_size.")
