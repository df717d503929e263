"""The degraded images of a sweep as points, PSNR by score. No Qt in here."""

from dataclasses import dataclass, field, fields
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from tfstab.sweep import SweepRun

CORRECT, WRONG, CLEAN_WRONG = range(3)  # CLEAN_WRONG: of an image that is wrong when clean already
Key = tuple[int, int, int]  # image, sigma index, copy
View = tuple[float, float, float, float]  # left, bottom, right, top
COLUMNS = ("image", "sigma", "copy", "psnr", "predicted", "score", "true_score")
BLOCK = 1 << 15  # points that are counted at once


@dataclass(frozen=True, eq=False)
class SweepPoints:
    """Points, each array (N,). psnr in dB; kind: CORRECT, WRONG or CLEAN_WRONG.

    class_index: the actual class of all of them, or None where they are the mistakes of all classes.
    """

    class_index: int | None
    image: NDArray[np.int32]
    actual: NDArray[np.int16]
    sigma_index: NDArray[np.int16]
    copy: NDArray[np.int16]
    psnr: NDArray[np.float32]
    predicted: NDArray[np.int16]
    score: NDArray[np.float32]
    true_score: NDArray[np.float32]
    kind: NDArray[np.uint8]

    def __len__(self) -> int:
        return len(self.image)

    def key(self, place: int) -> Key:
        """(image, sigma index, copy): what names the degraded image within its run."""
        return int(self.image[place]), int(self.sigma_index[place]), int(self.copy[place])

    def find(self, key: Key) -> int | None:
        """The place of the point with this key."""
        image, sigma_index, copy = key
        places = np.flatnonzero(self.image == image)
        places = places[(self.sigma_index[places] == sigma_index) & (self.copy[places] == copy)]
        return int(places[0]) if len(places) else None

    def first_failure(self, image: int, sigmas: tuple[float, ...]) -> int | None:
        """The image's misclassified point of least sigma, there the one that scores the true class worst.

        Where none is misclassified, the one that scores the true class worst; None where the image has no point.
        """
        places = np.flatnonzero(self.image == image)
        if not len(places):
            return None
        right = self.predicted[places] == self.actual[places]
        sigma = np.where(right, np.inf, np.array(sigmas)[self.sigma_index[places]])
        return int(places[np.lexsort((self.true_score[places], sigma))[0]])

    def take(self, places: np.ndarray, class_index: int | None = None) -> "SweepPoints":
        """Some of the points, as a set of their own."""
        return SweepPoints(class_index, *(column[places] for column in self.columns))

    @property
    def columns(self) -> tuple[np.ndarray, ...]:
        """All arrays, in the order of the fields."""
        return tuple(getattr(self, f.name) for f in fields(self)[1:])

    @classmethod
    def join(cls, several: "list[SweepPoints]") -> "SweepPoints":
        """The points of several classes as one set."""
        return cls(None, *(np.concatenate(parts) for parts in zip(*(p.columns for p in several), strict=True)))


def read_points(run: "SweepRun", class_index: int) -> SweepPoints:
    """The points of a class, from the parts that are there."""
    table = run.samples(class_index=class_index, columns=COLUMNS)
    column = {name: table[name].to_numpy() for name in COLUMNS}
    sigmas = np.array(run.sigmas, np.float32)
    by_value = np.argsort(sigmas)
    sigma_index = by_value[np.searchsorted(sigmas[by_value], column["sigma"])].astype(np.int16)
    wrong_when_clean = run.clean.indices[~run.clean.correct]
    kind = (column["predicted"] != class_index).astype(np.uint8)
    kind[np.isin(column["image"], wrong_when_clean)] = CLEAN_WRONG
    return SweepPoints(
        class_index, column["image"], np.full(len(kind), class_index, np.int16), sigma_index, column["copy"],
        column["psnr"], column["predicted"], column["score"], column["true_score"], kind,
    )  # fmt: skip


def psnr_range(sigmas: tuple[float, ...]) -> tuple[float, float]:
    """From where to where PSNR in dB can lie: clipping takes away half of the noise's power at most, which is 3 dB."""
    lowest, highest = (20 * np.log10(255 / sigma) for sigma in (max(sigmas), min(sigmas)))
    return float(lowest) - 1, float(highest) + 4


@dataclass(frozen=True, eq=False)
class Cloud:
    """Points ready to be drawn, float32 x and y (N,), and their places in the class's points."""

    x: NDArray[np.float32] = field(default_factory=lambda: np.empty(0, np.float32))
    y: NDArray[np.float32] = field(default_factory=lambda: np.empty(0, np.float32))
    places: NDArray[np.intp] = field(default_factory=lambda: np.empty(0, np.intp))

    @classmethod
    def of(cls, points: SweepPoints, places: np.ndarray) -> "Cloud":
        return cls(points.psnr[places], points.score[places], places)

    def __len__(self) -> int:
        return len(self.places)

    def inside(self, view: View) -> NDArray[np.intp]:
        """Which points (positions in this cloud) lie in the view (left, bottom, right, top)."""
        left, bottom, right, top = view
        return np.flatnonzero((self.x >= left) & (self.x < right) & (self.y >= bottom) & (self.y < top))

    def density(self, view: View, width: int, height: int) -> NDArray[np.int64]:
        """How many points fall into each cell of a height x width grid over the view; row 0 is the bottom."""
        left, bottom, right, top = view
        cells = (height + 2) * (width + 2)
        counts = np.zeros(cells, np.int64)
        # Cells outside the view go to a border of one cell, cut off at the end: cheaper than picking first. A block at
        # a time, whose intermediate values stay in the processor's cache: half the time of all points at once.
        place = np.empty((2, BLOCK), np.float32)
        cell = np.empty((2, BLOCK), np.intp)
        for start in range(0, len(self), BLOCK):
            block = slice(start, start + BLOCK)
            count = len(self.x[block])
            _cells(self.x[block], left, width / (right - left), width, place[0, :count], cell[0, :count])
            _cells(self.y[block], bottom, height / (top - bottom), height, place[1, :count], cell[1, :count])
            code = cell[1, :count]
            code *= width + 2
            code += cell[0, :count]
            counts += np.bincount(code, minlength=cells)
        return counts.reshape(height + 2, width + 2)[1:-1, 1:-1]

    def nearest(self, x: float, y: float, x_unit: float, y_unit: float) -> tuple[float, int] | None:
        """(distance, place) of the point nearest to (x, y), the distance in the units given (a pixel's size)."""
        if not len(self):
            return None
        across = (self.x - np.float32(x)) / np.float32(x_unit)
        along = (self.y - np.float32(y)) / np.float32(y_unit)
        square = across * across + along * along
        best = int(square.argmin())
        return float(np.sqrt(square[best])), int(self.places[best])


def _cells(values: np.ndarray, start: float, scale: float, count: int, place: np.ndarray, out: np.ndarray) -> None:
    """The cell of each value, 1 to count, 0 and count + 1 for what lies outside, into `out`; `place` is for the way."""
    np.subtract(values, np.float32(start), out=place)
    np.multiply(place, np.float32(scale), out=place)
    np.add(place, np.float32(1), out=place)
    np.clip(place, 0, count + 1, out=place)
    np.copyto(out, place, casting="unsafe")
