"""Input fields for the settings that the chosen search engine declares."""

from collections.abc import Mapping
from dataclasses import Field
from functools import cache
from typing import Any, get_args

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QCheckBox, QComboBox, QDoubleSpinBox, QFormLayout, QSpinBox, QWidget

from tfstab.gui.widgets.jobs.forms import align
from tfstab.search.engine import Range, Variant, declared
from tfstab.search.engines import engines, get_engine

DEFAULT = "pygad"
MOST = 2**31 - 1
ENGINE_DEFAULT = "engine's default"


@cache
def offered() -> tuple[tuple[str, Variant], ...]:
    """Return (engine, variant) for each entry of the list of engines, the default engine's variants first."""
    found = engines()
    names = sorted(found, key=lambda name: name != DEFAULT)
    return tuple((name, variant) for name in names for variant in found[name].variants)


class EngineSettings(QWidget):
    """A field for each setting of an engine's variant."""

    changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._form = QFormLayout(self)
        self._form.setContentsMargins(0, 0, 0, 0)
        self._fields: dict[str, tuple[QWidget, Any]] = {}

    def show_variant(self, engine: str, variant: Variant) -> None:
        """Show the fields of this variant, filled with its defaults."""
        while self._form.rowCount():
            self._form.removeRow(0)
        self._fields.clear()
        fixed = variant.settings
        for item, limits in declared(get_engine(engine).settings):
            unused = any(fixed.get(key) != value for key, value in limits.only.items())
            if unused or _makes_variants(engine, item.name):
                continue
            field = _field(item, limits)
            field.setAccessibleName(limits.about)
            field.setToolTip(limits.about)
            self._form.addRow(f"{item.name.replace('_', ' ').capitalize()}:", field)
            self._fields[item.name] = field, item.default
            for signal in ("valueChanged", "currentIndexChanged", "toggled"):
                if hasattr(field, signal):
                    getattr(field, signal).connect(lambda _: self.changed.emit())
        align(self._form)
        self.setVisible(bool(self._fields))

    @property
    def settings(self) -> dict[str, Any]:
        """Settings that differ from their defaults."""
        values = {name: (_value(field), default) for name, (field, default) in self._fields.items()}
        return {name: value for name, (value, default) in values.items() if value is not None and value != default}

    def fill(self, values: Mapping[str, Any]) -> None:
        """Fill in the values of settings that have a field."""
        for name, (field, _) in self._fields.items():
            value = values.get(name)
            if isinstance(field, QComboBox) and isinstance(value, str):
                field.setCurrentText(value)
            elif isinstance(field, QCheckBox) and isinstance(value, bool):
                field.setChecked(value)
            elif isinstance(field, QSpinBox | QDoubleSpinBox) and isinstance(value, int | float):
                field.setValue(value)  # type: ignore[arg-type]  # cut to the field's range


def _makes_variants(engine: str, name: str) -> bool:
    """Return whether a setting is already determined by the entry chosen in the list of engines."""
    return any(name in variant.settings for variant in get_engine(engine).variants)


def _field(item: "Field[Any]", limits: Range) -> QWidget:
    """Make the input field for a setting."""
    default: Any = item.default
    if limits.choices:
        choice = QComboBox()
        choice.addItems(limits.choices)
        choice.setCurrentText(default)
        return choice
    if item.type is bool:
        box = QCheckBox()
        box.setChecked(default)
        return box
    least, most = max(limits.least, -MOST), min(limits.most, MOST)
    if item.type is float:
        number = QDoubleSpinBox(decimals=4)
        number.setRange(least, most)
        number.setSingleStep(default / 10)
        number.setValue(default)
        return number
    spin = QSpinBox()
    optional = type(None) in get_args(item.type)
    spin.setRange(int(least) - optional, int(most))
    if optional:
        spin.setSpecialValueText(ENGINE_DEFAULT)
    spin.setValue(spin.minimum() if default is None else default)
    return spin


def _value(field: QWidget) -> Any:
    """Return the value of a field; None if it was left at the engine's default."""
    if isinstance(field, QComboBox):
        return field.currentText()
    if isinstance(field, QCheckBox):
        return field.isChecked()
    if isinstance(field, QSpinBox):
        return None if field.specialValueText() and field.value() == field.minimum() else field.value()
    assert isinstance(field, QDoubleSpinBox)
    return field.value()
