"""The settings of a new sweep, with the library's defaults."""

import contextlib
from collections.abc import Mapping
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QCheckBox, QComboBox, QLabel, QLineEdit, QWidget

from tfstab import limits
from tfstab.degradations import GAUSSIAN_NOISE, Degradation, degradation_names, get_degradation
from tfstab.errors import InputError
from tfstab.gui.widgets.jobs.forms import MOST, plain_form, spin
from tfstab.gui.widgets.jobs.kind_settings import KindSettings
from tfstab.gui.widgets.tips import plain
from tfstab.parsing import parse_numbers

OWN = "your own: type its name"
OWN_HOLDER = "name under which the file in Code registers it"
OWN_TIP = "For a degradation of your own, choose its file in Code, and type the name under which the file registers it"
NO_NAME = "no degradation is given: choose one, or type the name of one of your own."
UNKNOWN = "Not known until the file in Code is run: leave “its own” for what the file sets, or set it here"
ITS_OWN = "its own"  # shown in place of severities and copies that are not known yet


class SweepSettings(KindSettings):
    """Settings of a sweep: degradation, severities, copies, clipping, whether their noise is common, and seed.

    The code of the user's own degradations is not run in the window's process. So the user may name a degradation that
    is not known here. Unless they are set, its severities and copies are its own; the child process checks the name.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.degradation = QComboBox(editable=True, insertPolicy=QComboBox.InsertPolicy.NoInsert)
        self.degradation.setAccessibleName("Degradation")
        for name in degradation_names():
            self.degradation.addItem(name.replace("_", " "), name)
        self.degradation.addItem(OWN, "")
        line = QLineEdit(placeholderText=OWN_HOLDER)
        self.degradation.setLineEdit(line)
        # Otherwise "rain" would become a name that begins like it while it is typed.
        self.degradation.setCompleter(None)  # type: ignore[arg-type]  # which is allowed
        self.severities = QLineEdit()
        self.copies = spin("Degraded copies of each image at each severity", 1, limits.MOST_COPIES, 1, 10)
        self.common = QCheckBox("one for a copy, scaled to &all sigmas")
        self.common.setAccessibleName("Common noise")
        self.common.setToolTip("Faster, and each copy then has a sigma of its own at which it fails")
        self.clip = QCheckBox("degraded images to grey levels 0 to 255")
        self.clip.setChecked(True)
        self.clip.setAccessibleName("Clip degraded images to grey levels 0 to 255")
        self.seed = spin("Seed", 0, MOST, 0)
        self._label = QLabel()
        self._label.setBuddy(self.severities)
        form = plain_form(self)
        form.addRow("D&egradation:", self.degradation)
        form.addRow(self._label, self.severities)
        form.addRow("&Copies:", self.copies)
        form.addRow("Noise:", self.common)
        form.addRow("Clip:", self.clip)
        form.addRow("Seed:", self.seed)
        self._family: Degradation | None = GAUSSIAN_NOISE
        self._show_family(GAUSSIAN_NOISE)
        self.degradation.currentTextChanged.connect(self._follow_degradation)
        self.degradation.activated.connect(self._empty_for_own)
        for signal in (
            self.severities.textChanged,
            self.copies.valueChanged,
            self.common.toggled,
            self.clip.toggled,
            self.seed.valueChanged,
        ):
            signal.connect(lambda _: self.changed.emit())

    @property
    def settings(self) -> dict[str, Any]:
        """Those of SweepConfig. Raises InputError where the severities are no numbers, or no degradation is named."""
        family, name = self._family, self._name
        if not name:
            raise InputError(NO_NAME)
        if family is None:
            typed = self.severities.text().strip()
            severities = {"severities": parse_numbers(typed, self._plural)} if typed else {}
            copies = {"copies": self.copies.value()} if self.copies.value() else {}
            return {"degradation": name, **severities, **copies, "seed": self.seed.value()}
        numbers = parse_numbers(self.severities.text(), self._plural)
        rest = {"copies": self.copies.value(), "seed": self.seed.value()}
        common = {"common_noise": True} if family.scalable and self.common.isChecked() else {}
        clip = {"clip": False} if family.additive and not self.clip.isChecked() else {}
        return {"degradation": family.name, "severities": numbers, **rest, **common, **clip}

    def fill(self, values: Mapping[str, Any]) -> None:
        """Fill in values as `settings` returns them."""
        name = values.get("degradation") or GAUSSIAN_NOISE.name
        place = self.degradation.findData(name)
        if place >= 0:
            self.degradation.setCurrentIndex(place)
        else:
            self.degradation.setEditText(name)
        if values.get("severities"):
            self.severities.setText(", ".join(f"{value:g}" for value in values["severities"]))
        self.copies.setValue(values.get("copies") or self.copies.value())
        self.common.setChecked(bool(values.get("common_noise")))
        self.clip.setChecked(values.get("clip", True))
        self.seed.setValue(values.get("seed", 0))

    @property
    def _name(self) -> str:
        """The name of the degradation that is chosen or typed, with or without its underscores; "" for none."""
        typed = self.degradation.currentText().strip()
        place = self.degradation.findText(typed, Qt.MatchFlag.MatchFixedString)
        return str(self.degradation.itemData(place)) if place >= 0 else typed.replace(" ", "_")

    @property
    def _plural(self) -> str:
        return "Severities" if self._family is None else self._family.plural.capitalize()

    def _empty_for_own(self, place: int) -> None:
        """Let the user type the name of a degradation of their own, if that entry was chosen."""
        if not self.degradation.itemData(place):
            self.degradation.setEditText("")

    def _follow_degradation(self) -> None:
        """Show the severities and copies of the family; keep what was set if one unknown name follows another."""
        before, self._family = self._family, None
        with contextlib.suppress(InputError):  # not known here, or of a broken package: the check reports it
            self._family = get_degradation(self._name)
        if self._family is not None and self._family is not before:
            self._show_family(self._family)
        elif self._family is not before:
            self._show_unknown()
        self.changed.emit()

    def _show_family(self, family: Degradation) -> None:
        self._label.setText(f"&{self._plural}:")
        self.severities.setAccessibleName(f"{self._plural}, {family.axis}, separated by commas")
        self.severities.setToolTip(f"{family.axis}: {family.range}")
        self.severities.setPlaceholderText("")
        self.severities.setText(", ".join(f"{s:g}" for s in family.severities))
        self.copies.setEnabled(family.random)
        self.copies.setToolTip("" if family.random else "It draws nothing, so that copies would not differ")
        self.copies.setSuffix(f" at each {family.parameter}")
        self.copies.setMinimum(1)
        self.copies.setSpecialValueText("")
        self.copies.setValue(family.copies)
        self.common.setEnabled(family.scalable)
        self.clip.setEnabled(family.additive)
        if not family.additive:
            self.clip.setChecked(True)
        self.clip.setToolTip(
            plain(
                "The paper does not say whether it clips; without clipping, the model gets grey levels beyond 0 to 255"
                if family.additive
                else "Always, as it does not add to the image"
            )
        )
        self.degradation.setToolTip(plain(f"{family.about}. {OWN_TIP}"))

    def _show_unknown(self) -> None:
        """Show that severities and copies are those of a degradation that is not known here."""
        self._label.setText(f"&{self._plural}:")
        self.severities.setAccessibleName("Severities, separated by commas; empty for those of the degradation")
        self.severities.setToolTip(UNKNOWN)
        self.severities.setPlaceholderText(ITS_OWN)
        self.severities.setText("")
        self.copies.setEnabled(True)
        self.copies.setToolTip(UNKNOWN)
        self.copies.setSuffix(" at each severity")
        self.copies.setMinimum(0)
        self.copies.setSpecialValueText(ITS_OWN)
        self.copies.setValue(0)
        for box in (self.common, self.clip):
            box.setEnabled(False)
        self.clip.setChecked(True)
        self.clip.setToolTip("The default: what else the degradation allows is not known until its file is run")
        self.degradation.setToolTip(plain(OWN_TIP))
