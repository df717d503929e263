"""Classifiers made from files of other frameworks, such as ONNX and TFLite: what all such formats have in common."""

import hashlib
import os
from abc import ABC, abstractmethod
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from tfstab.classifier.adapt import OUTPUTS, ModelInput, Shape, checked_shape
from tfstab.classifier.class_names import ClassNames
from tfstab.classifier.classifier import Classifier
from tfstab.classifier.function import FunctionClassifier
from tfstab.classifier.logits import several_sigmoids
from tfstab.classifier.preprocess import check_channels, prepared, preprocess_form
from tfstab.classifier.rounded import are_scores, check_logits, remedy
from tfstab.classifier.threshold import DEFAULT, check_two_classes, checked_threshold, shifted_logits
from tfstab.classifier.tracing import ANY_SIZE
from tfstab.errors import ModelError, unknown_name

FEW = 4  # images of noise with which a model is tried


class Network(ABC):
    """A model's file as a function of images in grey levels. It can be pickled, and shared by several threads.

    Parameters
    ----------
    content : bytes
        The model's file.
    name : str
        The model's name, for messages.
    form : str, optional
        A form of preprocessing; by default what the file says, or else "none".

    Attributes
    ----------
    taken : ModelInput
        How the model takes images.
    form : str
        The form in which it gets them.
    end : str
        What the model ends in: "softmax", "sigmoid" or "".
    without_end : bool
        Whether that is left out, so that the function returns logits.
    """

    taken: ModelInput
    end: str
    without_end: ClassVar[bool]

    def __init__(self, content: bytes, name: str, form: str | None) -> None:
        self.content, self.name, self.form = content, name, form or "none"

    @abstractmethod
    def __call__(self, images: NDArray[np.float32]) -> NDArray[Any]:
        """Return what the model computes for images (B, H, W, C), grey levels 0..255."""

    def prepared(self, images: NDArray[np.float32], dtype: Any) -> NDArray[Any]:
        """Return images (B, H, W, C), grey levels 0..255, as numbers of a type in the form and layout of the model."""
        channels = self.taken.shape[2]
        if images.shape[3] < channels:
            images = np.repeat(images, channels, axis=3)
        images = np.asarray(prepared(self.form, images), dtype)
        if self.taken.layout == "NCHW":
            return np.ascontiguousarray(images.transpose(0, 3, 1, 2))
        return images[..., 0] if self.taken.layout == "NHW" else images

    def of_noise(self, shape: Shape) -> NDArray[Any]:
        """Return what is computed for a few images (H, W, C) of noise."""
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


class ExportedClassifier(FunctionClassifier):
    """A classifier made from the content of a model's file; `load_classifier` makes it, and checks the file before.

    Batches are padded as those of Keras models are, so that scores do not depend on how many images are scored at once.

    Parameters
    ----------
    content : bytes
        The model's file.
    name : str
        The model's name in tables.
    class_names, batch_size, outputs, threshold, image_shape
        As in `Classifier`.
    preprocess : str, optional
        As in `Classifier`; by default as the file says, or else "none".

    Raises
    ------
    ModelError
        The model is damaged, or is not an image classifier.
    InputError
        The settings do not fit the model.
    """

    prepares_itself = False
    network_class: ClassVar[type[Network]]
    format: ClassVar[str]  # part of the text whose hash is the fingerprint

    def __init__(
        self,
        content: bytes,
        name: str,
        class_names: ClassNames | None = None,
        batch_size: int | None = None,
        *,
        preprocess: str | None = None,
        outputs: str | None = None,
        threshold: float | None = None,
        image_shape: tuple[int, int, int] | None = None,
    ) -> None:
        self.name = name
        self.network = self.network_class(content, name, None if preprocess is None else preprocess_form(preprocess))
        form = self.network.form
        self._taken = self.network.taken
        shape: Shape = self._taken.shape
        if image_shape is not None:
            shape = image_shape = checked_shape("image_shape", image_shape)
            if not self._taken.takes(image_shape):
                raise self._misfit((1, *image_shape))
        check_channels(form, self._taken.shape[2], name)
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
        if not self.network.without_end:
            computed = self._returns
        one = given.shape[1] == 1
        function: Any = OfOneNumber(self.network, computed == "logits") if one else self.network
        threshold = checked_threshold(threshold)
        check_two_classes(threshold, 2 if one else given.shape[1], name)
        text = f"{self.format} {hashlib.sha256(content).hexdigest()} {form} {outputs} {shape}"
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
        same = type(self)(self.network.content, self.name, self.class_names, self._asked, **form)
        same.source = self.source
        return same


def judged(given: NDArray[Any], end: str, outputs: str | None, name: str) -> tuple[str, str]:
    """Return what a model returns, and what is computed once its end is left out: "scores" or "logits" each.

    Parameters
    ----------
    given : ndarray
        What is computed for a few images (N, K).
    end : str
        What the model ends in: "softmax", "sigmoid" or "".
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


def threads() -> int:
    """Return the number of threads of a session: as many as TensorFlow may use, which workers limit to one."""
    told = os.environ.get("TF_NUM_INTRAOP_THREADS", "")
    there = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return int(told) if told.isdecimal() and int(told) else there
