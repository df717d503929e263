"""Which points of a sweep are shown and listed, and in which order. All of it may run in a worker."""

from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from tfstab.gui.content.points import CLEAN_WRONG, CORRECT, WRONG, Cloud, SweepPoints

Places = NDArray[np.intp]
KINDS = (CORRECT, CLEAN_WRONG, WRONG)


@dataclass(frozen=True)
class PointFilter:
    """Of the points those of one severity, predicted class or image (None: of all), and with a score from low to high.

    clean_wrong: with images that are wrong when clean.
    """

    severity_index: int | None = None
    predicted: int | None = None
    image: int | None = None
    low: float = 0.0
    high: float = 1.0
    clean_wrong: bool = True

    def select(self, points: SweepPoints) -> Places:
        """The places of the points that pass."""
        keep = np.ones(len(points), bool)
        for value, column in (
            (self.severity_index, points.severity_index), (self.predicted, points.predicted),
            (self.image, points.image),
        ):  # fmt: skip
            if value is not None:
                keep &= column == value
        if self.low > 0:
            keep &= points.score >= self.low
        if self.high < 1:
            keep &= points.score <= self.high
        if not self.clean_wrong:
            keep &= points.kind != CLEAN_WRONG
        return np.flatnonzero(keep)

    def but(self, **changes: object) -> "PointFilter":
        return replace(self, **changes)  # type: ignore[arg-type]


@dataclass(frozen=True, eq=False)
class Shown:
    """What passes a filter: places (N,), and the same by kind, ready to be drawn.

    unchanged: how many of them are as when clean. Their PSNR is infinite, so that they are in no cloud.
    """

    places: Places = field(default_factory=lambda: np.empty(0, np.intp))
    clouds: dict[int, Cloud] = field(default_factory=dict)
    unchanged: int = 0

    @classmethod
    def of(cls, points: SweepPoints, chosen: PointFilter) -> "Shown":
        places = chosen.select(points)
        drawn = places[np.isfinite(points.psnr[places])]
        kinds = points.kind[drawn]
        clouds = {kind: Cloud.of(points, drawn[kinds == kind]) for kind in KINDS}
        return cls(places, clouds, len(places) - len(drawn))


def shown_of(shown: int, total: int, unchanged: int) -> str:
    """How many of how many points are shown, and how many of these have no place in the plot."""
    end = f", {unchanged:,} unchanged: not drawn" if unchanged else ""
    return f"shown {shown:,} of {total:,}{end}"


@dataclass(frozen=True)
class Order:
    """How rows are sorted: by the values of a column (None: as they come), upwards or downwards."""

    column: str | None = None
    descending: bool = False


def sort_places(places: Places, values: np.ndarray | None, descending: bool) -> Places:
    """Places by their values (N,) (of all points, not of `places`); equal ones stay in their order."""
    if values is None:
        return places
    keys = values[places]
    if not descending:
        return places[np.argsort(keys, kind="stable")]
    if keys.dtype.kind == "f":
        return places[np.argsort(-keys, kind="stable")]  # what is no number stays last
    # Downwards, and equal ones still in their order: sorted backwards, and turned round.
    return places[::-1][np.argsort(keys[::-1], kind="stable")][::-1]


def list_rows(
    points: SweepPoints, places: Places, picked: np.ndarray | None, correct_too: bool, values: np.ndarray | None,
    descending: bool,
) -> Places:
    """The places that the table lists, sorted by `values` (N,) of all points.

    picked: an outline (P, 2) of PSNR and score that they must lie in.
    """
    if not correct_too:
        places = places[points.predicted[places] != points.actual[places]]
    if picked is not None:
        places = places[inside_outline(points.psnr[places], points.score[places], picked)]
    return sort_places(places, values, descending)


def inside_outline(x: np.ndarray, y: np.ndarray, outline: np.ndarray) -> NDArray[np.bool_]:
    """Which points lie in a polygon (P, 2), by the even-odd rule."""
    (left, bottom), (right, top) = outline.min(axis=0), outline.max(axis=0)
    near = np.flatnonzero((x >= left) & (x <= right) & (y >= bottom) & (y <= top))
    inside = np.zeros(len(near), bool)
    px, py = x[near].astype(np.float64), y[near].astype(np.float64)
    for (x1, y1), (x2, y2) in zip(outline, np.roll(outline, -1, axis=0), strict=True):
        if y1 != y2:
            crosses = ((y1 > py) != (y2 > py)) & (px < x1 + (py - y1) * ((x2 - x1) / (y2 - y1)))
            inside ^= crosses
    there = np.zeros(len(x), bool)
    there[near[inside]] = True
    return there
