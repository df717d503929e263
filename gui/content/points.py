"""The degraded images of a sweep as points, PSNR by score."""

from dataclasses import dataclass, field, fields
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from tfstab.sweep import SweepRun

CORRECT, WRONG, CLEAN_WRONG = range(3)  # CLEAN_WRONG: of an image that is wrong when clean already
Key = tuple[int, int, int]  # image, severity index, copy
View = tuple[float, float, float, float]  # left, bottom, right, top
COLUMNS = ("image", "severity", "copy", "psnr", "predicted", "score", "true_score")
BLOCK = 1 << 15  # points that are counted at once: they stay in the processor's cache


@dataclass(frozen=True, eq=False)
class SweepPoints:
    """Points, each array (N,). psnr in dB; kind: CORRECT, WRONG or CLEAN_WRONG.

    class_index: the actual class of all of them, or None where they are the mistakes of all classes.
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
        return len(self.image)

    def key(self, place: int) -> Key:
        """(image, severity index, copy): what names the degraded image within its run."""
        return int(self.image[place]), int(self.severity_index[place]), int(self.copy[place])

    def find(self, key: Key) -> int | None:
        """The place of the point with this key."""
        image, severity_index, copy = key
        places = np.flatnonzero(self.image == image)
        places = places[(self.severity_index[places] == severity_index) & (self.copy[places] == copy)]
        return int(places[0]) if len(places) else None

    def first_failure(self, image: int, distances: np.ndarray) -> int | None:
        """The image's misclassified point of the mildest severity, there the one that scores the true class worst.

        distances: (S,), how strong each severity is.

        Where none is misclassified, the one that scores the true class worst; None where the image has no point.
        """
        places = np.flatnonzero(self.image == image)
        if not len(places):
            return None
        right = self.predicted[places] == self.actual[places]
        distance = np.where(right, np.inf, distances[self.severity_index[places]])
        return int(places[np.lexsort((self.true_score[places], distance))[0]])

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
    severities = np.array(run.severities, np.float32)
    by_value = np.argsort(severities)
    severity_index = by_value[np.searchsorted(severities[by_value], column["severity"])].astype(np.int16)
    wrong_when_clean = run.clean.indices[~run.clean.correct]
    kind = (column["predicted"] != class_index).astype(np.uint8)
    kind[np.isin(column["image"], wrong_when_clean)] = CLEAN_WRONG
    return SweepPoints(
        class_index, column["image"], np.full(len(kind), class_index, np.int16), severity_index, column["copy"],
        column["psnr"], column["predicted"], column["score"], column["true_score"], kind,
    )  # fmt: skip


def psnr_range(run: "SweepRun") -> tuple[float, float]:
    """From where to where PSNR in dB lies: clipping takes away half of the noise's power at most, which is 3 dB.

    Of other degradations, whose sweeps are smaller, all of it is read. Raises RunError where a part is damaged.
    """
    config = run.config
    if not config.gaussian:
        psnr = run.samples(columns=["psnr"])["psnr"].to_numpy()
        psnr = psnr[np.isfinite(psnr)]
        return (float(psnr.min()) - 1, float(psnr.max()) + 1) if len(psnr) else (0.0, 60.0)
    lowest, highest = (20 * np.log10(255 / sigma) for sigma in (max(config.sigmas), min(config.sigmas)))
    return float(lowest) - 1, float(highest) + 4


@dataclass(frozen=True, eq=False)
class Cloud:
    """Points ready to be drawn: x, ascending, and y, float32 (N,), and their places in the class's points.

    The order makes what is in view a slice, and each column of a density one too.
    """

    x: NDArray[np.float32] = field(default_factory=lambda: np.empty(0, np.float32))
    y: NDArray[np.float32] = field(default_factory=lambda: np.empty(0, np.float32))
    places: NDArray[np.intp] = field(default_factory=lambda: np.empty(0, np.intp))

    @classmethod
    def of(cls, points: SweepPoints, places: np.ndarray) -> "Cloud":
        return cls.sort(points.psnr[places], points.score[places], places)

    @classmethod
    def sort(cls, x: np.ndarray, y: np.ndarray, places: np.ndarray) -> "Cloud":
        """A cloud of points in any order."""
        order = np.argsort(x)
        return cls(x[order], y[order], places[order])

    def __len__(self) -> int:
        return len(self.places)

    def inside(self, view: View) -> NDArray[np.intp]:
        """Which points (positions in this cloud) lie in the view."""
        left, bottom, right, top = view
        first, last = np.searchsorted(self.x, np.array((left, right), np.float32))
        y = self.y[first:last]
        return first + np.flatnonzero((y >= bottom) & (y < top))

    def density(self, view: View, width: int, height: int) -> NDArray[np.int64]:
        """How many points fall into each cell of a height x width grid over the view; row 0 is the bottom."""
        left, bottom, right, top = view
        edges = np.searchsorted(self.x, np.linspace(left, right, width + 1).astype(np.float32)).tolist()
        # Cells above and below the view go to a border of one cell, cut off at the end: cheaper than picking first.
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
                np.maximum(cell, np.float32(0), out=cell)  # np.clip costs more to call than to compute
                np.minimum(cell, np.float32(height + 1), out=cell)
                counts[column] += np.bincount(cell.astype(np.intp), minlength=height + 2)
        return counts[:, 1:-1].T

    def nearest(
        self, x: float, y: float, x_unit: float, y_unit: float, reach: float = np.inf
    ) -> tuple[float, int] | None:
        """(distance, place) of the point nearest to (x, y), the distance in the units given (a pixel's size).

        None where there is no point whose x is within `reach` of these units.
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
