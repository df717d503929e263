"""Draws one image of a sweep: the clean image and its worst copy at each severity."""

from typing import TYPE_CHECKING

import numpy as np

from tfstab.names import LONGEST_DRAWN, drawn, shortened_front

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from tfstab.sweep.run import SweepRun


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
    panels[0].set_title(f"clean\n{drawn(run.class_names[true])}", fontsize=7)
    for axis, sample in zip(panels[1:], worst.itertuples(), strict=False):
        index = int(sample.severity_index)
        degraded = np.rint(run.degraded_image(image, index, int(sample.copy))).astype(np.uint8)
        axis.imshow(degraded.squeeze(), cmap="gray", vmin=0, vmax=255)
        predicted = drawn(run.class_names[int(sample.predicted)])
        colour = "black" if sample.predicted == true else "#d62728"
        title = f"{drawn(run.degradation.parameter)} {run.severities[index]:g}\n{predicted}"
        axis.set_title(title, fontsize=7, color=colour)
    if name := run.clean.file(image):
        figure.suptitle(drawn(shortened_front(name, LONGEST_DRAWN)), fontsize=8)
    return figure
