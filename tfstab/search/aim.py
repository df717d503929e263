"""What a search must reach on a set of images, and what it may change."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from tfstab.classifier.class_names import class_called
from tfstab.datasets.images import KINDS, opened
from tfstab.errors import InputError, unknown_name
from tfstab.names import composed
from tfstab.runs.clean import CleanImages, fingerprint_of
from tfstab.search.goal import AnyWrongClass, Goal, TargetClass

if TYPE_CHECKING:
    from tfstab.classifier import Classifier
    from tfstab.datasets import Dataset


@dataclass(frozen=True, eq=False)
class Aim:
    """What a search must reach on all of its images, and which pixels it may change.

    Attributes
    ----------
    target : int or None
        The class that images must be classified as; None for any wrong class.
    mask : ndarray or None
        The pixels that may change, (H, W, C), bool; None for all.
    """

    target: int | None = None
    mask: NDArray[np.bool_] | None = None

    @classmethod
    def checked(
        cls, classifier: "Classifier", labels: np.ndarray, target: int | None, mask: np.ndarray | None
    ) -> "Aim":
        """Return an aim that fits the model and images of these classes; `mask` is bool, (H, W) or (H, W, C).

        Raises
        ------
        InputError
            The target is not a class of the model or is the class of one of the images, or the mask does not fit them.
        """
        if target is not None:
            if not (isinstance(target, int | np.integer) and 0 <= target < classifier.num_classes):
                raise InputError(f"target is {target}; expected a class from 0 to {classifier.num_classes - 1}.")
            if (np.asarray(labels) == target).any():
                raise InputError(
                    f"target is {target}, the class of some of the images; expected only images of other classes."
                )
        return cls(target, None if mask is None else _checked_mask(np.asarray(mask), classifier.input_shape))

    def goal(self, class_index: int) -> Goal:
        """Return the goal for an image of this class."""
        return AnyWrongClass(class_index) if self.target is None else TargetClass(class_index, self.target)

    def reached(self, clean: CleanImages) -> NDArray[np.bool_]:
        """Return which clean images (N,) need no noise."""
        pairs = zip(clean.class_index, clean.predicted, strict=True)
        return np.array([self.goal(int(actual)).reached(predicted) for actual, predicted in pairs], bool)

    @property
    def settings(self) -> dict[str, Any]:
        """What run.json records of the aim: the target, and the mask's fingerprint."""
        mask = None if self.mask is None else fingerprint_of(self.mask)
        return {name: value for name, value in (("target", self.target), ("mask", mask)) if value is not None}


def _checked_mask(mask: np.ndarray, shape: tuple[int, int, int]) -> NDArray[np.bool_]:
    """Return a mask with the model's shape (H, W, C); raise InputError if it does not fit or is all False."""
    if mask.dtype != np.bool_ or mask.shape not in (shape, shape[:2]) or not mask.any():
        raise InputError(
            f"mask is {mask.dtype} of shape {mask.shape}; expected bool of shape {shape[:2]} or {shape}, not all False."
        )
    return np.broadcast_to(mask if mask.ndim == 3 else mask[..., None], shape)


def read_mask(path: Path) -> NDArray[np.bool_]:
    """Read a mask (H, W) from an image file: pixels brighter than half of white may change.

    Raises
    ------
    InputError
        The file is not an image that can be read.
    """
    try:
        with opened(path) as image:
            return np.asarray(image.convert("L")) > 127
    except ValueError as error:
        raise InputError(
            f"the mask {path} cannot be read ({error}); expected a {KINDS} file, white where pixels may change."
        ) from error


def aim_at(name: str, dataset: "Dataset") -> tuple[int, "Dataset"]:
    """Return the target class, given by name or number, and the images of all other classes.

    Parameters
    ----------
    name : str
        The class's name or, if no class has it, its number.
    dataset : Dataset
        Images whose classes are already matched to the model's.

    Raises
    ------
    InputError
        The class is unknown, or no image of another class is left.
    """
    target = class_named(name, dataset.class_names)
    others = np.flatnonzero(dataset.labels != target)
    if not len(others):
        raise InputError("all images are of the target class: choose another target, or other images.")
    return target, dataset.select(others)


def class_named(name: str, class_names: Sequence[str]) -> int:
    """Return the class with this name or, if no class has it, this number; raise InputError for an unknown one."""
    found = class_called(name, class_names)
    if found is None:
        raise unknown_name("class", composed(name), list(map(composed, class_names)))
    return found
