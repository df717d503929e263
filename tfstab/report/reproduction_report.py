"""The report of a reproduction: the paper's tables and figures beside ours, and verdicts on its claims."""

from collections.abc import Mapping
from itertools import chain

import numpy as np

from tfstab.classifier.input_note import as_reported
from tfstab.classifier.preprocess import about
from tfstab.classifier.source import DEFAULTS
from tfstab.experiments.claim import NAMES, verdicts
from tfstab.experiments.paper import paper_table
from tfstab.experiments.reproduction import Reproduction
from tfstab.experiments.reproduction_steps import LAMBDAS, OBJECTIVES, explained_counts
from tfstab.experiments.scales import SCALES
from tfstab.names import printed
from tfstab.report.agreement_tables import Comparison, compare_with_stored
from tfstab.report.claim_tables import evidence_table, verdict_table
from tfstab.report.figures import accuracy_figure, paper_scatter_figures, triples_figure
from tfstab.report.margin_tables import margin_section
from tfstab.report.page import Page, Picture, Section
from tfstab.report.paper_tables import CLEAN, NOISY, UNCLIPPED, accuracy_table, class_comparison_table
from tfstab.report.run_files import settings_table
from tfstab.report.tables import Table
from tfstab.report.tightness_table import tightness_section

# The paper's figures of minimum noise, and of PSNR against score, for each data set.
FIGURES = {"cifar10": ("Figure 1", "Figure 3"), "mnist": ("Figure 1", "Figure 4"), "gtsrb": ("Figure 2", "Figures 5-7")}
SHOWN = 10  # most images in the figure of minimum noise


def reproduction_report(reproductions: Mapping[str, Reproduction], beside: Comparison | None = None) -> Page:
    """Return a page on all data sets, by name, that have been reproduced; `beside` if they are compared already."""
    beside = beside or compare_with_stored(reproductions)
    found = beside.found
    counts = ", ".join(f"{verdict} {count}" for verdict, count in verdicts(found).items() if count)
    lead = [_amount(r) for r in reproductions.values()]
    sections = [
        Section(
            "The claims",
            [f"Verdicts on {len(found)} claims: {counts}."],
            [verdict_table(found), evidence_table(found)],
            wrong_inputs(reproductions),
        ),
        Section("Accuracy beside the paper's", parts=[accuracy_table(reproductions)]),
        *filter(None, [margin_section(reproductions), tightness_section(reproductions)]),
        *([beside.section()] if beside.figures else ()),
        *(_section(r) for r in reproductions.values()),
        *(_settings(r) for r in reproductions.values()),
    ]
    title = "Analyzing the Stability of Convolutional Neural Networks against Image Degradation, reproduced"
    return Page(title, lead, sections)


def wrong_inputs(reproductions: Mapping[str, Reproduction]) -> list[str]:
    """Return what the check of the inputs said of each network whose inputs or classes seem to be wrong.

    Networks are named by their kind, as several may have been loaded from files of the same name.
    """
    notes = []
    for r in reproductions.values():
        for kind in r.kinds:
            runs = [runs[kind] for runs in (r.sweeps, r.unclipped, r.weakest, r.searches) if kind in runs]
            if note := next((run.input_note for run in runs if run.input_note), ""):
                told = as_reported(note, f"the network '{kind}'")
                notes.append(f"{NAMES[r.data]}: {told}")
    return notes


def _section(r: Reproduction) -> Section:
    """Return the tables and figures of one data set."""
    noise, scatter = FIGURES[r.data]
    parts: list[Table | Picture] = []
    if "single" in r.searches:
        results = [result for result in r.searches["single"] if result.found and result.queries][:SHOWN]
        if results:
            figure = triples_figure(results, r.info["class_names"])
            parts.append(Picture(f"{r.data}-minimum-noise", f"{noise}: minimum noise, {NAMES[r.data]}", figure))
    parts += [class_comparison_table(r, kind, CLEAN, metrics) for kind, metrics in r.clean.items()]
    for kind, run in r.unclipped.items():
        parts.append(class_comparison_table(r, kind, UNCLIPPED, run.measures.class_metrics()))
    for kind, run in r.sweeps.items():
        parts.append(class_comparison_table(r, kind, NOISY, run.measures.class_metrics()))
        paper = paper_table(r.data, kind, True)
        place = scatter if kind == "single" else f"Beside Table {paper.table}" if paper else "Not in the paper"
        for number, (caption, figure) in enumerate(paper_scatter_figures(run), start=1):
            text = f"{place}: PSNR against score, {kind} network, {NAMES[r.data]}, {caption}"
            parts.append(Picture(f"{r.data}-scatter-{kind}-{number}", text, figure))
    if r.sweeps:
        figure = accuracy_figure(list(r.sweeps.values()))
        parts.append(Picture(f"{r.data}-accuracy", "Accuracy against sigma of all networks", figure))
    return Section(NAMES[r.data], [_amount(r)], parts, list(unfinished(r).values()))


