"""Says of runs that inputs or classes seem to be wrong, that images are grey, or that an assessment ran out of time."""

from collections.abc import Sequence

from tfstab.assessment.results import earlier_note, earlier_unmeasured
from tfstab.assessment.words import listed
from tfstab.classifier.taken import REPEATED
from tfstab.degradations import get_degradation
from tfstab.names import printed
from tfstab.runs import RunFolder
from tfstab.sweep import SweepRun


def input_notes(runs: Sequence[RunFolder]) -> list[str]:
    """Return what the check of the inputs said, in one text for each model and its images; none for nothing.

    Of several runs, the one with the most images counts. Assessments of older versions keep it in their own file only.
    """
    notes: dict[tuple[str, ...], str] = {}
    for run in sorted(runs, key=lambda run: -int(run.info["data"]["images"])):
        model, data = run.info["model"], run.info["data"]
        key = model["fingerprint"], str(model.get("preprocess")), data["name"], data["split"]
        note = earlier_note(run.path.parent) or run.input_note
        if note:
            notes.setdefault(key, f"The inputs or classes of {model['name']} seem to be wrong. {printed(note)}")
    return list(notes.values())


def grey_notes(runs: Sequence[RunFolder]) -> list[str]:
    """Return for each model for colours that was given grey images that their channel is repeated."""
    grey = [run.info for run in runs if str(run.info["data"]["note"]).endswith(REPEATED)]
    pairs = dict.fromkeys((info["data"]["name"], info["model"]["name"]) for info in grey)
    return [
        f"The images of {printed(data)} are grey, and {printed(model)} takes colours: their channel is repeated. A "
        "model that was trained on colours may be less accurate on them."
        for data, model in pairs
    ]


def unmeasured_notes(runs: Sequence[RunFolder]) -> list[str]:
    """Return for each assessment whose runs these are for which degradations it had no time; none for nothing."""
    swept = {(run.path.parent, run.degradation.name) for run in runs if isinstance(run, SweepRun)}
    notes = []
    for folder in dict.fromkeys(run.path.parent for run in runs):
        titles = [get_degradation(name).title for name in earlier_unmeasured(folder) if (folder, name) not in swept]
        if titles:
            notes.append(f"The assessment had no time for {listed(titles, most=len(titles))}.")
    return notes
