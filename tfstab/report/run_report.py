"""The report of run folders, finished or not: one page for a reader who was not there."""

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from tfstab.assessment.harmed_findings import TABLE
from tfstab.assessment.levels import LEVELS, OPEN
from tfstab.assessment.missing import damaged_finding
from tfstab.assessment.opened import Assessment
from tfstab.assessment.outcomes import Outcome, worst_first
from tfstab.assessment.words import on_images
from tfstab.datasets.remarks import with_split
from tfstab.errors import InputError
from tfstab.explanation import ExplanationRun
from tfstab.metrics.kept import TOO_FEW
from tfstab.names import all_named, named
from tfstab.orders import data_name
from tfstab.orders.step import Call, Step
from tfstab.paths import user_path
from tfstab.report.changed import changed_notes, unlike_notes
from tfstab.report.chapter import STEPS, Chapter, make_chapter
from tfstab.report.charts import percent
from tfstab.report.compare_step import WHY_COMPARE, compare_command
from tfstab.report.input_notes import (
    file_notes,
    grey_notes,
    group_notes,
    input_notes,
    seen_notes,
    threshold_notes,
    unmeasured_notes,
)
from tfstab.report.networks import Run, by_network, network_names
from tfstab.report.page import render_template
from tfstab.report.photographs import scaled_down
from tfstab.report.settings import last_day, settings_tables
from tfstab.report.side_by_side import NetworksChart, networks_chart
from tfstab.report.tables import Table
from tfstab.runs import RunFolder
from tfstab.runs.atomic import make_folder, write_text
from tfstab.runs.files import REPORT, assessment_around, is_assessment
from tfstab.search import SearchRun
from tfstab.sweep import SweepRun
from tfstab.wording import counted, distinct_names, listed

OnProgress = Callable[[str, int, int], None]  # what is done, finished steps, all steps


@dataclass
class Report:
    """What the page's template shows."""

    title: str
    chapters: Sequence[Chapter]
    settings: Sequence[Table]
    warnings: Sequence[str] = ()
    notes: Sequence[str] = ()
    contents: Sequence[tuple[str, str]] = ()
    networks: NetworksChart | None = None
    compare: str = ""
    opened: str = ""
    calls: Sequence[Call] = ()
    steps: Sequence[Step] = ()
    hints: Sequence[str] = ()


def write_report(
    runs: Sequence[Run | Assessment],
    path: str | Path,
    *,
    notes: Sequence[str] = (),
    warnings: Sequence[str] | None = None,
    steps: Sequence[Step | Call] = (),
    hints: Sequence[str] = (),
    on_progress: OnProgress | None = None,
) -> Path:
    """Write the report of runs to one HTML file that needs nothing else.

    Parameters
    ----------
    runs : sequence of SweepRun, SearchRun, ExplanationRun or Assessment
        Opened runs, finished or not, of one or several networks; an assessment counts as its runs.
    path : str or Path
        The file; its folder is made if missing.
    notes : sequence of str, optional
        Sentences below the title, such as how long the runs took.
    warnings : sequence of str, optional
        Sentences above the notes, highlighted; by default those on inputs or classes that seem to be wrong
        and on degradations not yet measured when an assessment ended.
    steps : sequence of Step or Call, optional
        Commands or Python calls that could come next, for the end of the page. Calls use an assessment,
        which is then opened from the report's folder.
    hints : sequence of str, optional
        Sentences below these steps, on what else can be done.
    on_progress : callable, optional
        Called with what is being done, and the numbers of finished and of all steps.

    Returns
    -------
    Path
        The file.

    Raises
    ------
    InputError
        There are no runs, or `runs` holds something else.
    RunError
        A part of a run is damaged.
    DiskError
        The file cannot be written.

    Examples
    --------
    >>> from tfstab.report import write_report
    >>> write_report([search, sweep], "report.html").name
    'report.html'
    """
    path = user_path(path)
    text = report_page(
        _opened(runs),
        notes=notes,
        warnings=warnings,
        steps=steps,
        hints=hints,
        folder=path.parent,
        on_progress=on_progress,
    )
    make_folder(path.parent)
    write_text(path, text)
    return path


