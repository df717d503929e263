"""The order of a new run, as its form is filled in."""

from dataclasses import replace

from tfstab.errors import InputError
from tfstab.gui.jobs.command_form import looks_at_runs
from tfstab.gui.jobs.command_order import CommandOrder
from tfstab.gui.jobs.draft import Draft
from tfstab.gui.jobs.protocol import RunOrder
from tfstab.gui.jobs.tasks import RUNS
from tfstab.gui.widgets.jobs.runs_picker import RunsPicker
from tfstab.gui.widgets.jobs.subject_form import SubjectForm
from tfstab.gui.widgets.jobs.task_picker import TaskPicker

NO_MODEL = "no model is chosen: choose one."
NO_IMAGES = "no images are chosen: choose some of the kind that the model was made for."
LOST_IMAGES = "the images of the run are not found, and no others are chosen: choose some."


def filled_order(
    kinds: TaskPicker, subject: SubjectForm, runs: RunsPicker, out: str, draft: Draft
) -> RunOrder | CommandOrder:
    """Return the order as filled in; raise InputError for a missing or malformed value.

    Parameters
    ----------
    kinds, subject, runs
        The parts of the form.
    out : str
        The folder of the results.
    draft : Draft
        What the form was filled with at first, which may say why something is missing.
    """
    if subject.lacks("model"):
        raise InputError(draft.lacking or NO_MODEL)
    if subject.lacks("data"):
        raise InputError(LOST_IMAGES if draft.data == "" and draft.runs else NO_IMAGES)
    return _run_order(kinds, subject, out) if kinds.task.watched else _command_order(kinds, subject, runs, out)


def _run_order(kinds: TaskPicker, subject: SubjectForm, out: str) -> RunOrder:
    (target, mask), (settings, limits) = kinds.part.goal, kinds.settings_and_limits()
    images = subject.images
    if damaged := images.pop("damaged", None):
        limits["damaged"] = damaged
    made = RunOrder(0, kinds.kind, subject.model.value, subject.data.value, out, settings, **images)
    return replace(made, target=target, mask=mask, options=subject.options, limits=limits)


def _command_order(kinds: TaskPicker, subject: SubjectForm, runs: RunsPicker, out: str) -> CommandOrder:
    given = subject.values | ({RUNS: runs.paths} if looks_at_runs(kinds.task) else {}) | kinds.part.settings
    return CommandOrder(0, kinds.kind, out, {name: value for name, value in given.items() if value is not None})
