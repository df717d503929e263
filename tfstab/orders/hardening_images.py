"""Where the training, test and validation images of a hardening come from."""

import shlex
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from tfstab.classifier.function import FunctionClassifier
from tfstab.datasets import NAMED, Dataset, splits_of
from tfstab.datasets.folders import TRAINING
from tfstab.datasets.splits import (
    has_split,
    listed_splits,
    named_splits,
    training_split_of,
    validation_split_of,
)
from tfstab.errors import InputError
from tfstab.models.loading import ONNX, TFLITE
from tfstab.names import printed
from tfstab.orders.images import ImageOptions, without_prefix
from tfstab.paths import user_path
from tfstab.training.images import hold_out, load_divided


def check_given(data: Any, train: Any, model: Any = None, split: str = "test") -> None:
    """Raise InputError if test or training images are lacking, or if both are the same images.

    data, train, split: as of `hardening_subject`. model: what `load_classifier` takes, which is not loaded here. If a
    model of its kind cannot be trained, the error for lacking training images says so first, to spare a search for
    images that would not help.
    """
    if train is not None:
        if _are_same(data, train):
            raise InputError(
                f"{without_prefix(str(data))} was given both as test and as training images: give others for one of "
                "the two, or only training images, of which a fifth is then held out for testing."
            )
        _check_test_split(data, train, split)
        return
    if data is None:
        raise InputError("which images? name training images with --train, and test images after the model.")
    by_name = isinstance(data, str | Path)
    if not by_name or training_split_of(data) is None:
        name, near = data if by_name else getattr(data, "name", "the data"), beside(data)
        some = f"name some{f', as with --train {shlex.quote(near)}' if near else ' with --train'} (in Python train=)."
        if kind := _untrainable_kind(model):
            raise InputError(
                f"{kind} cannot be trained, as tfstab cannot change its weights. To try remedies without training, "
                f"such as smoothing, images are needed beside those for testing: {some}"
            )
        there = named_splits(data) if by_name and data not in NAMED else ()
        only = f" (it has {listed_splits(there)})" if there else ""
        raise InputError(f"which images to train on? {name} has no training images of its own{only}: {some}")
    _check_test_split(data, data, split)


def _check_test_split(data: Any, train: Any, split: str) -> None:
    """Raise InputError if the split of the test images is that of the training images, or is not there.

    data: None if the test images are those of `train`. That others lack the split is said where they are read.
    """
    tested = train if data is None else data
    if _same_place(tested, train) and split == training_split_of(train):
        raise InputError(
            f"the split '{split}' of {without_prefix(str(train))} has the training images: choose another one for "
            "testing with --split (in Python split=), or give these images with --train alone (in Python train=), of "
            "which a fifth is then held out for testing."
        )
    if data is None and split != ImageOptions.split and not (isinstance(train, str | Path) and has_split(train, split)):
        raise InputError(
            f"the images of --train have no split '{split}' for testing: choose another one with --split (in Python "
            "split=), or leave it out, so that a fifth of the images is held out for testing."
        )


def _untrainable_kind(model: Any) -> str:
    """Return a model with its kind, as in "m.onnx, an ONNX model,", if this kind cannot be trained; else ""."""
    if isinstance(model, FunctionClassifier):
        return f"{printed(model.name)}, {model.kind},"
    kind = {ONNX: "an ONNX model", TFLITE: "a TFLite model"}.get(Path(str(model)).suffix.lower())
    return f"{printed(str(model))}, {kind}," if kind else ""


def _are_same(data: Any, train: Any) -> bool:
    """Return whether test and training images come from one folder or file that is not divided into splits."""
    same = _same_place(data, train) and train not in NAMED
    return same and not splits_of(train) and training_split_of(train) is None


def _same_place(one: Any, other: Any) -> bool:
    """Return whether two sources of images are one data set, folder or file."""
    if not all(isinstance(source, str | Path) for source in (one, other)):
        return False
    if one in NAMED or other in NAMED:
        return bool(one == other)
    try:
        return user_path(without_prefix(str(one))).samefile(user_path(without_prefix(str(other))))
    except (OSError, ValueError, RuntimeError):  # one cannot be opened, which is said where it is read
        return False


def beside(data: Any) -> str:
    """Return the folder `train` or `training` beside the test images, "" if there is none."""
    if not isinstance(data, str | Path) or data in NAMED:
        return ""
    folder = user_path(without_prefix(str(data))).parent
    return next((str(folder / name) for name in TRAINING if (folder / name).is_dir()), "")


def load_images(
    data: Any, train: Any, split: str, load: Callable[[Any, str], Dataset]
) -> tuple[Dataset, Dataset, bool]:
    """Return training and test images, and whether the latter were held out."""
    if data is not None:
        tested = load(data, split)  # first: if they are missing, the training images need not be read
        source = data if train is None else train
        training = training_split_of(source) if isinstance(source, str | Path) else None
        return load(source, training or "train"), tested, False
    if isinstance(train, str | Path):
        fitting, test = load_divided(train, partial(load, train), split)
    else:
        fitting, test = load(train, "train"), None
    if test is not None:
        return fitting, test, False
    return *hold_out(fitting), True


def validation_source(data: Any, train: Any, split: str = "test") -> tuple[str | Path, str] | None:
    """Return the source of validation images and their split; None if neither source has such a split.

    data, train, split: as of `hardening_subject`. A split of the training images' source comes first. The split of the
    test images is never that of the validation images.
    """
    tested = train if data is None else data
    for source in (train, data):
        found = validation_split_of(source) if isinstance(source, str | Path) else None
        if found is not None and not (found == split and _same_place(source, tested)):
            return source, found
    return None
