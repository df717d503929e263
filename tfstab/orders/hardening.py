"""What a hardening works on: a model, training images and test images."""

import copy
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from tfstab.classifier.class_names import are_numbers, classes_text
from tfstab.classifier.matching import match_classes
from tfstab.classifier.taken import describe_images, describe_model
from tfstab.datasets import Dataset
from tfstab.datasets.dataset import stratified_order
from tfstab.datasets.groups import drawn_in, independent
from tfstab.errors import DataError
from tfstab.models import load_classifier
from tfstab.names import printed
from tfstab.orders.hardening_images import check_given, load_images, validation_source
from tfstab.orders.images import ImageOptions, load_object
from tfstab.orders.model import ModelOptions, check_not_swapped, default_model
from tfstab.training.hardening_card import OWN_TRAINING, SET_ASIDE
from tfstab.training.images import divide
from tfstab.training.material import relabelled
from tfstab.training.remedies import WITHOUT_TRAINING
from tfstab.training.remedies.trainable import can_train, cannot_save
from tfstab.wording import counted

if TYPE_CHECKING:
    from tfstab.classifier import Classifier

WATCHED_SHARE, MOST_WATCHED = 0.25, 2_000  # validation images: this share of the test images, but at most so many
HELD_OUT = (
    "the test images were held out of those given for training. If the original was trained on them before, its "
    "accuracy on them is too high, and the gain from hardening may look too small: if you can, name test images that "
    "it has never seen."
)
MINUTES = 10.0  # of a hardening, unless others are given
FEWEST_TEST = 20  # test images, validation images included
FEWEST_VALIDATION = 5  # images of a split of their own: as many as are set aside from the fewest test images


@dataclass(frozen=True)
class HardeningSubject:
    """A model with its training and test images, loaded; their labels are outputs of the model.

    Attributes
    ----------
    classifier : Classifier
        The model.
    train, test : Dataset
        Training and test images.
    held_out : bool
        Whether the test images were held out of those given for training.
    trust : bool
        Whether the model's file may run code when it is loaded.
    changed : dict
        Options that are not at their defaults, which must be repeated to resume the hardening.
    validation : Dataset or None
        The images of a split "val" or "validation"; None if there is no such split, or it has too few images.
    too_few : Dataset or None
        The images of such a split that are too few to be used.
    remedy : str
        The remedy that was asked for, as in `HardenConfig`.
    """

    classifier: "Classifier"
    train: Dataset
    test: Dataset
    held_out: bool
    trust: bool
    changed: dict[str, Any]
    validation: Dataset | None = None
    too_few: Dataset | None = None
    remedy: str = "mixture"

    @cached_property
    def divided(self) -> tuple[Dataset, Dataset]:
        """The test images on which both models are compared, and the validation images.

        Without validation images of their own, some of the test images are set aside for validation. Validation images
        are used to choose how far the weights move. Training images cannot serve for this: the model has learned them,
        so its clean accuracy on them is too high.
        """
        if self.validation is not None:
            return self.test, self.validation.take(min(MOST_WATCHED, len(self.validation)))
        numbered = replace(self.test, indices=np.arange(len(self.test)))
        share = min(WATCHED_SHARE, MOST_WATCHED / len(self.test))
        # The first ones are compared, since an assessment of the test images begins with these, too.
        last, first = divide(numbered, 1 - share, "validation")
        note = ", ".join(filter(None, (self.test.note, SET_ASIDE)))
        return self.test.select(first.indices), replace(self.test.select(last.indices), note=note)

    @property
    def order(self) -> NDArray[np.int64]:
        """Rows of the compared images, int64 (N,), in the order in which an assessment of the test images takes them.

        The order depends on the data alone, so that two hardenings of a model can be compared, or a hardening and an
        assessment: the one that has less time measures the first images of the other one.
        """
        compared = self.divided[0]
        taken = stratified_order(self.test.labels)
        if compared is self.test:
            return taken
        rows = np.full(len(self.test), -1)
        rows[np.isin(self.test.indices, compared.indices)] = np.arange(len(compared))
        ordered = rows[taken]
        return ordered[ordered >= 0]

    @property
    def untrainable(self) -> str:
        """A sentence that the model cannot be trained, and what can be done; "" if it can be."""
        reason = can_train(self.classifier.for_images(self.train.image_shape))
        if reason is None:
            return ""
        unsaved = cannot_save(self.classifier)
        file = f" What they give cannot be saved as a .keras file, as {unsaved}." if unsaved else ""
        return (
            f"{printed(self.classifier.name)} cannot be trained: {reason}. Only remedies without training are tried, "
            "such as smoothing, which averages the scores of noisy copies of an image; `--remedy` has no effect."
            f"{file} To train it, give the Keras model that it was made from, if there is one. {OWN_TRAINING}"
        )

    @property
    def taken_for(self) -> tuple[str, ...]:
        """What the model, the training images and the test images are taken for, in one line each."""
        compared, validation = self.divided
        untrainable = self.untrainable
        trained = not untrainable and self.remedy != WITHOUT_TRAINING
        note = " (a fifth of the images, held out of training)" if self.held_out else ""
        choose = f"for validation, which chooses the {'weights' if trained else 'remedy'}"
        if self.validation is None:
            set_aside, on = f"{len(validation):,} of the test images are set aside {choose}", "the other {:,}"
        else:
            set_aside = f"{len(validation):,} images of the split '{validation.split}' are used {choose}"
            on = "the {:,} test images"
        return (
            describe_model(self.classifier.for_images(self.test.image_shape)),
            f"training images: {describe_images(self.train)}",
            f"test images: {describe_images(self.test)}{note}",
            f"{set_aside}. Both models are compared on {on.format(len(compared))}. If time is short, not all of these "
            "images are used.",
            *([f"note: {_too_few(self.too_few)}"] if self.too_few is not None else []),
            *([f"note: {untrainable}"] if untrainable else []),
            *([f"note: {HELD_OUT}"] if self.held_out else []),
        )


