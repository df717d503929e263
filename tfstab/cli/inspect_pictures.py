"""`tfstab inspect RUN FOLDER` and `tfstab inspect MODEL FOLDER`: many pictures of the user's own, one line each."""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tfstab.cli.inspect_picture import called, load_beside, load_first, progress
from tfstab.cli.next_steps import print_steps
from tfstab.cli.output import print_json, print_table, remark, say
from tfstab.errors import InputError
from tfstab.explanation.picture_verdict import PHOTOGRAPH
from tfstab.orders.step import Step, words_of
from tfstab.runs.info import is_run, runs_in

if TYPE_CHECKING:
    from tfstab.classifier import Classifier
    from tfstab.orders.picture_run import ComparedRun
    from tfstab.report.folder_findings import FolderFindings, InspectedPicture

NAME = "NAME"  # stands for the true class


def check_folder(folder: Path, of_one: Mapping[str, bool]) -> None:
    """Raise InputError if a folder was given with options for one picture, or is not one of pictures.

    of_one: whether each option for one picture was given.
    """
    if is_run(folder) or runs_in(folder):
        raise InputError(
            f"{folder} holds runs, not pictures: give the run first and then a folder of pictures, as in tfstab "
            "inspect RUN FOLDER; two runs are compared with tfstab compare."
        )
    given = next((option for option, was_given in of_one.items() if was_given), None)
    if given is not None:
        raise InputError(f"{given} is for one picture: leave it out for the folder {folder}, or give a file in it.")


def inspect_folder(first: Path, folder: Path, true_class: str | None, given: dict[str, Any], *, as_json: bool) -> None:
    """Print what a model makes of the pictures of a folder. given: the other arguments of `tfstab.inspect_pictures`."""
    from tfstab.orders.picture import check_resize

    resize = given.pop("resize")
    check_resize(resize, None)
    classifier = load_first(first, given)
    found = _inspected(classifier, folder, true_class, resize)
    _print(found, as_json)
    if not as_json:
        print_steps(_steps_alone(found, classifier, first, true_class, resize))


def inspect_folder_beside(
    run: Path, folder: Path, true_class: str | None, given: dict[str, Any], *, as_json: bool
) -> None:
    """Print what the model of a run makes of the pictures of a folder, and why the wrong ones probably are wrong.

    given: the options `model`, `trust` and `resize` of `tfstab inspect`.
    """
    from tfstab.orders.picture import check_resize
    from tfstab.orders.picture_folder import PictureFolder
    from tfstab.orders.picture_run import ComparedRun

    reference = ComparedRun.of(run)
    PictureFolder.of(folder, true_class, reference.class_of)  # wrong names are refused before the model is loaded
    check_resize(given["resize"], reference)
    classifier = load_beside(reference, given, called("inspect_pictures", run, folder, true_class, given))
    found = _inspected(classifier, folder, true_class, given["resize"], reference)
    _print(found, as_json)
    if not as_json:
        print_steps([*_steps_beside(found, run, true_class, given), *_hardening(found, reference, classifier)])


def _inspected(
    classifier: "Classifier", folder: Path, true_class: str | None, resize: str | None, run: Any = None
) -> "FolderFindings":
    """Inspect the pictures behind a progress bar."""
    from tfstab.report.inspect_pictures import inspect_pictures

    with progress() as on_progress:
        return inspect_pictures(classifier, folder, true_class, run=run, resize=resize, on_progress=on_progress)


def _print(found: "FolderFindings", as_json: bool) -> None:
    if as_json:
        print_json(found.to_json())
        return
    for caution in found.cautions:
        remark(f"note: {caution}")
    print_table(found.table)
    say("\n".join(found.sentences) + "\n")


def _steps_beside(found: "FolderFindings", run: Path, true_class: str | None, given: Mapping[str, Any]) -> list[Step]:
    """Return the command for one of the pictures: a wrong one, if possible with a high score and without a fault.

    Its label may be wrong, for which only the command for one picture looks.
    """
    inspect = {"run": run, **given}
    if not found.with_classes:
        words = words_of("inspect", inspect | {"picture": found.folder, "true_class": _class_of_folder(found)})
        return [Step(words, "which pictures are right, if all are of one class")]
    without_fault = [one for one in found.wrong if one.verdict is not None and one.verdict.says != PHOTOGRAPH]
    chosen = max(without_fault or found.wrong, key=lambda one: one.score or 0.0, default=None)
    if chosen is None:
        right = next(one for one in found.pictures if one.right)
        return [Step(words_of("inspect", inspect | _arguments(found, right)), "which changes make this picture wrong")]
    words = words_of("inspect", inspect | _arguments(found, chosen) | {"why": True})
    return [Step(words, "one of the wrong pictures in detail")]


def _hardening(found: "FolderFindings", reference: "ComparedRun", classifier: "Classifier") -> list[Step]:
    """Return the command that hardens the model if darkness, blur and so on are the reason for most wrong pictures."""
    from tfstab.orders.picture_steps import harden_steps

    shares = [one.verdict.share for one in found.wrong if one.verdict is not None and one.verdict.share is not None]
    return harden_steps(reference, classifier) if 2 * len(shares) > len(found.wrong) else []


def _steps_alone(
    found: "FolderFindings", classifier: "Classifier", model: Path, true_class: str | None, resize: str | None
) -> list[Step]:
    """Return the command that compares the pictures with a run of the model, or makes such a run."""
    from tfstab.models import own_data
    from tfstab.orders.picture_steps import run_of
    from tfstab.runs.known_models import find_model

    known = run_of(classifier)
    if known is not None:
        run, info = known
        at = None if find_model(info) else model  # the run may have been made elsewhere
        words = words_of("inspect", {"run": run, "picture": found.folder, "true_class": true_class, "model": at})
        return [Step(words, "whether the photographs or the model are the reason")]
    options = {} if classifier.source is None else classifier.source.options
    data = own_data(str(model)) or "PHOTOS"
    words = words_of("assess", options | {"model": model, "data": data, "resize": resize})
    return [Step(words, "how stable the model is; then compare the pictures with these images")]


def _arguments(found: "FolderFindings", one: "InspectedPicture") -> dict[str, Any]:
    """Return the arguments that inspect one of the pictures."""
    k = one.true_class
    return {"picture": Path(found.folder, one.picture), "true_class": None if k is None else found.class_names[k]}


def _class_of_folder(found: "FolderFindings") -> str:
    """Return the name of the folder if it is that of a class, else what stands for a class."""
    name = Path(found.folder).resolve().name
    return name if name in found.class_names else NAME
