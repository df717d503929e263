"""The paper's figures with matplotlib. Built without pyplot, so that nothing global is touched."""

import itertools
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from matplotlib import rc_context
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from tfstab.errors import InputError
from tfstab.names import drawn
from tfstab.runs.atomic import make_folder, write_atomically
from tfstab.search import MinimumNoise
from tfstab.search.plot import draw_triple
from tfstab.sweep import SweepRun

RIGHT, WRONG, WRONG_CLEAN = "0.72", "#d62728", "#f2a65a"


def save_figure(figure: Figure, path: Path) -> None:
    """Write a figure in the format that the path ends in. Raises InputError for one that is not known.

    >>> from tfstab.report import save_figure
    >>> save_figure(next(iter(search)).plot(), Path("one.png"))
    >>> save_figure(next(iter(search)).plot(), Path("one.doc"))
    Traceback (most recent call last):
        ...
    tfstab.errors.InputError: one.doc is no figure's name: expected one that ends in .png, .pdf or .svg.
    """
    check_figure_path(path)
    make_folder(path.parent)
    # The same figure gives the same file: without the time, and with names in an SVG that follow from their content.
    undated = {"pdf": {"CreationDate": None}, "svg": {"Date": None}}.get(path.suffix[1:].lower())

    def write(temporary: Path) -> None:
        with rc_context({"svg.hashsalt": "tfstab"}):
            figure.savefig(temporary, dpi=150, metadata=undated)

    write_atomically(path, write, suffix=path.suffix)


def check_figure_path(path: Path) -> None:
    """Raise InputError unless a figure can be written in the format that the path ends in."""
    known = Figure().canvas.get_supported_filetypes()
    if path.suffix[1:].lower() not in known:
        raise InputError(f"{path} is no figure's name: expected one that ends in .png, .pdf or .svg.")


