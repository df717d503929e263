"""The degraded images of a sweep as points of PSNR against score."""

import math
from dataclasses import dataclass, field, fields
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from tfstab import limits

if TYPE_CHECKING:
    from tfstab.sweep import SweepRun

CORRECT, WRONG, CLEAN_WRONG = range(3)  # CLEAN_WRONG: the image is misclassified even when clean
Key = tuple[int, int, int]  # image, severity index, copy
View = tuple[float, float, float, float]  # left, bottom, right, top
COLUMNS = ("image", "severity_index", "copy", "psnr", "predicted", "score", "true_score")
SPREAD = 37.0  # dB: six standard deviations of the PSNR of one grey level of noise; of N it is 1 / sqrt(N) of that
SPARSE = 8  # rows that a run could have for each one that it has, up to which they are sorted with a table
BLOCK = 1 << 15  # points counted at once, few enough to stay in the processor's cache


@dataclass(frozen=True, eq=False)
class SweepPoints:
    """N degraded images, one element of each array per image.

    Attributes
    ----------
    class_index : int or None
        The true class of all points; None if they are of all classes, of which a large run has only the misclassified
        points here.
    image : ndarray of int32, shape (N,)
        Index of the image in the full split.
    actual, predicted : ndarray of int16, shape (N,)
        True and predicted class.
    severity_index, copy : ndarray of int16, shape (N,)
        Index of the severity in the run, and number of the copy.
    psnr : ndarray of float32, shape (N,)
        PSNR in dB after any clipping; infinite if the image is unchanged.
    score, true_score : ndarray of float32, shape (N,)
        Softmax scores of the predicted and of the true class.
    kind : ndarray of uint8, shape (N,)
        CORRECT, WRONG or CLEAN_WRONG.
    """

    class_index: int | None
    image: NDArray[np.int32]
    actual: NDArray[np.int16]
    severity_index: NDArray[np.int16]
    copy: NDArray[np.int16]
    psnr: NDArray[np.float32]
    predicted: NDArray[np.int16]
    score: NDArray[np.float32]
    true_score: NDArray[np.float32]
    kind: NDArray[np.uint8]

    def __len__(self) -> int:
        """Return the number of points."""
        return len(self.image)

    def key(self, place: int) -> Key:
        """Return (image, severity index, copy), which identifies the degraded image within its run."""
        return int(self.image[place]), int(self.severity_index[place]), int(self.copy[place])

    def find(self, key: Key) -> int | None:
        """Return the index of the point with this key; None if there is none."""
        image, severity_index, copy = key
        places = np.flatnonzero(self.image == image)
        places = places[(self.severity_index[places] == severity_index) & (self.copy[places] == copy)]
        return int(places[0]) if len(places) else None

    def first_failure(self, image: int, distances: np.ndarray) -> int | None:
        """Return the index of an image's first misclassified point.

        The first is the one of the mildest severity and, among its copies, the one with the lowest score of the true
        class. If none is misclassified, the point with the lowest score of the true class is returned.

        Parameters
        ----------
        image : int
            Index of the image in the full split.
        distances : ndarray, shape (S,)
            How strong each severity is.

        Returns
        -------
        int or None
            None if the image has no points.
        """
        places = np.flatnonzero(self.image == image)
        if not len(places):
            return None
        right = self.predicted[places] == self.actual[places]
        distance = np.where(right, np.inf, distances[self.severity_index[places]])
        return int(places[np.lexsort((self.true_score[places], distance))[0]])

    def take(self, places: np.ndarray, class_index: int | None = None) -> "SweepPoints":
        """Return the points at these indices as a set of their own."""
        return SweepPoints(class_index, *(column[places] for column in self.columns))

    @property
    def columns(self) -> tuple[np.ndarray, ...]:
        """All arrays, in the order of the fields."""
        return tuple(getattr(self, f.name) for f in fields(self)[1:])

    @classmethod
    def join(cls, several: "list[SweepPoints]") -> "SweepPoints":
        """Join the points of several classes into one set."""
        return cls(None, *(np.concatenate(parts) for parts in zip(*(p.columns for p in several), strict=True)))


