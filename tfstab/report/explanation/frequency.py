"""The topic `frequency`: to which frequencies a network is sensitive, and which ones its minimum noise has."""

import numpy as np

from tfstab.explanation import ExplanationRun, fourier
from tfstab.explanation.bands import HIGH, LOW, FrequencyFigures, HeatMap, frequency_figures, heat_map
from tfstab.metrics import Estimate, shares
from tfstab.report.explanation.spectra import (
    heat_map_figure,
    kernels_figure,
    rings_figure,
    shows_errors,
    spectrum_figure,
)
from tfstab.report.page import Picture, Section
from tfstab.report.tables import Table
from tfstab.wording import counted

LEFT_BY_CLIPPING = 0.9  # a smaller share of the stripes' energy is worth a sentence


def section(run: ExplanationRun) -> Section | None:
    """Return the section on frequencies, or None if nothing was measured."""
    figures, found = frequency_figures(run), heat_map(run)
    lines, parts = list[str](), list[Table | Picture]()
    if found is not None:
        lines += _of_stripes(figures, found)
        parts += [Picture("fourier-heat-map", _map_caption(found), heat_map_figure(found))]
        caption = (
            "Error rate and fall of the margin by frequency. Bands are 95 % intervals over the images. A fall of 1 "
            "is as large as the mean margin of the clean images. Dotted lines mark where low frequencies end and high "
            "ones begin."
        )
        parts.append(Picture("frequency-rings", caption, rings_figure(found)))
    if np.isfinite(figures.noise_median.value):
        white = fourier.white_median(*run.clean.images.shape[1:3])
        lines.append(
            f"Half of the energy of a typical image's minimum noise lies below {_words(figures.noise_median)} of the "
            f"Nyquist frequency; of white noise, half lies below {white:.2f}."
        )
        caption = (
            "Energy of the minimum noise at each frequency, divided by that of white noise of the same size. Above the "
            "line at 1, the minimum noise has more energy than white noise. The line is the median over images, the "
            "band holds the middle half of them; the dashed line is the spectrum of the clean images."
        )
        parts.append(Picture("noise-spectrum", caption, spectrum_figure(run)))
    if run.has("kernels"):
        parts += _of_kernels(run, figures, lines)
    return Section("At which frequency", lines, parts) if parts else None


def of_image(run: ExplanationRun, image: int) -> list[Table | Picture]:
    """Return the spectrum of one image's minimum noise; nothing if there is no such noise."""
    rows = np.flatnonzero(run.images == image)
    if not run.has("spectrum") or not len(rows):
        return []
    row = int(rows[0])
    median = run.arrays("spectrum")["noise_median"][row]
    if not np.isfinite(median):
        return []
    caption = (
        f"Spectrum of this image's minimum noise: half of its energy lies below {median:.2f} of the Nyquist frequency. "
        "The energy at each frequency is divided by that of white noise; the grey band holds the middle half "
        "of all images."
    )
    return [Picture(f"noise-spectrum-{image}", caption, spectrum_figure(run, row))]


def _of_stripes(figures: FrequencyFigures, found: HeatMap) -> list[str]:
    """Return what the heat map shows, in words."""
    lines = [_of_falls(figures)] if np.isfinite(figures.low_fall.value + figures.high_fall.value) else []
    if np.isfinite(figures.low_error.value + figures.high_error.value):
        lines.append(
            f"Under stripes of L2 {figures.eps:,.0f} grey levels, {_percent(figures.low_error)} of the predictions are "
            f"wrong at low frequencies, and {_percent(figures.high_error)} at high ones ({counted(figures.images)} "
            "right when clean)."
        )
    if found.kept < LEFT_BY_CLIPPING:
        lines.append(
            f"Clipping to grey levels 0 to 255 leaves {found.kept:.0%} of the stripes' energy and adds other "
            "frequencies, so that differences between frequencies look smaller than they are."
        )
    return lines


