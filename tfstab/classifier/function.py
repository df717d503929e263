"""A classifier made from any predict function, and from one for its gradients if there is one."""

import contextlib
import threading
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tfstab.checks import whole_number
from tfstab.classifier.adapt import OUTPUTS, ModelInput, Shape, checked_shape
from tfstab.classifier.class_names import ClassNames
from tfstab.classifier.classifier import Classifier
from tfstab.classifier.fingerprint import fingerprint_of_text
from tfstab.classifier.gradient_check import agrees_with_scores
from tfstab.classifier.inputs import batches, padded
from tfstab.classifier.logits import log_softmax
from tfstab.classifier.rounded import are_scores, check_logits, divided_by_sums, remedy
from tfstab.classifier.running import reason_of
from tfstab.errors import InputError, ModelError, unknown_name
from tfstab.wording import as_given, counted

MULTIPLY_ADDS_A_VALUE = 25_000  # of an image; ResNet-50 has 27,000, MobileNetV2 2,000
FUNCTION_OUTPUTS = (*OUTPUTS, "labels")
UNNAMED = "function"  # what a function is called whose name says nothing of the model
SAYING_NOTHING = {
    *("<lambda>", "call", "classifier", "classify", "decision_function", "f", "fn", "forward", "func", "infer"),
    *("inference", "inner", "labels", "logits", "model", "predict", "predict_fn", "predict_function", "predict_proba"),
    *("predict_scores", "probabilities", "scores", "softmax", "wrapped", "wrapper"),
}
MANY = 32  # images, of which a service may refuse more at once
FEW = 4  # images whose logits are looked at, whether they are scores


