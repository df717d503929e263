"""The tables and figures of run folders, finished or not, that `tfstab report --files` writes."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

from tfstab.assessment import Figures
from tfstab.assessment.plot import kept_figure
from tfstab.datasets.groups import groups_note
from tfstab.datasets.remarks import remarks_of, with_split
from tfstab.orders import data_name
from tfstab.report.figures import (
    accuracy_figure,
    class_curves_figure,
    paper_scatter_figures,
    triples_figure,
)
from tfstab.report.networks import by_network, network_names
from tfstab.report.numbers import about_table, family_table, loss_table
from tfstab.report.page import Picture, Section, footnoted
from tfstab.report.recall_tables import clean_recall_table, harmed_table
from tfstab.report.settings import setting_text
from tfstab.report.side_by_side import networks_table
from tfstab.report.sweep_image_tables import weakest_images_table
from tfstab.report.sweep_tables import certificate_table, headline, severity_table, weakest_classes_table
from tfstab.report.tables import Table, found_noise, search_class_table, search_table
from tfstab.runs import RunFolder
from tfstab.runs.kinds import KINDS
from tfstab.search import SearchRun
from tfstab.sweep import SweepRun
from tfstab.wording import capital, counted

SHOWN = 20  # most images in a picture or table of a page; the CSV files of `tfstab inspect` have all


def run_sections(runs: Sequence[SearchRun | SweepRun]) -> Iterator[Section]:
    """Yield what compares several networks, the tables of each, what draws several sweeps together, then each run."""
    runs = [run.snapshot() for run in runs]
    groups = by_network(runs)
    networks = [Figures.of(group) for group in groups]
    names = network_names(groups, [figures.label for figures in networks])
    beside = networks_table(networks, names)
    if beside is not None:
        yield Section("Networks side by side", parts=footnoted([beside], _groups_notes(runs)))
    for figures, name in zip(networks, names, strict=True):
        if len(figures.families) > 1:
            yield network_section(figures, name)
    for kind in KINDS.values():
        alike = [run for run in runs if run.kind == kind.name]
        together = kind.load("overview")(alike) if kind.overview else None
        if together is not None:
            yield together
    for run in runs:
        yield run_section(run)


def run_section(run: SearchRun | SweepRun) -> Section:
    """Return the section of one run: what is unfinished, summary, tables, figures, settings and versions."""
    warnings = [] if run.complete else [f"This run is not finished: {_progress(run)}. Resume it to get the rest."]
    lines, parts = KINDS[run.kind].load("section")(run)
    parts = footnoted(parts, groups_note(remarks_of(run.info["data"])))
    return Section(
        _title(run), lines, [*parts, settings_table(run)], warnings, f"{run.info['model']['name']}-{run.path.name}"
    )


def network_section(figures: Figures, name: str) -> Section:
    """Return the chart and the tables of a network under several degradations, which are also on its page.

    name: what the network is called.
    """
    found = [
        family_table(figures),
        loss_table(figures),
        about_table(figures),
        clean_recall_table(figures, most=len(figures.classes)),
        harmed_table(figures, most=len(figures.families) * len(figures.classes)),
    ]
    tables = [_briefly_titled(table) for table in found if table is not None and table.rows]
    chart = Picture("accuracy-kept", "Accuracy kept under each degradation", kept_figure(figures))
    parts = footnoted([chart, *tables], groups_note(remarks_of(figures.info["data"])))
    return Section(f"{name} on {figures.data}", parts=parts, name=name)


def _briefly_titled(table: Table) -> Table:
    """Return a table with what its title says after a comma as a note instead: files are named after the title."""
    title, _, unit = table.title.partition(", ")
    return replace(table, title=title, notes=[f"{capital(unit)}.", *table.notes]) if unit else table


def sweep_overview(runs: Sequence[SweepRun]) -> Section | None:
    """Return a section that draws several sweeps together, or None for fewer than two with results."""
    started = [run for run in runs if len(run.measures)]
    if len(started) < 2:
        return None
    both = Picture("accuracy-of-all", "Accuracy against severity of all sweeps", accuracy_figure(started))
    return Section("All sweeps", parts=[both])


def sweep_section(run: SweepRun) -> tuple[list[str], list[Table | Picture]]:
    """Return the summary, tables and figures of a sweep."""
    if not len(run.measures):
        return ["Nothing has been swept yet."], []
    name = run.degradation.parameter
    parts: list[Table | Picture] = [
        severity_table(run),
        Picture("accuracy", f"Accuracy against {name}", accuracy_figure([run])),
        weakest_classes_table(run),
        Picture("class-curves", f"Classes against {name}", class_curves_figure(run)),
    ]
    parts += [
        Picture(f"scatter-{k}", f"PSNR against score: {caption}", figure)
        for k, (caption, figure) in enumerate(paper_scatter_figures(run), start=1)
    ]
    parts.append(weakest_images_table(run, SHOWN))
    if run.measures.can_certify:
        parts.append(certificate_table(run))
    return headline(run), parts


def search_section(run: SearchRun) -> tuple[list[str], list[Table | Picture]]:
    """Return the summary, tables and figures of a search."""
    results = run.to_pandas()  # single values only: the arrays of a large run may not fit into memory
    if not len(results):
        return ["No image has been searched yet."], []
    found, searched = results[results["found"]], found_noise(results)
    needless = found.drop(searched.index)
    parts: list[Table | Picture] = [search_class_table(run, run.class_names), search_table(run, run.class_names)]
    if len(found):
        shown = [run.result(int(image)) for image in [*searched.index, *needless.index][:SHOWN]]
        caption = f"Clean image, minimum noise and degraded image of the first {len(shown)}"
        parts.insert(0, Picture("minimum-noise", caption, triples_figure(shown, run.class_names, run.clean)))
    return [*run.in_numbers().lines(), *run.notes], parts


def settings_table(run: RunFolder) -> Table:
    """Return what the run depends on: model, data, seed, settings, versions and device."""
    info = run.info
    rows: list[tuple[str, Any]] = [
        ("folder", run.path.name),
        ("model", f"{info['model']['name']}, fingerprint {info['model']['fingerprint'][:16]}"),
        ("data", f"{with_split(info['data']['name'], info['data'], '{}, {}')}, {counted(info['data']['images'])}"),
        ("about the data", info["data"]["note"] or None),
        ("data's fingerprint", info["data"]["fingerprint"][:16]),
        ("seed", str(info["seed"])),
    ]
    rows += [(name, setting_text(value)) for name, value in sorted(info["settings"].items())]
    environment = info.get("environment", {})
    rows += [(name, version) for name, version in environment.get("versions", {}).items()]
    rows += [(key.replace("_", " "), environment[key]) for key in ("device", "instruction_set") if key in environment]
    return Table("Settings and versions", ("what", "value"), rows)


def _groups_notes(runs: Sequence[RunFolder]) -> str:
    """Return a sentence on the groups of each data set of several runs; "" without groups."""
    noted = [(data_name(info["name"]), groups_note(remarks_of(info))) for info in (run.info["data"] for run in runs)]
    several = len({name for name, _ in noted}) > 1
    return " ".join(f"{name}: {note}" if several else note for name, note in dict.fromkeys(noted) if note)


def _title(run: SearchRun | SweepRun) -> str:
    """Return the heading of a run."""
    return f"{run.title} of {run.info['model']['name']} on {run.info['data']['name']} ({run.path.name})"


def _progress(run: RunFolder) -> str:
    """Return what a run has so far, in words."""
    return f"{run.path.name} has {run.extent}"
