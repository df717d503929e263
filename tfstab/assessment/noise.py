"""Minimum noise of a sample of images, and how much more random noise the same images tolerate."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from tfstab.metrics import Estimate
from tfstab.metrics.estimate import NO_ESTIMATE
from tfstab.metrics.median import estimate_median
from tfstab.search import SearchRun
from tfstab.search.summary import Quartiles
from tfstab.sweep import SweepRun


@dataclass(frozen=True)
class NoiseFigures:
    """Minimum noise of the images that are right when clean.

    Attributes
    ----------
    count : int
        Number of these images that have been searched.
    found : int
        Number of them for which noise was found. The others count as larger than all that was found, so medians are of
        the noise that this search finds: that it finds none does not show that an image needs more.
    norm : str
        The norm that the search minimised: "l2", "linf", "l1" or "l0".
    size : Estimate
        Median norm of the minimum noise, in its unit, with its 95 % interval.
    quartiles : tuple of float
        Lower and upper quartile of this norm; infinite where too few were found.
    found_range : tuple of float
        Smallest and largest norm that was found; NaN if none was.
    compared : int
        Number of images that the Gaussian sweep has too.
    random_ratio : Estimate or None
        Median of random over minimum noise: the L2 of Gaussian noise at the mildest sigma at which at least half of an
        image's copies fail, divided by the L2 of its minimum noise. The value is NaN where tolerant images leave the
        median unknown; the interval holds even then. None if the sweep has none of these images, or if the search
        minimised another norm.
    tolerant : int
        Number of the compared images that no sigma of the sweep makes fail. Their ratio is known only to be larger than
        that of the strongest sigma.
    values : int
        Number of values of an image, H x W x C; 0 if it is not known.
    strongest : float
        The strongest sigma of the sweep; NaN if no image is compared.
    whole : Estimate
        As `size`, for noise in whole grey levels, as image files store them; NaN if it is not known.
    whole_low : float
        The lower quartile of the same.
    """

    count: int
    found: int
    norm: str
    size: Estimate
    quartiles: tuple[float, float]
    found_range: tuple[float, float]
    compared: int
    random_ratio: Estimate | None
    tolerant: int
    values: int = 0
    strongest: float = np.nan
    whole: Estimate = NO_ESTIMATE
    whole_low: float = np.nan


def noise_figures(search: SearchRun, gaussian: SweepRun | None) -> NoiseFigures | None:
    """Return the figures of a search, or None if it has finished no image that is right when clean."""
    correct = dict(zip(search.clean.indices.tolist(), search.clean.correct.tolist(), strict=True))
    norm = search.config.norm
    results = [result for result in search if correct[result.image]]
    sizes = {r.image: r.size if r.found else np.inf for r in results}
    whole = np.array([r.size_uint8 if r.found else np.inf for r in results])
    figures = figures_of_sizes(sizes, norm, gaussian if norm == "l2" else None)
    if figures is None:
        return None
    figures = replace(figures, values=search.clean.images[:1].size)
    if not np.isfinite(whole).any():
        return figures
    whole = np.where(np.isnan(whole), np.inf, whole)
    return replace(figures, whole=estimate_median(whole), whole_low=Quartiles.of(whole).low)


def figures_of_sizes(sizes: Mapping[int, float], norm: str, gaussian: SweepRun | None = None) -> NoiseFigures | None:
    """Return the figures of given minimum noise.

    Parameters
    ----------
    sizes : mapping of int to float
        Norm of the minimum noise of each image that is right when clean, in its unit, by the image's index; infinite
        if none was found.
    norm : str
        The norm: "l2", "linf", "l1" or "l0".
    gaussian : SweepRun, optional
        Sweep of Gaussian noise with which an L2 norm is compared.

    Returns
    -------
    NoiseFigures or None
        None without images.
    """
    if not sizes:
        return None
    values = np.array(list(sizes.values()))
    low, _, high = Quartiles.of(values)
    found = {image: value for image, value in sizes.items() if np.isfinite(value) and value > 0}
    random = _random_l2(gaussian, np.array(sorted(found), np.int64)) if gaussian is not None else {}
    ratios = np.array([l2 / found[image] for image, (l2, _) in random.items()])
    fails = np.array([fails for _, fails in random.values()], bool)
    return NoiseFigures(
        count=len(sizes),
        found=int(np.isfinite(values).sum()),
        norm=norm,
        size=estimate_median(values),
        quartiles=(low, high),
        found_range=_range(values[np.isfinite(values)]),
        compared=len(ratios),
        random_ratio=_median_ratio(ratios, fails) if len(ratios) else None,
        tolerant=int((~fails).sum()),
        strongest=max(gaussian.severities) if gaussian is not None and len(ratios) else np.nan,
    )


def _median_ratio(ratios: NDArray[np.float64], fails: NDArray[np.bool_]) -> Estimate:
    """Return the median of ratios, of which those of images that never fail are only lower bounds.

    The low end takes these bounds for the ratios, the high end takes the ratios for infinite, so the interval holds
    whatever they are. The median is known only if it is the same either way, and NaN otherwise. Each image has
    its own bound, so an image that never fails may have a smaller ratio than one that fails.
    """
    most = np.where(fails, ratios, np.inf)
    middle = float(np.median(ratios))
    value = middle if middle == np.median(most) else np.nan
    return Estimate(value, estimate_median(ratios).low, estimate_median(most).high)


def _range(values: NDArray[np.float64]) -> tuple[float, float]:
    """Return the smallest and the largest value; NaN without values."""
    return (float(values.min()), float(values.max())) if len(values) else (np.nan, np.nan)


def _random_l2(run: SweepRun, images: NDArray[np.int64]) -> dict[int, tuple[float, bool]]:
    """Return for each of these images that was swept the L2 of the Gaussian noise by which it fails, and True.

    That is the root mean square over its copies, after clipping, at the mildest sigma at which at least half of them
    fail. If there is none, it is that of the strongest sigma, and False.
    """
    measures = run.measures
    images = np.intersect1d(images, measures.images)
    failing = measures.failing_severity(0.5)[np.searchsorted(measures.images, images)]
    fails = np.isfinite(failing)
    severities = np.where(fails, failing, max(run.severities))
    sizes: dict[int, float] = {}
    for severity in np.unique(severities).tolist():
        sizes |= _l2_at(run, severity, images[severities == severity])
    return {image: (sizes[image], bool(there)) for image, there in zip(images.tolist(), fails, strict=True)}


def _l2_at(run: SweepRun, severity: float, images: NDArray[np.int64]) -> dict[int, float]:
    """Return the root mean square of the L2 of the noise of each image's copies at a severity; images: ascending."""
    table = run.samples(severity=severity, columns=["image", "copy", "psnr"])
    table = table.sort_by([("image", "ascending"), ("copy", "ascending")])
    image, psnr = table["image"].to_numpy(), table["psnr"].to_numpy().astype(np.float64)
    ends = zip(np.searchsorted(image, images, "left"), np.searchsorted(image, images, "right"), strict=True)
    squares = [255.0**2 * np.mean(10 ** (-psnr[first:stop] / 10)) for first, stop in ends]
    values = run.clean.images[:1].size
    return {i: float(np.sqrt(square * values)) for i, square in zip(images.tolist(), squares, strict=True)}
