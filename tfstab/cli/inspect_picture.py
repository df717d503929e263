"""`tfstab inspect MODEL PICTURE` and `tfstab inspect RUN PICTURE`: one picture of the user's own."""

import contextlib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tfstab.cli.next_steps import print_steps
from tfstab.cli.output import print_json, print_table, progress_bar, remark, say
from tfstab.datasets.images import SUFFIXES
from tfstab.errors import InputError, ModelError
from tfstab.explanation.picture import PictureFindings
from tfstab.explanation.picture_trials import OnProgress
from tfstab.models.bundled import bundled_names
from tfstab.models.loading import MODEL_SUFFIXES
from tfstab.orders.call import python_call
from tfstab.report.tried_tables import picture_table
from tfstab.runs.info import is_run, runs_in
from tfstab.runs.together import hardened_side

if TYPE_CHECKING:
    from tfstab.classifier import Classifier
    from tfstab.orders.picture_run import ComparedRun

FORM = "tfstab inspect MODEL PICTURE [--class NAME]"


def check_form(
    first: Path,
    picture: Path | None,
    of_model: Mapping[str, Any],
    of_picture: Mapping[str, Any],
    true_class: str | None,
    image: str | None,
) -> bool:
    """Raise InputError unless the arguments fit each other; return whether the first one is a run.

    Parameters
    ----------
    first, picture : Path
        The arguments.
    of_model : mapping
        Options that say how a model is read, which a run says itself; None: not given.
    of_picture : mapping
        Options for a picture alone, likewise.
    true_class : str or None
        The class of the picture; without a picture, the one whose images of a run are listed.
    image : str or None
        Which image of a run is shown.
    """
    of_run, model = is_run(first) or bool(runs_in(first)), next((k for k, v in of_model.items() if v is not None), "")
    given = model or next((name for name, value in of_picture.items() if value is not None), "")
    if picture is None:
        if first.is_file() and first.suffix.lower() in SUFFIXES:
            raise InputError(f"{first} is a picture: give the model before it, as in {FORM}.")
        if first.is_file() and first.suffix in MODEL_SUFFIXES:
            raise InputError(f"{first} is a model: give a picture after it, as in {FORM}, or the folder of a run.")
        if given:
            if of_run and not model:
                raise InputError(f"{given} is for a picture: give the picture after {first}.")
            raise InputError(f"{given} is for a picture: give a model and a picture, as in {FORM}.")
        if true_class is not None and image is not None:
            raise InputError("--class lists the images of a class, and --image chooses one: leave out one of them.")
        if true_class is not None and not first.exists() and str(first) in bundled_names():
            raise InputError(f"--class needs the folder of a run, or a model and a picture, as in {FORM}.")
    elif image is not None:
        raise InputError("--image chooses an image of a run: leave it out for a picture.")
    elif of_run and not picture.exists():
        raise InputError(f"{picture} is not there: an image of a run is chosen with --image INDEX or --image FILE.")
    elif of_run and model:
        raise InputError(f"{model} is known from the run {first}: leave it out.")
    elif not of_run and first.suffix.lower() in SUFFIXES:
        raise InputError(f"{first} was given as the model: give the model first, as in {FORM}.")
    return of_run


def of_hardening(given: Path, picture: Path | None) -> Path:
    """Return the folder of the hardened model's runs if a picture and the folder of a hardening were given; say so."""
    side = given if picture is None else hardened_side(given)
    if side != given:
        remark(f"{given} is a hardening: its hardened model is taken, which was measured on the images of {side}")
    return side