def triples_figure(results: Sequence[MinimumNoise], class_names: Sequence[str]) -> Figure:
    """Clean image, noise and degraded image of each result, as in Figures 1 and 2: a column an image, one scale.

    >>> from tfstab.report import triples_figure
    >>> len(triples_figure(list(search), search.class_names).axes)  # three rows of three, and the scale of the noise
    10
    """
    per_block = min(10, len(results))
    blocks = -(-len(results) // per_block)
    figure = Figure(figsize=(1.25 * per_block + 1.1, 4.6 * blocks), layout="constrained")
    axes = figure.subplots(3 * blocks, per_block, squeeze=False)
    scale = max((r.linf for r in results), default=1.0) or 1.0
    for axis in axes.flat:
        axis.set_axis_off()
    shown = None
    for k, result in enumerate(results):
        top = 3 * (k // per_block)
        shown = draw_triple(list(axes[top : top + 3, k % per_block]), result, class_names, scale)
    if shown is not None:
        bar = figure.colorbar(shown, ax=axes[1::3].ravel().tolist(), shrink=0.8, pad=0.01)
        bar.set_label("noise, grey levels", fontsize=8)
        bar.ax.tick_params(labelsize=7)
    return figure


def paper_scatter_figures(run: SweepRun) -> list[tuple[str, Figure]]:
    """The run's scatters as the paper lays them out, each with a caption: 10 classes in one figure (Figures 3 and 4),
    more in figures of 15 (Figures 5 to 7), red over grey alone."""
    classes = [int(k) for k in np.unique(run.clean.class_index)]
    size = 15 if len(classes) > 15 else max(1, len(classes))
    groups = [classes[start : start + size] for start in range(0, len(classes), size)]
    captions = [f"classes {group[0]} to {group[-1]}" for group in groups]
    return [(caption, scatter_figure(run, group, False)) for caption, group in zip(captions, groups, strict=True)]


def scatter_figure(run: SweepRun, classes: Sequence[int] | None = None, clean_apart: bool = True) -> Figure:
    """PSNR against score, a panel a class, misclassified red over correct grey (Figures 3 to 7).

    clean_apart: misclassified points of images that are wrong already when clean are orange.

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
        size = float(np.clip(3000 / max(1, len(psnr)), 1.5, 6))  # few points are hard to see, many hide each other
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


def accuracy_figure(runs: Sequence[SweepRun]) -> Figure:
    """Accuracy against severity of one or more sweeps, a panel a degradation, with intervals from resampling images.

    Solid over all images, dashed over those that are right when clean; dotted the clean accuracy; a cross at sigma50.

    >>> from tfstab.report import accuracy_figure, save_figure
    >>> save_figure(accuracy_figure([sweep]), Path("accuracy.svg"))
    """
    families: dict[str, list[SweepRun]] = {}
    for run in runs:
        if len(run.measures):
            families.setdefault(run.degradation.name, []).append(run)
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
            _draw_accuracy(axis, run, colour, len(families) == 1)
        _label_severity(axis, several[0])
    for axis in panels[: max(1, len(families))]:
        axis.set_ylabel("accuracy")
        axis.set_title("bands: 95 % intervals from resampling images", fontsize=8)
        axis.grid(alpha=0.3)
    entries = {label: line for axis in panels for line, label in zip(*axis.get_legend_handles_labels(), strict=True)}
    styles = {"right when clean": ("--", ""), "clean accuracy": (":", "")}
    if any(run.measures.severity50 is not None for run in runs):
        styles["half of the clean accuracy"] = ("", "x")
    for label, (style, marker) in styles.items():
        entries[label] = Line2D([], [], color="0.4", lw=1.2, ls=style, marker=marker, mew=2)
    # Below, where it covers no curve; the figure is as wide as about 90 letters.
    wide = max(map(len, entries)) > 40
    figure.legend(entries.values(), entries.keys(), loc="outside lower center", ncols=1 if wide else 2, fontsize=7)
    return figure


def _draw_accuracy(axis: Axes, run: SweepRun, colour: str, numbers: bool) -> None:
    """numbers: tell clean accuracy and severity50 in the legend, which all panels have in common."""
    m, label = run.measures, drawn(run.info["model"]["name"], 48)
    clean, order = m.clean_accuracy, np.argsort(m.severities)
    right = np.array([a.accuracy_of_clean_correct for a in m.accuracy_by_severity()])
    if numbers:
        label += f", {clean:.2%} clean"
    if m.severity50 is not None:
        axis.plot(m.severity50, clean / 2, "x", color=colour, ms=8, mew=2)
        if numbers:
            label += f", {drawn(run.degradation.half_label)} {m.severity50:.3g}"
    for values, ends, style, name in (
        (m.accuracy, m.intervals.accuracy, "-", label),
        (right, m.intervals.accuracy_of_clean_correct, "--", None),
    ):
        axis.plot(m.severities[order], values[order], style, color=colour, marker="o", ms=2.5, lw=1.2, label=name)
        axis.fill_between(m.severities[order], *ends[:, order], color=colour, alpha=0.18, lw=0)
    axis.axhline(clean, color=colour, lw=0.8, ls=":")


def _label_severity(axis: Axes, run: SweepRun) -> None:
    """Name the x axis, and let it go from mild to strong where severities fall."""
    axis.set_xlabel(_severity_label(run))
    if _falls(run):
        axis.invert_xaxis()


def _severity_label(run: SweepRun) -> str:
    return drawn(run.degradation.axis_title)


def _falls(run: SweepRun) -> bool:
    return run.config.one_sided and run.severities[0] < run.degradation.neutral


def class_curves_figure(run: SweepRun) -> Figure:
    """Recall, with 95 % intervals from resampling images, and precision against severity: a panel a class.

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
    # The clean images stand at the neutral severity, which may lie between the others.
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
        axis.grid(alpha=0.3)
        axis.tick_params(labelsize=7)
    if classes and _falls(run):
        panels.flat[0].invert_xaxis()  # which all share
    figure.supxlabel(_severity_label(run), fontsize=9)
    figure.suptitle("solid: recall, with its 95 % interval; dashed: precision", fontsize=9)
    return figure
