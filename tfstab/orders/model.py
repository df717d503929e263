"""A model as its name and options describe it."""

import contextlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tfstab.classifier.class_names import ClassNames, parse_class_names
from tfstab.classifier.preprocess import preprocess_form
from tfstab.classifier.source import FORM, without_defaults
from tfstab.classifier.threshold import checked_threshold
from tfstab.datasets import NAMED
from tfstab.errors import InputError
from tfstab.models import bundled_names, check_model, load_classifier
from tfstab.models.cards import class_names as names_in_card
from tfstab.models.cards import form as card_form
from tfstab.models.convnets import OWN_MODEL
from tfstab.models.loading import MODEL_SUFFIXES
from tfstab.orders.images import ImageOptions
from tfstab.paths import user_path

if TYPE_CHECKING:
    from tfstab.classifier import Classifier


DEFAULT = "mnist-lenet"


def default_model(images: ImageOptions) -> str:
    """Return the bundled network for these images: that of their data set, or the MNIST network if none is named.

    Raises
    ------
    InputError
        The images are the user's own, so that no network is known for them, or they are not there.

    Examples
    --------
    >>> from tfstab.orders import ImageOptions, default_model
    >>> default_model(ImageOptions("cifar10"))
    'cifar10-quick'
    """
    if images.data is None:
        return DEFAULT
    if images.data not in OWN_MODEL:
        images.check()
        raise InputError(
            f"which model? {images.data} has images of your own: name their model with --model, a .keras, "
            ".onnx or .tflite file or a bundled network (see `tfstab models`)."
        )
    return OWN_MODEL[images.data]


def check_not_swapped(model: str, data: str | None) -> None:
    """Raise InputError if images were given in the place of the model, and a model in the place of the images.

    Examples
    --------
    >>> from tfstab.orders.model import check_not_swapped
    >>> check_not_swapped("mnist-5k", "mnist-lenet")
    Traceback (most recent call last):
        ...
    tfstab.errors.InputError: mnist-5k was given as the model and mnist-lenet as the images: they seem to be swapped.
    """
    if data is None or model in bundled_names() or Path(model).suffix in MODEL_SUFFIXES:
        return
    is_model = data in bundled_names() or (Path(data).suffix in MODEL_SUFFIXES and user_path(data).is_file())
    if is_model and (model in NAMED or user_path(model).exists()):
        raise InputError(f"{model} was given as the model and {data} as the images: they seem to be swapped.")


@dataclass(frozen=True)
class ModelOptions:
    """A model and the options beside it, as `load_classifier` takes them.

    Parameters
    ----------
    name : str
        Name of a bundled network, or path of a model.
    preprocess : str, optional
        What the model expects of grey levels, as in `Classifier`: "none", another form, a family of keras.applications,
        or "mean=M/std=S". What is not given of `preprocess`, `outputs` and `threshold` is read from the model's card,
        as `load_classifier` does.
    outputs : str, optional
        "scores" or "logits", if the model's layers do not show which it returns.
    trust : bool
        Whether the model's file may run any code.
    imports : sequence of str, optional
        Modules or .py files that register the model's classes.
    classes : str, optional
        Names of the model's outputs as in `parse_class_names`: "cat,dog" or "cat=281,dog=207".
    threshold : float, optional
        Score above which class 1 of two is predicted; by default 0.5.

    Examples
    --------
    >>> from tfstab.orders import ModelOptions
    >>> options = ModelOptions("mnist-lenet")
    >>> options.check()
    >>> options.load().num_classes
    10
    """

    name: str
    preprocess: str | None = None
    outputs: str | None = None
    trust: bool = False
    imports: Sequence[str] | None = None
    classes: str | None = None
    threshold: float | None = None

    @classmethod
    def remembered(cls, name: str, options: Mapping[str, Any]) -> "ModelOptions":
        """Return a model with options as a Source has them; raise InputError for options of another version."""
        try:
            return cls(name, **{**options, "imports": tuple(options.get("imports", ()))})
        except TypeError as error:
            raise InputError(f"a model has no such option ({error}): update tfstab.") from error

    def check(self) -> None:
        """Check the options as far as possible without importing TensorFlow.

        Raises
        ------
        InputError, ModelError
            The model is unknown, missing or damaged, may only be loaded with `trust`, the
            preprocessing is unknown, or the threshold is not between 0 and 1.
        """
        if self.preprocess is not None:
            preprocess_form(self.preprocess)
        checked_threshold(self.threshold)
        _ = self._class_names
        check_model(self.name, self.trust)

    def load(self) -> "Classifier":
        """Load the model; raises what `load_classifier` raises."""
        return load_classifier(
            self.name,
            preprocess=self.preprocess,
            outputs=self.outputs,
            threshold=self.threshold,
            trust=self.trust,
            imports=self.imports or (),
            class_names=self._class_names,
        )

    @property
    def form(self) -> dict[str, Any]:
        """How the model is read, by the options or by its card, {name: value}, without what is at its default."""
        path = user_path(self.name)
        told = card_form(path.with_suffix(".json")) if self._has_card else {}
        form = None if self.preprocess is None else preprocess_form(self.preprocess)
        given = {"preprocess": form, "outputs": self.outputs, "threshold": self.threshold}
        return without_defaults(told | {name: value for name, value in given.items() if value is not None})

    @property
    def without_card(self) -> "ModelOptions":
        """The same model without the options that its card says anyway."""
        if not self._has_card:
            return self
        card = user_path(self.name).with_suffix(".json")
        told, names = card_form(card), names_in_card(card)
        said: dict[str, Any] = {name: None for name in FORM if name in told and told[name] == getattr(self, name)}
        if names is not None and self._class_names == list(names):
            said["classes"] = None
        return replace(self, **said)

    @property
    def _has_card(self) -> bool:
        """Whether a card may lie beside the model: the current folder has no name."""
        return bool(user_path(self.name).name) and self.name not in bundled_names()

    @property
    def _class_names(self) -> ClassNames | None:
        """The names of outputs; raises InputError if they cannot be read."""
        if self.classes is None:
            return None
        if _is_file(self.classes):
            raise InputError(
                f"--classes is '{self.classes}', which is a file; expected the names themselves, as NAME,NAME,... in "
                "the order of the model's outputs. To give them once for all commands, write them into the JSON file "
                'beside the model: {"class_names": ["NAME", ...]}.'
            )
        return parse_class_names(self.classes)


def _is_file(text: str) -> bool:
    """Return whether a text is the path of a file; most texts could not even be one."""
    with contextlib.suppress(OSError, ValueError, RuntimeError):
        return user_path(text).is_file()
    return False
