"""The images of a hardening for which no test images are named. No Qt in here."""

from dataclasses import replace
from typing import Any

from tfstab.datasets import splits_of
from tfstab.errors import TfstabError
from tfstab.gui.jobs.preview import Preview, preview_of

TEST_SPLIT, HELD_OUT = "test split of Train", "Train, of which a fifth is held out for testing"


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
        splits = splits_of(train) if train else ()
    except (TfstabError, OSError):  # the preview says so
        splits = ()
    if len(splits) == 2:
        shown, which = preview_of(model, train, images, classes), TEST_SPLIT
    else:
        split = splits[0] if splits else "train"
        shown, which = preview_of(model, train, images | {"split": split, "limit": None}, classes), HELD_OUT
    return replace(shown, text=f"{which}: {shown.text}" if len(shown.images) else shown.text, splits=())
