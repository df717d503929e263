"""The topic `flatness`: whether the minimum noise is what random noise foretells, or a special direction."""

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import LogLocator, NullFormatter
from numpy.typing import NDArray

from tfstab.explanation import ExplanationRun
from tfstab.explanation.flatness import CLIPPED, MOST_CLIPPED, Flatness, FlatnessFigures, flatness_of
from tfstab.explanation.one_image import ImageExplanation
from tfstab.figure import Figure
from tfstab.metrics import Estimate
from tfstab.report.page import Picture, Section
from tfstab.report.tables import Table
from tfstab.wording import counted

TITLE = "Random noise and minimum noise"
FLAT, LEAST_FLAT = 0.8, 0.65  # above these the ratio, and the low end of its interval, of a nearly flat boundary
SPECIAL = 0.5  # below this, a special direction is much shorter than random noise suggests
MOST_WIDE = 1.0  # width of a correlation's interval above which it says nothing
CLOSE, LOOSE = 0.8, 0.5  # above these, distances are closely or loosely correlated (Spearman)


def section(run: ExplanationRun) -> Section | None:
    """Return the section on flatness, or None if no image has minimum noise."""
    found = measured(run)
    if found is None:
        return None
    despite = despite_of(found)
    figures = found.figures(found.headline, despite)
    left_out = _left_out(figures, len(found.images), despite)
    if not figures.images:
        return Section(TITLE, [left_out])
    picture = Picture("flatness", _caption(figures), scatter(found, found.headline, despite))
    lines = [_finding(figures, not despite), _correlation(figures), left_out]
    warnings = [_clipping(found, figures)] if despite else []
    return Section(TITLE, lines, [picture, sigma_table(found, despite)], warnings)


def of_image(run: ExplanationRun, image: int) -> list[Table | Picture]:
    """Return for one image the distances that its noisy copies imply at each sigma."""
    found, row = measured(run), ImageExplanation(run, image).position
    if found is None or not np.isfinite(found.minimum[row]):
        return []
    rows = [
        (
            sigma,
            100 * found.copies.failed[row, k] / found.copies.count[row, k],
            found.implied[row, k] if found.implied[row, k] > 0 else np.nan,
            found.minimum[row],
            found.ratio[row, k],
            ", ".join(reason for reason, flags in found.flags.items() if flags[row, k]),
        )
        for k, sigma in enumerate(found.sigmas.tolist())
    ]
    columns = ("sigma", "copies misclassified, %", "implied distance", "minimum noise", "flatness ratio", "flags")
    notes = ["Distances are L2 in grey levels. The implied distance is that of a flat decision boundary at which as "
             "many noisy copies would be misclassified. There is none if half of them or more are."]  # fmt: skip
    digits = {"sigma": None, "copies misclassified, %": 0, "implied distance": 0, "minimum noise": 0}
    return [Table("What random noise implies for this image", columns, rows, notes, digits)]


def measured(run: ExplanationRun) -> Flatness | None:
    """Return the flatness of a run; None if no image has minimum noise."""
    if not (run.has("copies") and run.has("noise")):
        return None
    found = flatness_of(run)
    return found if np.isfinite(found.minimum).any() else None


def despite_of(found: Flatness) -> tuple[str, ...]:
    """Return the reasons that are disregarded: clipping, if it would leave no image or hardly any."""
    with_flags, without = (found.figures(found.headline, despite).images for despite in ((), (CLIPPED,)))
    return (CLIPPED,) if without and 4 * with_flags < without else ()


