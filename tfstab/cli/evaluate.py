"""`tfstab evaluate`: measure a model on clean images (the paper's Table 1)."""

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

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
from tfstab.datasets.columns import without_unread
from tfstab.datasets.remarks import with_split
from tfstab.experiments import evaluation
from tfstab.experiments.evaluation import Evaluation
from tfstab.orders import ImageOptions, ModelOptions, Subject, default_model
from tfstab.report.class_tables import confusion_table
from tfstab.report.numbers import with_interval
from tfstab.report.tables import Table
from tfstab.runs.atomic import make_folder, write_json, write_text

if TYPE_CHECKING:
    import pandas as pd

LARGEST_CONFUSION = 15  # classes; a wider matrix does not fit a terminal


def evaluate(
    model: Model = None,
    data: Data = None,
    limit: Limit = None,
    images: Images = None,
    resize: Resize = None,
    split: Split = "test",
    preprocess: Preprocess = None,
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
    title = f"{result.model['name']} on {with_split(dataset.name, result.data)}: {without_unread(dataset.note)}"
    notes = filter(
        None, (result.sentence(), result.recall_sentence(), result.chance_sentence() or result.constant_sentence())
    )
    if as_json:
        print_json(result.to_json())
    else:
        print_table(_class_table(title, result, notes))
        if len(result.class_names) <= LARGEST_CONFUSION:
            print_table(confusion_table(result.metrics))
    if out is not None:
        make_folder(out)
        write_json(out / "evaluation.json", result.to_json())
        write_text(out / "classes.csv", _frame_csv(result.to_pandas()))
        write_text(out / "confusion.csv", confusion_table(result.metrics).csv())
        write_text(out / "images.csv", _frame_csv(result.images_to_pandas()))
        made("folder", out)
        remark(f"written to {out}")


def _class_table(title: str, result: Evaluation, notes: Iterable[str]) -> Table:
    """Return precision and recall of each class, in % with their intervals."""
    each = zip(result.class_names, *result.class_intervals(), result.metrics.support, strict=True)
    rows = [(k, name, *map(with_interval, shares), int(images)) for k, (name, *shares, images) in enumerate(each)]
    last = "Precision and recall: in %, with 95 % intervals."
    return Table(title, ("class", "name", "precision", "recall", "images"), rows, (*notes, last))


def _frame_csv(frame: "pd.DataFrame") -> str:
    """Return a frame with its index as comma-separated values, as tables are written."""
    frame = frame.reset_index()
    return Table("", list(frame.columns), frame.to_numpy(object).tolist()).csv()