def hardening_subject(
    model: Any = None,
    data: Any = None,
    train: Any = None,
    *,
    split: str = "test",
    data_dir: str | Path | None = None,
    limit: int | None = None,
    resize: str | None = None,
    damaged: str = "fail",
    preprocess: str | None = None,
    outputs: str | None = None,
    threshold: float | None = None,
    trust: bool = False,
    imports: Sequence[str] = (),
    class_names: Any = None,
    remedy: str = "mixture",
) -> HardeningSubject:
    """Load a model, training images and test images, and match the classes of both to the model's outputs.

    Parameters
    ----------
    model : str, Path, keras.Model or Classifier, optional
        What `load_classifier` takes; by default the bundled network of the data set.
    data : str, Path, Dataset, tf.data.Dataset or (images, labels), optional
        Test images; by default the split `split` of `train`; if it has no test split, a fifth of its images is held
        out.
    train : str, Path, Dataset, tf.data.Dataset or (images, labels), optional
        Training images; if the source is divided, its training split. By default the training split of `data`.
    split : str
        The split of `data` that has the test images.
    limit : int, optional
        Size of a stratified sample of the test images.
    data_dir, resize, damaged
        As in `load_dataset`, for training and test images.
    preprocess, outputs, threshold, trust, imports, class_names
        As in `load_classifier`.
    remedy : str
        The remedy that is asked for, as in `HardenConfig`.

    Raises
    ------
    InputError, ModelError, DataError
        The model or the images are missing, cannot be read or do not fit each other.
    """
    check_given(data, train, model, split)
    folder = None if data_dir is None else Path(data_dir)
    options = [
        ImageOptions(str(source), "test", folder, None, None, resize, damaged)
        for source in (data, train)
        if isinstance(source, str | Path)
    ]
    for images in options:
        images.check()
    if isinstance(model, str | Path) and isinstance(data, str | Path):
        check_not_swapped(str(model), str(data))
    named = default_model(options[0] if options else ImageOptions()) if model is None else model
    if isinstance(named, str | Path):
        ModelOptions(str(named), preprocess, outputs, trust, list(imports), threshold=threshold).check()
    given = {
        "preprocess": preprocess,
        "outputs": outputs,
        "threshold": threshold,
        "imports": imports,
        "class_names": class_names,
    }
    classifier = load_classifier(named, trust=trust, **given)

    def load(source: Any, part: str) -> Dataset:
        """Load the images of a split."""
        if not isinstance(source, str | Path):
            return load_object(source, part, resize, lambda: classifier)
        return ImageOptions(str(source), part, folder, None, None, resize, damaged).load_all(lambda: classifier)

    fitting, test, held_out = load_images(data, train, split, load)
    validation, too_few = _validation(data, train, split, load), None
    if validation is not None and len(validation) < FEWEST_VALIDATION:
        validation, too_few = None, validation
    fitting = match_classes(classifier, fitting)
    if are_numbers(classifier.class_names):  # then the training images' class names replace them
        classifier = copy.copy(classifier)
        classifier.class_names = fitting.class_names
        test = relabelled(test, fitting.class_names, "test")
        validation = None if validation is None else relabelled(validation, fitting.class_names, "validation")
    test = match_classes(classifier, independent(test))
    validation = None if validation is None else match_classes(classifier, validation)
    changed = {
        "split": None if split == ImageOptions.split else split,
        "preprocess": preprocess,
        "outputs": outputs,
        "threshold": threshold,
        "classes": None if class_names is None else classes_text(class_names),
        "resize": resize,
        "limit": limit,
        "train": None if data is None or train is None else fitting.fingerprint[:8],
    }
    changed = {name: value for name, value in changed.items() if value not in (None, "none")}
    test = test if limit is None else test.take(limit)
    if len(test) < FEWEST_TEST:
        drawn = ", one of each group" if drawn_in(test.remarks) else ""
        raise DataError(
            f"{printed(test.name)} has {len(test)} test images{drawn}: too few to set some aside for validation; "
            f"give {FEWEST_TEST} or more."
        )
    return HardeningSubject(classifier, fitting, test, held_out, trust, changed, validation, too_few, remedy)


def _validation(data: Any, train: Any, split: str, load: Callable[[Any, str], Dataset]) -> Dataset | None:
    """Return the validation images of `validation_source`; None without one."""
    found = validation_source(data, train, split)
    return None if found is None else load(*found)


def _too_few(images: Dataset) -> str:
    """Return a sentence on a split that has too few validation images."""
    return (
        f"the split '{images.split}' has only {counted(len(images))}, too few for validation ({FEWEST_VALIDATION} or "
        "more are needed), so it is not used: validation images are set aside from the test images instead."
    )
