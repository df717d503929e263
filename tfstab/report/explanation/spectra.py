"""Figures of the topic `frequency`: heat map, curves by frequency, and the response of kernels."""

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.cm import ScalarMappable
from matplotlib.patches import Ellipse
from numpy.typing import NDArray

from tfstab.explanation import ExplanationRun, fourier
from tfstab.explanation.bands import HIGH, LOW, HeatMap
from tfstab.figure import Figure
from tfstab.metrics import Estimate

BLUE, MIDDLE, LIGHT = "#1f5f8b", "0.35", "0.85"
FEW_ERRORS = 0.1  # below this error rate everywhere, the fall of the margin says more
LEAST = 1e-3  # of a spectrum on a logarithmic scale


def shows_errors(found: HeatMap) -> bool:
    """Return whether the heat map shows error rates; otherwise, with few errors, the fall of the margin."""
    return max(found.error(*ring).value for ring in found.rings()) >= FEW_ERRORS


def heat_map_figure(found: HeatMap) -> Figure:
    """Draw the Fourier heat map: every frequency and its partner, with the constant grey level in the centre."""
    errors = shows_errors(found)
    values = 100 * found.wrong.mean(axis=1) if errors else found.fall.mean(axis=1) / found.clean_margin.mean()
    label = "wrong predictions, %" if errors else "fall of the margin / mean clean margin"
    figure = Figure(figsize=(5.6, 4.6))
    # For axes of a fixed shape: "constrained" cuts off the label at the left.
    figure.set_layout_engine("compressed", w_pad=0.08)
    axes = figure.subplots()
    height, width = found.shape
    shown: ScalarMappable
    if found.whole:
        full = np.full(found.shape, np.nan)
        for sign in (1, -1):
            full[sign * found.frequencies[:, 0] % height, sign * found.frequencies[:, 1] % width] = values
        edges = (-(width // 2) - 0.5, (width + 1) // 2 - 0.5, (height + 1) // 2 - 0.5, -(height // 2) - 0.5)
        shown = axes.imshow(
            np.fft.fftshift(full), extent=edges, cmap="viridis", vmin=min(0, values.min()), aspect="auto"
        )
    else:
        both = np.concatenate([found.frequencies, -found.frequencies])
        shown = axes.scatter(
            both[:, 1], both[:, 0], c=np.tile(values, 2), s=16, cmap="viridis", vmin=min(0, values.min())
        )
        axes.set_xlim(-width / 2, width / 2)
        axes.set_ylim(height / 2, -height / 2)
    axes.set_box_aspect(1)
    _circles(axes, width / 2, height / 2, "white" if found.whole else MIDDLE)
    axes.set_xlabel("cycles per image, across", fontsize=9)
    axes.set_ylabel("cycles per image, down", fontsize=9)
    axes.tick_params(labelsize=8)
    figure.colorbar(shown, ax=axes, shrink=0.9).set_label(label, fontsize=9)
    return figure


def _circles(axes: Axes, width: float, height: float, colour: str) -> None:
    """Mark low and high frequencies, and the constant grey level; width, height: the Nyquist frequencies."""
    for radius in (LOW, HIGH):
        axes.add_patch(
            Ellipse((0, 0), 2 * radius * width, 2 * radius * height, fill=False, edgecolor=colour, linewidth=1)
        )
    axes.plot(0, 0, marker="+", color=colour, markersize=7, markeredgewidth=1.2)
    for text, place in (("constant", 0.07), ("low", LOW), ("high", HIGH)):
        inside = 0 if text != "high" else 0.02
        axes.text(0, -(place + inside + 0.02) * height, text, color=colour, fontsize=8, ha="center", va="bottom")


def rings_figure(found: HeatMap) -> Figure:
    """Draw error rate and fall of the margin by frequency, with intervals."""
    figure = Figure(figsize=(7, 2.9), layout="constrained")
    left, right = figure.subplots(1, 2)
    rings = found.rings()
    _curve(left, rings, [_scaled(found.error(*ring), 100) for ring in rings])
    left.set_ylabel("wrong predictions, %", fontsize=9)
    _curve(right, rings, [found.mean_fall(*ring) for ring in rings])
    right.set_ylabel("fall of the margin\nover mean clean margin", fontsize=9)
    for axes in (left, right):
        axes.set_ylim(bottom=min(0, axes.get_ylim()[0]) if axes is right else 0)
        _frequency_axis(axes)
    return figure


def spectrum_figure(run: ExplanationRun, row: int | None = None) -> Figure:
    """Draw the spectrum of minimum noise over that of white noise: of all images, or of one among all."""
    arrays, white = run.arrays("spectrum"), fourier.white(*run.clean.images.shape[1:3])
    there = white > 0
    rings = [(k * fourier.WIDTH, (k + 1) * fourier.WIDTH) for k in np.flatnonzero(there)]
    noise, image = (_relative(arrays[name][:, there], white[there]) for name in ("noise", "image"))
    figure = Figure(figsize=(7, 3.1), layout="constrained")
    axes = figure.subplots()
    low, middle, high = np.quantile(noise, (0.25, 0.5, 0.75), axis=0)
    places = np.array(rings).mean(axis=1)
    axes.axhline(1, color=MIDDLE, linewidth=0.9)
    axes.fill_between(places, low, high, color=BLUE if row is None else "0.6", alpha=0.25, linewidth=0)
    if row is None:
        axes.plot(places, middle, color=BLUE, marker="o", markersize=3.5, linewidth=1.4)
        ends = [("minimum noise", middle, BLUE)]
        if len(image):
            typical = np.median(image, axis=0)
            axes.plot(places, typical, color=MIDDLE, linestyle="--", linewidth=1.1)
            ends.append(("clean images", typical, MIDDLE))
    else:
        one = _relative(arrays["noise"][[row]][:, there], white[there])[0]
        axes.plot(places, one, color=BLUE, marker="o", markersize=3.5, linewidth=1.4)
        ends = [("this image", one, BLUE), ("all images", middle, MIDDLE)]
    axes.set_yscale("log")
    _end_labels(axes, places[-1], [("white noise", 1.0, MIDDLE), *((name, line[-1], c) for name, line, c in ends)])
    axes.set_ylabel("energy / that of white noise", fontsize=9)
    axes.yaxis.set_major_formatter("{x:g}")
    _frequency_axis(axes)
    return figure


def kernels_figure(responses: NDArray[np.floating]) -> Figure:
    """Draw the response of first kernels: by frequency and direction, and by frequency alone for each network."""
    known = [(k, one) for k, one in enumerate(responses) if np.isfinite(one).all()]
    figure = Figure(figsize=(7, 3.1), layout="constrained")
    left, right = figure.subplots(1, 2)
    mean = np.fft.fftshift(np.mean([one for _, one in known], axis=0))
    shown = left.imshow(mean, extent=(-1, 1, 1, -1), cmap="viridis", vmin=0)
    left.set_xlabel("frequency across / Nyquist", fontsize=9)
    left.set_ylabel("frequency down / Nyquist", fontsize=9)
    left.tick_params(labelsize=8)
    figure.colorbar(shown, ax=left, shrink=0.8).ax.tick_params(labelsize=8)
    white = fourier.white(*responses.shape[1:])
    there = white > 0
    rings = [(k * fourier.WIDTH, (k + 1) * fourier.WIDTH) for k in np.flatnonzero(there)]
    places = np.array(rings).mean(axis=1)
    right.axhline(1, color=MIDDLE, linewidth=0.9)
    for k, one in known:
        curve = _relative(fourier.by_ring(one[None]) / one.size, white)[0][there]
        right.plot(places, curve, color=BLUE, marker="o", markersize=3, linewidth=1.2, alpha=0.9 if k == 0 else 0.5)
    right.set_ylim(bottom=0)
    right.set_ylabel("power / mean power", fontsize=9)
    _frequency_axis(right)
    return figure


def _relative(shares: NDArray[np.floating], white: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return shares (n, R) of energy over those of white noise, for the rows that are known."""
    known = shares[np.isfinite(shares).all(axis=1)]
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(np.maximum(known / white, LEAST))


def _scaled(e: Estimate, factor: float) -> Estimate:
    """Return an estimate in another unit."""
    return Estimate(factor * e.value, factor * e.low, factor * e.high)


def _curve(axes: Axes, rings: Sequence[tuple[float, float]], estimates: Sequence[Estimate]) -> None:
    """Draw estimates by ring, with their intervals as a band."""
    places = np.array(rings).mean(axis=1)
    value, low, high = (np.array([getattr(e, end) for e in estimates]) for end in ("value", "low", "high"))
    axes.fill_between(places, low, high, color=BLUE, alpha=0.2, linewidth=0)
    axes.plot(places, value, color=BLUE, marker="o", markersize=3.5, linewidth=1.4)


def _frequency_axis(axes: Axes) -> None:
    """Label the axis of frequencies, in units of the Nyquist frequency, and above it the width of the stripes."""
    axes.set_xlim(0, 1.45)
    axes.set_xlabel("frequency / Nyquist frequency", fontsize=9)
    axes.tick_params(labelsize=8)
    axes.grid(color="0.92", linewidth=0.6)
    axes.set_axisbelow(True)
    for edge in (LOW, HIGH):
        axes.axvline(edge, color="0.6", linewidth=0.8, linestyle=":")
    above = axes.secondary_xaxis("top")
    pixels = (20, 8, 4, 3, 2)
    above.set_xticks([2 / period for period in pixels], [str(period) for period in pixels], fontsize=7)
    above.set_xlabel("pixels from stripe to stripe", fontsize=8)


def _end_labels(axes: Axes, place: float, ends: Sequence[tuple[str, float, str]]) -> None:
    """Write names at the right ends of lines on a logarithmic scale, apart from each other."""
    last = -np.inf
    low, high = np.log10(axes.get_ylim())
    step = 0.085 * (high - low)
    for name, value, colour in sorted(ends, key=lambda end: end[1]):
        last = max(np.log10(max(value, LEAST)), last + step)
        axes.annotate(
            name, (place, 10**last), (5, 0), textcoords="offset points", fontsize=8, color=colour, va="center"
        )
