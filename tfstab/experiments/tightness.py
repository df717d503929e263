"""How tight the minimum noise of a reproduction is: the noise that a search found, divided by the least that is known.

The noise that a search finds for an image is an upper bound of the image's minimum noise. So the least that any run of
the reproduction found is the best known bound. A search that ends far above it misleads where networks are compared,
because how far above differs from network to network. No TensorFlow is imported.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from tfstab.experiments.reproduction import Reproduction
from tfstab.explanation import ExplanationRun
from tfstab.search import MinimumNoise, SearchRun

GENETIC, REFINED, BOUNDARY = "genetic search", "refined genetic search", "boundary walk"
PAPER = {"eq1": "paper's procedure, eq. 1", "eq2": "paper's procedure, eq. 2"}
PERCENTILE = 90


@dataclass(frozen=True)
class Tightness:
    """How far above the least noise known one search of one network ends.

    Attributes
    ----------
    network : str
        Kind of the network.
    search : str
        `GENETIC` or `BOUNDARY`; `REFINED`, which is the genetic search after its refinement; or one of `PAPER`: the
        least that the paper's procedure found for an image at any lambda.
    images : int
        Images for which it found noise, and for which another run of the reproduction has a result too.
    median, high : float
        Median and 90th percentile, over these images, of the L2 that it found divided by the least L2 known; 1 or more.
        NaN without images.
    missing : int
        Images for which it found no noise, but another run did.

    Examples
    --------
    >>> from tfstab.experiments.tightness import Tightness
    >>> Tightness.of("single", "genetic search", [30.0, 33.0, float("inf")], [30.0, 30.0, 25.0])
    Tightness(network='single', search='genetic search', images=2, median=1.05, high=1.1, missing=1)
    """

    network: str
    search: str
    images: int
    median: float
    high: float
    missing: int

    @classmethod
    def of(cls, network: str, search: str, found: ArrayLike, least: ArrayLike) -> "Tightness":
        """Compare L2 norms (n,), infinite where no noise was found, with the least ones known (n,), all finite."""
        ratios = np.asarray(found, np.float64) / np.asarray(least, np.float64)
        known = ratios[np.isfinite(ratios)]
        # inverted_cdf returns one of the ratios: with few images, a value between two of them would suggest too much.
        median, high = (
            (float(np.median(known)), float(np.percentile(known, PERCENTILE, method="inverted_cdf")))
            if len(known)
            else (float("nan"), float("nan"))
        )
        return cls(network, search, len(known), median, high, len(ratios) - len(known))


def tightness(reproduction: Reproduction) -> list[Tightness]:
    """Return how tight each search of each network is.

    Parameters
    ----------
    reproduction : Reproduction
        The reproduction of one data set, finished or not.

    Returns
    -------
    list of Tightness
        For each network: the paper's procedure, the genetic search, its refinement, the boundary walk. A network that
        only one run has searched is left out, as there is nothing to compare it with.
    """
    return [one for kind in reproduction.kinds for one in _of_network(reproduction, kind)]


def _of_network(reproduction: Reproduction, kind: str) -> list[Tightness]:
    """Return the tightness of one network's searches, on the images that more than one run has searched."""
    runs = list(_runs(reproduction, kind))
    times: dict[int, int] = {}  # how many runs have searched each image
    least: dict[int, float] = {}
    for searches in runs:
        for image in set().union(*searches.values()):
            times[image] = times.get(image, 0) + 1
            least[image] = min([least.get(image, np.inf), *(found[image] for found in searches.values())])
    compared = {image for image, count in times.items() if count > 1 and np.isfinite(least[image])}
    rows = []
    for searches in runs:
        for search, found in searches.items():
            both = sorted(compared & found.keys())
            if both:
                rows.append(Tightness.of(kind, search, [found[i] for i in both], [least[i] for i in both]))
    return rows


Found = Mapping[int, float]  # L2 by image, infinite where no noise was found; only images that are right when clean


def _runs(reproduction: Reproduction, kind: str) -> Iterator[Mapping[str, Found]]:
    """Yield what each run found for a network, by the name of the search."""
    if kind == "single":  # the only network that is searched by the paper's procedure too
        for equation, title in PAPER.items():
            runs = [run for run in reproduction.objectives.values() if run.config.objective == equation]
            if runs:
                yield {title: _least_of(runs)}
    if kind in reproduction.searches:
        run = reproduction.searches[kind]
        last = {REFINED: _least_of([run])} if run.config.refine else {}
        yield {GENETIC: {result.image: _unrefined(result) for result in _needing(run)}} | last
    for explanation in reproduction.explanations.get(kind, ()):
        if explanation.has("noise"):
            yield {BOUNDARY: _along_boundary(explanation)}


def _least_of(runs: list[SearchRun]) -> Found:
    """Return the least L2 that any of several searches found for each image."""
    found: dict[int, float] = {}
    for result in (result for run in runs for result in _needing(run)):
        found[result.image] = min(found.get(result.image, np.inf), result.l2 if result.found else np.inf)
    return found


def _needing(run: SearchRun) -> Iterator[MinimumNoise]:
    """Yield the results of the images that need noise."""
    return (result for result in run if result.needed_noise)


def _unrefined(result: MinimumNoise) -> float:
    """Return the L2 that the engine ended with, before the refinement; infinite if it found no noise."""
    # Chromosomes that flip outrank all others and survive, so the last entry is one if there ever was one.
    flipped = bool((result.history[:, 3] > 0).any())
    return float(result.history[-1, 2]) if flipped else np.inf


def _along_boundary(run: ExplanationRun) -> Found:
    """Return the L2 that an explanation found for each image that is right when clean."""
    arrays, right = run.arrays("noise"), run.clean.correct[run.rows]
    norms = np.where(arrays["found"], arrays["l2"], np.inf)
    return {int(image): float(l2) for image, l2 in zip(run.images[right], norms[right], strict=True)}