def _settings(r: Reproduction) -> Section:
    """Return the settings, networks and runs of one data set."""
    runs = r.runs
    parts = [settings_table(run) for run in runs[:1]]
    parts.append(_networks_table(r))
    progress = [(str(run.path.relative_to(r.folder)), *run.progress) for run in runs]
    parts.append(Table("Runs", ("run", "finished parts", "planned parts"), progress))
    return Section(f"{NAMES[r.data]}: settings and versions", parts=parts)


def _networks_table(r: Reproduction) -> Table:
    """Return the networks of one data set, with the inputs of each unless all get grey levels 0..255."""
    networks = r.info["networks"]
    rows = [(kind, n["name"], n["trained"], n["fingerprint"][:16]) for kind, n in networks.items()]
    forms = [(DEFAULTS | r.form_of(kind))["preprocess"] for kind in networks]
    columns = ("kind", "name", "trained on", "fingerprint")
    if set(forms) <= {DEFAULTS["preprocess"]}:
        return Table("Networks", columns, rows)
    read = [(*row, printed(about(form))) for row, form in zip(rows, forms, strict=True)]
    return Table("Networks", (*columns, "inputs"), read)


def _amount(r: Reproduction) -> str:
    """Return one sentence on the images and networks that were used."""
    images, swept = r.info["images"], [run.info["data"]["images"] for run in r.sweeps.values()]
    copies = [run.copies_done[1] for run in r.sweeps.values()]
    searched = [len(run) for run in r.searches.values()]
    text = f"{NAMES[r.data]}, scale {r.scale}: {images['name']} ({images['note']}), networks: {', '.join(r.kinds)}"
    if swept:
        text += f"; {max(swept):,} images x 12 sigmas x {max(copies)} copies swept"
    if searched:
        text += f"; {int(np.max(searched)):,} images searched"
    if r.explanations:
        text += f"; margin and gain of {max(len(run.rows) for run in chain(*r.explanations.values())):,} images"
    return text + "."


def unfinished(r: Reproduction) -> dict[str, str]:
    """Return a sentence for each step that is missing or not finished, by the step's folder."""
    runs = {run.path.relative_to(r.folder).as_posix(): run for run in r.runs}
    lines = {step: f"{step} is not finished: it has {run.extent}." for step, run in runs.items() if not run.complete}
    steps, size = _steps(r), SCALES.get(r.scale, {}).get(r.data)
    if size is not None and size.compared and len(r.objectives) < len(LAMBDAS) * len(OBJECTIVES):
        steps["objectives"] = "the comparison of eq. 1 with eq. 2"
    return lines | {step: f"{what} is still to be made." for step, what in steps.items() if step not in runs}


def _steps(r: Reproduction) -> dict[str, str]:
    """Return the runs of the networks that this scale should have: what each is, by its folder."""
    size = SCALES.get(r.scale, {}).get(r.data)
    steps = {f"{folder}/{kind}": f"the {what} of the network '{kind}'"
             for folder, what in (("sweeps", "sweep"), ("searches", "search")) for kind in r.kinds}  # fmt: skip
    if size is None:
        return steps
    for kind in r.kinds:
        if size.unclipped.of(kind):
            steps[f"unclipped/{kind}"] = f"the sweep without clipping of the network '{kind}'"
        if _any_right(r, kind):
            steps[f"weakest/{kind}"] = f"the sweep of the weakest images of the network '{kind}'"
        if r.is_explained(kind):
            for which, count in explained_counts(kind, size).items():
                if count:
                    steps[f"explanations/{kind}-{which}"] = f"the explanation of the network '{kind}' ({which})"
    return steps


def _any_right(r: Reproduction, kind: str) -> bool:
    """Return whether a network may be right about a clean image: else there are no weakest images to sweep."""
    return kind not in r.clean or r.clean[kind].correct > 0
