"""A classifier made from an ONNX model, which onnxruntime computes on the CPU.

Importing this module imports onnx and onnxruntime, which come with the extra `onnx`.
"""

import hashlib
import os
from functools import cached_property
from typing import Any

import numpy as np
import onnxruntime
from numpy.typing import NDArray

from tfstab.classifier.adapt import OUTPUTS, ModelInput, Shape, checked_shape
from tfstab.classifier.class_names import ClassNames
from tfstab.classifier.classifier import Classifier
from tfstab.classifier.function import FunctionClassifier
from tfstab.classifier.logits import ANY_SIZE, several_sigmoids
from tfstab.classifier.onnx_graph import input_of, parsed, without_end
from tfstab.classifier.preprocess import FORMS, RGB_ONLY, preprocess_form
from tfstab.classifier.rounded import are_scores, check_logits, remedy
from tfstab.classifier.running import reason_of
from tfstab.classifier.threshold import DEFAULT, check_two_classes, checked_threshold, shifted_logits
from tfstab.errors import InputError, ModelError, unknown_name
from tfstab.limits import ONNX_TENSORS

TYPES = {"tensor(float)": np.float32, "tensor(double)": np.float64, "tensor(float16)": np.float16}
FEW = 4  # images of noise with which a model is tried
FATAL = 4  # the only messages that onnxruntime prints; what it raises is enough


class Network:
    """An ONNX model as a function of images in grey levels. It can be pickled, and shared by several threads.

    Parameters
    ----------
    content : bytes
        The model's file.
    name : str
        The model's name, for messages.
    form : str
        One of `preprocess.FORMS`.

    Attributes
    ----------
    taken : ModelInput
        How the model takes images.
    end : str
        What was left out at the model's end: "softmax", "sigmoid" or "".
    """

    def __init__(self, content: bytes, name: str, form: str) -> None:
        self.content, self.name, self.form = content, name, form
        model = parsed(content, name)
        self.taken: ModelInput = input_of(model, name)
        self.end = without_end(model, name)

    def __getstate__(self) -> dict[str, Any]:
        """Return what is pickled: everything but the session."""
        return {key: value for key, value in self.__dict__.items() if key != "_session"}

    @cached_property
    def _session(self) -> Any:
        """The model, loaded by onnxruntime."""
        model = parsed(self.content, self.name)
        without_end(model, self.name)
        options = onnxruntime.SessionOptions()
        options.log_severity_level = FATAL
        options.use_deterministic_compute = True
        options.intra_op_num_threads = _threads()
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")  # other threads degrade images
        # Otherwise, bytes can be made that are read as ONNX here and as onnxruntime's own format there, unchecked.
        options.add_session_config_entry("session.load_model_format", "ONNX")
        options.add_session_config_entry("session.use_env_allocators", "1")  # the one with a limit, made below
        try:
            return onnxruntime.InferenceSession(
                model.SerializeToString(),
                options,
                ["CPUExecutionProvider"],
                enable_fallback=0,  # which would print and try the same again
            )
        except Exception as error:  # onnxruntime's errors have no common class
            raise ModelError(f"{self.name} was not loaded by onnxruntime: {reason_of(error)}") from error

    def __call__(self, images: NDArray[np.float32]) -> NDArray[Any]:
        """Return what the model computes for images (B, H, W, C), grey levels 0..255, before `end`."""
        (given,), channels = self._session.get_inputs(), self.taken.shape[2]
        if images.shape[3] < channels:
            images = np.repeat(images, channels, axis=3)
        images = np.asarray(FORMS[self.form](images), TYPES[given.type])
        if self.taken.layout == "NCHW":
            images = np.ascontiguousarray(images.transpose(0, 3, 1, 2))
        elif self.taken.layout == "NHW":
            images = images[..., 0]
        try:
            (output,) = self._session.run(None, {given.name: images})
            return np.asarray(output)
        except Exception as error:
            if "Available memory" in str(error):
                raise ModelError(
                    f"{self.name} is refused: it needs more than {ONNX_TENSORS >> 30} GiB for {len(images)} images; "
                    "choose a smaller batch_size."
                ) from error
            raise ModelError(f"{self.name} cannot score images: {reason_of(error)}") from error

    def of_noise(self, shape: Shape) -> NDArray[Any]:
        """Return what the model computes, before `end`, for a few images (H, W, C) of noise."""
        batch, (height, width, channels) = self.taken.batch or FEW, shape
        rng = np.random.Generator(np.random.Philox(key=0))
        noise = rng.uniform(0, 255, (batch, height or ANY_SIZE, width or ANY_SIZE, channels))
        return self(noise.astype(np.float32))


