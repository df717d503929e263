"""A classifier made from any predict function, without gradients."""

import threading
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tfstab.classifier.adapt import OUTPUTS, ModelInput, checked_shape
from tfstab.classifier.class_names import ClassNames
from tfstab.classifier.classifier import Classifier
from tfstab.classifier.fingerprint import fingerprint_of_text
from tfstab.classifier.inputs import batches
from tfstab.classifier.logits import log_softmax
from tfstab.errors import InputError, ModelError, unknown_name

MULTIPLY_ADDS_A_VALUE = 25_000  # of an image; ResNet-50 has 27,000, MobileNetV2 2,000
ROUNDING = 1e-3  # how far the sum of scores may be from 1


class FunctionClassifier(Classifier):
    """A classifier made from a function: see `Classifier.from_function`."""

    differentiable = False
    normalises = False  # not known: a function prepares its images itself
    device = "function"  # the device on which a function computes is not known
    combine = None

    def __init__(
        self,
        function: Callable[[NDArray[np.float32]], Any],
        input_shape: tuple[int, int, int],
        num_classes: int,
        fingerprint: str,
        class_names: ClassNames | None,
        name: str,
        outputs: str,
        batch_size: int | None,
    ) -> None:
        shape = checked_shape("input_shape", input_shape)
        if not callable(function):
            raise InputError(f"an object of type {type(function).__name__} was given; expected a function of images.")
        if not (isinstance(num_classes, int | np.integer) and num_classes >= 2):
            raise InputError(f"num_classes is {num_classes}; expected 2 or more, a whole number.")
        if outputs not in OUTPUTS:
            raise unknown_name("outputs", outputs, OUTPUTS)
        if not (isinstance(fingerprint, str) and fingerprint.strip()):
            raise InputError("the fingerprint is empty; expected a text that names the model and changes with it.")
        if batch_size is not None and batch_size < 1:
            raise InputError(f"batch_size is {batch_size}; expected 1 or more, or None for any.")
        self.function, self.outputs, self.name, self.preprocess = function, outputs, name, "none"
        self._outputs = outputs
        self.given_fingerprint = fingerprint
        self.input_shape = shape
        self._taken = ModelInput(shape, "NHWC", batch_size)
        self._lock = threading.Lock()  # a function may not be made for several threads
        self._set_batch_size(batch_size if batch_size and batch_size > 1 else None)
        self._set_classes(num_classes, class_names)
        self.__dict__["fingerprint"] = fingerprint_of_text(f"function {outputs} {shape} {num_classes} {fingerprint}")

    def __getstate__(self) -> dict[str, Any]:
        """Return what is pickled: everything but the lock."""
        return {key: value for key, value in self.__dict__.items() if key != "_lock"}

    def __setstate__(self, state: dict[str, Any]) -> None:
        """Restore what was pickled, with a new lock."""
        self.__dict__.update(state, _lock=threading.Lock())

    @property
    def form(self) -> dict[str, Any]:
        """How the function takes images and what it returns, as in `Classifier`."""
        return {"preprocess": self.preprocess, "outputs": self.outputs, "image_shape": self.input_shape}

    @property
    def multiply_adds(self) -> float:
        """An estimate for a function whose work is not known: that of a ResNet-50 on images of this size."""
        return MULTIPLY_ADDS_A_VALUE * float(np.prod(self.input_shape))

    @property
    def model(self) -> Any:
        """Raise ModelError: there is no Keras model."""
        raise ModelError(f"{self.name} is a predict function; expected a Keras model here.")

    def for_images(self, shape: tuple[int, int, int]) -> Classifier:
        """Return the classifier itself, or raise InputError if it takes images of another shape."""
        if shape != self.input_shape:
            raise self._misfit((1, *shape))
        return self

    def with_preprocess(self, preprocess: str) -> Classifier:
        """Raise InputError: a function preprocesses its images itself."""
        raise InputError(f"{self.name} is a predict function, which gets grey levels 0..255 and preprocesses itself.")

    @property
    def returns(self) -> str:
        """What the function returns: "scores" or "logits"."""
        return self.outputs

    def compile(self) -> None:
        """Do nothing: a function needs no compiling."""

    def scores(self, images: np.ndarray) -> NDArray[np.float32]:
        """Return the scores of images: see `Classifier.scores`."""
        values = self._called(images)
        return (values if self.outputs == "scores" else np.exp(log_softmax(values))).astype(np.float32)

    def log_scores(self, images: np.ndarray) -> NDArray[np.float64]:
        """Return the natural logarithms of the scores: see `Classifier.log_scores`."""
        values = self._called(images)
        if self.outputs == "logits":
            return log_softmax(values)
        return np.log(np.maximum(values, np.finfo(np.float32).tiny))

    def gradients(self, images: np.ndarray, weights: np.ndarray) -> tuple[NDArray[np.float64], NDArray[np.float32]]:
        """Raise InputError: a function has no gradients."""
        raise InputError(f"{self.name} is a predict function without gradients; expected a Keras model here.")

    def _called(self, images: np.ndarray) -> NDArray[np.float64]:
        """Return what the function returns for images, float64 (N, K). Raises as `scores`."""
        images = np.asarray(images)
        self.check(images)
        values = np.empty((len(images), self.num_classes))
        for start, batch in batches(images, self.batch_size):
            with self._lock:
                returned = np.asarray(self.function(batch.copy()))  # a copy, since some functions preprocess in place
            values[start : start + self.batch_size] = self._checked(returned, len(batch))[: len(images) - start]
        return values

    def _checked(self, returned: np.ndarray, count: int) -> NDArray[np.float64]:
        """Return what the function returned as float64. Raises ModelError unless it is scores or logits."""
        wanted = f"expected {self.outputs} of shape ({count}, {self.num_classes})"
        if returned.shape != (count, self.num_classes) or returned.dtype.kind not in "fiu":
            raise ModelError(f"{self.name} returned {returned.dtype} of shape {returned.shape}; {wanted}.")
        with np.errstate(over="ignore"):  # float128 has numbers beyond float64
            returned = returned.astype(np.float64)
        if not np.isfinite(returned).all():
            raise ModelError(f"{self.name} returned NaN or infinite {self.outputs}; {wanted}, finite.")
        if self.outputs == "scores":
            sums = returned.sum(axis=1)
            if returned.min() < 0 or np.abs(sums - 1).max() > ROUNDING:
                raise ModelError(
                    f"{self.name} returned values from {returned.min():.4g} with sums from {sums.min():.4g} to "
                    f"{sums.max():.4g}; expected scores that sum to 1 (for logits: outputs='logits')."
                )
        return returned
