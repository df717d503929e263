"""File > New run…: what is run on what, where it goes, and how long it will take."""

from collections.abc import Collection
from functools import partial
from pathlib import Path

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtWidgets import (
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QFileDialog,
    QFormLayout,
    QFrame,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

from tfstab.errors import TfstabError
from tfstab.gui.background import Background
from tfstab.gui.jobs.estimate import Estimate, estimate_order
from tfstab.gui.jobs.plan import Draft, checked, name_of, named_folder, new_folder
from tfstab.gui.jobs.protocol import RunOrder
from tfstab.gui.kinds import KINDS
from tfstab.gui.settings import Settings
from tfstab.gui.widgets.jobs.kind_picker import KindPicker
from tfstab.gui.widgets.jobs.model_settings import ModelSettings
from tfstab.gui.widgets.jobs.source_picker import data_picker, model_picker
from tfstab.orders import classes_of, run_name

WIDTH, LABELS = 620, 100
SETTLE = 250  # ms after the last change before the time is estimated anew


class NewRunDialog(QDialog):
    """Makes a RunOrder; `ordered` gives it once it was checked. taken: folders that are not proposed for it."""

    ordered = Signal(object)  # RunOrder

    def __init__(
        self,
        settings: Settings,
        background: Background,
        draft: Draft,
        parent: QWidget | None = None,
        taken: Collection[Path] = (),
    ) -> None:
        super().__init__(parent)
        self.setWindowTitle("New run")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._settings, self._background, self._taken = settings, background, taken
        self._estimating = QTimer(self, singleShot=True, interval=SETTLE)
        self._estimating.timeout.connect(self._estimate)
        self._closed, self._turn = False, 0
        self.model, self.data = model_picker(self), data_picker(self)
        self.own_model, self.kinds = ModelSettings(), KindPicker()
        self._make_controls()
        self._arrange()
        self._connect()
        self._fill(draft)

    def order(self) -> RunOrder:
        """Return the order as filled in; raise InputError for a missing or malformed value."""
        return self._order(str(named_folder(self.out.text())))

    def _order(self, out: str) -> RunOrder:
        """Return the order as filled in, into this folder."""
        target, mask = self.kinds.part.goal
        return RunOrder(
            0,
            self.kinds.kind,
            self.model.value,
            self.data.value,
            out,
            self.kinds.part.settings,
            limit=self.limit.value() or None,
            target=target,
            mask=mask,
            resize=self.resizing.currentData(),
            options=self.own_model.options if self._is_own else {},
        )

    def done(self, result: int) -> None:
        """Note that the dialog is closed, so that late answers do not write to it."""
        self._closed = True
        super().done(result)

    # Making it

    def _make_controls(self) -> None:
        self.limit = QSpinBox()
        self.limit.setRange(0, 10_000_000)
        self.limit.setGroupSeparatorShown(True)
        self.limit.setSpecialValueText("all")
        self.limit.setAccessibleName("How many images, 0 for all")
        self.limit.setToolTip("A sample with its share of every class; 0 takes all images")
        self.limit.setMaximumWidth(120)
        self.resizing = QComboBox()
        for text, way in (("unchanged", None), ("crop to the model's", "crop"), ("stretch to the model's", "stretch")):
            self.resizing.addItem(text, way)
        self.resizing.setAccessibleName("Size of the images")
        self.resizing.setToolTip(
            "Images may have any size. Crop takes the largest centred part with the model's proportions"
        )
        self.out = QLineEdit()
        self.out.setAccessibleName("Output folder")
        self.browse_out = QPushButton("Browse…")
        self.browse_out.setAutoDefault(False)
        self.browse_out.setAccessibleName("Choose the output folder")
        self.time = QLabel(" ", wordWrap=True)
        self.time.setAccessibleName("Estimated time")
        self.problem = QLabel(wordWrap=True)
        self.problem.setAccessibleName("What is wrong")
        self.problem.setTextFormat(Qt.TextFormat.PlainText)
        self.problem.setFrameShape(QFrame.Shape.StyledPanel)
        self.problem.setMargin(6)
        self.problem.hide()
        self.buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel)
        self.start = self.buttons.addButton("Start", QDialogButtonBox.ButtonRole.AcceptRole)

    def _arrange(self) -> None:
        out = QHBoxLayout()
        out.addWidget(self.out, 1)
        out.addWidget(self.browse_out)
        self._form = form = QFormLayout()
        form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
        form.addRow("M&odel:", self.model)
        form.addRow(self.own_model)
        form.addRow("&Data:", self.data)
        form.addRow("&Images:", self.limit)
        form.addRow("Si&ze:", self.resizing)
        form.addRow(_line())
        form.addRow("Measure:", self.kinds)
        for part in (self.own_model, *self.kinds.parts.values()):
            _align(part.layout(), LABELS)
        form.addRow(self.kinds.stack)
        form.addRow(_line())
        out_label = QLabel("O&utput folder:")
        out_label.setBuddy(self.out)
        form.addRow(out_label, out)
        form.addRow("Time:", self.time)
        _align(form, LABELS)
        layout = QVBoxLayout(self)
        layout.addLayout(form)
        layout.addWidget(self.problem)
        layout.addStretch(1)
        layout.addWidget(self.buttons)
        self.buttons.button(QDialogButtonBox.StandardButton.Cancel).setAutoDefault(False)
        self.start.setDefault(True)
        self.setMinimumWidth(WIDTH)

    def _connect(self) -> None:
        self.model.changed.connect(self._follow_model)
        self.data.changed.connect(self._propose_out)
        self.resizing.currentIndexChanged.connect(self._propose_out)
        self.kinds.chosen.connect(self._follow_kind)
        self.limit.valueChanged.connect(self._changed)
        self.own_model.changed.connect(self._propose_out)
        self.kinds.changed.connect(self._propose_out)
        self.out.textChanged.connect(self._changed)
        self.browse_out.clicked.connect(self._ask_out)
        self.buttons.accepted.connect(self._check)
        self.buttons.rejected.connect(self.reject)

    def _fill(self, draft: Draft) -> None:
        if draft.kind is not None:
            self.kinds.choose(draft.kind)
        if draft.model is not None:
            self.model.choose(draft.model)
        self._follow_model()
        if draft.data is not None:
            self.data.choose(draft.data)
        self.limit.setValue(0 if draft.data is not None else KINDS[self.kinds.kind].images)
        self._follow_kind()

    # Following what is chosen

    def _follow_model(self) -> None:
        """Show the data set that belongs to a bundled network."""
        from tfstab.models import own_data

        model, data = self.model.value, own_data(self.model.value)
        if data is not None:
            self.data.choose(data)
        self._form.setRowVisible(self.own_model, self._is_own)
        self._grow()
        self._background.run(lambda: classes_of(model), self._offer_classes, owner=self)
        self._propose_out()

    @property
    def _is_own(self) -> bool:
        """Whether the model is not a bundled one."""
        from tfstab.models import bundled_names

        return self.model.value not in bundled_names()

    def _offer_classes(self, classes: tuple[str, ...]) -> None:
        if not self._closed:
            self.kinds.offer_classes(classes)

    def _follow_kind(self) -> None:
        if self.limit.value() in {kind.images for kind in KINDS.values()}:
            self.limit.setValue(KINDS[self.kinds.kind].images)
        self._propose_out()

    def _propose_out(self) -> None:
        """Propose a new folder, unless the user has named one."""
        if not self.out.isModified():
            base = self._settings.runs_folder()
            try:
                name = name_of(self._order(""))
            except TfstabError:  # a value is missing or malformed, which is said when the run is to start
                name = run_name(self.kinds.kind, self.model.value, self.data.value)
            self.out.setText(str(new_folder(base, name, self._taken)))
        self._changed()

    def _changed(self) -> None:
        self.problem.hide()
        self._estimating.start()

    def _estimate(self) -> None:
        self._turn += 1
        turn = self._turn
        try:
            order = self.order()
        except TfstabError as error:
            self._show_estimate(turn, Estimate("–", str(error)))
            return
        settings = self._settings
        known, recent = settings.rate(order.kind, order.model), settings.recent()
        self._background.run(
            lambda: estimate_order(order, known, recent), partial(self._show_estimate, turn), owner=self
        )

    def _show_estimate(self, turn: int, estimate: Estimate) -> None:
        if not self._closed and turn == self._turn:  # two workers may end in any order
            self.time.setText(estimate.text)
            if estimate.problem:
                self._show_problem(estimate.problem)

    def _ask_out(self) -> None:
        dialog = QFileDialog(self, "A new or empty folder for the run", str(self._settings.runs_folder()))
        dialog.setFileMode(QFileDialog.FileMode.Directory)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.fileSelected.connect(self._take_out)
        dialog.open()

    def _take_out(self, path: str) -> None:
        self.out.setText(path)
        self.out.setModified(True)

    # Starting

    def _check(self) -> None:
        try:
            order = self.order()
        except TfstabError as error:
            self._show_problem(str(error))
            return
        self.start.setEnabled(False)
        self._background.run(
            lambda: checked(order), partial(self._start, order), partial(self.start.setEnabled, True), self
        )

    def _start(self, order: RunOrder, problem: str) -> None:
        if self._closed:
            return
        self.start.setEnabled(True)
        if problem:
            self._show_problem(problem)
            return
        if self.out.isModified():
            self._settings.remember_runs_folder(Path(order.out).expanduser().parent)
        self.ordered.emit(order)
        self.accept()

    def _show_problem(self, sentence: str) -> None:
        self.problem.setText(f"⚠  {sentence}")
        self.problem.show()
        self._grow()

    def _grow(self) -> None:
        """Make room for what was shown: a dialog does not grow by itself, and would squeeze its fields."""
        layout = self.layout()
        assert layout is not None
        layout.activate()
        self.resize(self.width(), max(self.height(), layout.totalHeightForWidth(self.width())))


def _line() -> QFrame:
    line = QFrame()
    line.setFrameShape(QFrame.Shape.HLine)
    line.setFrameShadow(QFrame.Shadow.Sunken)
    return line


def _align(form: object, width: int) -> None:
    """Give the labels of several forms one width, so that their fields stand below each other."""
    assert isinstance(form, QFormLayout)
    for row in range(form.rowCount()):
        item = form.itemAt(row, QFormLayout.ItemRole.LabelRole)
        label = item.widget() if item is not None else None
        if label is not None:
            label.setMinimumWidth(width)
