"""What `tfstab inspect` shows of an assessment: its verdict and runs, or one image in all of its runs."""

from pathlib import Path

import typer

from tfstab.assessment.opened import Assessment
from tfstab.cli.image_details import print_details, search_facts
from tfstab.cli.output import print_json, print_table, remark
from tfstab.errors import InputError
from tfstab.report.sweep_image_tables import image_facts
from tfstab.report.tables import Table
from tfstab.search import SearchRun
from tfstab.sweep import SweepRun

OF_CLEAN = 3  # the first facts of an image in a sweep are those of the clean image, the same in all sweeps


def inspect_assessment(path: Path, image: str | None, as_json: bool, out: Path | None) -> None:
    """Print an assessment, or what its runs say of one image."""
    assessment = Assessment(path)
    if out is not None:
        run = assessment.runs[0].path
        raise InputError(f"{path} is an assessment, and --out draws one of its runs: name it, such as {run}.")
    if image is not None:
        _print_image(assessment, image, as_json)
        return
    table = _runs_table(assessment)
    if as_json:
        print_json({"path": str(path), "runs": table.records(), **assessment.to_json()})
        return
    typer.echo(f"{assessment.summary()}\n")
    print_table(table)
    remark(f"one of the runs: tfstab inspect {assessment.runs[0].path}; one image in all of them: add --image N")


def _runs_table(assessment: Assessment) -> Table:
    """Return the runs of an assessment, and the explanation that belongs to it."""
    runs = [*assessment.runs, *([assessment.explanation] if assessment.explanation else [])]
    rows = []
    for run in runs:
        what = run.degradation.title if isinstance(run, SweepRun) else run.heading.partition(" of ")[0]
        rows.append((str(run.path), what, len(run.clean.indices)))
    return Table("Runs", ("run", "what", "images"), rows)


def _print_image(assessment: Assessment, image: str, as_json: bool) -> None:
    """Print one image's clean prediction, where each degradation changes it, its minimum noise and its explanation."""
    largest = max(assessment.runs, key=lambda run: len(run.clean.indices))
    index, summary, tables = largest.clean.find(image), "", list[Table]()
    sweeps = [run for run in assessment.runs if isinstance(run, SweepRun) and index in run.clean.indices]
    swept = [(run, image_facts(run, index)) for run in sweeps]
    if swept:
        tables.append(Table(swept[0][1].title, ("what", "value"), swept[0][1].rows[:OF_CLEAN]))
        columns = ("degradation", "a copy fails at", "mostly taken for")
        facts = [(run.degradation.title, {str(row[0]): row[1] for row in table.rows}) for run, table in swept]
        rows = [(title, *(found.get(name, "–") for name in columns[1:])) for title, found in facts]
        tables.append(Table("Where its degraded copies fail", columns, rows))
    for run in assessment.runs:
        if isinstance(run, SearchRun) and index in run.images:
            found = search_facts(run, run.result(index))
            tables.append(Table("Minimum noise", found.columns, found.rows))
    explanation = assessment.explanation
    if explanation is not None and index in explanation.images:
        summary = explanation.of(index).summary()
    print_details(tables, summary, as_json)
