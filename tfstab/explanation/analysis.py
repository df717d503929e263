"""What an analysis is: a function of images that returns arrays, and a description of these arrays."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from tfstab import limits

if TYPE_CHECKING:
    from tfstab.classifier import Classifier
    from tfstab.explanation.config import ExplanationConfig
    from tfstab.runs import CleanImages

Arrays = dict[str, np.ndarray]
MAY_BE_EMPTY = ("tested",)  # axes; the images of a heat map are those of the first block that are right when clean
LARGEST = float(np.finfo(np.float32).max)  # networks compute in 32 bits; the square of it is finite in 64


@dataclass(frozen=True)
class Field:
    """One array that an analysis returns.

    Attributes
    ----------
    kind : type
        Kind of its values, such as np.floating.
    axes : tuple
        Its axes: numbers, or names. "image" is the images of the part, "h", "w" and "c" the image's shape, "class" the
        classes; an axis with any other name, such as "layer", has the same length in all arrays of the part.
    low, high : float
        Smallest and largest value that the analysis can return.
    missing : bool
        Whether a value may be NaN, for what could not be measured.
    along : str
        Name of the axis of which the values are positions, such as "class"; "" if they are none.
    """

    kind: type
    axes: tuple[int | str, ...]
    low: float = -LARGEST
    high: float = LARGEST
    missing: bool = False
    along: str = ""


@dataclass(frozen=True)
class Analysis:
    """One way of looking at a network: an entry of `tfstab.explanation.analyses.ANALYSES`.

    Attributes
    ----------
    name : str
        Its name in lower-case letters, with which its parts begin.
    compute : callable
        Gets a `Material`, returns arrays by name.
    fields : mapping of str to Field
        The arrays that it returns.
    of_images : bool
        Whether it is computed for a block of images at a time, with images as the first axis of most arrays; otherwise
        it is computed once, for the first images of the run.
    gradients, layers, noise : bool
        What it needs: a classifier with gradients, one whose layers can be looked at, the minimum noise of its images.
    work : float
        Its share of the time, for the progress bar: passes through the network for each image.
    check : callable, optional
        Gets arrays that fit `fields`, and returns in words what else the analysis would not have written, or None.
    """

    name: str
    compute: Callable[["Material"], Arrays]
    fields: Mapping[str, Field]
    of_images: bool = True
    gradients: bool = False
    layers: bool = False
    noise: bool = False
    work: float = 1
    check: Callable[[Arrays], str | None] | None = None


@dataclass(frozen=True, eq=False)
class Material:
    """What an analysis is computed from: a network, and some of the run's images.

    Attributes
    ----------
    classifier : Classifier
        The network.
    config : ExplanationConfig
        Settings of the run.
    clean : CleanImages
        Clean images (n, H, W, C), their classes, indices and scores.
    pool : CleanImages
        The first images of the run in its order, with which images are compared; the same for all parts.
    noise : ndarray of float32 (n, H, W, C)
        Their minimum noise, zero where none was found or needed. Only for analyses that need it.
    found : ndarray of bool (n,)
        Whether there is minimum noise: the image is right when clean, and noise that flips it was found.
    """

    classifier: "Classifier"
    config: "ExplanationConfig"
    clean: "CleanImages"
    pool: "CleanImages"
    noise: NDArray[np.float32] = field(default_factory=lambda: np.empty(0, np.float32))
    found: NDArray[np.bool_] = field(default_factory=lambda: np.empty(0, bool))

    @property
    def images(self) -> NDArray[np.float32]:
        """The clean images, float32 (n, H, W, C), grey levels."""
        return np.asarray(self.clean.images, np.float32)

    @property
    def degraded(self) -> NDArray[np.float32]:
        """The images with their minimum noise, float32 (n, H, W, C), grey levels."""
        return np.asarray(np.clip(self.images + self.noise, 0, 255), np.float32)

    def random_noise(self, row: int, copies: int) -> NDArray[np.float32]:
        """Return standard normal fields (copies, H, W, C) of one image; the same in every analysis of a run."""
        from tfstab.degradations import NoiseStreams

        fields = np.empty((copies, *self.clean.images.shape[1:]), np.float32)
        streams = NoiseStreams(self.config.seed)
        for copy, one in enumerate(fields):
            streams.fill(one, int(self.clean.indices[row]), 0, copy)
        return fields

    def others(self, row: int, count: int = 5) -> NDArray[np.float32]:
        """Return up to `count` other images of the run, float32 (m, H, W, C), which differ from row to row."""
        index = int(self.clean.indices[row])
        rows = np.flatnonzero(self.pool.indices != index)
        return np.asarray(self.pool.images[np.roll(rows, -index)[:count]], np.float32)

    def margins(self, images: np.ndarray, rows: np.ndarray) -> NDArray[np.float64]:
        """Return the logit margins (B,) of images (B, H, W, C): by how much the true class leads, in nats.

        Parameters
        ----------
        images : ndarray
            Images, grey levels 0..255.
        rows : ndarray of int (B,)
            Rows of the clean images that they were made from, which say their classes.
        """
        return margins(self.classifier.log_scores(images), self.clean.class_index[rows])


def margins(log_scores: NDArray[np.float64], classes: NDArray[np.int64]) -> NDArray[np.float64]:
    """Return the logit margin (B,): the log-score (B, K) of the class (B,) minus the largest of the other classes."""
    rows = np.arange(len(log_scores))
    others = log_scores.copy()
    others[rows, classes] = -np.inf
    return np.asarray(log_scores[rows, classes] - others.max(axis=1))


def problem_of(arrays: Arrays, fields: Mapping[str, Field], sizes: Mapping[str, int]) -> str | None:
    """Return in words what an analysis would not have written, or None.

    A run folder may come from anybody. sizes: lengths of the axes that are known.
    """
    known = dict(sizes)
    for name, wanted in fields.items():
        if name not in arrays:
            return f"{name} is not in it"
        problem = _problem_of_shape(name, arrays[name], wanted, known) or _problem_of_values(name, arrays[name], wanted)
        if problem:
            return problem
    for name, wanted in fields.items():
        if wanted.along and (arrays[name] >= known[wanted.along]).any():
            return f"{name} names a {wanted.along} that is not there"
    return None


def _problem_of_shape(name: str, array: np.ndarray, wanted: Field, known: dict[str, int]) -> str | None:
    """Return what is wrong with kind and shape of an array, or None. known: lengths of axes; others are added."""
    if not np.issubdtype(array.dtype, wanted.kind) or array.ndim != len(wanted.axes):
        return f"{name} is of another kind"
    for axis, length in zip(wanted.axes, array.shape, strict=True):
        expected = axis if isinstance(axis, int) else known.setdefault(axis, length)
        if length != expected or (not length and axis not in MAY_BE_EMPTY):
            return f"{name} has length {length} along {axis}, not {expected or 'more'}"
    return None


def _problem_of_values(name: str, array: np.ndarray, wanted: Field) -> str | None:
    """Return what is wrong with the values of an array, or None."""
    if array.dtype.kind == "U":
        longest = array.dtype.itemsize // 4
        return f"{name} has texts of {longest:,} characters" if longest > limits.LAYER_NAME else None
    if array.dtype.kind in "fiu":
        with np.errstate(over="ignore"):  # bounds that 16 bits do not have
            fits = (array >= wanted.low) & (array <= wanted.high) & np.isfinite(array)
        if not (fits | (np.isnan(array) if wanted.missing else False)).all():
            return f"{name} has values that cannot be"
    return None
