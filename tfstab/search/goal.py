"""What a search is to reach, and what it may change."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from tfstab.datasets.images import KINDS, opened
from tfstab.errors import InputError, unknown_name
from tfstab.runs.clean import CleanImages, fingerprint_of

if TYPE_CHECKING:
    from tfstab.classifier import Classifier
    from tfstab.datasets import Dataset


@dataclass(frozen=True, eq=False)
class Goal:
    """target: the class that images shall be taken for, or None for any wrong one. mask: bool (H, W, C), the pixels
    that may change, or None for all.
    """

    target: int | None = None
    mask: NDArray[np.bool_] | None = None

    @classmethod
    def checked(
        cls, classifier: "Classifier", labels: np.ndarray, target: int | None, mask: np.ndarray | None
    ) -> "Goal":
        """A goal for images of these classes. mask: bool (H, W) or (H, W, C). Raises InputError where it is wrong."""
        if target is not None and not (isinstance(target, int | np.integer) and 0 <= target < classifier.num_classes):
            raise InputError(f"target is {target}; expected a class from 0 to {classifier.num_classes - 1}.")
        if target is not None and (np.asarray(labels) == target).any():
            raise InputError(f"target is {target}, and there are images of this class; expected only images of others.")
        return cls(target, None if mask is None else _checked_mask(np.asarray(mask), classifier.input_shape))

    def reached(self, clean: CleanImages) -> NDArray[np.bool_]:
        """Which images need no noise, (N,)."""
        return ~clean.correct if self.target is None else clean.predicted == self.target

    @property
    def settings(self) -> dict[str, Any]:
        """What a run records of it: the mask as its fingerprint."""
        target = {} if self.target is None else {"target": self.target}
        return target if self.mask is None else target | {"mask": fingerprint_of(self.mask)}


def _checked_mask(mask: np.ndarray, shape: tuple[int, int, int]) -> NDArray[np.bool_]:
    if mask.dtype != np.bool_ or mask.shape not in (shape, shape[:2]) or not mask.any():
        raise InputError(
            f"mask is {mask.dtype} of shape {mask.shape}; expected bool of shape {shape[:2]} or {shape}, not all False."
        )
    return np.broadcast_to(mask if mask.ndim == 3 else mask[..., None], shape)


def read_mask(path: Path) -> NDArray[np.bool_]:
    """The mask (H, W) in an image file: pixels brighter than half of white may change. Raises InputError."""
    try:
        with opened(path) as image:
            return np.asarray(image.convert("L")) > 127
    except ValueError as error:
        raise InputError(
            f"the mask {path} cannot be read ({error}); expected a {KINDS} file, white where pixels may change."
        ) from error


def aim_at(name: str, dataset: "Dataset") -> tuple[int, "Dataset"]:
    """The target class by its name or number, and the images that are not of it already.

    dataset: made fit for the model. Raises InputError for an unknown class, or where no image is left.
    """
    target = class_named(name, dataset.class_names)
    others = np.flatnonzero(dataset.labels != target)
    if not len(others):
        raise InputError("all images are of the target class: choose another target, or other images.")
    return target, dataset.select(others)


def class_named(name: str, class_names: Sequence[str]) -> int:
    """The class with this name or, where none has it, this number. Raises InputError."""
    if name in class_names:
        return class_names.index(name)
    if name.isdecimal() and len(name) <= 9 and int(name) < len(class_names):  # Python reads 4,300 digits at most
        return int(name)
    raise unknown_name("class", name, class_names)
