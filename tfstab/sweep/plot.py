"""Draws a sweep's accuracy against severity, and one image: the clean one and its worst copy at each severity."""

from typing import TYPE_CHECKING

import numpy as np

from tfstab.names import LINE_DRAWN, LONGEST_DRAWN, drawn, drawn_lines, shortened_front

if TYPE_CHECKING:
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

    The titles of misclassified copies are red.
    """
    from matplotlib.figure import Figure

    table = run.samples(image=image, columns=["severity_index", "copy", "predicted", "true_score"]).to_pandas()
    worst = table.loc[table.groupby("severity_index", sort=False)["true_score"].idxmin()]
    row = run.clean.row(image)
    true = int(run.clean.class_index[row])
    columns = min(7, len(worst) + 1)
    lines = -(-(len(worst) + 1) // columns)
    figure = Figure(figsize=(1.4 * columns, 1.75 * lines), layout="constrained")
    panels = figure.subplots(lines, columns, squeeze=False).ravel()
    for axis in panels:
        axis.set_axis_off()
    panels[0].imshow(run.clean.images[row].squeeze(), cmap="gray", vmin=0, vmax=255)
    panels[0].set_title(f"clean\n{drawn_lines(run.class_names[true])}", fontsize=7)
    for axis, sample in zip(panels[1:], worst.itertuples(), strict=False):
        index = int(sample.severity_index)
        degraded = np.rint(run.degraded_image(image, index, int(sample.copy))).clip(0, 255).astype(np.uint8)
        axis.imshow(degraded.squeeze(), cmap="gray", vmin=0, vmax=255)
        predicted = drawn_lines(run.class_names[int(sample.predicted)])
        colour = "black" if sample.predicted == true else "#d62728"
        severity = drawn_lines(f"{run.degradation.parameter} {run.severities[index]:g}")
        axis.set_title(f"{severity}\n{predicted}", fontsize=7, color=colour)
    if name := run.clean.file(image):
        figure.suptitle(drawn(shortened_front(name, min(LINE_DRAWN * columns, LONGEST_DRAWN))), fontsize=8)
    return figure