class OfOneNumber:
    """The function of scores or logits (B, 2) of a network that gives one number an image: that of class 1."""

    def __init__(self, network: Network, is_logit: bool) -> None:
        self.network, self.is_logit = network, is_logit

    def __call__(self, images: NDArray[np.float32]) -> NDArray[Any]:
        """Return scores or logits (B, 2) of images (B, H, W, C)."""
        number = self.network(images)
        return np.concatenate([0 * number if self.is_logit else 1 - number, number], axis=1)


class WithThreshold:
    """The function of logits (B, 2) of a network for two classes that a decision threshold has shifted."""

    def __init__(self, function: Any, scores: bool, threshold: float) -> None:
        self.function, self.scores, self.threshold = function, scores, threshold

    def __call__(self, images: NDArray[np.float32]) -> NDArray[Any]:
        """Return logits (B, 2) of images (B, H, W, C)."""
        return shifted_logits(self.function(images), self.threshold, scores=self.scores)


class OnnxClassifier(FunctionClassifier):
    """A classifier made from an ONNX model; `load_classifier` makes it from a file, which it checks before.

    A softmax or sigmoid at the model's end is left out, so that its saturation does no harm. Batches are padded as
    those of Keras models are, so that scores do not depend on how many images are scored at once.

    Parameters
    ----------
    content : bytes
        The model's file.
    name : str
        The model's name in tables.
    class_names, batch_size, preprocess, outputs, threshold, image_shape
        As in `Classifier`.

    Raises
    ------
    ModelError
        The model is damaged, or is not an image classifier.
    InputError
        The settings do not fit the model.
    """

    kind = "an ONNX model"
    prepares_itself = False
    device = f"CPU, onnxruntime {onnxruntime.__version__}"  # scores of other versions can differ in their last bits

    def __init__(
        self,
        content: bytes,
        name: str,
        class_names: ClassNames | None = None,
        batch_size: int | None = None,
        *,
        preprocess: str = "none",
        outputs: str | None = None,
        threshold: float | None = None,
        image_shape: tuple[int, int, int] | None = None,
    ) -> None:
        self.name, form = name, preprocess_form(preprocess)
        self.network = Network(content, name, form)
        self._taken = self.network.taken
        shape: Shape = self._taken.shape
        if image_shape is not None:
            shape = image_shape = checked_shape("image_shape", image_shape)
            if not self._taken.takes(image_shape):
                raise self._misfit((1, *image_shape))
        if form in RGB_ONLY and self._taken.shape[2] != 3:
            raise InputError(f"preprocess is '{form}', which is for colours, but {name} takes grey images.")
        given = self.network.of_noise(shape)
        count = self._taken.batch or FEW
        if given.ndim != 2 or len(given) != count or not given.shape[1] or given.dtype.kind != "f":
            raise ModelError(
                f"{name} has output of shape {given.shape} for {count} images; expected scores (N, K) of 2 or more "
                "classes."
            )
        if not np.allclose(given, self.network.of_noise(shape), equal_nan=True):
            raise ModelError(
                f"{name} gives different scores for the same images: export it for inference, without dropout or "
                "other random operators."
            )
        self._returns, computed = judged(given, self.network.end, outputs, name)
        one = given.shape[1] == 1
        function: Any = OfOneNumber(self.network, computed == "logits") if one else self.network
        threshold = checked_threshold(threshold)
        check_two_classes(threshold, 2 if one else given.shape[1], name)
        text = f"onnx {hashlib.sha256(content).hexdigest()} {form} {outputs} {shape}"
        if threshold != DEFAULT:
            function, computed = WithThreshold(function, computed == "scores", threshold), "logits"
            text += f" {threshold!r}"
        self._gradient_function = None
        self._set_up(function, self._taken, shape, computed, name, text)
        self.preprocess, self._outputs, self.threshold = form, outputs, threshold
        self._set_batch_size(batch_size)
        self._set_classes(2 if one else given.shape[1], class_names)

    @property
    def form(self) -> dict[str, Any]:
        """How the model is read, as in `Classifier`."""
        form: dict[str, Any] = Classifier.form.fget(self)  # type: ignore[attr-defined]
        return form

    @property
    def returns(self) -> str:
        """What the model returns: "scores" or "logits"."""
        return self._returns

    def for_images(self, shape: tuple[int, int, int]) -> Classifier:
        """Return the classifier for images of a shape: see `Classifier.for_images`."""
        return Classifier.for_images(self, shape)

    def _remade(self, **changed: Any) -> Classifier:
        """Return a classifier of the same model with another entry of `form`."""
        form = self.form | changed
        same = OnnxClassifier(self.network.content, self.name, self.class_names, self._asked, **form)
        same.source = self.source
        return same


