"""What the overview of a search shows: headline numbers, verdict, histogram of minimum noise, classes, confusions.

Images that are wrong when clean need no noise: they are counted, and left out of everything else. Every function may
run in a worker thread.
"""

import math
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from tfstab.assessment.clean_findings import clean_finding
from tfstab.assessment.figures import Figures
from tfstab.assessment.noise import NoiseFigures, figures_of_sizes
from tfstab.assessment.noise_findings import noise_sentences
from tfstab.assessment.words import size
from tfstab.gui.content.entry import Entry
from tfstab.gui.content.examples import Pair, Weak, pairs_of_search, weakest_of_search
from tfstab.gui.content.overview import Number, Overview, beside
from tfstab.metrics import Estimate
from tfstab.search.norm import get_norm
from tfstab.search.summary import Quartiles

if TYPE_CHECKING:
    from tfstab.search import SearchRun

FEWEST_BINS, MOST_BINS = 5, 40


@dataclass(frozen=True, eq=False)
class Histogram:
    """Numbers of images by their minimum noise, for this search and the compared ones.

    Attributes
    ----------
    norm : str
        Title of the norm, such as "L2".
    unit : str
        Its unit, such as "grey levels".
    edges : ndarray of float64, shape (B + 1,)
        Ends of the bins, in this unit, the same for all searches; empty if no noise was found.
    names : tuple of str
        Names of the searches, this one first.
    counts : tuple of ndarray of int64, shape (B,)
        Number of images in each bin, of each search.
    medians : tuple of Estimate or None
        Median of each search with its 95 % interval, in which images without found noise count as needing more than
        all others; None without images.
    note : str
        How many images are not in the histogram, and why.
    """

    norm: str
    unit: str
    edges: NDArray[np.float64]
    names: tuple[str, ...]
    counts: tuple[NDArray[np.int64], ...]
    medians: tuple[Estimate | None, ...]
    note: str


@dataclass(frozen=True, eq=False)
class ClassNoise:
    """Minimum noise of the images of a class.

    Attributes
    ----------
    class_index : int
        The class.
    name : str
        Its name.
    sizes : ndarray of float64, shape (N,)
        Norms of the noise, ascending.
    images : ndarray of int64, shape (N,)
        The images that they belong to.
    missing : int
        Number of its images for which no noise was found.
    """

    class_index: int
    name: str
    sizes: NDArray[np.float64]
    images: NDArray[np.int64]
    missing: int

    @property
    def quartiles(self) -> Quartiles:
        """Lower quartile, median and upper quartile of the noise that was found."""
        return Quartiles.of(self.sizes)


@dataclass(frozen=True, eq=False)
class SearchOverview(Overview):
    """What the overview of a search shows.

    Attributes
    ----------
    middle : (float, float)
        Lower and upper quartile of the minimum noise; infinite if too little was found.
    histogram : Histogram
        Numbers of images by their minimum noise.
    classes : tuple of ClassNoise
        Classes for whose images noise was found, in their order.
    confusion : ndarray of int64, shape (K, K)
        Images for which noise was found, by true class and class found.
    pairs : tuple of Pair
        Leading confusions.
    weakest : tuple of Weak
        The images that need least noise.
    """

    middle: tuple[float, float]
    histogram: Histogram
    classes: tuple[ClassNoise, ...]
    confusion: NDArray[np.int64]
    pairs: tuple[Pair, ...]
    weakest: tuple[Weak, ...]


Searched = tuple[str, Sequence[Entry]]  # name of a search, and its results


def overview_of_search(
    run: "SearchRun", own: Searched, others: Sequence[Searched] = (), apart: Collection[str] = ()
) -> SearchOverview:
    """Return what the overview of a search shows.

    Parameters
    ----------
    run : SearchRun
        The search.
    own : (str, sequence of Entry)
        Its name and its results, at least one.
    others : sequence of (str, sequence of Entry)
        The same of searches that it is compared with.
    apart : collection of str
        Names of those whose noise is shown in the histogram, but not beside the numbers, as it cannot be compared.

    Raises
    ------
    RunError
        A result that is shown can no longer be read.
    """
    entries = own[1]
    clean, noise = clean_finding(Figures.of([run])), noise_of(entries)
    found = [clean, noise_sentences(noise)] if noise is not None else [clean]
    return SearchOverview(
        (" ".join([*(finding.text for finding in found), *run.notes]),),
        found[-1].level,
        beside(
            numbers_of_search(entries), [(n, numbers_of_search(its)) for n, its in others if its and n not in apart]
        ),
        noise.quartiles if noise is not None else (math.inf, math.inf),
        histogram([own, *others]),
        classes_of(entries, run.class_names),
        confusion_of(entries, len(run.class_names)),
        tuple(pairs_of_search(run, entries)),
        tuple(weakest_of_search(run, entries)),
    )