def _of_falls(figures: FrequencyFigures) -> str:
    """Return which frequencies the network is more sensitive to, with the changes of the margin as evidence.

    The finding must hold for the margin, and the wrong predictions, of which the next line tells, must not point the
    other way.
    """
    ratio, errors = figures.fall_ratio, figures.error_difference.value
    by_margin = "high" if ratio.low > 1 else "low" if ratio.high < 1 else ""
    by_errors = "low" if errors > 0 else "high" if errors < 0 else by_margin
    if not by_margin:
        finding = "It is not certain whether the network is more sensitive to high frequencies or to low ones:"
    elif by_errors == by_margin:
        other = "low" if by_margin == "high" else "high"
        finding = f"The network is more sensitive to {by_margin} frequencies than to {other} ones:"
    else:
        finding = (
            "It is not certain whether the network is more sensitive to high frequencies or to low ones, as two "
            f"figures disagree: the margin suffers more from {by_margin} ones, but more predictions are wrong under "
            f"{by_errors} ones. In detail,"
        )
    if ratio.value > 0 and ratio.low >= 0:
        return (
            f"{finding} stripes of high frequency (from {HIGH:g} of the Nyquist frequency) lower the margin "
            f"{_words(ratio)} times as much as those of low frequency (below {LOW:g})."
        )
    return (
        f"{finding} stripes of low frequency (below {LOW:g} of the Nyquist frequency) change the mean margin by "
        f"{_change(figures.low_fall)}, those of high frequency (from {HIGH:g}) by {_change(figures.high_fall)}."
    )


def _change(fall: Estimate) -> str:
    """Return a fall of the mean margin as a change, with its interval: "-15.3 % (-20.9 to -11.4)"."""
    value, low, high = (shares.signed(-end) for end in (fall.value, fall.high, fall.low))
    return f"{value} % ({low} to {high})"


def _map_caption(found: HeatMap) -> str:
    """Return the caption of the heat map."""
    what = "Error rate" if shows_errors(found) else "Fall of the margin, over the mean clean margin,"
    some = "" if found.whole else " Each point is a frequency that was tried."
    return (
        f"Fourier heat map. {what} under stripes of each frequency: coarse stripes in the centre, fine ones "
        "outside, vertical ones to the left and right, horizontal ones above and below. Low frequencies lie inside the "
        f"inner circle, high ones outside the outer circle.{some}"
    )


def _of_kernels(run: ExplanationRun, figures: FrequencyFigures, lines: list[str]) -> list[Table | Picture]:
    """Return picture and table of the kernels, and add the finding to the lines."""
    arrays = run.arrays("kernels")
    parts = list[Table | Picture]()
    ratios = [ratio for ratio in figures.kernel_ratios if np.isfinite(ratio)]
    if ratios:
        low, high = f"{min(ratios):.2f}", f"{max(ratios):.2f}"
        members = f" (member by member {low} to {high})" if len(ratios) > 1 else ""
        lines.append(
            f"The first kernels pass high frequencies on with {np.median(ratios):.2f} times the power of low "
            f"ones{members}."
        )
        caption = (
            "Response of the first kernels: the power with which they pass each frequency on, 1 on average over all "
            "frequencies. Left: by frequency and direction, with the constant grey level in the centre. Right: by "
            "frequency alone."
        )
        parts.append(Picture("kernel-response", caption, kernels_figure(arrays["response"])))
    if np.isfinite(arrays["norms"]).any():
        parts.append(norms_table(arrays["names"], arrays["network"], arrays["norms"]))
    return parts


def norms_table(names: np.ndarray, network: np.ndarray, norms: np.ndarray) -> Table:
    """Return the table of the layers' spectral norms."""
    several = len(np.unique(network)) > 1
    rows = [
        (*((int(member) + 1,) if several else ()), str(name), float(norm))
        for member, name, norm in zip(network, names, norms, strict=True)
    ]
    notes = [
        "The largest factor by which a layer's weights, without bias and activation, can stretch an input. It is an "
        "upper bound: noise rarely points in the direction that is stretched most. Layers that are not known to be "
        "linear have no value."
    ]
    return Table(
        "Spectral norm of each layer", (*(("member",) if several else ()), "layer", "spectral norm"), rows, notes
    )


def _words(e: Estimate) -> str:
    """Return a figure with its interval: "0.62 (0.58–0.67)"."""
    if not np.isfinite(e.low + e.high):
        return f"{e.value:.2f}"
    return f"{e.value:.2f} ({e.low:.2f}–{e.high:.2f})"


def _percent(e: Estimate) -> str:
    """Return a share with its interval in %."""
    return f"{100 * e.value:.0f} % ({100 * e.low:.0f}–{100 * e.high:.0f} %)"