def inspect_one(
    first: Path, picture: Path, true_class: str | None, given: dict[str, Any], *, why: bool, as_json: bool
) -> PictureFindings:
    """Print and return what a model makes of a picture. given: the other arguments of `tfstab.inspect_picture`."""
    from tfstab.orders.picture import check_resize, inspect_picture, picture_file
    from tfstab.orders.picture_run import NEEDS_RUN

    if why:
        raise InputError(NEEDS_RUN)
    picture_file(picture)
    resize = given.pop("resize")
    check_resize(resize, None)
    classifier = load_first(first, given)
    with progress() as on_progress:
        found = inspect_picture(classifier, picture, true_class, resize=resize, on_progress=on_progress)
    _print(found, as_json)
    if not as_json:
        from tfstab.orders.picture_steps import steps_of_picture

        print_steps(steps_of_picture(found, classifier, picture, first, resize))
    return found


def inspect_beside(
    run: Path, picture: Path, true_class: str | None, given: dict[str, Any], *, why: bool, as_json: bool
) -> PictureFindings:
    """Print and return what the model of a run makes of a picture, compared with the images of the run.

    The parameters are those of `tfstab inspect`. given: its options `model`, `trust` and `resize`.
    """
    from tfstab.orders.picture import check_resize, inspect_picture, picture_file
    from tfstab.orders.picture_run import ComparedRun, class_given
    from tfstab.orders.picture_steps import steps_beside

    picture_file(picture)
    reference = ComparedRun.of(run)
    if true_class is not None:
        class_given(true_class, reference.class_of)  # refused before the model is loaded
    resize = given["resize"]
    check_resize(resize, reference)
    own = {"why": "True"} if why else {}
    classifier = load_beside(reference, given, called("inspect_picture", run, picture, true_class, given, **own))
    remark(f"comparing the picture with the images of {run} ...")
    with progress() as on_progress:
        found = inspect_picture(
            classifier, picture, true_class, run=reference, why=why, resize=resize, on_progress=on_progress
        )
    _print(found, as_json)
    if not as_json:
        print_steps(steps_beside(found, reference, picture, classifier, given))
    return found


def load_first(first: Path, given: dict[str, Any]) -> "Classifier":
    """Load the model that was given as the first argument, and say what it is taken for.

    given: the other arguments of `load_classifier`.
    """
    from tfstab.models import load_classifier
    from tfstab.orders.picture import model_line

    try:
        classifier = load_classifier(str(first), **given)
    except (InputError, ModelError) as error:
        if first.exists() or "did you mean" in str(error):
            raise
        raise type(error)(f"{str(error).removesuffix('.')}, or the folder of a run or an assessment.") from None
    remark(model_line(classifier))
    return classifier


def called(
    function: str, run: Path, pictures: Path, true_class: str | None, given: Mapping[str, Any], **own: str
) -> str:
    """Return the call that does the same in Python, where `classifier` stands for the run's model.

    function: its name. run, pictures, true_class, given: as in `inspect_beside`. own: further arguments, as written.
    """
    classes = [] if true_class is None else [repr(true_class)]
    resize = {} if given["resize"] is None else {"resize": repr(given["resize"])}
    return python_call(function, "classifier", repr(str(pictures)), *classes, run=repr(str(run)), **own, **resize)


def load_beside(reference: "ComparedRun", given: Mapping[str, Any], in_python: str) -> "Classifier":
    """Load the model of a run, and say what it is taken for.

    given: the options `model` and `trust` of `tfstab inspect`. in_python: as in `model_of_run`.
    """
    from tfstab.orders.model_of_run import model_of_run
    from tfstab.orders.picture import model_line

    options = model_of_run(reference.run.info, given["model"], given["trust"], in_python)
    options.check()
    classifier = options.load()
    reference.check_model(classifier)
    remark(model_line(classifier))
    return classifier


@contextlib.contextmanager
def progress() -> Iterator[OnProgress]:
    """Show a progress bar, which disappears at the end; yield what moves it."""
    with progress_bar(transient=True) as bar:
        task = bar.add_task("reading the picture", total=None)

        def show(what: str, done: int, total: int) -> None:
            bar.update(task, description=what, completed=done, total=total)

        yield show


def _print(found: PictureFindings, as_json: bool) -> None:
    if as_json:
        print_json(found.to_json())
    else:
        say(f"{found}\n")
        print_table(picture_table(found))
