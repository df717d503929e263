"""The wrapper with which all other parts score images."""

import copy
from collections.abc import Callable
from functools import cached_property
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from tfstab.checks import whole_number
from tfstab.classifier import backend
from tfstab.classifier.adapt import adapted, checked_shape, input_of
from tfstab.classifier.class_names import ClassNames, named_outputs
from tfstab.classifier.fingerprint import fingerprint
from tfstab.classifier.inputs import check_images, default_batch, misfit
from tfstab.classifier.keras_graph import nested_layers
from tfstab.classifier.logits import Logits, combining_layer, logits_of, member_models
from tfstab.classifier.preprocess import preprocess_form
from tfstab.classifier.running import (
    Compiled,
    compile_gradients,
    compile_logits,
    gradients_of,
    multiply_adds,
    outputs_of,
)
from tfstab.classifier.source import Source
from tfstab.classifier.threshold import DEFAULT as DEFAULT_THRESHOLD
from tfstab.classifier.threshold import checked_threshold
from tfstab.errors import InputError, ModelError

T = TypeVar("T")


class Classifier:
    """An image classifier that takes grey levels 0..255 and returns scores, made from a Keras model.

    Parameters
    ----------
    model : keras.Model
        A built model with one input: images (N, H, W, C) or (N, C, H, W) with 1 or 3 channels, or grey images (N, H,
        W); and one output: softmax scores (N, K), logits (N, K), or one sigmoid (N, 1), the score of class 1 of two.
    class_names : sequence of str or dict, optional
        K names, in the order of the outputs, or names of some outputs, {output: name}; the others are called "0", "1",
        ..., as all are by default.
    name : str, optional
        The model's name in tables; by default the one that Keras knows.
    batch_size : int, optional
        Images that are scored at once, 2 or more: by default 256, or as many as fit into 32 MB if they are large, in
        multiples of 8. Calls with any number of images are cut into batches of this size and padded. On a CPU, scores
        are the same to the bit with any of these sizes; with some networks, only with multiples of 8. A model that was
        built for one batch size keeps that.
    preprocess : str
        What the model needs in place of grey levels, unless it has layers that compute this: "none" (0..255), "unit"
        (0..1), "signed" (-1..1), "imagenet" (mean 0 and standard deviation 1 over ImageNet), "caffe" (blue, green, red
        minus ImageNet's mean), or a module of keras.applications ("resnet50", "mobilenet_v2") for the form that it
        needs. "bgr", "unit-bgr", "signed-bgr" and "imagenet-bgr" are the first four in the order blue, green, red.
        "mean=M/std=S" states a mean and a standard deviation of your own in grey levels, "unit/mean=M/std=S" of values
        0..1, each as one number or as three for red, green and blue, such as "mean=125.3,123,113.9/std=63,62.1,66.7";
        "bgr/" and "unit-bgr/" in front stand for blue, green, red, also in M and S.
    outputs : str, optional
        "scores" or "logits", if the model's layers do not show which it returns.
    threshold : float, optional
        For a model with one sigmoid output or two outputs: class 1, the second one, is predicted if its score is above
        this, between 0 and 1; by default 0.5. `scores` returns shifted scores, which are 0.5 where the model's own
        score of class 1 is at the threshold, so that the class with the larger score is always the predicted one.
    image_shape : tuple of int, optional
        Shape (H, W, C) of the images, if the model takes any size. With C = 1, a model for colour images gets grey
        images with their channel repeated.

    Raises
    ------
    ModelError
        The model has another form.
    InputError
        The settings do not fit the model.

    Examples
    --------
    >>> import keras
    >>> model = keras.Sequential([keras.layers.Input((8, 8, 1)), keras.layers.Flatten(), keras.layers.Dense(3)])
    >>> classifier = tfstab.Classifier(model, ("cat", "dog", "cow"), preprocess="unit")
    >>> classifier.scores(np.zeros((5, 8, 8, 1), np.uint8)).shape
    (5, 3)
    """

    kind = "a Keras model"  # in messages
    differentiable = True  # whether `gradients` works
    labels_only = False  # whether only the predicted class is known, so that scores are 0 and 1
    prepares_itself = False  # whether it scales its images itself, so that `preprocess` cannot be chosen
    background = True  # whether another thread may call it than the one that asked for the scores
    any_batch = False  # whether a call may have any number of images; otherwise batches are padded
    threshold = DEFAULT_THRESHOLD  # of two classes
    source: Source | None = None  # the file it was loaded from; None for bundled networks and objects

    def __init__(
        self,
        model: Any,
        class_names: ClassNames | None = None,
        name: str | None = None,
        batch_size: int | None = None,
        *,
        preprocess: str = "none",
        outputs: str | None = None,
        threshold: float | None = None,
        image_shape: tuple[int, int, int] | None = None,
    ) -> None:
        if not isinstance(model, backend.keras().Model):
            raise ModelError(
                f"an object of type {type(model).__name__} was given; expected a built Keras 3 model (for any other "
                "predict function: Classifier.from_function)."
            )
        self.name = name or model.name
        self.preprocess, self.threshold = preprocess_form(preprocess), checked_threshold(threshold)
        self.given, self._outputs, self._taken = model, outputs, input_of(model, self.name)
        shape = self._taken.shape
        if image_shape is not None:
            shape = image_shape = checked_shape("image_shape", image_shape)
            if not self._taken.takes(image_shape):
                raise self._misfit((1, *image_shape))
        self.input_shape: tuple[int, int, int] = shape  # type: ignore[assignment]  # None for a size that may be any
        self._set_batch_size(batch_size)
        self._functions: dict[tuple[str, int], Any] = {}
        self.model = adapted(model, self._taken, shape, self.preprocess, outputs, self.threshold, self.name)
        self._set_classes(int(self.model.output_shape[1]), class_names)

    @classmethod
    def from_function(
        cls,
        function: Callable[[NDArray[np.float32]], Any],
        input_shape: tuple[int, int, int],
        num_classes: int,
        *,
        fingerprint: str,
        gradients: Callable[[NDArray[np.float32], NDArray[np.float32]], Any] | None = None,
        class_names: ClassNames | None = None,
        name: str | None = None,
        outputs: str = "scores",
        batch_size: int | None = None,
    ) -> "Classifier":
        """Make a classifier from any function, such as a model of PyTorch, JAX or scikit-learn, or a service.

        Sweeps and the search engines `pygad`, `labels` and `random` need nothing else. The engines `boundary` and
        `lbfgs` and the refinement need gradients, which a second function can give.

        Parameters
        ----------
        function : callable
            Takes images float32 (B, H, W, C), grey levels 0..255, and returns what `outputs` says. It is called by one
            thread at a time. Calls raise ModelError if it returns another shape, NaN or no scores.
        input_shape : tuple of int
            Shape (H, W, C) of the images.
        num_classes : int
            K, 2 or more.
        fingerprint : str
            Any text that names the model and changes with it; runs are resumed only with the same one. They store it
            in clear, so it must hold no password.
        gradients : callable, optional
            Takes images float32 (B, H, W, C) and weights float32 (B, K), and returns of each image the gradient of
            sum_k weights[b, k] log_score_k by its grey levels, float32 (B, H, W, C), as in the second example. The
            log-scores are the logarithms of the scores; of logits, their log-softmax. `function` is called on the same
            images too. The first gradients are checked by a step along one, for which one more image is scored;
            ModelError is raised if they do not agree with the scores.
        class_names : sequence of str or dict, optional
            As in `Classifier`.
        name : str, optional
            What reports call the model; by default the function's name, or "function" if that says nothing of the model
            ("predict").
        outputs : str
            What the function returns: "scores", (B, K), which sum to 1 (if they were rounded, as those of a quantised
            model, they are divided by their sum); "logits", (B, K); or "labels", the predicted classes alone, whole
            numbers (B,) from 0 to K - 1. With labels, scores are 1 for the predicted class and 0 for the others, and
            only the search engines `labels` and `random` work.
        batch_size : int, optional
            B, if the function takes only one batch size, or a service at most so many images a request; the last batch
            is padded with black images. By default a call has as many images as are needed, up to the limit of
            `Classifier`, and nothing is padded. If rounding in the function depends on B, scores then depend on it too;
            a fixed size keeps them the same to the bit.

        Returns
        -------
        Classifier
            A classifier, with gradients if their function is given.

        Raises
        ------
        InputError
            An argument has another form, or gradients are given for labels, which have none.

        Examples
        --------
        >>> def brightness(images):
        ...     bright = images.mean(axis=(1, 2, 3)) / 255
        ...     return np.stack([1 - bright, bright], axis=1)
        >>> classifier = tfstab.Classifier.from_function(brightness, (8, 8, 1), 2, fingerprint="brightness 1")
        >>> classifier.scores(np.full((1, 8, 8, 1), 255, np.uint8))
        array([[0., 1.]], dtype=float32)

        A model with logits V x / 255, whose log-scores have the gradient V[k] - sum_j score_j V[j]:

        >>> V = np.linspace(-1, 1, 128).reshape(2, 64)
        >>> def logits(images):
        ...     return images.reshape(-1, 64) / 255 @ V.T
        >>> def gradients(images, weights):
        ...     z = np.exp(logits(images))
        ...     scores = z / z.sum(axis=1, keepdims=True)
        ...     return (((weights - weights.sum(axis=1, keepdims=True) * scores) @ V) / 255).reshape(images.shape)
        >>> linear = tfstab.Classifier.from_function(logits, (8, 8, 1), 2, fingerprint="linear 1", outputs="logits",
        ...                                          gradients=gradients)
        >>> linear.differentiable, linear.gradients(np.full((3, 8, 8, 1), 9, np.uint8), np.ones((3, 2)))[1].shape
        (True, (3, 8, 8, 1))
        """
        from tfstab.classifier.function import FunctionClassifier

        return FunctionClassifier(
            function, input_shape, num_classes, fingerprint, class_names, name, outputs, batch_size, gradients
        )

    def __repr__(self) -> str:
        """Return name, input shape and number of classes."""
        return f"Classifier({self.name!r}, input={self.input_shape}, classes={self.num_classes})"

    @cached_property
    def fingerprint(self) -> str:
        """SHA-256 of the layers and their weights, the same after saving and loading."""
        return fingerprint(self.model)

    @property
    def combine(self) -> str | None:
        """How an ensemble made by `make_ensemble` combines its members ("mean", ...); None for any other model."""
        return combining_layer(self.given).combine if member_models(self.given) else None

    @property
    def normalises(self) -> bool:
        """Whether the model has a layer that scales its images, such as Rescaling."""
        layers = backend.keras().layers
        kinds = (layers.Rescaling, layers.Normalization)
        return any(isinstance(layer, kinds) for layer in nested_layers(self.given))

    @property
    def returns(self) -> str:
        """What the model returns: "scores" or "logits"."""
        return self._outputs or ("scores" if self.logits.of_scores else "logits")

    @property
    def model_shape(self) -> tuple[int | None, int | None, int]:
        """Shape (H, W, C) that the model itself takes, whatever images it is given; None for a size that may be any."""
        return self._taken.shape

    @property
    def takes_colours(self) -> bool:
        """Whether the model itself has three channels, even if it is given grey images."""
        return self._taken.shape[2] == 3

    @property
    def multiply_adds(self) -> float:
        """Multiply-adds for the scores of one image, as far as TensorFlow can count them; the model is compiled."""
        return multiply_adds(self._compiled)

    @property
    def device(self) -> str:
        """Name of the device that computes scores: the first GPU, or CPU."""
        return backend.device_name()

    def with_batch_size(self, batch_size: int) -> "Classifier":
        """Return the same model for another batch size, unless it was built for one."""
        same = copy.copy(self)
        same._set_batch_size(batch_size)
        return same

    def with_preprocess(self, preprocess: str) -> "Classifier":
        """Return the same model with another form of preprocessing."""
        return self._remade(preprocess=preprocess)

    def with_threshold(self, threshold: float | None) -> "Classifier":
        """Return the same model with another decision threshold; None for 0.5."""
        return self if checked_threshold(threshold) == self.threshold else self._remade(threshold=threshold)

    def for_images(self, shape: tuple[int, int, int]) -> "Classifier":
        """Return the classifier for images of a shape (H, W, C): itself, or one for this size or for grey images.

        Raises
        ------
        InputError
            The model does not take such images.
        """
        if shape == self.input_shape:
            return self
        if not self._taken.takes(shape):
            raise self._misfit((1, *shape))
        return self._remade(image_shape=shape)

    @property
    def form(self) -> dict[str, Any]:
        """How the model is read: the arguments preprocess, outputs, threshold (None for 0.5) and image_shape."""
        shape = None if None in self.input_shape else self.input_shape
        threshold = None if self.threshold == DEFAULT_THRESHOLD else self.threshold
        return {
            "preprocess": self.preprocess, "outputs": self._outputs, "threshold": threshold, "image_shape": shape,
        }  # fmt: skip

    def with_model(self, model: Any, name: str) -> "Classifier":
        """Return a classifier of another model that takes and returns the same, such as a copy with other weights."""
        return Classifier(model, self.class_names, name, self._asked, **self.form)

    def _remade(self, **changed: Any) -> "Classifier":
        """Return a classifier of the same model with another entry of `form`."""
        form = self.form | changed
        same = Classifier(self.given, self.class_names, self.name, self._asked, **form)
        same.source = self.source
        return same

    def compile(self) -> None:
        """Compile `scores` now instead of at its first call. Then several threads may call it at a time."""
        self._compiled.prepare()

    def take_compiled(self, same: "Classifier") -> None:
        """Take over what another classifier of the same model, form and weights has compiled."""
        if (same.fingerprint, same.form) == (self.fingerprint, self.form):
            self._functions |= same._functions

    def scores(self, images: np.ndarray) -> NDArray[np.float32]:
        """Return the softmax scores of images.

        Parameters
        ----------
        images : ndarray
            Images (N, H, W, C), uint8 or float32, grey levels 0..255.

        Returns
        -------
        ndarray of float32 (N, K)
            Scores from 0 to 1 with a sum of 1.

        Raises
        ------
        InputError
            The images have another shape, or NaN values.
        ModelError
            The model returns NaN, or fails.
        """
        if self.logits.members:
            return np.exp(self.log_scores(images)).astype(np.float32)
        # Not in the compiled function, so that scores and log-scores need only one, which takes up to seconds to make.
        softmax = backend.tensorflow().nn.softmax
        return self._map(images, lambda batch: softmax(self._compiled(batch)), self.num_classes)

    def log_scores(self, images: np.ndarray) -> NDArray[np.float64]:
        """Return the natural logarithms of the scores, computed in float64 from the logits.

        A score that has saturated at 1.0 in float32 keeps its slope here.

        Parameters
        ----------
        images : ndarray
            Images (N, H, W, C), uint8 or float32, grey levels 0..255.

        Returns
        -------
        ndarray of float64 (N, K)
            Log-scores.

        Raises
        ------
        InputError, ModelError
            As in `scores`.
        """
        return self.logits.log_scores(self._map(images, self._compiled, self.logits.width))

    def gradients(self, images: np.ndarray, weights: np.ndarray) -> tuple[NDArray[np.float64], NDArray[np.float32]]:
        """Return log-scores and the gradients of their weighted sum.

        Parameters
        ----------
        images : ndarray
            Images (N, H, W, C), uint8 or float32, grey levels 0..255.
        weights : ndarray
            Weight (N, K) of each log-score in the sum.

        Returns
        -------
        log_scores : ndarray of float64 (N, K)
            As `log_scores` returns them.
        gradients : ndarray of float32 (N, H, W, C)
            Gradient of sum_k weights[n, k] log_score_k, per grey level.

        Raises
        ------
        InputError, ModelError
            As in `scores`; ModelError also if the model has no gradients.
        """
        images, weights = np.asarray(images), np.asarray(weights, np.float32)
        self.check(images)
        logits, gradients = gradients_of(self._gradients, images, weights, self.logits.width, self.name)
        return self.logits.log_scores(logits), gradients

    def check(self, images: np.ndarray) -> None:
        """Raise InputError unless these are images (N, H, W, C) that the model takes, with finite values."""
        check_images(images, self.input_shape, self.name)

    def _misfit(self, given: tuple[int, ...]) -> InputError:
        """Return the error for images of a shape that the model does not take."""
        return misfit(given, self.input_shape if hasattr(self, "input_shape") else self._taken.shape, self.name)

    def _set_batch_size(self, batch_size: int | None) -> None:
        """Set the batch size that is asked for, unless the model was built for one."""
        if batch_size is not None:
            batch_size = whole_number("batch_size", batch_size, 1 if self._taken.batch else 2)
        self._asked = batch_size
        self.batch_size = self._taken.batch or batch_size or default_batch(self.input_shape)

    def _set_classes(self, count: int, names: ClassNames | None) -> None:
        """Set the number of classes and their names."""
        self.num_classes = count
        self.class_names = named_outputs(names, count, self.name)

    def _map(self, images: np.ndarray, function: Any, width: int) -> NDArray[np.float32]:
        """Return a compiled function's outputs (N, width) for any number of images."""
        images = np.asarray(images)
        self.check(images)
        return outputs_of(function, images, self.batch_size, width, self.name)

    @cached_property
    def logits(self) -> Logits:
        """The model's logits, found when they are first needed."""
        return logits_of(self.model)

    def kept(self, kind: str, make: Callable[[], T]) -> T:
        """Return a compiled function of this batch size, made once and shared by all copies of this classifier.

        A search asks for the same few sizes for every group of images, and compiling one takes up to a second.
        """
        key = kind, self.batch_size
        if key not in self._functions:
            self._functions[key] = make()
        made: T = self._functions[key]
        return made

    @property
    def _compiled(self) -> Compiled:
        """Logits as a compiled function of one batch size."""
        form = self.batch_size, self.input_shape, self.name
        return self.kept("logits", lambda: compile_logits(self.logits.outputs, *form))

    @property
    def _gradients(self) -> Compiled:
        """The compiled function that returns logits and the gradient of the weighted log-scores."""
        return self.kept("gradients", lambda: compile_gradients(self._compiled, self.logits.in_graph, self.num_classes))


def check_classifier(given: object) -> None:
    """Raise InputError if something else than a Classifier was given, such as a Keras model."""
    if not isinstance(given, Classifier):
        raise InputError(
            f"an object of type {type(given).__name__} was given; expected a Classifier, as load_classifier makes of a "
            "model."
        )