class FunctionClassifier(Classifier):
    """A classifier made from a function: see `Classifier.from_function`."""

    kind = "a predict function"
    prepares_itself = True
    background = False  # a function may depend on the thread, as one within torch.no_grad() does
    fingerprint_text = ""  # what the user gave to name the function
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
        name: str | None,
        outputs: str,
        batch_size: int | None,
        gradients: Callable[[NDArray[np.float32], NDArray[np.float32]], Any] | None = None,
    ) -> None:
        shape = checked_shape("input_shape", input_shape)
        if not callable(function):
            raise InputError(f"an object of type {type(function).__name__} was given; expected a function of images.")
        if not (isinstance(num_classes, int | np.integer) and num_classes >= 2):
            raise InputError(f"num_classes is {as_given(num_classes)}; expected 2 or more, a whole number.")
        if outputs not in FUNCTION_OUTPUTS:
            raise unknown_name("outputs", outputs, FUNCTION_OUTPUTS)
        if gradients is not None and not callable(gradients):
            raise InputError(
                f"gradients is an object of type {type(gradients).__name__}; expected a function of images and weights."
            )
        if gradients is not None and outputs == "labels":
            raise InputError(
                "gradients were given for outputs 'labels', which have none; expected 'scores' or 'logits'."
            )
        if not (isinstance(fingerprint, str) and fingerprint.strip()):
            raise InputError("the fingerprint is empty; expected a text that names the model and changes with it.")
        if batch_size is not None:
            batch_size = whole_number("batch_size", batch_size, 1)
        text = f"function {outputs} {shape} {num_classes} {fingerprint}"
        self.fingerprint_text = fingerprint
        self._gradient_function, self.any_batch = gradients, batch_size is None
        self._gradients_agree = False  # with the scores, as far as is known
        self._set_up(function, ModelInput(shape, "NHWC", batch_size), shape, outputs, name or _name_of(function), text)
        self._set_batch_size(batch_size if batch_size and batch_size > 1 else None)
        self._set_classes(num_classes, class_names)

    def _set_up(
        self, function: Callable[..., Any], taken: ModelInput, shape: Shape, outputs: str, name: str, text: str
    ) -> None:
        """Set what makes a classifier of a function that takes images of a shape; `text` names it by its content."""
        self.function, self.outputs, self.name, self.preprocess = function, outputs, name, "none"
        self._outputs, self._taken = outputs, taken
        self.differentiable, self.labels_only = self._gradient_function is not None, outputs == "labels"
        self.input_shape = shape  # type: ignore[assignment]  # None for a size that may be any
        self._unseen = self.kind == FunctionClassifier.kind  # whether logits are still to be looked at
        self._lock = threading.Lock()  # a function may not be made for several threads
        self.__dict__["fingerprint"] = fingerprint_of_text(text)

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
        raise ModelError(f"{self.name} is {self.kind}; expected a Keras model here.")

    def for_images(self, shape: tuple[int, int, int]) -> Classifier:
        """Return the classifier itself, or raise InputError if it takes images of another shape."""
        if shape != self.input_shape:
            raise self._misfit((1, *shape))
        return self

    def _remade(self, **changed: Any) -> Classifier:
        """Raise InputError: a function preprocesses its images and decides itself."""
        raise InputError(f"{self.name} is a predict function, which gets grey levels 0..255 and preprocesses itself.")

    @property
    def returns(self) -> str:
        """What the function returns: "scores", "logits" or "labels"."""
        return self.outputs

    def compile(self) -> None:
        """Do nothing: a function needs no compiling."""

    def scores(self, images: np.ndarray) -> NDArray[np.float32]:
        """Return the scores of images: see `Classifier.scores`."""
        values = self._called(images)
        return (np.exp(log_softmax(values)) if self.outputs == "logits" else values).astype(np.float32)

    def log_scores(self, images: np.ndarray) -> NDArray[np.float64]:
        """Return the natural logarithms of the scores: see `Classifier.log_scores`."""
        values = self._called(images)
        if self.outputs == "logits":
            return log_softmax(values)
        return np.log(np.maximum(values, np.finfo(np.float32).tiny))

    def gradients(self, images: np.ndarray, weights: np.ndarray) -> tuple[NDArray[np.float64], NDArray[np.float32]]:
        """Return log-scores and gradients: see `Classifier.gradients`. Raises InputError if there are no gradients."""
        if self._gradient_function is None:
            raise InputError(
                f"{self.name} is {self.kind} without gradients; expected a Keras model here, or a function with "
                "gradients= (Classifier.from_function)."
            )
        images, weights = np.asarray(images), np.asarray(weights, np.float32)
        log_scores = self.log_scores(images)
        gradients = np.empty((len(images), *self.input_shape), np.float32)
        for start, batch in self._batches(images):
            part = slice(start, start + self.batch_size)
            of_batch = weights[part].copy() if self.any_batch else padded(weights[part], self.batch_size)
            with self._lock:
                returned = self._as_array(self._gradient_function(batch.copy(), of_batch), "gradients")
            gradients[part] = self._checked_gradients(returned, batch.shape)[: len(images) - start]
        if not self._gradients_agree:
            self._gradients_agree = agrees_with_scores(
                self.log_scores, images.astype(np.float32), weights, log_scores, gradients, self.name
            )
        return log_scores, gradients

    def _batches(self, images: np.ndarray) -> Iterator[tuple[int, NDArray[np.float32]]]:
        """Yield the start and the images of each call; they are padded only for a function of one batch size."""
        return batches(images, self.batch_size, pad=not self.any_batch)

    def _called(self, images: np.ndarray) -> NDArray[np.float64]:
        """Return what the function returns for images, float64 (N, K); labels as scores 0 and 1. Raises as `scores`."""
        images = np.asarray(images)
        self.check(images)
        values = np.empty((len(images), self.num_classes))
        for start, batch in self._batches(images):
            with self._lock, self._hinting(len(batch)):
                # A copy, since some functions preprocess in place.
                returned = self._as_array(self.function(batch.copy()), self.outputs)
            checked = self._checked_labels if self.labels_only else self._checked
            values[start : start + self.batch_size] = checked(returned, len(batch))[: len(images) - start]
        return values

    @contextlib.contextmanager
    def _hinting(self, count: int) -> Iterator[None]:
        """Add to an error of the function on many images that it can be given fewer, as a service may refuse many."""
        try:
            yield
        except Exception as error:
            if self.any_batch and count > MANY:
                error.add_note(
                    f"{self.name} was called with {counted(count)}. If it takes only fewer at once, give their number, "
                    f"as in Classifier.from_function(..., batch_size={MANY})."
                )
            raise

    def _as_array(self, returned: Any, what: str) -> np.ndarray:
        """Return what a function returned as an array. Raises ModelError if NumPy cannot convert it."""
        try:
            return np.asarray(returned)
        except Exception as error:  # tensors of other frameworks raise errors of their own
            raise ModelError(
                f"{self.name} returned {what} of type {type(returned).__name__}, which NumPy cannot convert "
                f"({reason_of(error)}); expected an array."
            ) from error

    def _checked_labels(self, returned: np.ndarray, count: int) -> NDArray[np.float64]:
        """Return the classes that the function returned as scores 0 and 1. Raises ModelError for anything else."""
        wanted = f"expected labels of shape ({count},), whole numbers from 0 to {self.num_classes - 1}"
        if returned.shape != (count,) or returned.dtype.kind not in "iu":
            raise ModelError(f"{self.name} returned {returned.dtype} of shape {returned.shape}; {wanted}.")
        if returned.min() < 0 or returned.max() >= self.num_classes:
            raise ModelError(f"{self.name} returned labels from {returned.min()} to {returned.max()}; {wanted}.")
        scores = np.zeros((count, self.num_classes))
        scores[np.arange(count), returned] = 1
        return scores

    def _checked_gradients(self, returned: np.ndarray, shape: tuple[int, ...]) -> NDArray[np.float32]:
        """Return the gradients that their function returned as float32. Raises ModelError for another shape or NaN."""
        wanted = f"expected gradients of shape {shape}"
        if returned.shape != shape or returned.dtype.kind not in "fiu":
            raise ModelError(f"{self.name}'s gradients are {returned.dtype} of shape {returned.shape}; {wanted}.")
        with np.errstate(over="ignore"):  # float64 has numbers beyond float32
            returned = returned.astype(np.float32)
        if not np.isfinite(returned).all():
            raise ModelError(f"{self.name}'s gradients hold NaN or infinite values; {wanted}, finite.")
        return returned

    def _checked(self, returned: np.ndarray, count: int) -> NDArray[np.float64]:
        """Return what the function returned as float64. Raises ModelError unless it is scores or logits."""
        wanted = f"expected {self.outputs} of shape ({count}, {self.num_classes})"
        if returned.shape != (count, self.num_classes) or returned.dtype.kind not in "fiu":
            labels = returned.shape == (count,) and returned.dtype.kind in "iu"
            advice = ", or outputs='labels' for a function that returns only the predicted classes" if labels else ""
            raise ModelError(f"{self.name} returned {returned.dtype} of shape {returned.shape}; {wanted}{advice}.")
        with np.errstate(over="ignore"):  # float128 has numbers beyond float64
            returned = returned.astype(np.float64)
        if not np.isfinite(returned).all():
            raise ModelError(f"{self.name} returned NaN or infinite {self.outputs}; {wanted}, finite.")
        if self.outputs == "scores":
            if not are_scores(returned):
                sums = returned.sum(axis=1)
                raise ModelError(
                    f"{self.name} returned values from {returned.min():.4g} with sums from {sums.min():.4g} to "
                    f"{sums.max():.4g}; expected scores that sum to 1: {remedy(returned, 'outputs=' + repr('logits'))}."
                )
            return divided_by_sums(returned)
        if self._unseen and count >= FEW:
            check_logits(returned, self.name, "outputs='scores'")
            self._unseen = False
        return returned


def _name_of(function: Any) -> str:
    """Return the name of a function if it says something of the model, else "function"."""
    name = str(getattr(function, "__name__", UNNAMED))
    return UNNAMED if name.strip("_") in SAYING_NOTHING else name