def headline_of_search(entries: Sequence[Entry]) -> str:
    """Return the median minimum noise for the list of runs; "" if no noise was found for half of the images."""
    noise = noise_of(entries)
    if noise is None or not math.isfinite(noise.size.value):
        return ""
    return f"median {get_norm(noise.norm).title} {size(get_norm(noise.norm), noise.size.value)}"


def noise_of(entries: Sequence[Entry]) -> NoiseFigures | None:
    """Return the figures of the images that need noise; None if there are none."""
    sizes = {e.image: e.size if e.found else math.inf for e in entries if not e.wrong_when_clean}
    return figures_of_sizes(sizes, entries[0].norm) if sizes else None


def numbers_of_search(entries: Sequence[Entry]) -> tuple[Number, ...]:
    """Return median, middle half, and how many images have noise, or are wrong when clean."""
    noise, wrong = noise_of(entries), sum(e.wrong_when_clean for e in entries)
    clean_tip = "Images that are misclassified when clean and need no noise"
    wrong_number = Number("wrong", f"{wrong:,} of {len(entries):,}", "images wrong when clean", tip=clean_tip)
    if noise is None:
        return (wrong_number,)
    norm, (low, high) = get_norm(noise.norm), noise.quartiles
    title, written = norm.title, partial(size, norm)
    numbers = []
    if math.isfinite(noise.size.value):
        e = noise.size
        ends = f" ({written(e.low)}–{written(e.high)})" if e.low > 0 and math.isfinite(e.high) else ""
        caption = f"{norm.unit} of noise flip a typical image{ends}"
        numbers.append(Number("median", f"{title} {written(e.value)}", caption, "minimum noise"))
    if math.isfinite(high):
        numbers.append(
            Number("half", f"{written(low)}–{written(high)}", f"{title}, middle half of the images", "quartiles")
        )
    tip = f"Images for which noise was found, of the {noise.count:,} that need noise"
    return (*numbers, Number("found", f"{noise.found:,} of {noise.count:,}", "images flipped", tip=tip), wrong_number)


def histogram(searches: Sequence[Searched]) -> Histogram:
    """Count images by their minimum noise, in a search and in the compared searches that use the same norm."""
    norm = searches[0][1][0].norm
    searches = [each for each in searches if each[1] and each[1][0].norm == norm]
    sizes = [_sizes(entries) for _, entries in searches]
    entries = searches[0][1]
    every = np.concatenate(sizes)
    bins = min(max(math.ceil(math.sqrt(len(sizes[0]))) + 1, FEWEST_BINS), MOST_BINS)
    edges = np.linspace(0, float(every.max()), bins + 1) if len(every) else np.empty(0)
    counts = [np.histogram(each, edges)[0] if len(edges) else np.empty(0, np.int64) for each in sizes]
    figures = [noise_of(theirs) for _, theirs in searches]
    return Histogram(
        get_norm(norm).title,
        get_norm(norm).unit,
        edges,
        tuple(name for name, _ in searches),
        tuple(counts),
        tuple(None if each is None else each.size for each in figures),
        left_out(entries),
    )


def left_out(entries: Sequence[Entry]) -> str:
    """Say how many images have no noise to be shown, and why; "" if there are none."""
    wrong = sum(e.wrong_when_clean for e in entries)
    missing = sum(not e.found for e in entries if not e.wrong_when_clean)
    said = []
    if wrong:
        said.append(f"{wrong:,} {_are(wrong)} wrong when clean and {'needs' if wrong == 1 else 'need'} no noise")
    if missing:
        said.append(f"for {missing:,} no noise was found")
    return f"Not shown: {'; '.join(said)}." if said else ""


def classes_of(entries: Sequence[Entry], names: Sequence[str]) -> tuple[ClassNoise, ...]:
    """Return the minimum noise of each class for whose images noise was found."""
    classes = []
    for k, name in enumerate(names):
        needed = [e for e in entries if e.class_index == k and not e.wrong_when_clean]
        found = sorted((e for e in needed if e.found), key=lambda e: e.size)
        if found:
            sizes, images = np.array([e.size for e in found]), np.array([e.image for e in found], np.int64)
            classes.append(ClassNoise(k, name, sizes, images, len(needed) - len(found)))
    return tuple(classes)


def confusion_of(entries: Sequence[Entry], classes: int) -> NDArray[np.int64]:
    """Count images for which noise was found by true class and class found, (K, K)."""
    found = [(e.class_index, e.predicted) for e in entries if e.found and not e.wrong_when_clean]
    counts = np.zeros((classes, classes), np.int64)
    np.add.at(counts, tuple(np.array(found, np.int64).reshape(-1, 2).T), 1)
    return counts


def _sizes(entries: Sequence[Entry]) -> NDArray[np.float64]:
    return np.array([e.size for e in entries if e.found and not e.wrong_when_clean], np.float64)


def _are(count: int) -> str:
    return "image is" if count == 1 else "images are"
