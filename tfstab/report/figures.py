"""Figures of runs with matplotlib, made without pyplot and its global state."""

import io
import itertools
from collections.abc import Sequence
from pathlib import Path

import matplotlib.figure
import numpy as np
from matplotlib import rc_context
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from tfstab.errors import InputError
from tfstab.figure import PERCENT, Figure
from tfstab.fonts import use_fonts
from tfstab.names import drawn
from tfstab.paths import user_path
from tfstab.runs import CleanImages
from tfstab.runs.atomic import make_folder, write_atomically
from tfstab.search import MinimumNoise
from tfstab.search.plot import draw_triple
from tfstab.sweep import SweepRun
from tfstab.wording import rounded_to

RIGHT, WRONG, WRONG_CLEAN = "0.72", "#d62728", "#f2a65a"  # colours of points


def save_figure(figure: matplotlib.figure.Figure, path: str | Path) -> None:
    """Write a figure in the format that the path's suffix names.

    The same figure always gives the same file.

    Parameters
    ----------
    figure : matplotlib.figure.Figure
        The figure.
    path : str or Path
        The file; its folder is made if missing.

    Raises
    ------
    InputError
        The suffix names no format of matplotlib.
    DiskError
        The file cannot be written.

    Examples
    --------
    >>> from tfstab.report import save_figure
    >>> save_figure(next(iter(search)).plot(), "one.png")
    >>> save_figure(next(iter(search)).plot(), "one.doc")
    Traceback (most recent call last):
        ...
    tfstab.errors.InputError: one.doc is not a figure's name: expected one that ends in .png, .pdf or .svg.
    """
    path = user_path(path)
    check_figure_path(path)
    make_folder(path.parent)
    # Leave the time out and derive the identifiers in an SVG from their content, so that files do not differ.
    kind = path.suffix[1:].lower()
    undated = {"pdf": {"CreationDate": None}, "svg": {"Date": None}}.get(kind)
    picture = io.BytesIO()  # where matplotlib writes a PDF itself, a full disk ends in an error of its own
    with rc_context({"svg.hashsalt": "tfstab"}):
        use_fonts(figure)
        figure.savefig(picture, format=kind, dpi=150, metadata=undated)
    write_atomically(path, lambda temporary: temporary.write_bytes(picture.getbuffer()), suffix=path.suffix)


def check_figure_path(path: Path) -> None:
    """Raise InputError unless the path's suffix names a format in which matplotlib can write."""
    known = Figure().canvas.get_supported_filetypes()
    if path.suffix[1:].lower() not in known:
        raise InputError(f"{path} is not a figure's name: expected one that ends in .png, .pdf or .svg.")


