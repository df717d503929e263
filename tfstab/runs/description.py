"""The content of run.json: what a run is made of, and how two runs differ."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tfstab import limits
from tfstab.datasets import Dataset
from tfstab.datasets.checked_arrays import checked_class_names
from tfstab.datasets.groups import drawn_in, together_remark
from tfstab.datasets.remarks import joined, remarked, remarks_of, with_split
from tfstab.datasets.resize import noted_resize
from tfstab.errors import RunError
from tfstab.runs.clean import fingerprint_of
from tfstab.runs.environment import environment
from tfstab.runs.evidence import model_evidence
from tfstab.runs.form import form_difference, form_of
from tfstab.runs.info import FORMAT, LEFT_OUT
from tfstab.runs.probe import probe_draws
from tfstab.wording import OUT, counted

if TYPE_CHECKING:
    from tfstab.classifier import Classifier


def describe(
    kind: str, seed: int, settings: dict[str, Any], classifier: "Classifier", dataset: Dataset, parts: list[str]
) -> dict[str, Any]:
    """Return the content of run.json.

    It has no times, so that it is the same for the same work.

    Parameters
    ----------
    kind : str
        Kind of run: "search" or "sweep".
    seed : int
        Seed of the run.
    settings : dict
        All other settings.
    classifier : Classifier
        Model under test.
    dataset : Dataset
        Images with labels that `match_classes` has matched to the model.
    parts : list of str
        Names of the planned parts.

    Raises
    ------
    DataError
        A class name is too long, or there are too many.
    RunError
        There are too many parts.
    """
    checked_class_names(dataset.class_names, dataset.name)
    check_number(parts)
    return {
        "format": FORMAT,
        "kind": kind,
        "seed": seed,
        "settings": json.loads(json.dumps(settings)),
        "model": {"name": classifier.name, "fingerprint": classifier.fingerprint} | form_of(classifier),
        "data": {
            "name": dataset.name,
            "split": dataset.split,
            **_notes(classifier, dataset),
            "fingerprint": dataset.fingerprint,
            "images_fingerprint": fingerprint_of(dataset.images),
            "indices_fingerprint": fingerprint_of(dataset.indices),
            "images": len(dataset),
            "class_names": list(dataset.class_names),
        },
        "environment": environment(classifier.device, classifier.batch_size),
        "evidence": model_evidence(classifier),
        "probe": {"draws": probe_draws(seed)},
        "parts": parts,
    }


def _notes(classifier: "Classifier", dataset: Dataset) -> dict[str, str]:
    """Return the note, where the images come from and what to know of them, and its remarks."""
    from tfstab.classifier.taken import REPEATED, repeats_grey
    from tfstab.models.validation import CHOSEN_BY, validation_images

    grey = REPEATED if repeats_grey(classifier) else ""
    chosen = CHOSEN_BY if validation_images(classifier, dataset) else ""
    noted = remarked(dataset, joined(together_remark(dataset), grey, chosen))
    return {"note": noted.note, "remarks": noted.remarks}


def check_number(parts: Sequence[str]) -> None:
    """Raise RunError if run.json cannot name so many parts."""
    if len(parts) > limits.MOST_PARTS:
        raise RunError(
            f"{len(parts):,} parts are too many for one run; expected at most {limits.MOST_PARTS:,}: take fewer images "
            "(--limit, --images)."
        )


def identity(value: Any) -> Any:
    """Return what makes two models or data sets the same: their fingerprints, whatever their names."""
    if isinstance(value, dict) and "fingerprint" in value:
        return {key: entry for key, entry in value.items() if key.endswith("fingerprint")}
    return value


def other_data(there: dict[str, Any], here: dict[str, Any]) -> str:
    """Return in words that a run has other data than those given, or the same, resized in another way.

    there, here: name and remarks, as run.json records them, of the run also split and number of images.
    """
    was, now = (noted_resize(remarks_of(data)) for data in (there, here))
    if was != now and there["name"] == here["name"]:
        return f"it was begun with resize = {was or 'none'}, not {now or 'none'}"
    drawn = [drawn_in(remarks_of(data)) is not None for data in (there, here)]
    if drawn[0] != drawn[1] and there["name"] == here["name"]:
        if drawn[0]:
            return "it was begun with one image of each group, and now other images are given"
        return "it was begun with images that were not drawn from groups, and now one image of each group is given"
    shuffled = "; a tf.data.Dataset must not be shuffled" if there["name"] == here["name"] == "tf.data" else ""
    data = f"{counted(there['images'])} of {with_split(there['name'], there, '{}, {}')}"
    return f"it was begun with other data ({data}), or its images have changed since{shuffled}"


def not_resumed(path: Path, why: str) -> RunError:
    """Return the error for a run that cannot be resumed, which says why."""
    return RunError(f"{path} cannot be resumed: {why}; repeat its settings, or choose another folder with {OUT}.")


def difference(key: str, there: Any, here: Any, growing: Sequence[str] = ()) -> str:
    """Return in words which value differs between the run in the folder and the one to be written.

    growing: settings that may differ.
    """
    if key == "settings":
        return _other_setting(there, here, growing)
    if key == "model":
        other = f"another model ({there['name']}, fingerprint {there['fingerprint'][:8]})"
        if differs := form_difference(there, here):
            other = "{} = {}, not {}".format(*differs)
        return f"it was begun with {other}"
    if key == "data":
        return other_data(there, here)
    if key == "parts":
        return "it was planned by another version of tfstab"
    return f"it was begun with {key} {there}, not {here}"


def _other_setting(there: dict[str, Any], here: dict[str, Any], growing: Sequence[str]) -> str:
    """Return in words the first setting, apart from those in `growing`, that differs from that of a run."""
    names = sorted({*there, *here}.difference(growing))
    there, here = ({name: LEFT_OUT[name] for name in names if name in LEFT_OUT} | s for s in (there, here))
    name = next(k for k in names if there.get(k) != here.get(k))
    if name not in there:
        return f"it was begun without {name}"
    if name not in here:
        return f"it was begun with {name} = {there[name]}"
    if name == "family":
        return _other_family(there, here)
    return f"it was begun with {name} = {there[name]}, not {here[name]}"


def _other_family(there: dict[str, Any], here: dict[str, Any]) -> str:
    """Return in words how the degradation of a run differs from the one with the same name here; both: settings."""
    was, now = there["family"], here["family"]
    what = next(key for key in ("version", "function", *now) if was.get(key) != now.get(key))
    return (
        f"it was begun with {what} '{was.get(what)}' of the degradation '{here['degradation']}', not '{now.get(what)}'"
    )
