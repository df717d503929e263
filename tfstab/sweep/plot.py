"""Draws a sweep's accuracy against severity, and one image: the clean one and its worst copy at each severity."""

from typing import TYPE_CHECKING

import numpy as np

from tfstab.names import LINE_DRAWN, LONGEST_DRAWN, drawn, drawn_lines, shortened, shortened_front
from tfstab.runs.info import without_classes

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from tfstab.sweep.run import SweepRun


def accuracy_curve_figure(run: "SweepRun") -> "Figure":
    """Draw accuracy against severity with its 95 % interval; dashed: of images right when clean, dotted: when clean.

    Empty if nothing has been swept yet.
    """
    from matplotlib.figure import Figure

    m = run.measures
    figure = Figure(figsize=(5.5, 3.6), layout="constrained")
    axis = figure.subplots()
    if len(m):
        order = np.argsort(m.severities)
        right = np.array([point.accuracy_of_clean_correct for point in m.accuracy_by_severity()])
        x = m.severities[order]
        axis.plot(x, 100 * m.accuracy[order], "o-", ms=3, label="all images")
        axis.fill_between(x, *100 * m.intervals.accuracy[:, order], alpha=0.2, lw=0, label="95 % interval")
        axis.plot(x, 100 * right[order], "o--", ms=3, label="images right when clean")
        axis.axhline(100 * m.clean_accuracy, color="0.4", lw=0.8, ls=":", label="clean accuracy")
        axis.legend(fontsize=8)
    if run.config.mildest_first[0] != np.argmin(run.severities):
        axis.invert_xaxis()
    axis.set_xlabel(drawn(run.degradation.axis_title))
    axis.set_ylabel("accuracy (%)")
    axis.set_title(drawn(f"{run.info['model']['name']}: {run.title}"), fontsize=9)
    axis.grid(alpha=0.3)
    return figure


def worst_copies_figure(run: "SweepRun", image: int) -> "Figure":
    """Draw the clean image and, at each severity, the copy with the lowest score of the true class.

    Each picture's title names the class predicted for it, in red if that is wrong. The figure's title has the file name
    and the true class; of images without classes, what is predicted when clean counts as right.
    """
    from matplotlib.figure import Figure

    table = run.samples(image=image, columns=["severity_index", "copy", "predicted", "true_score"]).to_pandas()
    worst = table.loc[table.groupby("severity_index", sort=False)["true_score"].idxmin()]
    row = run.clean.row(image)
    true = int(run.clean.class_index[row])
    columns = min(7, len(worst) + 1)
    high = -(-(len(worst) + 1) // columns)
    figure = Figure(figsize=(1.4 * columns, 1.75 * high + 0.2), layout="constrained")
    panels = figure.subplots(high, columns, squeeze=False).ravel()
    for axis in panels:
        axis.set_axis_off()

    def draw(axis: "Axes", pixels: np.ndarray, what: str, predicted: int) -> None:
        axis.imshow(pixels.squeeze(), cmap="gray", vmin=0, vmax=255)
        title = f"{drawn_lines(what)}\n{drawn_lines(run.class_names[predicted])}"
        axis.set_title(title, fontsize=7, color="black" if predicted == true else "#d62728")

    draw(panels[0], run.clean.images[row], "clean", int(run.clean.predicted[row]))
    for axis, sample in zip(panels[1:], worst.itertuples(), strict=False):
        index = int(sample.severity_index)
        degraded = np.rint(run.degraded_image(image, index, int(sample.copy))).clip(0, 255).astype(np.uint8)
        draw(axis, degraded, f"{run.degradation.parameter} {run.severities[index]:g}", int(sample.predicted))
    longest = min(LINE_DRAWN * columns, LONGEST_DRAWN)
    lines = [shortened_front(name, longest)] if (name := run.clean.file(image)) else []
    if not without_classes(run.info):
        lines.append(shortened(f"true class: {run.class_names[true]}", longest))
    figure.suptitle("\n".join(map(drawn, lines)), fontsize=8)
    return figure
