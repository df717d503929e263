"""Minimum noise of many images in a few numbers; images misclassified when clean need no noise and are left out."""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from statistics import median
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from tfstab.metrics.estimate import Estimate
from tfstab.metrics.median import estimate_median
from tfstab.search.norm import get_norm, sized
from tfstab.search.result import MinimumNoise
from tfstab.wording import counted


class Quartiles(NamedTuple):
    """Lower quartile, median and upper quartile; infinite where too little noise was found, NaN without images."""

    low: float
    median: float
    high: float

    @classmethod
    def of(cls, values: Iterable[float]) -> "Quartiles":
        """Compute them; infinite values count as larger than all others. The outer two are not interpolated."""
        values = list(values)
        if not values:
            return cls(math.nan, math.nan, math.nan)
        low, high = np.quantile(values, (0.25, 0.75), method="inverted_cdf")
        return cls(float(low), float(median(values)), float(high))


@dataclass(frozen=True)
class SearchSummary:
    """Minimum noise of the images that needed noise.

    Attributes
    ----------
    images : int
        Images searched, those included that are misclassified when clean.
    given, misclassified : int
        Images that were given, more than `images` if the search is unfinished, and how many of them need no noise.
    needed : int
        Images that needed noise.
    found : int
        Images among these for which noise was found; the others count as larger than all that was found.
    norm : str
        The norm that was minimised: "l2", "linf", "l1" or "l0"; "l2" without images.
    size : Quartiles
        Quartiles of this norm of the noise, in its unit.
    median : Estimate
        The median with its 95 % interval, which is valid for any distribution of the noise over images.
    psnr : float
        Median PSNR of the degraded images, in dB; NaN without images, -infinite if noise was found for too few.
    queries, gradients : int
        Degraded images that were scored, and gradients that were computed, for all images together.

    Examples
    --------
    >>> from tfstab.search.summary import SearchSummary
    >>> summary = SearchSummary.of(search)
    >>> summary.images, summary.needed, summary.found
    (3, 3, 3)
    >>> summary.size.low <= summary.size.median <= summary.size.high
    True
    """

    images: int
    given: int
    misclassified: int
    needed: int
    found: int
    norm: str
    size: Quartiles
    median: Estimate
    psnr: float
    queries: int
    gradients: int

    @classmethod
    def of(cls, results: Iterable[MinimumNoise], reached: NDArray[np.bool_] | None = None) -> "SearchSummary":
        """Summarise results. Keeps single numbers only, as the arrays of a large run may not fit into memory.

        Parameters
        ----------
        results : iterable of MinimumNoise
            The results so far.
        reached : ndarray of bool (N,), optional
            Which of all images given need no noise; by default, the results are of all images.
        """
        norm, figures, queries, gradients = "l2", [], 0, 0
        for r in results:
            norm, queries, gradients = r.norm, queries + r.queries, gradients + r.gradients
            figures.append((r.needed_noise, r.found, *((r.size, r.psnr) if r.found else (math.inf, -math.inf))))
        needed = [(found, size, psnr) for needs, found, size, psnr in figures if needs]
        return cls(
            images=len(figures),
            given=len(figures) if reached is None else len(reached),
            misclassified=len(figures) - len(needed) if reached is None else int(reached.sum()),
            needed=len(needed),
            found=sum(found for found, _, _ in needed),
            norm=norm,
            size=Quartiles.of(size for _, size, _ in needed),
            median=estimate_median(np.array([size for _, size, _ in needed])),
            psnr=float(median(psnr for _, _, psnr in needed)) if needed else math.nan,
            queries=queries,
            gradients=gradients,
        )

    def lines(self) -> list[str]:
        """Return the summary as sentences."""
        if not self.images:
            return ["No image has been searched yet."]
        needless = self.images - self.needed
        lines = [f"Noise was found for {self.found} of the {counted(self.needed)} that needed it."]
        if needless:
            are, need = ("is", "needs") if needless == 1 else ("are", "need")
            # A search reports these images first, so their share of those finished so far is no error rate.
            all_of = f"; of all {counted(self.given)}, {self.misclassified:,} are" if self.images < self.given else ""
            lines.append(
                f"{counted(needless, 'further image')} {are} misclassified when clean and {need} none{all_of}."
            )
        if self.found:
            lines.append(self._size_in_words())
        if self.queries:
            of_all = f"{counted(self.queries, 'degraded image')} were scored"
            lines.append(f"{of_all} and {self.gradients:,} gradients computed." if self.gradients else f"{of_all}.")
        return lines

    def _size_in_words(self) -> str:
        """Return median and quartiles of the noise, and the median PSNR, in a sentence."""
        norm = get_norm(self.norm)
        if math.isinf(self.size.low):
            return (
                f"Median and quartiles of the {norm.title} of the minimum noise are not reached: images for which none "
                "was found count as needing more than all others."
            )
        low, middle, high, first, last = (
            sized(norm, x) if math.isfinite(x) else "not reached"
            for x in (*self.size, self.median.low, self.median.high)
        )
        known = 0 < self.median.low < math.inf  # enough images, of which enough have noise
        upper = f"to {last}" if math.isfinite(self.median.high) else "or more"
        between = f" (95 % interval {first} {upper})" if known else ""
        return (
            f"{norm.title} of the minimum noise in {norm.unit}: median {middle}{between}, quartiles {low} and {high}"
            + (f"; median PSNR {self.psnr:.1f} dB." if math.isfinite(self.psnr) else ".")
        )

    def to_json(self) -> dict[str, Any]:
        """Return the summary as values that JSON can represent: None instead of NaN and infinities."""
        numbers = {"lower_quartile": self.size.low, "median": self.size.median, "upper_quartile": self.size.high}
        numbers |= {"median_low": self.median.low, "median_high": self.median.high}
        return {
            "images": self.images,
            "images_given": self.given,
            "needed_noise": self.needed,
            "found": self.found,
            self.norm: {name: value if math.isfinite(value) else None for name, value in numbers.items()},
            "median_psnr": self.psnr if math.isfinite(self.psnr) else None,
            "queries": self.queries,
            "gradients": self.gradients,
        }