def read_points(run: "SweepRun", class_index: int | None) -> SweepPoints:
    """Read the points written so far, by class, image, severity and copy: those of one class, or of all (None)."""
    names = COLUMNS if class_index is not None else (*COLUMNS, "class_index")
    table = run.samples(class_index=class_index, columns=names)
    column = {name: table[name].to_numpy() for name in names}
    actual = column.pop("class_index", None)
    order = _order(column, actual, len(run.severities))
    column = {name: values[order] for name, values in column.items()}
    actual = np.full(len(order), class_index, np.int16) if actual is None else actual[order]
    kind = (column["predicted"] != actual).astype(np.uint8)
    first, lengths = _stretches(column["image"])
    wrong_when_clean = np.isin(column["image"][first], run.clean.indices[~run.clean.correct])
    kind[np.repeat(wrong_when_clean, lengths)] = CLEAN_WRONG
    return SweepPoints(class_index=class_index, actual=actual, kind=kind, **column)


def _stretches(values: np.ndarray) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Return where stretches of equal values start, and their lengths."""
    first = np.flatnonzero(np.concatenate([[True], values[1:] != values[:-1]])[: len(values)])
    return first, np.diff(np.append(first, len(values)))


def _order(column: dict[str, np.ndarray], actual: np.ndarray | None, severities: int) -> NDArray[np.intp]:
    """Return the order by class (if `actual` is given), image, severity and copy."""
    # The rows of an image follow each other in a part, so that only the first of them needs to be looked up; and as
    # there is at most one row for each image, severity and copy, a table of all of them replaces sorting.
    first, lengths = _stretches(column["image"])
    images, found = np.unique(column["image"][first], return_inverse=True)
    if actual is not None:
        classes = np.empty(len(images), np.int16)
        classes[found] = actual[first]
        rank = np.empty(len(images), np.intp)
        rank[np.argsort(classes, kind="stable")] = np.arange(len(images))
        found = rank[found]
    copies = int(column["copy"].max(initial=-1)) + 1
    code = (np.repeat(found, lengths) * severities + column["severity_index"]) * copies + column["copy"]
    room = len(images) * severities * copies
    if room > SPARSE * len(code):
        return np.argsort(code, kind="stable")
    place = np.full(room, -1, np.intp)
    place[code] = np.arange(len(code))
    return place[place >= 0]


def codes(image: np.ndarray, severity_index: np.ndarray, copy: np.ndarray, severities: int) -> NDArray[np.int64]:
    """Return a number for each degraded image (N,) of a sweep; they rise with image, severity and copy, in this order.

    They do not depend on the number of copies, as two runs may differ in it and one run may grow.
    """
    return np.asarray((image.astype(np.int64) * severities + severity_index) * limits.MOST_COPIES + copy)


def psnr_range(run: "SweepRun", known: SweepPoints | None = None) -> tuple[float, float]:
    """Return the range of PSNR in dB that a plot of the run needs. known: all its points, if they have been read.

    For Gaussian noise it follows from the severities: clipping, if there is any, removes at most half of the noise's
    power, or 3 dB, and without it the noise of small images is often stronger than its sigma. For other degradations,
    whose sweeps are smaller, it is read from the parts.

    Raises
    ------
    RunError
        A part is damaged.
    """
    config = run.config
    if not config.degradation.scalable:
        psnr = run.samples(columns=["psnr"])["psnr"].to_numpy() if known is None else known.psnr
        psnr = psnr[np.isfinite(psnr)]
        return (float(psnr.min()) - 1, float(psnr.max()) + 1) if len(psnr) else (0.0, 60.0)
    lowest, highest = (20 * np.log10(255 / sigma) for sigma in (max(config.severities), min(config.severities)))
    below = 1.0 if config.clip else max(1.0, SPREAD / math.sqrt(math.prod(run.clean.images.shape[1:])))
    return float(lowest) - below, float(highest) + 3 + below


@dataclass(frozen=True, eq=False)
class Cloud:
    """Points sorted by x, ready to be drawn.

    Sorting makes the points in view, and those in each column of a density, a slice.

    Attributes
    ----------
    x, y : ndarray of float32, shape (N,)
        Coordinates; x is ascending.
    places : ndarray of int, shape (N,)
        Indices of the points in their SweepPoints.
    """

    x: NDArray[np.float32] = field(default_factory=lambda: np.empty(0, np.float32))
    y: NDArray[np.float32] = field(default_factory=lambda: np.empty(0, np.float32))
    places: NDArray[np.intp] = field(default_factory=lambda: np.empty(0, np.intp))

    @classmethod
    def of(cls, points: SweepPoints, places: np.ndarray) -> "Cloud":
        """Make a cloud of PSNR and score of the points at these indices."""
        return cls.sort(points.psnr[places], points.score[places], places)

    @classmethod
    def sort(cls, x: np.ndarray, y: np.ndarray, places: np.ndarray) -> "Cloud":
        """Make a cloud of points in any order."""
        order = np.argsort(x)
        return cls(x[order], y[order], places[order])

    def __len__(self) -> int:
        """Return the number of points."""
        return len(self.places)

    def inside(self, view: View) -> NDArray[np.intp]:
        """Return the positions in this cloud of the points that lie in the view."""
        left, bottom, right, top = view
        first, last = np.searchsorted(self.x, np.array((left, right), np.float32))
        y = self.y[first:last]
        return np.asarray(first + np.flatnonzero((y >= bottom) & (y < top)))

    def density(self, view: View, width: int, height: int) -> NDArray[np.int64]:
        """Count the points in each cell of a grid over the view.

        Returns
        -------
        ndarray of int64, shape (height, width)
            Row 0 is the bottom.
        """
        left, bottom, right, top = view
        edges = np.searchsorted(self.x, np.linspace(left, right, width + 1).astype(np.float32)).tolist()
        # Points above and below the view are counted in a border of one cell that is cut off at the end, which is
        # cheaper than removing these points first.
        counts = np.zeros((width, height + 2), np.int64)
        low, scale = np.float32(bottom), np.float32(height / (top - bottom))
        place = np.empty(BLOCK, np.float32)
        for column, (first, last) in enumerate(pairwise(edges)):
            for start in range(first, last, BLOCK):
                y = self.y[start : min(start + BLOCK, last)]
                cell = place[: len(y)]
                np.subtract(y, low, out=cell)
                np.multiply(cell, scale, out=cell)
                np.add(cell, np.float32(1), out=cell)
                np.maximum(cell, np.float32(0), out=cell)  # calling np.clip would cost more than the computation
                np.minimum(cell, np.float32(height + 1), out=cell)
                counts[column] += np.bincount(cell.astype(np.intp), minlength=height + 2)
        return counts[:, 1:-1].T

    def nearest(
        self, x: float, y: float, x_unit: float, y_unit: float, reach: float = np.inf
    ) -> tuple[float, int] | None:
        """Find the point nearest to (x, y).

        Parameters
        ----------
        x, y : float
            Position in units of the axes.
        x_unit, y_unit : float
            Size of a screen pixel in units of the axes.
        reach : float
            Pixels; points further away along the x axis are ignored.

        Returns
        -------
        (float, int) or None
            Distance in pixels and index of the point; None if no point is within reach.
        """
        across = reach * x_unit
        first, last = np.searchsorted(self.x, np.array((x - across, x + across), np.float32)).tolist()
        if first == last:
            return None
        apart = (self.x[first:last] - np.float32(x)) / np.float32(x_unit)
        along = (self.y[first:last] - np.float32(y)) / np.float32(y_unit)
        square = apart * apart + along * along
        best = int(square.argmin())
        return float(np.sqrt(square[best])), int(self.places[first + best])