def scatter(found: Flatness, position: int, despite: tuple[str, ...] = ()) -> Figure:
    """Draw the minimum noise of each image against the distance that random noise of one sigma implies."""
    rows = np.flatnonzero(found.comparable(despite)[:, position])
    implied, minimum = found.implied[rows, position], found.minimum[rows]
    ahead, figures = implied > 0, found.figures(position, despite)
    across, up = _limits(implied[ahead] if ahead.any() else minimum), _limits(minimum)
    figure = Figure(figsize=(7, 4.6), layout="constrained")
    axes = figure.subplots()
    axes.set(xscale="log", yscale="log", xlim=across, ylim=up)
    axes.scatter(implied[ahead], minimum[ahead], s=16, color="#1f5f8b", alpha=0.7, linewidths=0, zorder=4)
    if (~ahead).any():
        axes.scatter(np.full((~ahead).sum(), across[0]), minimum[~ahead], s=28, marker="<", color="#c05020", alpha=0.7,
                     linewidths=0, clip_on=False)  # fmt: skip
        axes.text(0.02, 0.97, f"triangles at the edge: half of the copies or more fail ({counted((~ahead).sum())})",
                  transform=axes.transAxes, fontsize=8, color="#803010", va="top")  # fmt: skip
    ratio = figures.ratio.value
    _draw_line(axes, 1, "-", "equal: a flat boundary", not ratio > 1)
    if np.isfinite(ratio):
        _draw_line(axes, ratio, ":", f"median flatness ratio {ratio:.2f}", ratio > 1)
    for axis in (axes.xaxis, axes.yaxis):
        axis.set_major_locator(LogLocator(subs=(1, 2, 5)))
        axis.set_major_formatter("{x:g}")
        axis.set_minor_formatter(NullFormatter())
    axes.tick_params(labelsize=8)
    axes.grid(color="0.92", linewidth=0.6)
    axes.set_axisbelow(True)
    axes.set_xlabel(f"distance implied by random noise of sigma {figures.sigma:g}, grey levels", fontsize=9)
    axes.set_ylabel("minimum noise found, L2 in grey levels", fontsize=9)
    return figure


def _draw_line(axes: Axes, ratio: float, style: str, label: str, above: bool) -> None:
    """Draw the line on which the minimum noise is `ratio` times the implied distance, with a label above or below."""
    (left, right), (low, high) = axes.get_xlim(), axes.get_ylim()
    first, last = max(left, low / ratio), min(right, high / ratio)
    if first >= last:  # the line is nowhere near the points
        return
    axes.plot([first, last], [ratio * first, ratio * last], color="0.3", linewidth=1, linestyle=style)
    place = first**0.7 * last**0.3
    box = {"boxstyle": "round,pad=0.1", "facecolor": "white", "edgecolor": "none", "alpha": 0.8}
    text = axes.annotate(label, (place, ratio * place), (-6, 6) if above else (6, -6), textcoords="offset points",
                         fontsize=8, color="0.2", bbox=box)  # fmt: skip
    text.set(ha="right" if above else "left", va="bottom" if above else "top")


def sigma_table(found: Flatness, despite: tuple[str, ...] = ()) -> Table:
    """Return the figures at each sigma."""
    rows = []
    for k in range(len(found.sigmas)):
        one = found.figures(k, despite)
        rows.append(
            (
                one.sigma,
                one.images,
                one.ratio.value,
                _interval(one.ratio),
                one.correlation.value,
                _interval(one.correlation),
                one.beyond,
                100 * float(np.median(found.copies.clipped[:, k])),
            )
        )
    columns = (
        "sigma",
        "images",
        "flatness ratio",
        "95 % interval",
        "correlation",
        "95 % interval ",
        "half of the copies fail",
        "clipped, %",
    )
    notes = [
        "Flatness ratio: median over images of the minimum noise divided by the implied distance. Correlation: "
        "Spearman correlation of the two over images. Clipped: share of a typical image's values at 0 or 255."
    ]
    return Table("Minimum noise and implied distance by sigma", columns, rows, notes, {"sigma": None, "clipped, %": 0})


def _finding(figures: FlatnessFigures, fair: bool) -> str:
    """Return in words how flat the boundary is; only the figure if the comparison is not fair."""
    ratio, sigma = figures.ratio, figures.sigma
    if not np.isfinite(ratio.value):
        return (
            f"Random noise of sigma {sigma:g} is too strong for most images: half or more of their copies are "
            "misclassified, so it implies no distance to the decision boundary."
        )
    start = (
        f"The minimum noise of a typical image is {ratio.value:.2f} times ({_interval(ratio)}) the distance to the "
        f"decision boundary that random noise of sigma {sigma:g} implies"
    )
    return f"{start}: {_meaning(ratio)}" if fair else f"{start}."


