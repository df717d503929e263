"""The degraded images of one class of a sweep as points, PSNR by score. No Qt in here."""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from tfstab.sweep import SweepRun

CORRECT, WRONG, CLEAN_WRONG = range(3)  # CLEAN_WRONG: of an image that is wrong when clean already
COLUMNS = ("image", "sigma", "copy", "psnr", "predicted", "score", "true_score")


@dataclass(frozen=True, eq=False)
class SweepPoints:
    """All points of one class, each array (N,). psnr in dB; kind: CORRECT, WRONG or CLEAN_WRONG."""

    class_index: int
    image: NDArray[np.int32]
    sigma_index: NDArray[np.int16]
    copy: NDArray[np.int16]
    psnr: NDArray[np.float32]
    predicted: NDArray[np.int16]
    score: NDArray[np.float32]
    true_score: NDArray[np.float32]
    kind: NDArray[np.uint8]

    def __len__(self) -> int:
        return len(self.image)

    def key(self, place: int) -> tuple[int, int, int]:
        """(image, sigma index, copy): what names the degraded image within its run."""
        return int(self.image[place]), int(self.sigma_index[place]), int(self.copy[place])

    def find(self, key: tuple[int, int, int]) -> int | None:
        """The place of the point with this key."""
        image, sigma_index, copy = key
        places = np.flatnonzero((self.image == image) & (self.sigma_index == sigma_index) & (self.copy == copy))
        return int(places[0]) if len(places) else None

    def select(self, sigma_index: int | None, clean_wrong: bool) -> NDArray[np.intp]:
        """The places of the points of one sigma or all; clean_wrong: with images that are wrong when clean."""
        # A point without noise has infinite PSNR and no place in the plot.
        keep = np.isfinite(self.psnr)
        if sigma_index is not None:
            keep &= self.sigma_index == sigma_index
        if not clean_wrong:
            keep &= self.kind != CLEAN_WRONG
        return np.flatnonzero(keep)


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
        class_index, column["image"], sigma_index, column["copy"], column["psnr"], column["predicted"],
        column["score"], column["true_score"], kind,
    )  # fmt: skip


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

    def inside(self, view: tuple[float, float, float, float]) -> NDArray[np.intp]:
        """Which points (positions in this cloud) lie in the view (left, bottom, right, top)."""
        left, bottom, right, top = view
        return np.flatnonzero((self.x >= left) & (self.x < right) & (self.y >= bottom) & (self.y < top))

    def density(self, view: tuple[float, float, float, float], width: int, height: int) -> NDArray[np.int64]:
        """How many points fall into each cell of a height x width grid over the view; row 0 is the bottom."""
        left, bottom, right, top = view
        # Cells outside the view go to a border of one cell, cut off at the end: cheaper than picking first.
        column = np.clip((self.x - left) * np.float32(width / (right - left)) + 1, 0, width + 1).astype(np.int32)
        row = np.clip((self.y - bottom) * np.float32(height / (top - bottom)) + 1, 0, height + 1).astype(np.int32)
        row *= width + 2
        row += column
        counts = np.bincount(row, minlength=(height + 2) * (width + 2))
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
