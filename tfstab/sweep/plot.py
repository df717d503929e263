"""Draws a sweep's accuracy against severity, and one image: the clean one and its worst copy at each severity."""

from typing import TYPE_CHECKING

import numpy as np

from tfstab.names import LINE_DRAWN, LONGEST_DRAWN, drawn, drawn_lines, shortened, shortened_front
from tfstab.runs.info import without_classes

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tfstab.figure import Figure
    from tfstab.sweep.run import SweepRun

    Copy = tuple[np.ndarray, str, int]  # an image, what was done to it, and the class predicted for it


def accuracy_curve_figure(run: "SweepRun") -> "Figure":
    """Draw accuracy against severity with its 95 % interval; dashed: of images right when clean, dotted: when clean.

    Empty if nothing has been swept yet.
    """
    from tfstab.figure import Figure

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
    if run.config.falls:
        axis.invert_xaxis()
    axis.set_xlabel(drawn(run.degradation.axis_title))
    axis.set_ylabel("accuracy (%)")
    axis.set_title(drawn(f"{run.info['model']['name']}: {run.title}"), fontsize=9)
    axis.grid(alpha=0.3)
    return figure


def worst_copies_figure(run: "SweepRun", image: int) -> "Figure":
    """Draw the clean image and, at each severity, the copy with the lowest score of the true class.

    Each picture's title names the class predicted for it, in red if that is wrong. The figure's title has the file
    name, the true class and the degradation; of images without classes, what is predicted when clean counts as right.
    """
    table = run.samples(image=image, columns=["severity_index", "copy", "predicted", "true_score"]).to_pandas()
    worst = table.loc[table.groupby("severity_index", sort=False)["true_score"].idxmin()]
    row = run.clean.row(image)
    true = int(run.clean.class_index[row])
    shown: list[Copy] = [(run.clean.images[row], "clean", int(run.clean.predicted[row]))]
    for sample in worst.itertuples():
        index = int(sample.severity_index)
        degraded = run.degraded_image(image, index, int(sample.copy))
        shown.append((degraded, run.degradation.at(f"{run.severities[index]:g}"), int(sample.predicted)))
    is_true, under = not without_classes(run.info), f"under {run.degradation.title}"
    return copies_figure(shown, run.class_names, true, run.clean.file(image), is_true, under)


def copies_figure(
    shown: "Sequence[Copy]", class_names: "Sequence[str]", right: int, file: str, is_true: bool, under: str = ""
) -> "Figure":
    """Draw an image and degraded copies of it in rows of up to seven, each with the class predicted for it.

    Parameters
    ----------
    shown : sequence of (ndarray, str, int)
        Grey levels 0..255 (H, W, C), what was done to the image, perhaps in several lines, and the index of the
        predicted class.
    class_names : sequence of str
        Names of the classes.
    right : int
        Index of the class that is not drawn in red.
    file : str
        Name of the image's file, for the figure's title; "" leaves it out.
    is_true : bool
        Whether `right` is the true class, which the figure's title then names.
    under : str
        What all copies have in common, as in "under fog", for the figure's title.
    """
    from tfstab.figure import Figure

    columns = min(7, len(shown))
    high = -(-len(shown) // columns)
    figure = Figure(figsize=(1.4 * columns, 1.85 * high + 0.3))
    figure.set_layout_engine("constrained", h_pad=0.08)  # inches, or the title touches those of the panels
    panels = figure.subplots(high, columns, squeeze=False).ravel()
    for axis in panels:
        axis.set_axis_off()
    for axis, (pixels, what, predicted) in zip(panels, shown, strict=False):
        axis.imshow(np.rint(pixels).clip(0, 255).astype(np.uint8).squeeze(), cmap="gray", vmin=0, vmax=255)
        title = "\n".join(map(drawn_lines, [*what.split("\n"), class_names[predicted]]))
        axis.set_title(title, fontsize=7, color="black" if predicted == right else "#d62728")
    longest = min(LINE_DRAWN * columns, LONGEST_DRAWN)
    lines = [shortened_front(file, longest)] if file else []
    about = [shortened(f"true class: {class_names[right]}", longest)] if is_true else []
    lines += filter(None, [", ".join(filter(None, [*about, under]))])
    figure.suptitle("\n".join(map(drawn, lines)), fontsize=8)
    return figure
