"""`tfstab inspect RUN --class NAME`: recall, false positives and weakest images of one class."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from tfstab.assessment import FamilyFigures, Figures
from tfstab.assessment.opened import Assessment
from tfstab.cli.output import echo, print_json, print_table, remark
from tfstab.errors import InputError
from tfstab.explanation import ExplanationRun
from tfstab.names import quoted
from tfstab.orders.repair import repair_line
from tfstab.orders.shell import command
from tfstab.report.changed import changed_notes
from tfstab.report.class_json import by_severity_json, overview_json
from tfstab.report.input_notes import input_notes
from tfstab.report.recall_tables import class_overview_table, class_recall_table
from tfstab.report.sweep_image_tables import weakest_images_table
from tfstab.report.sweep_json import images_json
from tfstab.report.tables import Table, search_table
from tfstab.report.taken_tables import taken_by_severity_table, taken_images_table, taken_overview_table
from tfstab.report.wrong_images import taken_table, wrong_table
from tfstab.runs import open_run
from tfstab.runs.info import is_run, runs_in, without_classes
from tfstab.search import SearchRun
from tfstab.search.norm import get_norm
from tfstab.sweep import SweepRun
from tfstab.wording import counted

SHOWN = 20  # images in the terminal


def inspect_class(path: Path, name: str, as_json: bool, out: Path | None) -> None:
    """Print the recall and the weakest images of a class of a run, or of an assessment.

    out: must be None, as nothing is drawn.
    """
    if out is not None:
        raise InputError("--out draws one image, or a whole run: leave it out with --class.")
    if not is_run(path) and runs_in(path):
        _inspect_assessment(path, name, as_json)
        return
    run = open_run(path)
    if isinstance(run, ExplanationRun):
        raise InputError(f"{path} is an explanation; --class lists images of a sweep or a search.")
    k = _class_of(run, name)
    for note in [*input_notes([run]), *changed_notes([run])]:
        remark(note)
    table = _swept(run, k) if isinstance(run, SweepRun) else _searched(run, k)
    if table is None:
        raise InputError(f"{path} has measured no image of class {quoted(run.class_names[k])}.")
    if not as_json:
        if isinstance(run, SweepRun):
            _print_recall(Figures.of([run]), run, k)
        _print(_shortened(table) if isinstance(run, SearchRun) else table)
        if isinstance(run, SweepRun):
            _print(taken_images_table(run, k, SHOWN))
        return
    said = _sweep_json(Figures.of([run]), run, k) if isinstance(run, SweepRun) else {"images": table.records()}
    print_json({"run": str(path), "class": run.class_names[k], **said})


def _inspect_assessment(path: Path, name: str, as_json: bool) -> None:
    """Print recall and false positives of a class under each degradation, and images that are wrong.

    These are the images of the class that are wrong when clean, and the weakest ones where it loses most.
    """
    assessment = Assessment(path, skip_damaged=True)
    for damage in assessment.damaged:
        remark(repair_line(damage, assessment.whole[0].info))
    k = _class_of(assessment.whole[0], name)
    called = assessment.whole[0].class_names[k]
    if not any((run.clean.class_index == k).any() for run in assessment.whole):
        raise InputError(f"{path} has no image of class {quoted(called)}.")
    for note in changed_notes(assessment.whole):
        remark(note)
    figures, worst = assessment.figures, _worst(assessment, k)
    if as_json:
        wrong, taken = wrong_table(assessment.whole, None, k), taken_table(assessment.whole, k, None)
        said: dict[str, Any] = {"path": str(path), "class": called, **overview_json(figures, k)}
        said |= {"wrong_when_clean": _records(wrong), "taken_when_clean": _records(taken)}
        lost = None if worst is None else {"run": str(worst.path), **_sweep_json(figures, worst, k)}
        print_json(said | {"most_harmful": lost})
        return
    if figures.families:
        _print(class_overview_table(figures, k))
        _print(taken_overview_table(figures, k))
        one = command("inspect", _most_taken(figures, k).run.path, "--class", called)
        echo(f"To see one degradation by severity: {one}\n")
    if (wrong := wrong_table(assessment.whole, class_index=k)) is None:
        echo(f"No clean image of class {quoted(called)} is wrong.\n")
    else:
        print_table(wrong)
    _print(taken_table(assessment.whole, k))
    if worst is None or (table := _swept(worst, k)) is None:
        one = command("inspect", assessment.whole[0].path, "--class", called)
        remark(
            f"under which degradation this class loses most is not known; for one of them, give its run, as in {one}"
        )
        return
    _print_recall(figures, worst, k)
    print_table(table)
    under = worst.degradation.title
    remark(f"the last tables are of {under}, under which the smallest share of this class is right")


def _class_of(run: SweepRun | SearchRun, name: str) -> int:
    """Return the class of a run with a name or number; raise InputError if there is none."""
    from tfstab.orders.picture_run import class_of_picture, unknown_class

    if without_classes(run.info):
        raise InputError(f"the classes of the images of {run.path} are not known: leave out --class.")
    found = class_of_picture(name, run.class_names)
    if found is None:
        raise unknown_class(name, run.class_names, "run")
    return found


def _worst(assessment: Assessment, k: int) -> SweepRun | None:
    """Return the sweep in which the fewest images of a class are right; None if that is not known.

    If the class is rare, it may be the sweep of its further images.
    """
    found = next((one.worst for one in assessment.figures.weakest_classes if one.index == k), None)
    if found is None:
        return None
    return max(filter(None, (found.run, found.rare)), key=lambda run: int((run.measures.labels == k).sum()))


def _print_recall(figures: Figures, run: SweepRun, k: int) -> None:
    """Print the recall of a class at each severity of a sweep, if the figures have it."""
    if (family := figures.family(run.degradation.name)) is not None:
        _print(class_recall_table(family, k, run.class_names))
        _print(taken_by_severity_table(family, k, run.class_names))


def _sweep_json(figures: Figures, run: SweepRun, k: int) -> dict[str, Any]:
    """Return recall and false positives of a class at each severity of a sweep, if the figures have it, and images."""
    family = figures.family(run.degradation.name)
    said: dict[str, Any] = {} if family is None else by_severity_json(family, k)
    return said | {"images": images_json(run, k), "taken_images": _records(taken_images_table(run, k))}


def _print(table: Table | None) -> None:
    """Print a table if there is one."""
    if table is not None:
        print_table(table)


def _records(table: Table | None) -> list[dict[str, Any]]:
    """Return the rows of a table for JSON, none without a table."""
    return [] if table is None else table.records()


def _most_taken(figures: Figures, k: int) -> FamilyFigures:
    """Return the degradation under which the largest share of the images of other classes is taken for a class."""
    return max(figures.families, key=lambda family: np.nan_to_num(family.run.measures.taken_by_severity[:, k].mean()))


def _swept(run: SweepRun, k: int) -> Table | None:
    """Return the weakest images of a class; None if none was measured."""
    return weakest_images_table(run, SHOWN, class_index=k) if (run.measures.labels == k).any() else None


def _searched(run: SearchRun, k: int) -> Table | None:
    """Return the images of a class, the one with the least noise first; None if none was searched."""
    table = search_table(run, run.class_names)
    true, size = (table.columns.index(name) for name in ("true", get_norm(run.config.norm).title))
    rows = [row for row in table.rows if row[true] == run.class_names[k]]
    rows.sort(key=lambda row: (row[size] is None, row[size] or 0))
    title = f"Minimum noise of class {quoted(run.class_names[k])}, the least first"
    return replace(table, title=title, rows=rows) if rows else None


def _shortened(table: Table) -> Table:
    """Return the first rows of a table, with a note on the others."""
    if len(table.rows) <= SHOWN:
        return table
    note = f"The first {SHOWN} of {counted(len(table.rows))}; --json has all."
    return replace(table, rows=table.rows[:SHOWN], notes=[*table.notes, note])