def _opened(given: Sequence[Run | Assessment]) -> list[Run]:
    """Return the runs that were given and those of assessments, undamaged, with each explanation once."""
    runs = list[Run]()
    for one in given:
        if not isinstance(one, Assessment | RunFolder):
            raise InputError(
                f"an object of type {type(one).__name__} was given; expected opened runs or assessments. To write the "
                "page of a comparison, use tfstab.report.write_comparison."
            )
        if not isinstance(one, Assessment):
            runs.append(one)
            continue
        runs += one.whole
        why = one.explanation  # beside the assessment, and perhaps beside others, too
        if why is not None and all(run.path != why.path for run in runs):
            runs.append(why)
    return runs


def unfinished(runs: Sequence[Run]) -> list[Run]:
    """Return the runs that are not finished, without those of assessments, which leave theirs so on purpose."""
    return [run for run in runs if not run.complete and not is_assessment(assessment_around(run.path))]


def report_page(
    runs: Sequence[Run],
    *,
    notes: Sequence[str] = (),
    warnings: Sequence[str] | None = None,
    steps: Sequence[Step | Call] = (),
    hints: Sequence[str] = (),
    folder: Path | None = None,
    damaged: Sequence[str] = (),
    outcomes: Sequence[Outcome] = (),
    on_progress: OnProgress | None = None,
) -> str:
    """Return the page of `write_report` as HTML.

    folder: where it will be, if it may link to pages below it. damaged: names of damaged results that are left out.
    outcomes: what is shown of requirements, in place of what an assessment records; the runs are then of one network.
    """
    if not runs:
        raise InputError("no run was given; expected one or more run folders.")
    runs = [run.snapshot() for run in runs]
    groups = by_network(runs)
    work, done = sum(STEPS + any(isinstance(run, ExplanationRun) for run in group) for group in groups), 0

    def on_step(what: str) -> None:
        nonlocal done
        if on_progress is not None:
            on_progress(what, done, work)
        done += 1

    chapters = [make_chapter(group, on_step) for group in groups]
    if outcomes:
        measured = next(chapter for chapter in chapters if not chapter.explained_only)
        measured.outcomes = [(one.status, one.sentence) for one in worst_first(outcomes)]
    names = network_names(groups, [chapter.figures.label for chapter in chapters])
    engines = {run.config.engine for run in runs if isinstance(run, SearchRun)}
    for chapter, group, name in zip(chapters, groups, names, strict=True):
        chapter.title, chapter.subtitle = name, _subtitle(group, name_engine=len(engines) > 1)
        chapter.own_page = _own_page(group, folder) if not chapter.explained_only else ""
    report = Report(
        title=_title(chapters),
        networks=networks_chart([chapter.figures for chapter in chapters], names),
        compare=compare_command(groups),
        chapters=chapters,
        settings=settings_tables(runs),
        warnings=_warnings(runs, warnings, damaged),
        notes=[*file_notes(runs), *group_notes(runs), *threshold_notes(runs), *notes],
        contents=_contents(chapters, bool(steps or hints)),
        opened=repr(str(folder)),
        calls=[step for step in steps if isinstance(step, Call)],
        steps=[step for step in steps if isinstance(step, Step)],
        hints=hints,
    )
    words = {"LEVELS": LEVELS, "OPEN": OPEN, "WHY_COMPARE": WHY_COMPARE, "TOO_FEW": TOO_FEW, "TABLE": TABLE}
    html = render_template(
        "report.html", title=report.title, report=report, scaled=scaled_down(runs), percent=percent, **words
    )
    if on_progress is not None:
        on_progress("page", done, work)
    return html


def _title(chapters: Sequence[Chapter]) -> str:
    """Return the heading of the page."""
    names = list(dict.fromkeys(chapter.figures.model for chapter in chapters))
    if len(chapters) == 1 and chapters[0].explained_only:
        return f"What makes {named(names[0])} sensitive to noise?"
    if len(names) == 1:
        return f"How stable is {named(names[0])}?"
    *first, last = all_named(*names)
    return f"How stable are {', '.join(first)} and {last}?"


