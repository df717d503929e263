"""The atlas: which images of a run are mapped, what is known of each point, and how points are grouped by colour."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from tfstab.gui.content.selection import inside_outline
from tfstab.gui.jobs.mapping import CLEAN, degraded_image
from tfstab.wording import counted

if TYPE_CHECKING:
    from tfstab.gui.content.entry import Entry
    from tfstab.search import SearchRun
    from tfstab.sweep import SweepRun

MOST_POINTS = 10_000
FEWEST_SEVERITIES = 3  # rather than fewer, some images are left out
Keys = NDArray[np.int64]  # (N, 3): image, number of its state or CLEAN, copy
CLASS, PREDICTED, VERDICT, SEVERITY = COLOURINGS = (
    "true class",
    "predicted class",
    "right or wrong",
    "severity",
)


@dataclass(frozen=True, eq=False)
class ImageState:
    """What was done to images of a map.

    Attributes
    ----------
    run : SweepRun or SearchRun
        The run that has the degraded images.
    severity_index : int
        Index of the severity in a sweep; 0 for the minimum noise of a search.
    name : str
        What it is called, such as "sigma 20".
    """

    run: Any
    severity_index: int
    name: str

    def image(self, image: int, copy: int) -> NDArray[np.float32]:
        """Return an image in this state, (H, W, C)."""
        return degraded_image(self.run, image, self.severity_index, copy)


@dataclass(frozen=True, eq=False)
class Mapped:
    """Which images are mapped.

    Attributes
    ----------
    run : Any
        The run that has the clean images.
    states : tuple of ImageState
        What was done to the degraded ones.
    keys : ndarray of int64, shape (N, 3)
        Image, number of its state or CLEAN, and copy of each point.
    """

    run: Any
    states: tuple[ImageState, ...]
    keys: Keys

    @property
    def ordered(self) -> bool:
        """Whether the states are those of one run, ever stronger."""
        return all(state.run is self.run for state in self.states)

    @property
    def names(self) -> list[str]:
        """What the states are called."""
        return [state.name for state in self.states]

    def image(self, place: int) -> NDArray[Any]:
        """Return the image (H, W, C) of a point; takes milliseconds, so it runs in a worker."""
        image, number, copy = self.keys[place].tolist()
        if number == CLEAN:
            return np.asarray(self.run.clean.images[self.run.clean.row(image)])
        state: ImageState = self.states[number]
        return state.image(image, copy)

    def question(self) -> dict[str, Any]:
        """Return the arguments of the question "atlas"."""
        return {
            "run": str(self.run.path),
            "folders": [str(state.run.path) for state in self.states],
            "severities": [state.severity_index for state in self.states],
            "keys": self.keys,
            "image_shape": list(self.run.clean.images.shape[1:]),
        }


def map_sweep(run: "SweepRun", most: int = MOST_POINTS) -> Mapped:
    """Map the clean images of a sweep and, at as many severities as fit, their first copies.

    If there is no room for all images at three severities, images are left out evenly.
    """
    severities = len(run.severities)
    count = min(severities, max(FEWEST_SEVERITIES, most // len(run.clean.indices) - 1))
    # The strongest severity is always there; the others lie evenly between.
    chosen = np.unique(np.linspace(severities / count - 1, severities - 1, count).round().astype(int))
    states = tuple(ImageState(run, k, run.degradation.at(f"{severity:g}")) for k, severity in enumerate(run.severities))
    return Mapped(run, states, _keys(run.clean.indices, chosen, most))


def map_search(run: "SearchRun", entries: "Iterable[Entry]", most: int = MOST_POINTS) -> Mapped:
    """Map the clean images of a search and, where it found noise, the images with it."""
    some = list(entries)[: most // 2]
    found = [entry.image for entry in some if entry.found and not entry.wrong_when_clean]
    keys = [(entry.image, CLEAN, 0) for entry in some] + [(image, 0, 0) for image in found]
    return Mapped(run, (ImageState(run, 0, "with minimum noise"),), np.array(keys, np.int64).reshape(-1, 3))


def map_families(sweeps: "Sequence[SweepRun]", images: Sequence[int], most: int = MOST_POINTS) -> Mapped:
    """Map clean images and what becomes of them at the strongest severity of each of several sweeps."""
    states = tuple(
        ImageState(
            sweep,
            len(sweep.severities) - 1,
            f"{sweep.degradation.title}, {sweep.degradation.at(f'{sweep.severities[-1]:g}')}",
        )
        for sweep in sweeps
    )
    return Mapped(sweeps[0], states, _keys(np.array(images), np.arange(len(states)), most))


def _keys(images: np.ndarray, states: np.ndarray, most: int) -> Keys:
    """Return the keys of the clean images and of their first copies in these states; images are left out evenly."""
    fit = max(1, most // (1 + len(states)))
    rows = np.unique(np.linspace(0, len(images) - 1, min(len(images), fit)).round().astype(int))
    every = np.concatenate([[CLEAN], states])
    image = np.tile(images[rows], len(every))
    return np.stack([image, np.repeat(every, len(rows)), np.zeros(len(image), int)], axis=1).astype(np.int64)


@dataclass(frozen=True, eq=False)
class AtlasMap:
    """The points of a map.

    Attributes
    ----------
    keys : ndarray of int64, shape (N, 3)
        Image, number of its state or CLEAN, and copy of each point.
    actual, predicted : ndarray of int64, shape (N,)
        True class, and the class predicted for this image.
    places : dict of str to ndarray of float32, shape (N, 2)
        Coordinates by method: "PCA", and "t-SNE" once it is computed.
    explained : tuple of float
        Shares of the clean images' variance along the axes of PCA.
    features : bool
        Whether penultimate features were mapped, and not log-scores.
    """

    keys: Keys
    actual: NDArray[np.int64]
    predicted: NDArray[np.int64]
    places: dict[str, NDArray[np.float32]] = field(default_factory=dict)
    explained: tuple[float, float] = (0.0, 0.0)
    features: bool = True

    def __len__(self) -> int:
        """Return the number of points."""
        return len(self.keys)

    @property
    def clean(self) -> NDArray[np.bool_]:
        """Which points are clean images, (N,)."""
        return np.asarray(self.keys[:, 1] == CLEAN)

    @property
    def wrong(self) -> NDArray[np.bool_]:
        """Which points are misclassified, (N,)."""
        return np.asarray(self.predicted != self.actual)

    def inside(self, method: str, outline: np.ndarray, shown: NDArray[np.intp]) -> NDArray[np.intp]:
        """Return which of the points `shown` lie within an outline (P, 2)."""
        x, y = self.places[method][shown].T
        return shown[inside_outline(x, y, outline)]

    def of_image(self, image: int) -> NDArray[np.intp]:
        """Return the points of one image, clean and then ever more degraded."""
        places = np.flatnonzero(self.keys[:, 0] == image)
        return places[np.argsort(self.keys[places, 1], kind="stable")]

    def select(self, class_index: int | None, states: str) -> NDArray[np.intp]:
        """Return the points of a class, or of all (None), in one of `STATES`."""
        keep = STATES[states](self)
        if class_index is not None:
            keep = keep & (self.actual == class_index)
        return np.flatnonzero(keep)


STATES: dict[str, Any] = {
    "all points": lambda points: np.ones(len(points), bool),
    "clean images": lambda points: points.clean,
    "degraded images": lambda points: ~points.clean,
    "misclassified": lambda points: points.wrong,
}


@dataclass(frozen=True, eq=False)
class Group:
    """Points of one colour: its name and number, and the points."""

    name: str
    number: int
    places: NDArray[np.intp]


def groups(
    points: AtlasMap, places: NDArray[np.intp], by: str, names: Sequence[str], states: Sequence[str]
) -> list[Group]:
    """Divide points by what a colour stands for, one of `COLOURINGS`; empty groups are left out.

    Parameters
    ----------
    points : AtlasMap
        All points.
    places : ndarray of int
        Those to divide.
    by : str
        What a colour stands for.
    names : sequence of str
        Class names.
    states : sequence of str
        What the states are called.
    """
    titles: tuple[str, ...]
    if by == VERDICT:
        number, titles = points.wrong.astype(np.int64), ("right", "wrong")
    elif by == SEVERITY:
        number, titles = points.keys[:, 1] - CLEAN, ("clean", *states)
    else:
        number, titles = (points.actual if by == CLASS else points.predicted), tuple(names)
    present = np.unique(number[places]).tolist()
    return [Group(titles[k], k, places[number[places] == k]) for k in present]


def about(points: AtlasMap, method: str) -> str:
    """Say what the map shows: of what it is made, and how much of that its axes keep."""
    without = "in log-scores (this model's layers cannot be seen)"
    where = "in feature space" if points.features else without
    if method == "PCA":
        first, second = points.explained
        return (
            f"The axes keep {100 * first:.0f} % and {100 * second:.0f} % of the variance of the clean images {where}."
        )
    return f"Neighbours are alike {where}; distances between groups mean little."


def describe(points: AtlasMap, place: int, names: Sequence[str], states: Sequence[str]) -> str:
    """Describe a point in one line."""
    image, number, _ = points.keys[place].tolist()
    state = "clean" if number == CLEAN else states[number]
    actual, predicted = names[points.actual[place]], names[points.predicted[place]]
    verdict = f"{actual} taken for {predicted}" if points.wrong[place] else actual
    return f"Image {image}, {state}: {verdict}"


def summary(points: AtlasMap, places: NDArray[np.intp], names: Sequence[str]) -> str:
    """Say what points are, in a line: how many, how many of them wrong, and their leading classes."""
    count = len(places)
    if not count:
        return "No point lies within the outline."
    classes, counts = np.unique(points.actual[places], return_counts=True)
    order = np.argsort(-counts, kind="stable")[:3]
    leading = ", ".join(f"{names[classes[k]]} ({counts[k]:,})" for k in order)
    more = f" and {len(classes) - 3} more" if len(classes) > 3 else ""
    return f"{counted(count, 'point')}, {int(points.wrong[places].sum()):,} wrong: {leading}{more}"
