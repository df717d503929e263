"""Checks that the runs in a folder are of the model and the images with which an assessment is to be continued."""

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from tfstab.assessment.damage import check_undamaged
from tfstab.datasets import Dataset
from tfstab.degradations import Degradation
from tfstab.degradations.registry import BUILT_IN
from tfstab.errors import RunError
from tfstab.explanation import ExplanationRun
from tfstab.names import quoted
from tfstab.runs import CleanImages
from tfstab.runs.changed_code import check_code
from tfstab.runs.description import difference, not_resumed
from tfstab.runs.files import RARE, remove_damaged
from tfstab.runs.form import form_difference, form_of
from tfstab.runs.growth import check_same_data
from tfstab.runs.info import GROWING, DamagedRecordError, is_run, read_info, runs_in
from tfstab.runs.known_models import remember_model, remembered_path
from tfstab.runs.other_model import is_other, other_model
from tfstab.sweep import SweepConfig
from tfstab.sweep.probe import described_degradation
from tfstab.wording import OUT

if TYPE_CHECKING:
    from tfstab.classifier import Classifier


def check_continued(folder: Path, classifier: "Classifier", dataset: Dataset, seed: int) -> Dataset:
    """Raise RunError unless an assessment can be continued; a folder without runs can be. Damaged parts are removed.

    A run refuses other models and images when it is given more work, but there may be no time for more. The viewer is
    told where the model is, which runs do otherwise when they are given work.

    Parameters
    ----------
    folder : Path
        Folder of the assessment.
    classifier : Classifier
        Model under test.
    dataset : Dataset
        All images, with labels that `match_classes` has matched to the model.
    seed : int
        Seed of all random numbers.

    Returns
    -------
    Dataset
        The images, under the name by which the runs call them: the same images may be given by another path now.

    Raises
    ------
    RunError
        A run has another model, preprocessing or seed, is in the folder of another, or the images differ.
    """
    runs, name = runs_in(folder), dataset.name
    check_undamaged(*(run for run in runs if run.name != ExplanationRun.kind and _has_damaged_record(run)))
    for run in runs:
        info = read_info(run)
        _check_place(run, info)
        model, data = info["model"], info["data"]["name"]
        if is_other(model, classifier):
            images = f"{data}, not {dataset.name}" if data != dataset.name else ""
            raise other_model(folder, model, classifier, images=images)
        if differs := form_difference(model, form_of(classifier)):
            advice = _lost_card(model["fingerprint"], classifier) or "repeat its settings"
            raise _refused(folder, "it was begun with {} = {}, not {}".format(*differs), advice)
        if info["seed"] != seed:
            raise _refused(folder, f"it was begun with seed = {info['seed']}, not {seed}", "repeat its settings")
    for run in runs:
        data = read_info(run)["data"]
        try:
            clean = CleanImages.load(run / "clean.npz", data)
        except RunError:  # if nothing more is measured with it, only the report leaves it out
            continue
        rows = np.flatnonzero(np.isin(dataset.indices, clean.indices))
        try:
            check_same_data(clean, data, dataset.select(rows if len(rows) else np.arange(1)), dataset)
        except RunError as error:
            raise _refused(folder, str(error), "give the same images") from error
        name = data["name"]
        break  # the others have the same images, which the figures check
    if runs and classifier.source is not None:  # there may be no work left, with which the runs would tell it
        remember_model(read_info(runs[0])["model"]["fingerprint"], classifier.source)
    for run in runs:
        remove_damaged(run)  # they are made again, or are missing if there is no time for it
    return replace(dataset, name=name)


def check_degradations(folder: Path, families: Sequence[Degradation], shape: tuple[int, ...], seed: int) -> None:
    """Raise RunError if the runs of an assessment were made with other degradations of the same names.

    The runs themselves refuse them only when they get more work: perhaps after minutes, or never if nothing is left to
    do.

    Parameters
    ----------
    folder : Path
        Folder of the assessment, which `check_continued` has checked.
    families : sequence of Degradation
        Families of degradations to measure.
    shape : tuple of int
        Shape (H, W, C) of the images.
    seed : int
        Seed of all random numbers.

    Raises
    ------
    RunError
        A degradation has another version or other severities here, or its code makes different images.
    """
    growing = GROWING["sweep"]
    for family in families:
        config = SweepConfig(degradation=family, copies=1, seed=seed)
        for run in filter(is_run, (folder / family.name, folder / RARE / family.name)):
            there, settings = read_info(run), json.loads(json.dumps(config.settings))
            was, now = ({k: v for k, v in s.items() if k not in growing} for s in (there["settings"], settings))
            if was != now:
                raise not_resumed(run, difference("settings", was, now, growing))
            if family.name not in BUILT_IN:
                check_code(run, there, described_degradation(config, shape))


def continued_note(folder: Path, images: int, model: str) -> str:
    """Return that an assessment is continued, and what it keeps; "" if it is new.

    images, model: number of images and name of the model, as they are given now.
    """
    runs = runs_in(folder)
    if not runs:
        return ""
    whole = next((run for run in runs if not _has_damaged_record(run)), None)  # `check_continued` names the others
    there = read_info(whole)["data"]["images"] if whole is not None else 0
    more = f"; all of its {there:,} images count, not only the {images:,} given now" if there > images else ""
    name = model if whole is None else str(read_info(whole)["model"]["name"])
    if name != model:
        more += f"; the model keeps the name {quoted(name)}, with which it was begun"
    return f"continues the assessment in {folder}{more}"


def _lost_card(fingerprint: str, classifier: "Classifier") -> str:
    """Return what to do if the model was moved without its card, which says how it is read; else ""."""
    before, source = remembered_path(fingerprint), classifier.source
    if before is None or source is None or form_of(classifier):
        return ""
    card, was = Path(source.path).with_suffix(".json"), before.with_suffix(".json")
    if card.is_file() or card == was:
        return ""
    return (
        f"repeat its settings or, if they were in {was.name} beside {before}, put this file beside "
        f"{Path(source.path).name} as {card.name}"
    )


def _has_damaged_record(run: Path) -> bool:
    """Return whether the run.json of a run cannot be read; that of a newer tfstab is not damaged."""
    try:
        read_info(run)
    except RunError as error:
        return isinstance(error, DamagedRecordError)
    return False


def _check_place(run: Path, info: dict[str, Any]) -> None:
    """Raise RunError if a run lies in a folder with the name of something else, as after it was moved by hand."""
    name = info["settings"].get("degradation") if info["kind"] == "sweep" else info["kind"]
    if name != run.name:
        raise RunError(f"{run} is a run of {name}, and would be taken for one of {run.name}: move it elsewhere.")


def _refused(folder: Path, why: str, advice: str) -> RunError:
    """Return the error for an assessment that cannot be continued."""
    return RunError(f"{folder} cannot be continued: {why}; {advice}, or choose another folder with {OUT}.")
