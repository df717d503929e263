"""To which frequencies a network is sensitive, from what `frequency`, `spectrum` and `kernels` measured.

Low frequencies are those below 0.3 of the Nyquist frequency, high ones those from 0.7: stripes wider than 6.7 pixels
from one to the next, and narrower than 2.9. The fall of the margin under stripes of L2 norm eps is that at the worse of
their two signs. It is divided by the mean margin of the same clean images, so that it is 1 where the margin is used up
on average.

Works without TensorFlow.
"""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from tfstab.explanation import fourier
from tfstab.explanation.run import ExplanationRun
from tfstab.metrics import Estimate
from tfstab.metrics.estimate import NO_ESTIMATE
from tfstab.metrics.intervals import RESAMPLES, percentile_interval, resample, resampled_sums
from tfstab.metrics.kept import share_of
from tfstab.metrics.median import estimate_median

LOW, HIGH = 0.3, 0.7  # in units of the Nyquist frequency


@dataclass(frozen=True, eq=False)
class HeatMap:
    """What stripes of each frequency do to the images that are right when clean.

    Attributes
    ----------
    frequencies : ndarray of int (F, 2)
        Cycles per image down and across, one of each pair of opposite frequencies.
    radius : ndarray of float (F,)
        Their radius, in units of the Nyquist frequency.
    wrong : ndarray of float (F, m)
        Share of wrong predictions of each of m images, over both signs of the stripes: 0, 0.5 or 1.
    fall : ndarray of float (F, m)
        Fall of the logit margin at the worse sign, in nats.
    clean_margin : ndarray of float (m,)
        Logit margins of the clean images, in nats.
    images : ndarray of int (m,)
        Their indices in the full split.
    shape : tuple of int
        Height and width of the images.
    eps : float
        L2 norm of the stripes, in grey levels.
    kept : float
        Share of their energy that is left after clipping; 1 without clipping.
    """

    frequencies: NDArray[np.int64]
    radius: NDArray[np.float64]
    wrong: NDArray[np.float64]
    fall: NDArray[np.float64]
    clean_margin: NDArray[np.float64]
    images: NDArray[np.int64]
    shape: tuple[int, int]
    eps: float
    kept: float

    @property
    def whole(self) -> bool:
        """Whether every frequency was tried, and not only some of each ring."""
        return len(self.frequencies) == len(fourier.half_plane(*self.shape))

    def error(self, low: float, high: float) -> Estimate:
        """Return the error rate at radii from `low` to below `high`, with its interval over images."""
        inside = self._inside(low, high)
        return share_of(self.wrong[inside].mean(axis=0)) if self._any(inside) else NO_ESTIMATE

    def mean_fall(self, low: float, high: float) -> Estimate:
        """Return the mean fall over the mean clean margin at such radii, with its interval over images."""
        inside = self._inside(low, high)
        if not self._any(inside):
            return NO_ESTIMATE
        return ratio_of_means(self.fall[inside].mean(axis=0), self.clean_margin)

    def error_difference(self) -> Estimate:
        """Return the error rate at low frequencies minus that at high ones, with its interval over images."""
        low, high = self._inside(0, LOW), self._inside(HIGH, np.inf)
        if not self._any(low) or not self._any(high):
            return NO_ESTIMATE
        more = self.wrong[low].mean(axis=0) - self.wrong[high].mean(axis=0)
        return ratio_of_means(more, np.ones(len(more)))

    def fall_ratio(self) -> Estimate:
        """Return the mean fall at high frequencies over that at low ones, with its interval over images.

        NaN if stripes of low frequency do not clearly lower the margin. A negative ratio means that those of high
        frequency raise it.
        """
        low, high = self._inside(0, LOW), self._inside(HIGH, np.inf)
        if not self._any(low) or not self._any(high):
            return NO_ESTIMATE
        return ratio_of_means(self.fall[high].mean(axis=0), self.fall[low].mean(axis=0))

    def rings(self) -> list[tuple[float, float]]:
        """Return the inner and outer radius of each ring that has a frequency which was tried."""
        there = np.unique(fourier.ring_of(self.radius)).tolist()
        return [(ring * fourier.WIDTH, (ring + 1) * fourier.WIDTH) for ring in there]

    def _inside(self, low: float, high: float) -> NDArray[np.bool_]:
        """Return which frequencies have a radius from `low` to below `high`."""
        return np.asarray((self.radius >= low - 1e-9) & (self.radius < high - 1e-9))

    def _any(self, inside: NDArray[np.bool_]) -> bool:
        """Return whether there is anything to take a mean of."""
        return bool(inside.any()) and len(self.images) > 0


