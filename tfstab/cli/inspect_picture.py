"""`tfstab inspect MODEL PICTURE`: one picture of the user's own."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tfstab.cli.output import echo, print_json, print_table, remark
from tfstab.datasets.images import SUFFIXES
from tfstab.errors import InputError
from tfstab.explanation.picture import PictureFindings
from tfstab.models.loading import MODEL_SUFFIXES
from tfstab.report.tried_tables import picture_table
from tfstab.runs.info import is_run, runs_in

FORM = "tfstab inspect MODEL PICTURE [--class NAME]"


def check_form(first: Path, picture: Path | None, of_picture: Mapping[str, Any], of_runs: Mapping[str, Any]) -> None:
    """Raise InputError unless the arguments are either those for a run or those for a model and a picture.

    first: the first argument. of_picture, of_runs: options for a picture alone and for runs alone; None: not given.
    """
    given = next((name for name, value in of_picture.items() if value is not None), "")
    wrong = next((name for name, value in of_runs.items() if value is not None), "")
    if picture is None:
        if first.is_file() and first.suffix.lower() in SUFFIXES:
            raise InputError(f"{first} is a picture: give the model before it, as in {FORM}.")
        if first.is_file() and first.suffix in MODEL_SUFFIXES:
            raise InputError(f"{first} is a model: give a picture after it, as in {FORM}, or the folder of a run.")
        if given:
            raise InputError(f"{given} is for a picture: give a model and a picture, as in {FORM}.")
        return
    if is_run(first) or runs_in(first):
        raise InputError(f"{first} is a run: choose an image with --image INDEX or --image FILE.")
    if first.suffix.lower() in SUFFIXES:
        raise InputError(f"{first} was given as the model: give the model first, as in {FORM}.")
    if wrong:
        raise InputError(f"{wrong} is for runs: leave it out for a picture.")


def inspect_one(
    model: Path, picture: Path, true_class: str | None, given: dict[str, Any], as_json: bool
) -> PictureFindings:
    """Print and return what a model makes of a picture. given: the other arguments of `tfstab.inspect_picture`."""
    from tfstab.models import load_classifier
    from tfstab.orders.picture import inspect_picture, model_line, picture_file

    picture_file(picture)
    resize = given.pop("resize")
    classifier = load_classifier(str(model), **given)
    remark(model_line(classifier))
    found = inspect_picture(classifier, picture, true_class, resize=resize)
    table = picture_table(found)
    if as_json:
        print_json(found.to_json() | {table.title: table.records()})
    else:
        echo(f"{found}\n")
        print_table(table)
    return found
