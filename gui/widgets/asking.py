"""What the window asks: which run to open or to make, and under which name to keep a view."""

from dataclasses import replace
from pathlib import Path
from typing import Any

from PySide6.QtWidgets import QDialog, QFileDialog, QWidget

from tfstab.datasets.folders import TRAINING
from tfstab.gui.commands import Offer, Offers, Refusal
from tfstab.gui.content.reports import report_of
from tfstab.gui.content.viewpoint import Viewpoint
from tfstab.gui.controller import Controller
from tfstab.gui.dialogs import ask_for_folder, show_script
from tfstab.gui.jobs.draft import (
    Draft,
    assessed_alike,
    assessed_more,
    continued,
    draft_after,
    draft_of_run,
    hardened_alike,
    measured_more,
)
from tfstab.gui.jobs.field_words import field_of
from tfstab.gui.jobs.hardened_more import hardened_more, run_of_original
from tfstab.gui.jobs.plan import example_orders
from tfstab.gui.jobs.unknown_model import instead_of
from tfstab.gui.sessions.going_on import folder_to_go_on, why_not_on
from tfstab.gui.sessions.session import Session, named_apart
from tfstab.gui.widgets.jobs.results import open_report
from tfstab.names import shortened
from tfstab.runs.files import SIDES, is_assessment, is_side
from tfstab.runs.info import FUNCTION, model_of
from tfstab.runs.known_models import find_for_form
from tfstab.runs.together import hardening_around

HARDENED = (
    "This model is the hardened one. To train a control, or to compare another hardening with this one, choose "
    f"Harden… in the run {SIDES[0]}."
)
FILLED = "Filled in as for the hardening of this run."
LONGEST = 60  # characters of a value that a note repeats


def ask_for_new_run(window: QWidget, controller: Controller, draft: Draft | None = None) -> QDialog:
    """Show the dialog of a new run, filled with a draft; what it orders is added to the jobs."""
    # Imported here, because the window appears sooner without it.
    from tfstab.gui.widgets.jobs.new_run_dialog import NewRunDialog

    jobs = controller.jobs
    runs = [(name, session.path) for session, name in named_apart(controller.sessions).items()]
    dialog = NewRunDialog(controller.settings, controller.background, draft or Draft(), window, jobs.folders, runs)
    dialog.ordered.connect(jobs.add)
    dialog.open()
    return dialog


def ask_for_run_like(window: QWidget, controller: Controller) -> QDialog:
    """Show the dialog of a new run, filled like the run in view but for its number of images.

    Without a run, it is to assess a model: that of the job that was added last, if there is one.
    """
    session = controller.current
    if session is None:
        return ask_for_new_run(window, controller, draft_after(controller.jobs.jobs))
    draft = _draft_like(session.run)
    return ask_for_new_run(
        window, controller, assessed_alike(draft, session.path) if is_assessment(session.path) else draft
    )


def ask_for_dropped(window: QWidget, controller: Controller, draft: Draft) -> QDialog:
    """Show the dialog of a new run, filled with dropped files; images alone are for the model of the run in view."""
    if draft.model is None:
        session = controller.current
        like = Draft() if session is None else _draft_like(session.run)
        draft = replace(draft, model=like.model or "", options=like.options, lacking=like.lacking, beside=like.beside)
    return ask_for_new_run(window, controller, draft)


def ask_for_task(window: QWidget, controller: Controller, session: Session, task: str) -> QDialog:
    """Show the dialog of a new run, filled to do a task with model and images of an assessment.

    An explanation becomes a part of the assessment, or continues the one that there is. If the model was a Python
    function, which the window cannot load, a script is shown instead.
    """
    run, explained = session.run, session.path / "explanation"
    if task == "explain" and (found := run.opened.explanation) is not None:
        run, explained = found, found.path
    draft, model = _draft_like(run), model_of(run.info)
    if run is not session.run:
        draft = continued(draft, run.info)
    if task == "harden":
        draft = _to_harden(draft, session)
    if model.get(FUNCTION):
        out = explained if task == "explain" else session.path.with_name(f"harden-{session.name}")
        return show_script(window, *instead_of(task, model, draft, out))
    out_text = str(explained) if task == "explain" else None
    hardened = task == "harden" and is_side(session.real_path) and session.name == SIDES[1]
    return ask_for_new_run(
        window, controller, replace(draft, kind=task, out=out_text, note=HARDENED if hardened else draft.note)
    )


