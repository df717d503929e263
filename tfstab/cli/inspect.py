"""`tfstab inspect`: details of one image of a run, or of the whole run."""

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Annotated, Any

import typer

from tfstab.classifier.class_names import parse_class_names
from tfstab.cli.explain import explanation_json, print_explanation
from tfstab.cli.image_details import print_details, search_facts
from tfstab.cli.inspect_assessment import inspect_assessment
from tfstab.cli.inspect_class import inspect_class
from tfstab.cli.inspect_picture import check_form, inspect_beside, inspect_one, of_hardening
from tfstab.cli.inspect_pictures import check_folder, inspect_folder, inspect_folder_beside
from tfstab.cli.inspect_why import Reason, Run, why_when_clean
from tfstab.cli.next_steps import print_steps
from tfstab.cli.options import Classes, Imports, Json, Outputs, Preprocess, Resize, Threshold, Trust
from tfstab.cli.output import echo, print_json, print_table, remark
from tfstab.cli.panels import MODEL_PANEL, RESULTS_PANEL
from tfstab.cli.sweep_output import print_sweep
from tfstab.errors import InputError, RunError
from tfstab.explanation import ExplanationRun
from tfstab.orders.undrawn import find_image
from tfstab.orders.wrong_image import steps_of_wrong_image
from tfstab.paths import check_path, check_writable
from tfstab.report.changed import changed_notes
from tfstab.report.input_notes import grey_notes, group_notes, input_notes, seen_notes, threshold_notes
from tfstab.report.sweep_image_tables import image_facts, image_table
from tfstab.report.sweep_json import sweep_json
from tfstab.report.tables import Table, search_class_table, search_table
from tfstab.runs import open_run
from tfstab.runs.info import is_run, runs_in
from tfstab.runs.known_degradations import allow_modules
from tfstab.search import SearchRun
from tfstab.sweep import SweepRun

LISTED = 20  # explained images that are named


def inspect(
    run: Annotated[
        Path,
        typer.Argument(
            help="A run folder (finished or unfinished) or an assessment; with PICTURE, it may be a model or a "
            "hardening."
        ),
    ],
    picture: Annotated[
        Path | None,
        typer.Argument(
            help="An image file of your own: show what the model, or the run's model, predicts. Or a folder of "
            "them: print one line for each; folders in it may be named after the true classes."
        ),
    ] = None,
    image: Annotated[
        str | None,
        typer.Option(
            "--image",
            help="The image's index in the full split, or its file name; by default the whole run is shown.",
            metavar="INDEX|FILE",
        ),
    ] = None,
    why: Annotated[
        bool,
        typer.Option(
            "--why",
            help="Also load the model and say why the image is misclassified: at the mildest severity at which a copy "
            "fails, or with its minimum noise; of an assessment, in the sweep with the largest share of failing "
            "copies. For an image that is wrong when clean, what is known is always shown, and no model is loaded. "
            "With RUN PICTURE: say how firm the prediction is, and which images of the run are most similar.",
        ),
    ] = False,
    model: Annotated[
        str | None,
        typer.Option(
            "--model",
            help="The model for --why or PICTURE, if it is not where it was when the run was made.",
            rich_help_panel=MODEL_PANEL,
        ),
    ] = None,
    true_class: Annotated[
        str | None,
        typer.Option(
            "--class",
            help="True class of the picture: also show how far its score is behind, and which degradations make the "
            "prediction right. With a folder: true class of all its pictures. Without PICTURE: list the recall of "
            "this class at each severity, the share of other images that are taken for it, and its weakest images in "
            "the run; of an assessment, first recall and this share under each degradation.",
            metavar="NAME",
        ),
    ] = None,
    trust: Trust = False,
    preprocess: Preprocess = None,
    outputs: Outputs = None,
    threshold: Threshold = None,
    classes: Classes = None,
    imports: Imports = None,
    resize: Resize = None,
    as_json: Json = False,
    out: Annotated[
        Path | None,
        typer.Option(
            "--out",
            help="Also draw the image into this file (.png, .pdf, .svg), or the first figure of an explanation; of an "
            "assessment's image, draw its minimum noise or, without one, the sweep in which most of its copies fail "
            "(for an image that is wrong when clean: are right); of a picture, draw the mildest changes that alter the "
            "prediction or, if it is wrong, make it right; of a whole sweep, write all tables and figures into this "
            "folder.",
            rich_help_panel=RESULTS_PANEL,
        ),
    ] = None,
) -> None:
    """Show one image of a run or assessment (where and why its copies fail, its minimum noise), or the whole run.

    With RUN and --class, list the recall of this class at each severity, how many other images are taken for it, and
    its weakest images.
    With MODEL PICTURE, show what the model predicts for an image file of your own, as given and under each degradation.
    With RUN PICTURE, do the same with the run's model, and compare the picture with the images of the run. If it is
    misclassified, and --class names its true class, say whether the photograph or the model is probably the reason.
    With a folder in place of PICTURE, give this answer for each picture in it, one line each.
    """
    check_path(run, RunError)
    run = of_hardening(run, picture)
    of_model = {"--outputs": outputs, "--classes": classes, "--threshold": threshold, "--preprocess": preprocess}
    of_run = check_form(run, picture, of_model, {"--resize": resize}, true_class, image)
    if picture is not None and of_run:
        allow_modules(imports or ())
        given: dict[str, Any] = {"model": model, "trust": trust, "resize": resize}
        _inspect_own((run, picture, true_class, given), why, as_json, out, of_run=True)
        return
    if picture is not None:
        if model is not None:
            raise InputError("--model is for runs: leave it out after a model.")
        names = None if classes is None else parse_class_names(classes)
        given = {"preprocess": preprocess, "outputs": outputs, "trust": trust, "resize": resize}
        given |= {"threshold": threshold, "imports": imports or (), "class_names": names}
        _inspect_own((run, picture, true_class, given), why, as_json, out, of_run=False)
        return
    if out is not None and image is not None:
        _check_figure(out)
    if why and image is None:
        raise InputError("--why is about one image: choose it with --image.")
    if not why and (model is not None or trust):
        raise InputError("--model and --trust load the model for --why: add it, or leave them out.")
    allow_modules(imports or ())
    if true_class is not None:
        inspect_class(run, true_class, as_json, out)
        return
    reason = Reason(model, trust) if why else None
    if not is_run(run) and runs_in(run):
        inspect_assessment(run, image, as_json, out, reason)
        return
    opened = open_run(run)
    notes = *input_notes([opened]), *group_notes([opened]), *threshold_notes([opened])
    doubts = opened.notes if isinstance(opened, SearchRun) else []
    for note in [*notes, *doubts, *grey_notes([opened]), *seen_notes([opened])]:
        remark(note)
    if image is None:
        _inspect_run(opened, as_json, out)
        return
    _inspect_image(opened, find_image(run, opened, image), reason, as_json, out)


