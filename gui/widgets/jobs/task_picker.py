"""Choosing what is to be done, and its settings."""

from collections.abc import Mapping, Sequence
from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QButtonGroup, QLabel, QRadioButton, QSizePolicy, QStackedWidget, QVBoxLayout, QWidget

from tfstab.gui.jobs.command_form import LIMITS, fields_of, rest_of
from tfstab.gui.jobs.tasks import TASKS, Task
from tfstab.gui.kinds import KINDS
from tfstab.gui.widgets.jobs.command_settings import CommandSettings, ParameterField
from tfstab.gui.widgets.jobs.kind_settings import KindSettings

FIRST = "search"


class TaskPicker(QWidget):
    """A button for each task, below headings; the settings of the chosen one are shown in `stack`.

    Attributes
    ----------
    buttons : dict of str to QRadioButton
        The buttons by task.
    parts : dict of str to KindSettings
        The settings by task; those of a command are made when they are first shown.
    rest : dict of str to CommandSettings
        Rare options of the kinds of runs, which are shown below their settings.
    stack : QStackedWidget
        Shows the settings of the chosen task; the dialog places it.

    Signals
    -------
    chosen
        Another task was chosen.
    changed
        A setting was changed.
    """

    chosen = Signal()
    changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.buttons: dict[str, QRadioButton] = {}
        self.parts: dict[str, KindSettings] = {}
        self.rest: dict[str, CommandSettings] = {}
        self._pages: dict[str, QWidget] = {}
        self._proposed_images = ""
        self.stack = QStackedWidget()
        self._group = QButtonGroup(self)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(4)
        group = ""
        for task in TASKS.values():
            if task.group != group:
                group = task.group
                layout.addSpacing(6)
                layout.addWidget(QLabel(f"<b>{group}</b>"))
            button = self.buttons[task.name] = QRadioButton(task.text)
            button.setToolTip(task.tip)
            button.setAccessibleName(task.text)
            self._group.addButton(button)
            layout.addWidget(button)
        layout.addStretch(1)
        for kind in KINDS.values():
            self.rest[kind.name] = CommandSettings(rest_of(kind.name), all_below_more=True)
            self._add(kind.name, kind.load("settings")(), self.rest[kind.name])
        self.choose(FIRST)
        self.show_part()
        self._group.idToggled.connect(lambda _, checked: self.chosen.emit() if checked else None)

    @property
    def kind(self) -> str:
        """The name of the chosen task."""
        return next(name for name, button in self.buttons.items() if button.isChecked())

    @property
    def task(self) -> Task:
        """The chosen task."""
        return TASKS[self.kind]

    @property
    def part(self) -> KindSettings:
        """The settings of the chosen task."""
        return self.parts[self.kind]

    def settings_and_limits(self) -> tuple[dict[str, Any], dict[str, Any]]:
        """Return the settings of the chosen kind of run, and its limits as a RunOrder has them."""
        rest = self.rest[self.kind].settings
        limits = {name: value for name, value in rest.items() if name in LIMITS}
        return self.part.settings | {name: rest[name] for name in rest.keys() - limits.keys()}, limits

    @property
    def training_images(self) -> str:
        """The training images of the chosen task; "" if there are none."""
        return "" if self._training_images is None else str(self._training_images.value or "")

    def propose_training_images(self, images: str) -> None:
        """Fill in training images if the chosen task takes some, unless the user has named others."""
        field = self._training_images
        if field is not None and self.training_images in ("", self._proposed_images):
            self._proposed_images = images
            field.fill(images)

    @property
    def _training_images(self) -> ParameterField | None:
        """The field of the training images of the chosen task, if it has one."""
        return self.part.fields.get("train") if isinstance(self.part, CommandSettings) else None

    def choose(self, kind: str) -> None:
        """Choose a task."""
        self.buttons[kind].setChecked(True)

    def show_part(self) -> None:
        """Show the settings of the chosen task, making them if they are shown for the first time."""
        kind = self.kind
        if kind not in self.parts:
            self._add(kind, part := CommandSettings(fields_of(self.task)))
            if self.task.minutes is not None:  # by default; the command's own help says so too late for the field
                part.fields["minutes"].line.setPlaceholderText(f"{self.task.minutes:g}")
        self.stack.setCurrentWidget(self._pages[kind])
        for page in self._pages.values():  # a stack is as high as its highest page, unless ignored
            shown = page is self.stack.currentWidget()
            policy = QSizePolicy.Policy.Preferred if shown else QSizePolicy.Policy.Ignored
            page.setSizePolicy(QSizePolicy.Policy.Preferred, policy)

    def offer_classes(self, names: Sequence[str]) -> None:
        """Offer the model's classes in all settings."""
        for part in self.parts.values():
            part.offer_classes(names)

    def field(self, name: str) -> QWidget | None:
        """Return the field of a parameter of the chosen task, or None; settings of runs have fields of their own."""
        parts = (self.part, self.rest.get(self.kind))
        found = (part.fields[name].input for part in parts if isinstance(part, CommandSettings) and name in part.fields)
        return next(found, None)

    def reveal(self, field: QWidget) -> None:
        """Show a field of the chosen task that may be below "More"."""
        for part in (self.part, self.rest.get(self.kind)):
            if isinstance(part, CommandSettings):
                part.reveal(field)

    def fill(self, values: Mapping[str, Any]) -> None:
        """Fill in the settings of the chosen task."""
        self.part.fill(values)
        if self.kind in self.rest:
            self.rest[self.kind].fill(values)

    def _add(self, kind: str, part: KindSettings, *below: KindSettings) -> None:
        self.parts[kind] = part
        page = self._pages[kind] = QWidget()
        layout = QVBoxLayout(page)
        layout.setContentsMargins(0, 0, 0, 0)
        for one in (part, *below):
            one.changed.connect(self.changed)
            layout.addWidget(one)
        layout.addStretch(1)
        self.stack.addWidget(page)