def heat_map(run: ExplanationRun) -> HeatMap | None:
    """Return the Fourier heat map of a run, or None if it has none or no image is right when clean."""
    if not run.has("frequency"):
        return None
    arrays = run.arrays("frequency")
    if not len(arrays["images"]):
        return None
    height, width = run.clean.images.shape[1:3]
    margin, clean = arrays["margin"].astype(np.float64), arrays["clean_margin"].astype(np.float64)
    return HeatMap(
        arrays["frequencies"],
        fourier.radii_of(arrays["frequencies"], height, width),
        (margin <= 0).mean(axis=2),
        clean - margin.min(axis=2),
        clean,
        arrays["images"],
        (height, width),
        float(arrays["eps"][0]),
        float(arrays["kept"][0]),
    )


@dataclass(frozen=True)
class FrequencyFigures:
    """To which frequencies a network is sensitive; estimates have 95 % intervals over images, NaN if not measured.

    Attributes
    ----------
    eps : float
        L2 norm of the stripes, in grey levels.
    images : int
        Images that were degraded by them.
    low_error, high_error : Estimate
        Error rate under stripes of low and of high frequency.
    low_fall, high_fall : Estimate
        Mean fall of the logit margin under them, over the mean clean margin.
    error_difference : Estimate
        low_error minus high_error.
    fall_ratio : Estimate
        high_fall over low_fall: above 1, the network is more sensitive to high frequencies. NaN if low_fall is not
        clearly above 0; negative if stripes of high frequency raise the margin.
    noise_median : Estimate
        Median over images of the radius below which half of the minimum noise's energy lies.
    noise_ratio : Estimate
        The same over that of white noise: above 1, minimum noise is finer than white noise.
    kernel_ratios : tuple of float
        For each network, how strongly the first kernels pass high frequencies on, over low ones.
    """

    eps: float = float("nan")
    images: int = 0
    low_error: Estimate = NO_ESTIMATE
    high_error: Estimate = NO_ESTIMATE
    low_fall: Estimate = NO_ESTIMATE
    high_fall: Estimate = NO_ESTIMATE
    error_difference: Estimate = NO_ESTIMATE
    fall_ratio: Estimate = NO_ESTIMATE
    noise_median: Estimate = NO_ESTIMATE
    noise_ratio: Estimate = NO_ESTIMATE
    kernel_ratios: tuple[float, ...] = field(default=())


def frequency_figures(run: ExplanationRun) -> FrequencyFigures:
    """Return to which frequencies a network is sensitive, as far as the run has measured it."""
    figures: dict[str, object] = {}
    found = heat_map(run)
    if found is not None:
        figures |= {
            "eps": found.eps,
            "images": len(found.images),
            "low_error": found.error(0, LOW),
            "high_error": found.error(HIGH, np.inf),
            "low_fall": found.mean_fall(0, LOW),
            "high_fall": found.mean_fall(HIGH, np.inf),
            "error_difference": found.error_difference(),
            "fall_ratio": found.fall_ratio(),
        }
    if run.has("spectrum"):
        medians = run.arrays("spectrum")["noise_median"]
        median = estimate_median(medians[np.isfinite(medians)])
        white = fourier.white_median(*run.clean.images.shape[1:3])
        ratio = Estimate(median.value / white, median.low / white, median.high / white)
        figures |= {"noise_median": median, "noise_ratio": ratio}
    if run.has("kernels"):
        figures["kernel_ratios"] = tuple(kernel_ratio(one) for one in run.arrays("kernels")["response"])
    return FrequencyFigures(**figures)  # type: ignore[arg-type]


def kernel_ratio(response: NDArray[np.floating]) -> float:
    """Return the mean response (S, S) of kernels to high frequencies over that to low ones; NaN if not known."""
    radius = fourier.radii(*response.shape)
    low, high = response[radius < LOW].mean(), response[radius >= HIGH].mean()
    return float(high / low) if low > 0 else float("nan")


def ratio_of_means(part: NDArray[np.float64], whole: NDArray[np.float64]) -> Estimate:
    """Return mean(part) / mean(whole) of values (m,) of the same images, with its interval from resampled images.

    NaN unless the mean of the whole is clearly above 0: near 0, a ratio can have any size and either sign.
    """
    if not whole.sum() > 0:
        return NO_ESTIMATE
    if len(part) == 1:  # one image tells nothing of others
        return Estimate(float(part[0] / whole[0]), 0.0 if part[0] >= 0 else -float("inf"), float("inf"))
    sums = resampled_sums(resample(len(part), RESAMPLES, seed=0), np.stack([part, whole], axis=1))
    if not percentile_interval(sums[:, 1])[0] > 0:
        return NO_ESTIMATE
    with np.errstate(divide="ignore", invalid="ignore"):
        low, high = percentile_interval(sums[:, 0] / sums[:, 1])
    return Estimate(float(part.sum() / whole.sum()), float(low), float(high))