def ask_to_assess_again(window: QWidget, controller: Controller, session: Session) -> QDialog:
    """Show the form filled like an assessment, but with the options that its check of the inputs advises."""
    run = session.run
    advised: dict[str, str] = dict(run.opened.advised)
    draft = assessed_more(_draft_like(run), session.path, run.seed)
    filled = [f'"{shortened(value, LONGEST)}" in the field {field_of(name)}' for name, value in advised.items()]
    note = f"Filled in: {' and '.join(filled)}. {draft.note}".strip()
    return ask_for_new_run(window, controller, replace(draft, options=draft.options | advised, out=None, note=note))


def run_offers(window: QWidget, controller: Controller, session: Session) -> Offers:
    """Return what can be done with a run beside looking at it, by name of command, or why it cannot."""
    more = _more_offer(window, controller, session)
    return {"more": more, "report": _report_offer(window, controller, session)}


def _report_offer(window: QWidget, controller: Controller, session: Session) -> Offer:
    """Return how to open the report of a run in the browser; if there is none, how to have one made in its folder."""
    if report := report_of(session.path):
        return Offer(lambda: controller.said.emit(open_report(report)), text="Open re&port")
    draft = Draft(kind="report", runs=[session.path], out=str(session.path))
    return Offer(lambda: ask_for_new_run(window, controller, draft), text="Make a re&port…")


def _more_offer(window: QWidget, controller: Controller, session: Session) -> Offer | Refusal:
    """Return how to go on with a run, or with its assessment or hardening.

    If the model was a Python function, a script is shown.
    """
    folder = folder_to_go_on(session)
    if folder is None:
        return Refusal(why_not_on(session))
    assessed, hardened = is_assessment(folder), hardening_around(session.path) == folder

    def ask() -> QDialog:
        run = (run_of_original(folder) if hardened else None) or session.run
        draft, model = _draft_like(run), model_of(run.info)
        if hardened:
            draft = hardened_more(draft, folder, str(model["fingerprint"]))
        else:
            draft = assessed_more(draft, folder, run.seed) if assessed else measured_more(draft, run)
        if model.get(FUNCTION) and (assessed or hardened):
            return show_script(window, *instead_of("harden" if hardened else "assess", model, draft, folder))
        return ask_for_new_run(window, controller, draft)

    return Offer(ask, text="Measure mo&re…")


def _to_harden(draft: Draft, session: Session) -> Draft:
    """Return a draft of another hardening like the one of which a run is the original, or else like its assessment."""
    if draft.images.get("split") in TRAINING:  # not to be tested on what it is trained on
        draft = replace(draft, images=draft.images | {"split": "test"})
    folder = hardening_around(session.path)
    if folder is None:
        return hardened_alike(draft, session.run.opened)
    if session.name != SIDES[0]:
        return draft
    draft = hardened_more(draft, folder, str(model_of(session.run.info)["fingerprint"]))
    return replace(draft, out=None, note=f"{FILLED} {draft.note}")


def _draft_like(run: Any) -> Draft:
    """Return a draft with model and images of an open run."""
    info = run.info
    model = find_for_form(model_of(info)) if "model" in info else None
    return draft_of_run(info, Path(run.path), model)


def ask_for_run(window: QWidget, controller: Controller) -> QFileDialog:
    """Ask for a run folder to open, beginning where the latest one is."""
    recent = controller.settings.recent()
    folder = recent[0].parent if recent else Path.cwd()
    title = "Open run or assessment (its folder)"
    return ask_for_folder(window, title, lambda path: controller.open([path]), str(folder))


def run_example(controller: Controller) -> None:
    """Start the example, a search and a sweep of bundled digits."""
    for order in example_orders(controller.settings.runs_folder(), controller.jobs.folders):
        controller.jobs.add(order)


def show_views(window: QWidget, controller: Controller) -> QDialog:
    """Show the saved views."""
    from tfstab.gui.widgets.views_dialog import ViewsDialog

    dialog = ViewsDialog(controller, window)
    dialog.open()
    return dialog


def ask_for_view(window: QWidget, controller: Controller, here: Viewpoint | None) -> None:
    """Ask for a name under which what is on screen is saved."""
    from tfstab.gui.widgets.views_dialog import ask_for_name

    if here is not None:
        ask_for_name(window, "Save this view", f"{here.view} of {Path(here.run).name}", controller.visits.save)
