"""File > New run…: what is done with what, where the results go, and how long it will take."""

from collections.abc import Collection, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from PySide6.QtCore import QSize, Qt, QTimer, Signal
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QFormLayout,
    QHBoxLayout,
    QLabel,
    QVBoxLayout,
    QWidget,
)

from tfstab.errors import TfstabError
from tfstab.gui.background import Background
from tfstab.gui.dropping import Dropped
from tfstab.gui.jobs.command_form import looks_at_runs, shared_by
from tfstab.gui.jobs.command_order import CommandOrder
from tfstab.gui.jobs.draft import Draft
from tfstab.gui.jobs.held import going_on_in
from tfstab.gui.jobs.misfit import misfit_of
from tfstab.gui.jobs.plan import checked, name_of
from tfstab.gui.jobs.preview import forget
from tfstab.gui.jobs.protocol import RunOrder
from tfstab.gui.placing import fitting, place_over
from tfstab.gui.settings import Settings
from tfstab.gui.widgets.file_drops import FileDrops, leave_files_to_window
from tfstab.gui.widgets.jobs.alt_letters import give_letters
from tfstab.gui.widgets.jobs.failure_note import FailureNote
from tfstab.gui.widgets.jobs.filled_order import filled_order
from tfstab.gui.widgets.jobs.forms import ScrolledForm, align, line, plain_form
from tfstab.gui.widgets.jobs.output_folder import OutputFolder
from tfstab.gui.widgets.jobs.pointing import point_out
from tfstab.gui.widgets.jobs.problem_line import ProblemLine
from tfstab.gui.widgets.jobs.runs_picker import RunsPicker
from tfstab.gui.widgets.jobs.subject_form import ALL, SubjectForm
from tfstab.gui.widgets.jobs.task_picker import TaskPicker
from tfstab.gui.widgets.jobs.time_estimate import TimeEstimate
from tfstab.gui.widgets.tab_order import parts_of, tab_in_order
from tfstab.gui.widgets.wrapped import SentenceLabel
from tfstab.orders import classes_of, run_name

WIDTH, HEIGHT = 860, 640
RUN_DROPPED = "{} is a run, and this task takes a model and images: drop the run on the window to open it."