def _inspect_own(
    arguments: tuple[Path, Path, str | None, dict[str, Any]],
    why: bool,
    as_json: bool,
    out: Path | None,
    *,
    of_run: bool,
) -> None:
    """Print what a model makes of a picture, or of the pictures of a folder; draw a picture if `out` is a path.

    arguments: the first four of the functions that do it. of_run: whether the first of them is a run, not a model.
    """
    _, picture, *_ = arguments
    if picture.is_dir():
        check_folder(picture, {"--why": why, "--out": out is not None})
        (inspect_folder_beside if of_run else inspect_folder)(*arguments, as_json=as_json)
        return
    if out is not None:
        _check_figure(out)
    found = (inspect_beside if of_run else inspect_one)(*arguments, why=why, as_json=as_json)
    if out is not None:
        _draw(found.plot(), out)


def _inspect_image(opened: Run, index: int, reason: Reason | None, as_json: bool, out: Path | None) -> None:
    """Print what a run says of one image and, if asked, why it is misclassified; draw it if `out` is a path."""
    summary = ""
    if isinstance(opened, SearchRun):
        result = opened.result(index)
        tables = [search_facts(opened, result)]
        draw: Callable[[], Any] = partial(result.plot, opened.class_names, opened.clean.file(index))
    elif isinstance(opened, ExplanationRun):
        from tfstab.report.explanation.topics import parts_of_image

        explained = opened.of(index)
        summary, draw = explained.summary(), explained.plot
        tables = [part for part in parts_of_image(opened, index) if isinstance(part, Table)]
    else:
        copies = image_table(opened, index)
        tables, draw = [image_facts(opened, index), *([copies] if copies.rows else [])], partial(opened.plot, index)
        for note in changed_notes([opened]):
            remark(note)
    wrong = why_when_clean([opened], index)
    print_details(tables, summary, wrong or (None if reason is None else reason(opened, index)), as_json)
    if wrong is not None and not isinstance(opened, ExplanationRun) and not as_json:
        print_steps(steps_of_wrong_image(opened.path, opened, index))
    elif reason is not None and not as_json:
        print_steps(reason.steps)
    if out is not None:
        _draw(draw(), out)


def _inspect_run(run: Run, as_json: bool, out: Path | None) -> None:
    if isinstance(run, SweepRun):
        if out is not None:
            from tfstab.report.saving import check_page_folder
            from tfstab.report.sweep_files import save_sweep_files

            check_page_folder(out)
        if as_json:
            print_json({"run": str(run.path), **sweep_json(run)})
        else:
            print_sweep(run)
        for note in changed_notes([run]):
            remark(note)
        if out is not None:
            save_sweep_files(run, out)
            remark(f"written to {out}")
        return
    if isinstance(run, ExplanationRun):
        _inspect_explanation(run, as_json, out)
        return
    if out is not None:
        raise InputError("--out draws one image of a search: choose it with --image.")
    tables = [search_table(run, run.class_names), search_class_table(run, run.class_names)]
    if as_json:
        print_json({table.title: table.records() for table in tables})
    else:
        for table in tables:
            print_table(table)


def _inspect_explanation(run: ExplanationRun, as_json: bool, out: Path | None) -> None:
    if out is not None:
        _check_figure(out)
    explained = [run.clean.file(image) or str(image) for image in sorted(run.images.tolist())]
    if as_json:
        print_json(explanation_json(run) | {"explained": explained})
    else:
        print_explanation(run)
        shown = ", ".join(explained[:LISTED]) + (", ...; --json lists all" if len(explained) > LISTED else "")
        echo(f"Explained images: {shown or 'none yet'}")
    if out is not None:
        _draw(run.plot(), out)


def _check_figure(path: Path) -> None:
    from tfstab.report.figures import check_figure_path  # here, as it imports matplotlib

    check_figure_path(path)
    check_writable(path.parent)


def _draw(figure: Any, path: Path) -> None:
    from tfstab.report import save_figure

    save_figure(figure, path)
    remark(f"written to {path}")
