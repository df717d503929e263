"""Which points of a sweep are shown and listed, and in which order; every function may run in a worker thread."""

from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from tfstab.gui.content.points import CLEAN_WRONG, CORRECT, WRONG, Cloud, SweepPoints

Places = NDArray[np.intp]
KINDS = (CORRECT, CLEAN_WRONG, WRONG)


@dataclass(frozen=True)
class PointFilter:
    """Conditions that points must meet to be shown; None means no condition.

    Attributes
    ----------
    severity_index, predicted, image : int or None
        Severity index, predicted class and image index.
    low, high : float
        Range of the score of the predicted class, both ends included.
    clean_wrong : bool
        Whether to show points of images that are misclassified when clean.
    """

    severity_index: int | None = None
    predicted: int | None = None
    image: int | None = None
    low: float = 0.0
    high: float = 1.0
    clean_wrong: bool = True

    def select(self, points: SweepPoints) -> Places:
        """Return the indices of the points that meet the conditions."""
        keep = np.ones(len(points), bool)
        conditions = (
            (self.severity_index, points.severity_index),
            (self.predicted, points.predicted),
            (self.image, points.image),
        )
        for value, column in conditions:
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
        """Return a copy of this filter with some conditions changed."""
        return replace(self, **changes)  # type: ignore[arg-type]


@dataclass(frozen=True, eq=False)
class Shown:
    """Points that pass a filter.

    Attributes
    ----------
    places : ndarray of int, shape (N,)
        Indices of the points.
    clouds : dict
        The same points by kind, ready to draw.
    unchanged : int
        How many degraded images equal the clean one. Their PSNR is infinite, so they cannot be drawn and are in no
        cloud.
    """

    places: Places = field(default_factory=lambda: np.empty(0, np.intp))
    clouds: dict[int, Cloud] = field(default_factory=dict)
    unchanged: int = 0

    @classmethod
    def of(cls, points: SweepPoints, chosen: PointFilter, to_draw: bool = True) -> "Shown":
        """Apply a filter to points; clouds are made only if they are to be drawn."""
        places = chosen.select(points)
        drawn = places[np.isfinite(points.psnr[places])]
        kinds = points.kind[drawn]
        clouds = {kind: Cloud.of(points, drawn[kinds == kind]) for kind in KINDS if to_draw}
        return cls(places, clouds, len(places) - len(drawn))


def shown_of(shown: int, total: int, unchanged: int) -> str:
    """Describe how many points are shown, and how many of these cannot be drawn because they have no finite PSNR."""
    end = f" ({unchanged:,} unchanged, not drawn)" if unchanged else ""
    return f"{shown:,} of {total:,} shown{end}"


@dataclass(frozen=True)
class Order:
    """Sort order of rows: by a column, or in their original order (None)."""

    column: str | None = None
    descending: bool = False


def sort_places(places: Places, values: np.ndarray | None, descending: bool) -> Places:
    """Sort indices of points by a value; equal values keep their order, and NaN comes last.

    Parameters
    ----------
    places : ndarray of int, shape (M,)
        Indices of the points to sort.
    values : ndarray, shape (N,), or None
        A value for each of all N points; None keeps the order.
    descending : bool
        Sort from the largest value to the smallest.
    """
    if values is None:
        return places
    keys = values[places]
    if not descending:
        return places[np.argsort(keys, kind="stable")]
    if keys.dtype.kind == "f":
        return places[np.argsort(-keys, kind="stable")]  # negation keeps NaN last
    # Integers may be unsigned, so they are not negated: sorting the reversed keys and reversing the result puts the
    # largest first and keeps equal keys in their order.
    return places[::-1][np.argsort(keys[::-1], kind="stable")][::-1]


ELSEWHERE = "predicted-by-"  # and the number of a compared run: the name of a column
SECOND = "second"  # a column: the class that came second on the clean image
LOST, GAINED, BOTH = "wrong here, right there", "right here, wrong there", "wrong in both"


@dataclass(frozen=True)
class Against:
    """A condition on what this run and another one predict for the same degraded image.

    Attributes
    ----------
    column : str
        Name of the column with the other run's predictions, negative where it has none.
    outcome : str
        LOST, GAINED or BOTH.
    """

    column: str
    outcome: str

    def select(self, points: SweepPoints, places: Places, theirs: np.ndarray) -> Places:
        """Return those of these places that meet the condition. theirs: the other run's predictions (N,)."""
        known = places[theirs[places] >= 0]
        wrong, wrong_there = (column[known] != points.actual[known] for column in (points.predicted, theirs))
        keep = {LOST: wrong & ~wrong_there, GAINED: ~wrong & wrong_there, BOTH: wrong & wrong_there}[self.outcome]
        chosen: Places = known[keep]
        return chosen


def list_rows(
    points: SweepPoints,
    places: Places,
    picked: np.ndarray | None,
    correct_too: bool,
    values: np.ndarray | None,
    descending: bool,
) -> Places:
    """Return the indices of the points that the table lists, sorted.

    Parameters
    ----------
    points : SweepPoints
        All N points.
    places : ndarray of int
        Indices of the points that pass the filter.
    picked : ndarray of shape (P, 2), or None
        Polygon of (PSNR, score) corners that points must lie in; None for no such condition.
    correct_too : bool
        Also list correctly classified points.
    values : ndarray of shape (N,), or None
        Values to sort by.
    descending : bool
        Sort from the largest value to the smallest.
    """
    if not correct_too:
        places = places[points.predicted[places] != points.actual[places]]
    if picked is not None:
        places = places[inside_outline(points.psnr[places], points.score[places], picked)]
    return sort_places(places, values, descending)


def inside_outline(x: np.ndarray, y: np.ndarray, outline: np.ndarray) -> NDArray[np.bool_]:
    """Return which points lie inside a polygon (P, 2), by the even-odd rule."""
    (left, bottom), (right, top) = outline.min(axis=0), outline.max(axis=0)
    near = np.flatnonzero((x >= left) & (x <= right) & (y >= bottom) & (y <= top))
    inside = np.zeros(len(near), bool)
    px, py = x[near].astype(np.float64), y[near].astype(np.float64)
    for (x1, y1), (x2, y2) in zip(outline, np.roll(outline, -1, axis=0), strict=True):
        if y1 != y2:
            crosses = ((y1 > py) != (y2 > py)) & (px < x1 + (py - y1) * ((x2 - x1) / (y2 - y1)))
            inside ^= crosses
    selected = np.zeros(len(x), bool)
    selected[near[inside]] = True
    return selected