class NewRunDialog(QDialog):
    """Makes a RunOrder or CommandOrder; `ordered` gives it once it was checked.

    Parameters
    ----------
    settings, background
        Those of the window.
    draft : Draft
        What is filled in.
    parent : QWidget, optional
    taken : collection of Path
        Folders that are not proposed for the results.
    runs : sequence of (str, Path)
        The open runs, by name.
    """

    ordered = Signal(object)  # RunOrder or CommandOrder

    def __init__(
        self,
        settings: Settings,
        background: Background,
        draft: Draft,
        parent: QWidget | None = None,
        taken: Collection[Path] = (),
        runs: Sequence[tuple[str, Path]] = (),
    ) -> None:
        super().__init__(parent)
        self.setWindowTitle("New run")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._settings, self._background, self._draft, self._closed = settings, background, draft, False
        self.subject, self.kinds, self.runs = SubjectForm(background, self), TaskPicker(), RunsPicker(runs)
        self.model, self.own_model, self.data = self.subject.model, self.subject.own_model, self.subject.data
        self.limit, self.resizing = self.subject.limit, self.subject.resizing
        self.failure, self.about = FailureNote(), SentenceLabel()
        self._folder = OutputFolder(self, settings, draft, taken)
        self.out, self.browse_out = self._folder.line, self._folder.browse
        self.going_on = SentenceLabel()  # what is done with what the folder holds
        self.estimate = TimeEstimate(self, settings, background, self.order)
        self.time = self.estimate.label
        self._wrong = ProblemLine()
        self.problem, self.advice = self._wrong.label, self._wrong.advice
        self.buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel)
        self.start = self.buttons.addButton("Start", QDialogButtonBox.ButtonRole.AcceptRole)
        # Once after a change of several fields, and not at every letter typed: it looks at each part of the form.
        self._keys = QTimer(self)
        self._keys.setSingleShot(True)
        self._keys.timeout.connect(self._lead_keys)
        self._arrange()
        self._connect()
        self._usual = self.kinds.task.images  # how many images are taken as long as the user has not said it
        self.limit.setValue(self._usual)
        self._fill(draft)
        self._lead_keys()  # before it is drawn

    def order(self) -> RunOrder | CommandOrder:
        """Return the order as filled in; raise InputError for a missing or malformed value."""
        return self._order(self._folder.path)

    def _order(self, out: str) -> RunOrder | CommandOrder:
        return filled_order(self.kinds, self.subject, self.runs, out, self._draft)

    def done(self, result: int) -> None:
        """Note that the dialog is closed, so that late answers do not write to it."""
        self._closed = True
        self.estimate.stop()
        forget()
        super().done(result)

    # Making it

    def _arrange(self) -> None:
        middle = QWidget()
        column = QVBoxLayout(middle)
        column.setContentsMargins(0, 0, 8, 0)
        self._runs_form = plain_form(runs := QWidget())
        self._runs_form.addRow("&Runs:", self.runs)
        for part in (self.about, self.subject, runs, line(), self.kinds.stack):
            column.addWidget(part)
        column.addStretch(1)
        self._runs_part = runs
        self._scrolled = ScrolledForm(middle)
        form = QFormLayout()
        out_label = QLabel("O&utput folder:")
        out_label.setBuddy(self.out)
        form.addRow(out_label, self._folder)
        form.addRow("", self.going_on)
        form.addRow("Time:", self.time)
        for each in (
            form,
            self.subject.form,
            self._runs_form,
            self.own_model.layout(),
            *(part.layout() for part in self.kinds.parts.values()),
        ):
            align(each)
        right = QVBoxLayout()
        right.addWidget(self.failure)
        right.addWidget(self._scrolled, 1)
        right.addWidget(line())
        right.addLayout(form)
        right.addLayout(self._wrong)
        top = QHBoxLayout()
        top.addWidget(self.kinds)
        top.addSpacing(8)
        top.addLayout(right, 1)
        layout = QVBoxLayout(self)
        layout.addLayout(top, 1)
        layout.addWidget(self.buttons)
        self.buttons.button(QDialogButtonBox.StandardButton.Cancel).setAutoDefault(False)
        self.start.setDefault(True)
        self.resize(fitting(self, QSize(WIDTH, HEIGHT)))
        place_over(self, self.parentWidget())

    def _connect(self) -> None:
        self.subject.model_chosen.connect(self._follow_model)
        self.subject.changed.connect(self._propose_out)
        self.kinds.chosen.connect(self._follow_kind)
        self.kinds.changed.connect(self._follow_settings)
        self.runs.changed.connect(self._propose_out)
        self.out.textChanged.connect(self._changed)
        self.estimate.wrong.connect(self._wrong.tell)
        FileDrops(self, self._background, self._take_dropped, self._wrong.tell)
        self.buttons.accepted.connect(self._check)
        self.buttons.rejected.connect(self.reject)

    def _fill(self, draft: Draft) -> None:
        if draft.kind is not None:
            self.kinds.choose(draft.kind)
            self.kinds.show_part()
        if draft.model is not None:
            self.model.choose(draft.model)
        self._follow_model()
        if draft.data is not None:
            self.data.choose(draft.data)
        if draft.data is not None and not draft.runs:  # all of the user's own images
            self.limit.setValue(0)
        self.subject.fill(draft.images, draft.options)
        self.runs.tick(draft.runs)
        self._follow_kind()
        self.kinds.fill(draft.settings)
        if draft.out is not None:
            self._folder.take(draft.out)
        if draft.failed:
            fields = [self.subject.field(name) or self.kinds.field(name) for name in draft.concerned]
            self.failure.tell(draft.failed, filter(None, fields), bool(draft.advised))
            self.failure.use.clicked.connect(partial(self._use, draft.advised))
        elif draft.note:
            self.failure.note(draft.note)

    def _use(self, advised: dict[str, Any]) -> None:
        """Fill in options of the model that would mend the failure; all others stay as the user has them now."""
        self.own_model.fill(self.own_model.options | advised)

    # Following what is chosen

    def _follow_model(self) -> None:
        """Show the data set that belongs to a bundled network."""
        model = self.model.value
        self.subject.follow_model()
        self._background.run(lambda: classes_of(model), self._offer_classes, owner=self)
        self.kinds.propose_training_images(self._settings.training_images(model))
        self._propose_out()

    def _offer_classes(self, classes: tuple[str, ...]) -> None:
        if not self._closed:
            self.kinds.offer_classes(classes)

    def _follow_kind(self) -> None:
        task = self.kinds.task
        self.kinds.show_part()
        leave_files_to_window(self)  # also in the fields that were just made
        if self.limit.value() == self._usual:
            self._usual = task.images
            self.limit.setValue(task.images)
        shown = ALL if task.watched else shared_by(task)
        self.subject.show_only(shown, task.optional)
        self.subject.setVisible(bool(shown))
        self._runs_part.setVisible(looks_at_runs(task))
        self.about.setText(task.tip if task.tip[-1] in "?…" else f"{task.tip}.")
        self.kinds.propose_training_images(self._settings.training_images(self.model.value))
        self._follow_settings()

    def _follow_settings(self) -> None:
        self.subject.follow_training_images(self.kinds.training_images)
        self._propose_out()

    def _propose_out(self) -> None:
        """Propose a new folder, unless the user has named one."""
        if not self._folder.is_named:
            try:
                name = name_of(self._order(""))
            except TfstabError:  # a value is missing or malformed, which is said when the run is to start
                name = run_name(self.kinds.kind, self.model.value or "model", self.data.value or "images")
            self._folder.propose(name)
        self._changed()

    def _changed(self) -> None:
        """Follow a change, after which there may be other fields."""
        self._keys.start()
        found = going_on_in(self.kinds.kind, self.out.text())
        self.going_on.setText(found)
        self.going_on.setVisible(bool(found))
        self._wrong.clear()
        self.estimate.ask()

    def _lead_keys(self) -> None:
        """Let Tab and letters with Alt lead to the fields that there are now."""
        self._keys.stop()
        parts = list(parts_of(self))
        tab_in_order(self, parts)
        give_letters(self, parts)

    def _take_dropped(self, dropped: Dropped) -> None:
        """Choose a dropped model and dropped images, with their other settings as they are, and tick dropped runs."""
        if self._closed:
            return
        draft = dropped.draft or Draft()
        for picker, value in ((self.model, draft.model), (self.data, draft.data)):
            if value:
                picker.choose(value)
        self.runs.tick(dropped.runs)
        if dropped.problem:
            self._wrong.tell(dropped.problem)
        elif dropped.runs and not looks_at_runs(self.kinds.task):
            self._wrong.tell(RUN_DROPPED.format(dropped.runs[0].name))

    def _check(self) -> None:
        try:
            order = self.order()
        except TfstabError as error:
            self._refuse(str(error))
            return
        self.start.setEnabled(False)
        done, failed = partial(self._start, order), partial(self.start.setEnabled, True)
        self._background.run(lambda: checked(order) or misfit_of(order), done, failed, self)

    def _refuse(self, problem: str) -> None:
        """Say why the run cannot start, and lead the eye to it."""
        point_out(problem, self.subject, self.kinds, self.out, self._scrolled)
        self._wrong.tell(problem, stressed=True)

    def _start(self, order: RunOrder | CommandOrder, problem: str) -> None:
        if self._closed:
            return
        self.start.setEnabled(True)
        if problem:
            self._refuse(problem)
            return
        self._folder.remember(order.out)
        if self.kinds.training_images:
            self._settings.remember_training_images(self.model.value, self.kinds.training_images)
        self.ordered.emit(order)
        self.accept()
