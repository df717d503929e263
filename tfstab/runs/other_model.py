"""Refuses a folder whose results are of another model, before anything is measured."""

import shlex
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tfstab.classifier.source import DEFAULTS
from tfstab.errors import InputError, RunError, TfstabError
from tfstab.names import printed
from tfstab.paths import user_path
from tfstab.runs.form import form_difference, form_of, recorded_form
from tfstab.runs.info import is_run, read_info, runs_in
from tfstab.runs.known_models import known_model

if TYPE_CHECKING:
    from tfstab.classifier import Classifier


def check_model_of(run: Path, classifier: "Classifier", *, comparable: bool = True) -> None:
    """Raise RunError if a run in a folder is of another model; a folder without a run passes.

    Parameters
    ----------
    run : Path
        The run folder.
    classifier : Classifier
        Model under test.
    comparable : bool
        Whether `tfstab compare` takes runs of this kind.
    """
    if is_run(run):
        model = read_info(run)["model"]
        if is_other(model, classifier):
            raise other_model(run, model, classifier, comparable=comparable)


def check_models_in(folder: Path, classifier: "Classifier") -> None:
    """Raise RunError if one of the runs in a folder, such as those of an assessment, is of another model."""
    for run in runs_in(user_path(folder)):
        model = read_info(run)["model"]
        if is_other(model, classifier):
            raise other_model(folder, model, classifier)


def is_other(model: dict[str, Any], classifier: "Classifier") -> bool:
    """Return whether the model recorded in `run.json` is another one, and not this one, read in another way."""
    if form_difference(model, form_of(classifier)):
        form = DEFAULTS | recorded_form(model)
        try:
            classifier = classifier.with_preprocess(form["preprocess"]).with_threshold(form["threshold"])
        except TfstabError:  # such as a predict function, which is never preprocessed
            return True
    return bool(model["fingerprint"] != classifier.fingerprint)


def other_model(
    folder: Path, model: dict[str, Any], classifier: "Classifier", *, comparable: bool = True, images: str = ""
) -> RunError:
    """Return the error for a folder whose results are of another model: of which, and which commands help.

    Parameters
    ----------
    folder : Path
        The folder that was chosen.
    model : dict
        What is recorded of its model: fingerprint and, if known, name.
    classifier : Classifier
        The model that was given.
    comparable : bool
        Whether `tfstab compare` takes such folders.
    images : str
        Which images it has and which were given, if the data sets have other names.
    """
    other = next(path for n in range(2, 10_000) if not (path := folder.with_name(f"{folder.name}-{n}")).exists())
    both = shlex.join([str(folder), str(other)])
    then = f", then compare both (in Python tfstab.compare): tfstab compare {both}" if comparable and not images else ""
    on = f" and of other images ({printed(images)})" if images else ""
    return RunError(
        f"{folder} has results of another model ({which_model(model, classifier)}){on}: choose another folder, as with "
        f"--out {shlex.quote(str(other))} (in Python out=){then}"
    )


def refuse_other_model(run: Path, model: dict[str, Any], classifier: "Classifier") -> None:
    """Raise InputError unless a classifier is the model that a run was made with, read in the same way.

    run: the folder, for the message. model: what is recorded of the model.
    """
    if is_other(model, classifier):
        raise InputError(f"{run} was made with another model ({which_model(model, classifier)}): give that one.")
    if differs := form_difference(model, form_of(classifier)):
        name, form, has = differs
        raise InputError(f"{run} was made with {name} '{form}', but {classifier.name} has '{has}': load it with that.")


def which_model(model: dict[str, Any], classifier: "Classifier") -> str:
    """Return which model it was, as far as that is known."""
    known, source = known_model(str(model["fingerprint"])), classifier.source
    if known is not None and source is not None:
        was = _shown(known[0])
        return f"{was} has changed since" if known[0] == source.path else f"{was}, not {_shown(source.path)}"
    name = printed(str(model.get("name", "")))
    same = "with other weights; its file may have changed since"
    return f"{name}{f', {same}' if name == classifier.name else ''}" if name else same


def _shown(path: str) -> str:
    """Return a path as seen from the current folder, if it is inside."""
    try:
        return printed(str(Path(path).relative_to(Path.cwd())))
    except ValueError:
        return printed(path)
