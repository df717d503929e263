"""Says of runs that the inputs or the order of classes of their model seem to be wrong."""

from collections.abc import Sequence

from tfstab.assessment.results import earlier_note
from tfstab.names import printed
from tfstab.runs import RunFolder


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
