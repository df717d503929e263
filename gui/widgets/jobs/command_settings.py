"""Input fields for the parameters of a command, made from its declaration."""

import contextlib
import re
from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QFormLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from tfstab.gui.dialogs import ask_for_folder, ask_to_open
from tfstab.gui.jobs.command_form import NUMBERS
from tfstab.gui.jobs.field_words import field_of, in_fields
from tfstab.gui.widgets.jobs.degradation_menu import DegradationButton
from tfstab.gui.widgets.jobs.forms import align, plain_form
from tfstab.gui.widgets.jobs.kind_settings import KindSettings
from tfstab.gui.widgets.path_line import PathLine
from tfstab.gui.widgets.tips import plain
from tfstab.orders.parameters import Parameter, written

FOLDERS = ("train", "data_dir", "data", "baseline")  # parameters whose values can be folders
FILES = ("junit_file",)
DEGRADATIONS = ("against", "degradation")  # parameters whose values are names of degradations


class CommandSettings(KindSettings):
    """One field for each parameter: the common ones at the top, the rare ones below "More".

    Parameters
    ----------
    parameters : sequence of Parameter
        The parameters, in the order of `--help`.
    all_below_more : bool
        Whether all of them are rare.
    parent : QWidget, optional
    """

    def __init__(
        self, parameters: Sequence[Parameter], all_below_more: bool = False, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.fields = {parameter.name: ParameterField(parameter) for parameter in parameters}
        self.more = QToolButton()
        self.more.setText("More")
        self.more.setCheckable(True)
        self.more.setArrowType(Qt.ArrowType.RightArrow)
        self.more.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.more.setAutoRaise(True)
        self._rest = QWidget()
        first = plain_form(top := QWidget())
        rest = plain_form(self._rest)
        panel = None
        for field in self.fields.values():
            form = first if field.parameter.panel is None and not all_below_more else rest
            if form is rest and field.parameter.panel != panel:
                panel = field.parameter.panel
                form.addRow(QLabel(f"<b>{panel}</b>"))
            _add(form, field)
            field.line.textChanged.connect(lambda _: self.changed.emit())
            field.switch.toggled.connect(lambda _: self.changed.emit())
            field.choice.currentTextChanged.connect(lambda _: self.changed.emit())
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        top.setVisible(first.rowCount() > 0)
        for part in (top, self.more, self._rest):
            layout.addWidget(part)
        layout.addStretch(1)
        self.more.setVisible(rest.rowCount() > 0)
        self._rest.hide()
        self.more.toggled.connect(self._show_rest)
        for form in (first, rest):
            align(form)

    @property
    def settings(self) -> dict[str, Any]:
        """Values that differ from the defaults, by name of parameter; text that is no number stays text."""
        values = {name: field.value for name, field in self.fields.items()}
        return {name: value for name, value in values.items() if value is not None}

    def fill(self, values: Mapping[str, Any]) -> None:
        """Fill in these values; those of other commands are ignored."""
        for name, value in values.items():
            if name in self.fields:
                self.fields[name].fill(value)
                if value is not None:
                    self.reveal(self.fields[name])

    def reveal(self, field: QWidget) -> None:
        """Show a field, which may be one of the rare ones."""
        if self._rest.isAncestorOf(field):
            self.more.setChecked(True)

    def _show_rest(self, shown: bool) -> None:
        self.more.setArrowType(Qt.ArrowType.DownArrow if shown else Qt.ArrowType.RightArrow)
        self._rest.setVisible(shown)
        self.changed.emit()  # there are other fields now


class ParameterField(QWidget):
    """The field of one parameter: a switch, a list of choices, or a line of text, perhaps with a button beside it."""

    def __init__(self, parameter: Parameter) -> None:
        super().__init__()
        self.parameter = parameter
        folder, file = parameter.name in FOLDERS, parameter.name in FILES
        self.switch, self.choice, self.line = QCheckBox(), QComboBox(), PathLine() if folder or file else QLineEdit()
        if isinstance(self.line, PathLine):
            self.line.dropped.connect(self.line.setText)
        self.browse = QPushButton("Browse…", autoDefault=False)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        self.input = self._input()
        title = title_of(parameter)
        self.input.setAccessibleName(title)
        about = in_fields(parameter.about)
        self.input.setToolTip(plain(f"{about} ({parameter.option})" if parameter.option else about))
        layout.addWidget(self.input, 1)
        if self.input is self.line and (folder or file):
            self.browse.setAccessibleName(f"{title}: browse")
            ask = partial(ask_for_folder, self, title) if folder else partial(ask_to_open, self, title, "")
            self.browse.clicked.connect(lambda _=False: ask(self.line.setText))
            layout.addWidget(self.browse)
        if self.input is self.line and parameter.name in DEGRADATIONS:
            choose = DegradationButton(self.line)
            choose.setAccessibleName(f"{title}: choose")
            layout.addWidget(choose)
        self.setFocusProxy(self.input)

    @property
    def value(self) -> Any:
        """The value, or None if it is the default."""
        parameter = self.parameter
        if parameter.kind == "bool":
            return True if self.switch.isChecked() else None
        if parameter.choices:
            chosen = self.choice.currentText()
            return None if chosen in (NOT_GIVEN, parameter.default) else chosen
        text = self.line.text().strip()
        if not text:
            return None
        if parameter.multiple:
            return [part.strip() for part in text.split(",") if part.strip()]
        with contextlib.suppress(ValueError):  # said when the command is to start
            return NUMBERS.get(parameter.kind, str)(text)
        return text

    def fill(self, value: Any) -> None:
        """Show a value."""
        if self.parameter.kind == "bool":
            self.switch.setChecked(bool(value))
        elif self.parameter.choices:
            self.choice.setCurrentText(NOT_GIVEN if value is None else str(value))
        else:
            self.line.setText(", ".join(map(str, value)) if isinstance(value, list | tuple) else _typed(value))

    def _input(self) -> QWidget:
        """Return the widget that suits the parameter, showing its default."""
        parameter = self.parameter
        if parameter.kind == "bool":
            self.switch.setText(title_of(parameter))
            return self.switch
        if parameter.choices:
            given = parameter.default is not None or parameter.required
            self.choice.addItems(list(parameter.choices) if given else [NOT_GIVEN, *parameter.choices])
            if parameter.default is not None:
                self.choice.setCurrentText(str(parameter.default))
            return self.choice
        self.line.setPlaceholderText(_typed(parameter.default) or in_short(in_fields(parameter.about)))
        return self.line


NOT_GIVEN = "by default"
FITS = 60  # letters of a placeholder that a field shows
DEFAULT = re.compile(r"\bby default [^.;]{1,30}(?=[.;])")  # short enough to be seen beside a button


def in_short(about: str) -> str:
    """Return the part of a help text that a field shows, preferably what an empty field means; its tip has all.

    Examples
    --------
    >>> from tfstab.gui.widgets.jobs.command_settings import in_short
    >>> in_short("Training images: a data set, or a folder or file of images; by default those of DATA.")
    'by default those of DATA'
    """
    if len(about) <= FITS:
        return about
    if default := DEFAULT.search(about):
        return default[0]
    first = re.split(r"[.:;] |, which | \(", about)[0]
    ends = [comma.start() for comma in re.finditer(", ", first) if comma.start() <= FITS]
    return first if len(first) <= FITS or not ends else first[: ends[-1]]


def title_of(parameter: Parameter) -> str:
    """Return the name of a parameter as people read it."""
    return field_of((parameter.option or parameter.name).removeprefix("--"))


def _typed(value: Any) -> str:
    """Return the text for a value in a field; "" for None."""
    return "" if value is None else written(value)


def _add(form: QFormLayout, field: ParameterField) -> None:
    """Add a field; a switch has its name beside it."""
    if field.parameter.kind == "bool":
        form.addRow("", field)
        return
    label = QLabel(f"{title_of(field.parameter)}:")
    label.setBuddy(field.input)
    label.setToolTip(field.input.toolTip())
    form.addRow(label, field)
