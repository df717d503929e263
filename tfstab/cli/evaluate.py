"""`tfstab evaluate`: measure a model on clean images (the paper's Table 1)."""

import math
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from tfstab.cli.observing import made
from tfstab.cli.options import (
    AsIs,
    Classes,
    Damaged,
    Data,
    DataDir,
    Images,
    Imports,
    Json,
    Limit,
    Model,
    Outputs,
    Preprocess,
    Resize,
    Split,
    Threshold,
    Trust,
)
from tfstab.cli.output import print_json, print_table, remark, remark_on, remarks
from tfstab.cli.panels import RESULTS_PANEL
from tfstab.cli.wrong_inputs import unless_wrong
from tfstab.experiments import evaluation
from tfstab.experiments.evaluation import Evaluation
from tfstab.metrics import Estimate
from tfstab.orders import ImageOptions, ModelOptions, Subject, default_model
from tfstab.report.tables import Table, class_table, confusion_table
from tfstab.runs.atomic import make_folder, write_json, write_text

LARGEST_CONFUSION = 15  # classes; a wider matrix does not fit a terminal


def evaluate(
    model: Model = None,
    data: Data = None,
    limit: Limit = None,
    images: Images = None,
    resize: Resize = None,
    split: Split = "test",
    preprocess: Preprocess = "none",
    classes: Classes = None,
    outputs: Outputs = None,
    threshold: Threshold = None,
    trust: Trust = False,
    as_json: Json = False,
    out: Annotated[
        Path | None,
        typer.Option(
            "--out",
            help="Also write evaluation.json, classes.csv, confusion.csv and images.csv (a row for each image) into "
            "this folder.",
            rich_help_panel=RESULTS_PANEL,
        ),
    ] = None,
    damaged: Damaged = "fail",
    data_dir: DataDir = None,
    imports: Imports = None,
    as_is: AsIs = False,
) -> None:
    """Measure accuracy, precision and recall of a model on clean images (the paper's Table 1)."""
    chosen = ImageOptions(data, split, data_dir, limit, images, resize, damaged)
    subject = Subject(
        ModelOptions(model or default_model(chosen), preprocess, outputs, trust, imports, classes, threshold), chosen
    )
    if out is not None:
        from tfstab.report.saving import check_page_folder  # here, as it imports matplotlib

        check_page_folder(out)
    with remarks():
        dataset = subject.dataset
        remark_on(subject)
        result = unless_wrong(lambda go_on: evaluation.evaluate(subject.classifier, dataset, as_is=go_on), as_is)
    title = f"{result.model['name']} on {dataset.name} ({dataset.split}): {dataset.note}"
    notes = filter(None, (result.sentence(), result.recall_sentence(), result.constant_sentence()))
    table = _with_intervals(class_table(title, result.metrics, result.class_names, tuple(notes)), result)
    if as_json:
        print_json(result.to_json())
    else:
        print_table(table)
        if len(result.class_names) <= LARGEST_CONFUSION:
            print_table(confusion_table(result.metrics))
    if out is not None:
        make_folder(out)
        write_json(out / "evaluation.json", result.to_json())
        write_text(out / "classes.csv", table.csv())
        write_text(out / "confusion.csv", confusion_table(result.metrics).csv())
        frame = result.images_to_pandas().reset_index()
        write_text(out / "images.csv", Table("", list(frame.columns), frame.to_numpy(object).tolist()).csv())
        made("folder", out)
        remark(f"written to {out}")


def _with_intervals(table: Table, result: Evaluation) -> Table:
    """Return the table of classes with the intervals of precision and recall, each behind its value."""
    precision, recall = ([_ends(e) for e in each] for each in result.class_intervals())
    rows = [(*row[:3], p, row[3], r, row[4]) for row, p, r in zip(table.rows, precision, recall, strict=True)]
    columns = (*table.columns[:3], "precision 95 %", "recall", "recall 95 %", "images")
    notes = (*table.notes, "Behind precision and recall: their 95 % intervals.")
    return replace(table, columns=columns, rows=rows, notes=notes)


def _ends(estimate: Estimate) -> str | None:
    """Return the interval of a share, rounded outwards: "0.77–0.96"; None if there is none."""
    if not math.isfinite(estimate.value):
        return None
    low, high = math.floor(100 * estimate.low + 1e-9) / 100, math.ceil(100 * estimate.high - 1e-9) / 100
    return f"{low:.2f}–{high:.2f}"