def _meaning(ratio: Estimate) -> str:
    """Return what a flatness ratio means."""
    if ratio.high < SPECIAL:
        return "in special directions the boundary is much nearer than random noise suggests."
    if ratio.high < FLAT:
        return "in some directions the boundary is nearer than random noise suggests."
    if ratio.low > 1 / FLAT:
        return "the boundary bends towards the images, so random noise crosses it sooner than if it were flat."
    if FLAT < ratio.value < 1 / FLAT and ratio.low > LEAST_FLAT and ratio.high < 1 / LEAST_FLAT:
        return (
            "the boundary is nearly flat, so the minimum noise is about as large as random noise implies. (To "
            "change the prediction, random noise itself has to be far larger than the minimum noise: nearly all of it "
            "runs along the boundary, not across it.)"
        )
    return "these images do not show whether the boundary is flat."


def _correlation(figures: FlatnessFigures) -> str:
    """Return in words how well random noise orders the images."""
    value, width = figures.correlation.value, figures.correlation.high - figures.correlation.low
    if not width < MOST_WIDE:
        return "There are too few images to say whether the two distances are correlated."
    how = "closely" if value > CLOSE else "loosely" if value > LOOSE else "hardly"
    return (
        f"Over the images, the two distances are {how} correlated: Spearman correlation {value:.2f} "
        f"({_interval(figures.correlation)})."
    )


def _left_out(figures: FlatnessFigures, images: int, despite: tuple[str, ...]) -> str:
    """Return in words which images are compared."""
    reasons = [f"{n:,} {reason}" for reason, n in figures.flagged.items() if n and reason not in despite]
    lines = [f"Compared at sigma {figures.sigma:g}: {figures.images:,} of {counted(images)}"]
    lines[0] += f" (flagged and left out: {', '.join(reasons)})." if reasons else "."
    if figures.beyond:
        lines.append(
            f"For {figures.beyond:,} of these, half or more of the copies are misclassified; the flatness ratio then "
            "counts as infinite."
        )
    return " ".join(lines)


def _clipping(found: Flatness, figures: FlatnessFigures) -> str:
    """Return the warning for images of which much is clipped."""
    share = float(np.median(found.copies.clipped[:, found.headline]))
    return (
        f"Clipping to 0..255 makes this comparison unfair: at sigma {figures.sigma:g}, {100 * share:.0f} % of a "
        f"typical image's values are clipped, more than the {100 * MOST_CLIPPED:.0f} % allowed. Clipped noise is "
        "weaker than its sigma says, so the implied distance is too large and the flatness ratio too small; on MNIST, "
        "by about an eighth. The figures are shown all the same, because the order of the images changes little."
    )


def _caption(figures: FlatnessFigures) -> str:
    """Return the caption of the scatter."""
    value = figures.ratio.value
    median = (
        f"the median flatness ratio is {value:.2f} (dotted)"
        if np.isfinite(value)
        else "the median image has no flatness ratio"
    )
    return (
        f"Each point is an image; {median}. On the solid line the minimum noise equals the implied distance, as "
        "it does if the decision boundary is flat; far below it, the boundary is much nearer in a special direction, "
        "which random noise does not find."
    )


def _limits(values: NDArray[np.float64]) -> tuple[float, float]:
    """Return limits of a logarithmic axis that holds these values."""
    low, high = float(values[values > 0].min()), float(values.max())
    space = max((high / low) ** 0.05, 1.05)
    return low / space, high * space


def _interval(e: Estimate) -> str:
    """Return the ends of an interval, or ""."""
    if not np.isfinite(e.low):
        return ""
    return f"{e.low:.2f}–{e.high:.2f}" if np.isfinite(e.high) else f"{e.low:.2f}–∞"
