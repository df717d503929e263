"""The images of a hardening, seen before it starts. No Qt in here."""

from dataclasses import replace
from typing import Any

from tfstab.datasets import splits_of
from tfstab.datasets.folders import VALIDATION
from tfstab.datasets.splits import has_split, training_split_of
from tfstab.errors import TfstabError
from tfstab.gui.jobs.preview import Preview, preview_of
from tfstab.orders import ImageOptions

TEST_SPLIT, HELD_OUT = "test split of Train", "Train, of which a fifth is held out for testing"


def preview_of_hardening(model: str, data: str, train: str, images: dict[str, Any], classes: str = "") -> Preview:
    """Return a preview of the test images; its last line says which of them are set aside and not compared.

    Parameters
    ----------
    model, images, classes
        As in `preview_of`.
    data, train : str
        Sources of the test and training images, as `data` in `preview_of`; "" for none.
    """
    shown = preview_of(model, data, images, classes) if data else preview_of_training(model, train, images, classes)
    if shown.unreadable or not (data or train):
        return shown
    try:
        note = set_aside(data, train, shown.count, images.get("split", ImageOptions.split))
    except (TfstabError, OSError):  # said where the images are read
        return shown
    return replace(shown, text=f"{shown.text}\n{note}")


def set_aside(data: str, train: str, test_images: int, split: str = "test") -> str:
    """Return which images a hardening uses for validation, that is, for choosing the weights or the remedy.

    Parameters
    ----------
    data, train : str
        As in `preview_of_hardening`.
    test_images : int
        Number of test images, 0 if it is not known.
    split : str
        The split of the test images.
    """
    # Imported here, because the window appears sooner without it.
    from tfstab.orders.hardening import FEWEST_VALIDATION, MOST_WATCHED, WATCHED_SHARE
    from tfstab.orders.hardening_images import validation_source

    found, few = validation_source(data or None, train or None, split), ""
    if found is not None:
        source, own = found
        there = ImageOptions(str(source), own).count()
        if there is None or there >= FEWEST_VALIDATION:
            name = "Train" if source == train else "Data"
            return f"The split {own} of {name} is used for validation; no test images are set aside for it."
        few = f" The split {own} cannot be used: it has only {there} images and needs {FEWEST_VALIDATION}."
    number = min(round(WATCHED_SHARE * test_images), MOST_WATCHED)
    which = f"A quarter of the test images, at most {MOST_WATCHED:,}, is"
    if number:
        which = f"About {number:,} of the test images are"
    unless = "" if split in VALIDATION else " If Train or Data had a split val, it would be used instead."
    instead = few or unless
    return (
        f"{which} set aside for validation, which chooses the weights or the remedy, and not compared. Training images "
        f"cannot serve for this, because the model has learned them.{instead}"
    )


def preview_of_training(model: str, train: str, images: dict[str, Any], classes: str = "") -> Preview:
    """Return a preview of training images from which a hardening also takes the test images.

    Parameters
    ----------
    model, images, classes
        As in `preview_of`.
    train : str
        As `data` in `preview_of`.
    """
    try:
        splits, training = (splits_of(train), training_split_of(train)) if train else ((), None)
        divided = training is not None and has_split(train, images.get("split", ImageOptions.split))
    except (TfstabError, OSError):  # the preview says so
        splits, training, divided = (), None, False
    if divided:
        shown, which = preview_of(model, train, images, classes), TEST_SPLIT
    else:
        split = training or (splits[0] if splits else "train")
        shown, which = preview_of(model, train, images | {"split": split, "limit": None}, classes), HELD_OUT
    text = f"{which}: {shown.text}" if len(shown.images) else shown.text
    return replace(shown, text=text, splits=(), note="", count=shown.count if which == TEST_SPLIT else 0)