def triples_figure(
    results: Sequence[MinimumNoise], class_names: Sequence[str], clean: CleanImages | None = None
) -> Figure:
    """Draw clean image, noise and degraded image of each result.

    Each image has a column; all noise has the same colour scale.

    Parameters
    ----------
    results : sequence of MinimumNoise
        The results, at least one.
    class_names : sequence of str
        Names of the classes.
    clean : CleanImages, optional
        Clean images of the run; their file names, if they have any, are drawn above them.

    Returns
    -------
    matplotlib.figure.Figure
        The figure, with up to ten images side by side.

    References
    ----------
    Figures 1 and 2 of Aghdam, Heravi and Puig.

    Examples
    --------
    >>> from tfstab.report import triples_figure
    >>> len(triples_figure(list(search), search.class_names).axes)  # three rows of three, and the scale of the noise
    10
    """
    per_block = min(10, len(results))
    blocks = -(-len(results) // per_block)
    figure = Figure(figsize=(1.25 * per_block + 1.1, 4.6 * blocks), layout="constrained")
    axes = figure.subplots(3 * blocks, per_block, squeeze=False)
    scale = max(result.linf for result in results) or 1.0
    for axis in axes.flat:
        axis.set_axis_off()
    for k, result in enumerate(results):
        top = 3 * (k // per_block)
        name = "" if clean is None else clean.file(result.image)
        shown = draw_triple(list(axes[top : top + 3, k % per_block]), result, class_names, scale, name)
    bar = figure.colorbar(shown, ax=axes[1::3].ravel().tolist(), shrink=0.8, pad=0.01)
    bar.set_label("noise, grey levels", fontsize=8)
    bar.ax.tick_params(labelsize=7)
    return figure


def paper_scatter_figures(run: SweepRun) -> list[tuple[str, Figure]]:
    """Return the scatter plots of a sweep with their captions, laid out as in the paper.

    Up to 15 classes are in one figure (Figures 3 and 4), more in figures of 15 (Figures 5 to 7). Images that are wrong
    when clean have no colour of their own.
    """
    classes = [int(k) for k in np.unique(run.clean.class_index)]
    size = 15 if len(classes) > 15 else max(1, len(classes))
    groups = [classes[start : start + size] for start in range(0, len(classes), size)]
    captions = [f"classes {group[0]} to {group[-1]}" for group in groups]
    return [(caption, scatter_figure(run, group, False)) for caption, group in zip(captions, groups, strict=True)]


def scatter_figure(run: SweepRun, classes: Sequence[int] | None = None, clean_apart: bool = True) -> Figure:
    """Draw PSNR against score, in a panel for each class: misclassified points red, correct ones grey below them.

    Parameters
    ----------
    run : SweepRun
        The sweep, finished or not.
    classes : sequence of int, optional
        The classes to draw; by default all classes of its images.
    clean_apart : bool, optional
        Whether misclassified points are orange if the clean image is misclassified too.

    Returns
    -------
    matplotlib.figure.Figure
        The figure.

    References
    ----------
    Figures 3 to 7 of Aghdam, Heravi and Puig.

    Examples
    --------
    >>> from tfstab.report import scatter_figure
    >>> len(scatter_figure(sweep, classes=[3, 8]).axes)
    2
    """
    classes = list(classes) if classes is not None else [int(k) for k in np.unique(run.clean.class_index)]
    columns = min(5, len(classes))
    rows = -(-len(classes) // columns)
    figure = Figure(figsize=(2.6 * columns, 2.5 * rows + 0.5), layout="constrained")
    panels = figure.subplots(rows, columns, squeeze=False, sharex=True, sharey=True)
    wrong_clean, unchanged = run.clean.indices[~run.clean.correct], 0
    for axis in panels.flat[len(classes) :]:
        axis.set_axis_off()
    for axis, k in zip(panels.flat, classes, strict=False):
        table = run.samples(class_index=k, columns=["image", "psnr", "score", "predicted"])
        psnr, score = table["psnr"].to_numpy(), table["score"].to_numpy()
        wrong = table["predicted"].to_numpy() != k
        unchanged += int(np.isinf(psnr).sum())
        already = wrong & np.isin(table["image"].to_numpy(), wrong_clean) & clean_apart
        size = float(
            np.clip(3000 / max(1, len(psnr)), 1.5, 6)
        )  # larger if there are few points, smaller if many would hide each other
        for mask, colour in ((~wrong, RIGHT), (already, WRONG_CLEAN), (wrong & ~already, WRONG)):
            axis.scatter(psnr[mask], score[mask], s=size, c=colour, linewidths=0, rasterized=True)
        share = f": {wrong.mean():.2%} wrong" if len(wrong) else ""
        axis.set_title(drawn(run.class_names[k]) + share, fontsize=8)
        axis.set_ylim(0, 1.03)
        axis.tick_params(labelsize=7)
    figure.supxlabel("PSNR in dB", fontsize=9)
    figure.supylabel("score of the predicted class", fontsize=9)
    orange = "orange: misclassified, and when clean too; " if clean_apart else ""
    left_out = f"; not drawn: {unchanged:,} unchanged images, of infinite PSNR" if unchanged else ""
    figure.suptitle(f"red: misclassified; {orange}grey: correct{left_out}", fontsize=9)
    return figure


def accuracy_figure(runs: Sequence[SweepRun], baselines: Sequence[SweepRun] = ()) -> Figure:
    """Draw accuracy against severity of one or more sweeps, in a panel for each degradation.

    A solid line is over all images, a dashed one over images that are right when clean, both with 95 % intervals from
    the differences between images. A dotted line is the clean accuracy, and a cross marks where half of it is left.

    Parameters
    ----------
    runs : sequence of SweepRun
        The sweeps, finished or not; those without any finished part are left out.
    baselines : sequence of SweepRun, optional
        Sweeps of a network to compare with, which are labelled so; those of other degradations are left out.

    Returns
    -------
    matplotlib.figure.Figure
        The figure.

    Examples
    --------
    >>> from tfstab.report import accuracy_figure, save_figure
    >>> save_figure(accuracy_figure([sweep]), Path("accuracy.svg"))
    """
    families: dict[str, list[SweepRun]] = {}
    for run in runs:
        if len(run.measures):
            families.setdefault(run.degradation.name, []).append(run)
    baselines = [run for run in baselines if len(run.measures) and run.degradation.name in families]
    for run in baselines:
        families[run.degradation.name].append(run)
    columns = min(3, len(families)) or 1
    rows = -(-len(families) // columns) or 1
    lines = max(map(len, families.values()), default=1)
    width, height = 5.5 if columns == 1 else 4 * columns, 3.8 * rows + 0.2 * (lines + 1)
    figure = Figure(figsize=(width, height), layout="constrained")
    panels = figure.subplots(rows, columns, squeeze=False).ravel()
    for axis in panels[max(1, len(families)) :]:
        axis.set_axis_off()
    for axis, several in zip(panels, families.values(), strict=False):
        for run, colour in zip(several, (f"C{k}" for k in itertools.count()), strict=False):
            _draw_accuracy(axis, run, colour, len(families) == 1, run in baselines)
        _label_severity(axis, next((run for run in several if run.config.clip), several[0]))
    for axis in panels[: max(1, len(families))]:
        axis.set_ylabel("accuracy")
        axis.yaxis.set_major_formatter(PERCENT)
        axis.grid(alpha=0.3)
        if len(families) > 1:
            axis.set_ylim(0, 1.03)  # so that the degradations can be compared
    entries = {label: line for axis in panels for line, label in zip(*axis.get_legend_handles_labels(), strict=True)}
    styles = {"still right, of images right when clean": ("--", ""), "clean accuracy": (":", "")}
    if any(run.measures.severity50 is not None for run in (*runs, *baselines)):
        styles["half of the clean accuracy"] = ("", "x")
    for label, (style, marker) in styles.items():
        entries[label] = Line2D([], [], color="0.4", lw=1.2, ls=style, marker=marker, mew=2)
    entries["95 % interval"] = Patch(color="0.4", alpha=0.18, lw=0)
    # Below the panels, where it hides no curve; a figure is about 90 letters wide.
    wide = max(map(len, entries)) > 40
    figure.legend(entries.values(), entries.keys(), loc="outside lower center", ncols=1 if wide else 2, fontsize=7)
    return figure


def _draw_accuracy(axis: Axes, run: SweepRun, colour: str, numbers: bool, baseline: bool) -> None:
    """Draw one sweep; `numbers` adds clean accuracy and severity50 to its entry in the common legend."""
    m, label = run.measures, drawn(run.info["model"]["name"], 48) + ("" if run.config.clip else ", not clipped")
    label += ", the baseline" if baseline else ""
    clean, order = m.clean_accuracy, np.argsort(m.severities)
    right = np.array([a.accuracy_of_clean_correct for a in m.accuracy_by_severity()])
    if numbers:
        label += f", {clean:.2%} clean"
    if m.severity50 is not None:
        axis.plot(m.severity50, clean / 2, "x", color=colour, ms=8, mew=2)
        if numbers:
            label += f", {drawn(run.degradation.half_label)} {rounded_to(m.severity50, 3)}"
    for values, ends, style, name in (
        (m.accuracy, m.intervals.accuracy, "-", label),
        (right, m.intervals.accuracy_of_clean_correct, "--", None),
    ):
        axis.plot(m.severities[order], values[order], style, color=colour, marker="o", ms=2.5, lw=1.2, label=name)
        axis.fill_between(m.severities[order], *ends[:, order], color=colour, alpha=0.18, lw=0)
    axis.axhline(clean, color=colour, lw=0.8, ls=":")


def _label_severity(axis: Axes, run: SweepRun) -> None:
    """Label the x axis, and invert it if severities fall from mild to strong."""
    axis.set_xlabel(_severity_label(run))
    if run.config.falls:
        axis.invert_xaxis()


def _severity_label(run: SweepRun) -> str:
    """Return the label of an axis of severities."""
    return drawn(run.degradation.axis_title)


def class_curves_figure(run: SweepRun) -> Figure:
    """Draw recall, with its 95 % interval, and precision against severity for each class.

    Parameters
    ----------
    run : SweepRun
        The sweep, finished or not.

    Returns
    -------
    matplotlib.figure.Figure
        The figure, with a panel for each class.

    Examples
    --------
    >>> from tfstab.report import class_curves_figure
    >>> class_curves_figure(sweep).axes[3].get_title()
    '3'
    """
    m = run.measures
    classes = [int(k) for k in np.unique(m.labels)]
    columns = max(1, min(5 if len(classes) <= 20 else 8, len(classes)))
    rows = max(1, -(-len(classes) // columns))
    figure = Figure(figsize=(1.9 * columns + 0.4, 1.6 * rows + 0.8), layout="constrained")
    panels = figure.subplots(rows, columns, squeeze=False, sharex=True, sharey=True)
    # The clean images are drawn at the neutral severity, which may lie between the others.
    severities = np.append(run.degradation.neutral, m.severities)
    with_clean, order = np.argsort(severities), np.argsort(m.severities)
    recall = np.concatenate([m.clean_recall[None], m.recall_by_severity])[with_clean]
    at_each = [m.intervals.class_metrics(severity).recall for severity in m.severities[order]]
    ends = np.stack(at_each, axis=1)  # (2, S, K)
    for axis in panels.flat[len(classes) :]:
        axis.set_axis_off()
    for axis, k in zip(panels.flat, classes, strict=False):
        axis.fill_between(m.severities[order], *ends[:, :, k], color="C0", alpha=0.2, lw=0)
        axis.plot(severities[with_clean], recall[:, k], color="C0", lw=1.2)
        axis.plot(m.severities[order], m.precision_by_severity[order, k], "--", color="C1", lw=1)
        axis.set_title(drawn(run.class_names[k]), fontsize=8)
        axis.set_ylim(0, 1.03)
        axis.yaxis.set_major_formatter(PERCENT)
        axis.grid(alpha=0.3)
        axis.tick_params(labelsize=7)
    if classes and run.config.falls:
        panels.flat[0].invert_xaxis()  # all panels share it
    figure.supxlabel(_severity_label(run), fontsize=9)
    figure.suptitle("solid: recall, with its 95 % interval; dashed: precision", fontsize=9)
    return figure
