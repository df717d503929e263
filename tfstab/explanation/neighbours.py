"""Neighbours in feature space: which images a degraded image is near, and a two-dimensional map of all images.

Distances are Euclidean, between the penultimate features that the analysis `features` recorded, and are given relative
to the typical distance between two images of one class. All neighbours are clean images of the run.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from tfstab.errors import InputError, unknown_name
from tfstab.explanation.run import ExplanationRun
from tfstab.metrics import Estimate
from tfstab.metrics.estimate import NO_ESTIMATE, accuracy_of
from tfstab.metrics.median import estimate_median

NEAREST = 5  # neighbours of a class whose mean distance says how near an image is to the class
PAIRS = 1000  # images of which all pairs are compared for the typical distance within a class
# Both are scikit-learn's. UMAP would add four packages (numba and LLVM among them) for a map much like that of t-SNE.
METHODS = ("pca", "tsne")
LEAST_MAPPED = 3  # images that a map needs
STATES = ("clean", "noisy", "degraded")  # the arrays of the analysis `features`, from undegraded to misclassified


@dataclass(frozen=True)
class Neighbour:
    """A clean image near another one.

    Attributes
    ----------
    image : int
        Its index in the full split.
    class_index : int
        Its true class.
    distance : float
        Distance from the degraded image, relative to the typical distance between images of a class.
    clean_distance : float
        Distance from the clean image, likewise.
    """

    image: int
    class_index: int
    distance: float
    clean_distance: float


@dataclass(frozen=True)
class Neighbours:
    """The nearest clean images of one image with its minimum noise, nearest first.

    Attributes
    ----------
    image : int
        Its index in the full split.
    class_index, predicted : int
        Its true class, and the class that it is taken for with its minimum noise.
    own, other : tuple of Neighbour
        The nearest images of its true class, and of the predicted class.
    """

    image: int
    class_index: int
    predicted: int
    own: tuple[Neighbour, ...]
    other: tuple[Neighbour, ...]


@dataclass(frozen=True)
class Nearness:
    """Where images lie between their own class and the class that the minimum noise makes of them.

    A class is as near as the mean of the five nearest distances to its images.

    Attributes
    ----------
    state : str
        "clean", "noisy" (one random copy at the run's sigma) or "degraded" (with the minimum noise).
    images : int
        Number of images: those with minimum noise, whose two classes have other images in the run.
    nearer : Estimate
        Share of the images that are nearer to the other class than to their own, with Wilson's interval.
    own, other : Estimate
        Median distance to the own and to the other class, relative to the typical distance within a class.
    """

    state: str
    images: int
    nearer: Estimate
    own: Estimate
    other: Estimate


@dataclass(frozen=True, eq=False)
class Map:
    """All images as points in two dimensions.

    Attributes
    ----------
    method : str
        "pca" or "tsne".
    clean, noisy, degraded : ndarray of float64 (n, 2)
        The points of clean images, of noisy copies and of images with minimum noise, in the run's order.
    explained : tuple of float
        Shares of the clean images' variance along the two axes; empty for t-SNE, whose axes mean nothing.
    """

    method: str
    clean: NDArray[np.float64]
    noisy: NDArray[np.float64]
    degraded: NDArray[np.float64]
    explained: tuple[float, ...]


class FeatureSpace:
    """The images of a run as points in the space of the penultimate features.

    Parameters
    ----------
    run : ExplanationRun
        A run with results of `features`.

    Raises
    ------
    RunError
        The run has no such results.
    """

    def __init__(self, run: ExplanationRun) -> None:
        arrays, noise = run.arrays("features"), run.arrays("noise")
        self.points = {state: np.asarray(arrays[state], np.float64) for state in STATES}
        self.images = run.images
        self.classes = run.clean.class_index[run.rows]
        self.found, self.predicted = noise["found"], noise["predicted"]

    @cached_property
    def typical(self) -> float:
        """The median distance between two clean images of one class; of any two if no class has two; else NaN."""
        return typical_distance(self.points["clean"], self.classes)

    def of(self, image: int, count: int = NEAREST) -> Neighbours | None:
        """Return the neighbours of one image, given by its index in the full split; None without minimum noise.

        Parameters
        ----------
        image : int
            Index of the image in the full split.
        count : int
            Neighbours of each of the two classes, at most; there are fewer if the run has fewer images of a class.

        Raises
        ------
        InputError
            The image is not explained in this run.
        """
        row = self._row(image)
        if not self.found[row]:
            return None
        actual, predicted = int(self.classes[row]), int(self.predicted[row])
        distances = self._distances("degraded", np.array([row]))[0]
        before = self._distances("clean", np.array([row]))[0]

        def nearest(k: int) -> tuple[Neighbour, ...]:
            there = (self.classes == k) & (np.arange(len(self.classes)) != row)
            return nearest_where(there, self.images, k, distances, before, count)

        return Neighbours(image, actual, predicted, nearest(actual), nearest(predicted))

    def nearness(self) -> list[Nearness]:
        """Return how near images are to their own class and to the one that the minimum noise makes of them."""
        return [self._nearness(state) for state in STATES]

    def map(self, method: str = "pca") -> Map | None:
        """Return all images as points in two dimensions; None if there are fewer than three.

        Parameters
        ----------
        method : str
            "pca": principal components of the clean images, onto which the degraded ones are projected. "tsne":
            t-SNE of all images together, which shows groups better; distances between groups mean little.

        Raises
        ------
        InputError
            There is no such method.
        """
        if method not in METHODS:
            raise unknown_name("method", method, METHODS)
        count = len(self.images)
        if count < LEAST_MAPPED or not np.ptp(self.points["clean"], axis=0).any():
            return None
        points, explained = self._principal(2) if method == "pca" else (self._embedded(), ())
        clean, noisy, degraded = np.split(points, [count, 2 * count])
        return Map(method, clean, noisy, degraded, explained)

    def _principal(self, axes: int) -> tuple[NDArray[np.float64], tuple[float, ...]]:
        """Return all points along the principal axes of the clean ones, (3 n, axes), and the variance explained."""
        from sklearn.decomposition import PCA

        clean = self.points["clean"]
        axes = min(axes, *clean.shape)
        # The sign of each axis follows from its largest component, so that the map does not flip from run to run.
        pca = PCA(axes, random_state=0).fit(clean)
        points = np.concatenate([pca.transform(self.points[state]) for state in STATES])
        missing = ((0, 0), (0, max(0, 2 - axes)))  # a network of one feature has no second axis
        return np.pad(points, missing), tuple(pca.explained_variance_ratio_.tolist())

    def _embedded(self) -> NDArray[np.float64]:
        """Return the t-SNE of all points, (3 n, 2), begun at the first 50 principal components."""
        from sklearn.manifold import TSNE
        from threadpoolctl import threadpool_limits

        start, _ = self._principal(50)
        embedding = TSNE(perplexity=min(30.0, (len(start) - 1) / 3), init="pca", random_state=0)
        with threadpool_limits(1):  # so that the sums, and with them the map, are the same on any number of cores
            return np.asarray(embedding.fit_transform(start), np.float64)

    def _nearness(self, state: str) -> Nearness:
        """Return how near images in one state are to the two classes."""
        rows = np.flatnonzero(self.found)
        own, other = np.full(len(rows), np.nan), np.full(len(rows), np.nan)
        for start in range(0, len(rows), 100):  # distances of a hundred images to all others at a time
            some = rows[start : start + 100]
            distances = self._distances(state, some)
            distances[np.arange(len(some)), some] = np.inf  # not its own neighbour
            for k, row in enumerate(some):
                own[start + k] = _near(distances[k, self.classes == self.classes[row]])
                other[start + k] = _near(distances[k, self.classes == self.predicted[row]])
        known = np.isfinite(own) & np.isfinite(other)
        own, other = own[known], other[known]
        if not known.any():
            return Nearness(state, 0, NO_ESTIMATE, NO_ESTIMATE, NO_ESTIMATE)
        return Nearness(state, len(own), accuracy_of(other < own), estimate_median(own), estimate_median(other))

    def _distances(self, state: str, rows: NDArray[np.int64]) -> NDArray[np.float64]:
        """Return the relative distances (m, n) of images in one state, given by their rows, from all clean images."""
        from scipy.spatial.distance import cdist

        return np.asarray(cdist(self.points[state][rows], self.points["clean"]) / self.typical)

    def _row(self, image: int) -> int:
        """Return an image's place in the run's order. Raises InputError if it is not explained."""
        rows = np.flatnonzero(self.images == image)
        if not len(rows):
            raise InputError(f"image {image} is not explained in this run; it has {len(self.images):,} others.")
        return int(rows[0])


def typical_distance(points: NDArray[np.floating], classes: NDArray[np.int64]) -> float:
    """Return the median distance between two of the points (n, F) of one class; of any two if no class has two.

    NaN if there is none, or if it is 0. Only the first points are compared.
    """
    from scipy.spatial.distance import pdist

    points, classes = np.asarray(points[:PAIRS], np.float64), classes[:PAIRS]
    if len(points) < 2:
        return float("nan")
    first, second = np.triu_indices(len(points), 1)
    same, distances = classes[first] == classes[second], pdist(points)
    median = float(np.median(distances[same] if same.any() else distances))
    return median if median > 0 else float("nan")


def nearest_where(
    there: NDArray[np.bool_],
    images: NDArray[np.int64],
    class_index: int,
    distances: NDArray[np.float64],
    before: NDArray[np.float64],
    count: int = NEAREST,
) -> tuple[Neighbour, ...]:
    """Return the nearest of some images of a class.

    Parameters
    ----------
    there : ndarray of bool (n,)
        Which images come into question.
    images : ndarray of int64 (n,)
        Indices of all images in the full split.
    class_index : int
        True class of those in question.
    distances, before : ndarray of float64 (n,)
        Relative distances of all images from the degraded and from the clean image.
    count : int
        Neighbours, at most.
    """
    rows = np.flatnonzero(there)
    rows = rows[np.argsort(distances[rows], kind="stable")][:count]
    return tuple(Neighbour(int(images[r]), class_index, float(distances[r]), float(before[r])) for r in rows)


def _near(distances: NDArray[np.float64]) -> float:
    """Return the mean of the nearest distances, without infinite ones; NaN if there are none."""
    nearest = np.sort(distances[np.isfinite(distances)])[:NEAREST]
    return float(nearest.mean()) if len(nearest) else float("nan")