def _subtitle(runs: Sequence[Run], *, name_engine: bool) -> str:
    """Return what was measured, in one line: images, classes, degradations, searches and the day."""
    data = runs[0].info["data"]
    images = max(len(run.clean.indices) for run in runs)
    # Of a folder or file only its own name: the report may be for readers elsewhere.
    parts = [
        f"{counted(images)} of {with_split(data_name(data['name']), data)}",
        counted(len(data["class_names"]), "class", "classes"),
    ]
    sweeps = [run for run in runs if isinstance(run, SweepRun)]
    if sweeps:
        degraded = [len(run.measures) for run in sweeps]
        copies = max(run.copies_done[1] for run in sweeps)
        each = f", up to {copies} copies of an image at each severity" if copies > 1 else ""
        fewer = f" {on_images(degraded)}" if min(degraded) < images else ""
        parts.append(f"{len(sweeps)} degradation{'s' * (len(sweeps) > 1)}{fewer}{each}")
    search = next((run for run in runs if isinstance(run, SearchRun) and len(run)), None)
    if search is not None:
        by = f" (engine {search.config.engine})" if name_engine else ""
        parts.append(f"minimum noise of {counted(len(search))}{by}")
    explained = sum(len(run.rows) for run in runs if isinstance(run, ExplanationRun))
    if explained and len(runs) > 1:
        parts.append(f"explanation of {counted(explained)}")
    return " · ".join([*parts, *filter(None, [last_day(runs)])])


def _own_page(runs: Sequence[Run], folder: Path | None) -> str:
    """Return the link from a page in a folder to the own page of these runs' explanation, "" if there is none.

    The explanation is in the folder or beside it.
    """
    pages = [(run.path / REPORT).absolute() for run in runs if isinstance(run, ExplanationRun)]
    if folder is None or not pages or not pages[0].is_file() or not pages[0].is_relative_to(folder.absolute().parent):
        return ""
    return quote(Path(os.path.relpath(pages[0], folder.absolute())).as_posix())


def _warnings(runs: Sequence[Run], given: Sequence[str] | None, damaged: Sequence[str]) -> list[str]:
    """Return the highlighted sentences at the top of a page; the parameters are those of `report_page`."""
    lost = damaged_finding(damaged)
    noted = [*input_notes(runs), *unmeasured_notes(runs)] if given is None else given
    noted = [*noted, lost.text] if lost else noted
    notes = [*grey_notes(runs), *seen_notes(runs), *_unfinished_note(runs)]
    return [*noted, *notes, *unlike_notes(runs), *changed_notes(runs)]


def _unfinished_note(runs: Sequence[Run]) -> list[str]:
    """Return a sentence on the runs that are not finished, if there are any."""
    if not (left := unfinished(runs)):
        return []
    names = distinct_names([run.path for run in left])
    open_runs = [f"{name} has {run.extent}" for name, run in zip(names, left, strict=True)]
    return [f"Not finished: {listed(open_runs)}. This report covers what is finished; resume the runs to get the rest."]


def _contents(chapters: Sequence[Chapter], advice: bool) -> list[tuple[str, str]]:
    """Return the links at the top: (text, id); of several chapters only their headings. advice: on what to do next."""
    if len(chapters) > 1:
        links = [(chapter.title, f"c{k}") for k, chapter in enumerate(chapters, start=1)]
        return [("side by side", "networks"), *links, ("settings", "settings")]
    c = chapters[0]
    there = {
        "requirements": (bool(c.outcomes), "requirements"),
        "degradations": (len(c.families) > 1, "families"),
        "photographs": (bool(c.mistakes), "photographs"),
        "curves": (bool(c.panels), "curves"),
        "classes": (bool(c.classes), "classes"),
        "minimum noise": (bool(c.triples or c.noise_table), "noise"),
        "comparison": (bool(c.findings("reference") or c.reference), "comparison"),
        "open questions": (bool(c.findings("undecided")), "undecided"),
        **{topic.title.lower(): (True, topic.id) for topic in c.topics},
        "all numbers": (c.family_table is not None, "numbers"),
    }
    after = [("what to do next", "next")] * advice
    return [*((text, f"c1-{id_}") for text, (shown, id_) in there.items() if shown), *after, ("settings", "settings")]
