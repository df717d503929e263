"""The dialog of a new run, control by control: what each changes in the form and in what is ordered."""

from pathlib import Path

import pytest
from stories import use_everything

from tfstab.errors import TfstabError
from tfstab.gui.jobs.draft import Draft
from tfstab.gui.widgets.jobs import preview_strip, time_estimate
from tfstab.gui.widgets.jobs.new_run_dialog import NewRunDialog


@pytest.fixture
def begin(window_with_jobs, story_of, settle, monkeypatch, tmp_path):
    """begin(draft) opens the dialog with a draft, and begins a story in it."""
    for module in (time_estimate, preview_strip):  # times depend on the machine, and images on the data that it has
        monkeypatch.setattr(module, "SETTLE", 10**6)
    controller = window_with_jobs.controller

    def begin_(draft):
        runs = [(name, tmp_path / name) for name in ("one", "two")]
        dialog = NewRunDialog(controller.settings, controller.background, draft, window_with_jobs, runs=runs)
        dialog.show()

        def ordered():
            try:
                order = dialog.order()
            except TfstabError as error:
                return [f"cannot be ordered: {error}"]
            return [f"orders {name}: {value!r}" for name, value in vars(order).items() if value not in (None, {})]

        settle(window_with_jobs)
        return dialog, story_of(window_with_jobs, dialog, ordered)

    return begin_


def test_forms(frozen, begin):
    dialog, story = begin(Draft())
    use_everything(story, dialog.subject)
    frozen("form-subject", story.lines)
    for task, button in dialog.kinds.buttons.items():
        story.lines.clear()
        story("choose the task", button.click)
        use_everything(story, dialog.kinds.part)
        frozen(f"form-{task}", story.lines)
    dialog.reject()


DRAFTS = {
    "search": Draft(
        "mnist-lenet", "mnist", "search",
        settings={"engine": "pygad", "preset": "default", "max_queries": 900, "norm": "linf", "refine": 3},
        images={"limit": 7, "split": "train"},
    ),
    "sweep": Draft(kind="sweep", settings={"degradation": "jpeg", "severities": (80, 20)}, out="/made/by/hand"),
    "assess": Draft("cifar10-quick", kind="assess", settings={"minutes": 2.5}, images={"images": "3,5", "resize": "8"}),
    "harden": Draft("cifar10-quick", kind="harden", settings={"minutes": 2.5, "epochs": 3}),
    "report": Draft(kind="report", runs=[Path("/runs/one"), Path("/runs/two")]),
}  # fmt: skip


def test_what_drafts_fill_in(frozen, begin):
    lines = []
    for name, draft in DRAFTS.items():
        dialog, story = begin(draft)
        lines += [f"## {name}", *(line for line in story.state if line.startswith(("orders", "cannot")))]
        dialog.reject()
    frozen("drafts", lines)