def judged(given: NDArray[Any], end: str, outputs: str | None, name: str) -> tuple[str, str]:
    """Return what a model returns, and what is computed once its end is left out: "scores" or "logits" each.

    Parameters
    ----------
    given : ndarray
        What is computed for a few images (N, K).
    end : str
        What was left out: "softmax", "sigmoid" or "".
    outputs : str or None
        What the person says that the model returns.
    name : str
        The model's name, for messages.
    """
    if outputs not in (None, *OUTPUTS):
        raise unknown_name("outputs", outputs, OUTPUTS)
    one = given.shape[1] == 1
    if end == "sigmoid" and not one:
        raise several_sigmoids(name)
    if end and outputs == "logits":
        raise ModelError(f"{name} ends in a {end}, so that its outputs are scores and no logits.")
    if end:
        return "scores", "logits"
    if one and outputs is None:
        raise ModelError(
            f"{name} gives one number an image and does not end in a sigmoid: say whether it is the probability of "
            "class 1 (--outputs scores) or its logit (--outputs logits)."
        )
    if outputs == "logits":
        check_logits(given, name, "--outputs scores")
    scores = bool((given >= 0).all() and (given <= 1).all()) if one else are_scores(given)
    if outputs == "scores" and not scores:
        raise ModelError(
            f"{name} does not give scores, from 0 to 1 with a sum of 1: {remedy(given, '--outputs logits')}."
        )
    found = outputs or ("scores" if scores else "logits")
    return found, found


def _limit_memory() -> None:
    """Make the allocator of all sessions, which refuses to hold more than ONNX_TENSORS bytes."""
    kind, memory = onnxruntime.OrtAllocatorType.ORT_ARENA_ALLOCATOR, onnxruntime.OrtMemType.DEFAULT
    onnxruntime.create_and_register_allocator(
        onnxruntime.OrtMemoryInfo("Cpu", kind, 0, memory), onnxruntime.OrtArenaCfg({"max_mem": ONNX_TENSORS})
    )


def _threads() -> int:
    """Return the number of threads of a session: as many as TensorFlow may use, which workers limit to one."""
    told = os.environ.get("TF_NUM_INTRAOP_THREADS", "")
    there = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return int(told) if told.isdecimal() and int(told) else there


_limit_memory()
