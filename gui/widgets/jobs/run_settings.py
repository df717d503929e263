"""The settings of a new search or sweep, with the library's defaults."""

from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QCheckBox, QComboBox, QFormLayout, QLabel, QLineEdit, QSpinBox, QWidget

from tfstab.degradations import GAUSSIAN_NOISE, Degradation, degradation_names, get_degradation
from tfstab.errors import InputError

ENGINES: tuple[tuple[str, str, dict[str, Any]], ...] = (
    ("Genetic search", "Needs the model's scores only; near the smallest noise that is known", {}),
    ("Genetic search, the paper's procedure", "Section 3 of the paper, to the letter", {"preset": "paper"}),
    ("L-BFGS", "The older method, with gradients", {"engine": "lbfgs"}),
    ("Random noise", "Gaussian noise of growing sigma: the yardstick", {"engine": "random"}),
)
# As tfstab.search.config and tfstab.sweep.config have them; importing these would keep the dialog from showing.
QUERIES, PAPER_QUERIES = 20_000, 50_000
MOST_COPIES = 32_767
MOST = 2**31 - 1
TOOL_TIP = Qt.ItemDataRole.ToolTipRole


class SearchSettings(QWidget):
    """Engine, budget, refinement and seed."""

    changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.engine = QComboBox()
        self.engine.setAccessibleName("Engine")
        for text, about, _ in ENGINES:
            self.engine.addItem(text)
            self.engine.setItemData(self.engine.count() - 1, about, TOOL_TIP)
        self.queries = _spin("Budget, degraded images scored for each image", 100, MOST, QUERIES, 1_000)
        self.queries.setSuffix(" scored images each")
        self.refine = QCheckBox("then walk along the boundary, with gradients")
        self.refine.setAccessibleName("Refine")
        self.seed = _spin("Seed", 0, MOST, 0)
        form = _form(self)
        form.addRow("&Engine:", self.engine)
        form.addRow("&Budget:", self.queries)
        form.addRow("&Refine:", self.refine)
        form.addRow("Seed:", self.seed)
        self.engine.currentIndexChanged.connect(self._follow_engine)
        for signal in (self.queries.valueChanged, self.refine.toggled, self.seed.valueChanged):
            signal.connect(lambda _: self.changed.emit())

    @property
    def settings(self) -> dict[str, Any]:
        """Those of SearchConfig."""
        chosen = ENGINES[self.engine.currentIndex()][2]
        refine = {"refine": True} if self.refine.isChecked() else {}
        return {**chosen, "max_queries": self.queries.value(), "seed": self.seed.value(), **refine}

    def _follow_engine(self, place: int) -> None:
        """A preset has a budget of its own."""
        default = PAPER_QUERIES if ENGINES[place][2].get("preset") == "paper" else QUERIES
        if self.queries.value() in (QUERIES, PAPER_QUERIES):
            self.queries.setValue(default)
        self.changed.emit()


class SweepSettings(QWidget):
    """Degradation, severities, copies and seed."""

    changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.degradation = QComboBox()
        self.degradation.setAccessibleName("Degradation")
        for name in degradation_names():
            self.degradation.addItem(name.replace("_", " "), name)
        self.severities = QLineEdit()
        self.copies = _spin("Degraded copies of each image at each severity", 1, MOST_COPIES, 1, 10)
        self.seed = _spin("Seed", 0, MOST, 0)
        self._label = QLabel()
        self._label.setBuddy(self.severities)
        form = _form(self)
        form.addRow("D&egradation:", self.degradation)
        form.addRow(self._label, self.severities)
        form.addRow("&Copies:", self.copies)
        form.addRow("Seed:", self.seed)
        self._family: Degradation = GAUSSIAN_NOISE
        self._show_family()
        self.degradation.currentIndexChanged.connect(self._follow_degradation)
        for signal in (self.severities.textChanged, self.copies.valueChanged, self.seed.valueChanged):
            signal.connect(lambda _: self.changed.emit())

    @property
    def settings(self) -> dict[str, Any]:
        """Those of SweepConfig. Raises InputError where the severities are no numbers, or the family is broken."""
        family = get_degradation(self.degradation.currentData())
        text = self.severities.text()
        try:
            severities = [float(part) for part in text.split(",") if part.strip()]
        except ValueError:
            raise InputError(
                f"{self._name} are '{text}'; expected numbers separated by commas, such as {_numbers(family)}."
            ) from None
        common = {"copies": self.copies.value(), "seed": self.seed.value()}
        if family is GAUSSIAN_NOISE:
            return {"sigmas": severities, **common}
        return {"degradation": family.name, "severities": severities, **common}

    @property
    def _name(self) -> str:
        return "Sigmas" if self._family is GAUSSIAN_NOISE else "Severities"

    def _follow_degradation(self) -> None:
        """Each family has severities and copies of its own."""
        try:
            self._family = get_degradation(self.degradation.currentData())
        except InputError:  # of a broken package: told when the settings are asked for
            self.changed.emit()
            return
        self._show_family()
        self.changed.emit()

    def _show_family(self) -> None:
        family = self._family
        self._label.setText("Sig&mas:" if family is GAUSSIAN_NOISE else "Se&verities:")
        self.severities.setAccessibleName(f"{self._name}, {family.axis}, separated by commas")
        self.severities.setToolTip(f"{family.axis}: {family.range}")
        self.severities.setText(_numbers(family))
        self.copies.setEnabled(family.random)
        self.copies.setToolTip("" if family.random else "It draws nothing, so that copies would not differ")
        self.copies.setSuffix(f" at each {family.parameter}")
        self.copies.setValue(family.copies)
        self.degradation.setToolTip(family.about)


def _numbers(family: Degradation) -> str:
    return ", ".join(f"{s:g}" for s in family.severities)


def _spin(name: str, least: int, most: int, value: int, step: int = 1) -> QSpinBox:
    spin = QSpinBox()
    spin.setRange(least, most)
    spin.setSingleStep(step)
    spin.setGroupSeparatorShown(True)
    spin.setValue(value)
    spin.setAccessibleName(name)
    spin.setMaximumWidth(260)
    return spin


def _form(parent: QWidget) -> QFormLayout:
    form = QFormLayout(parent)
    form.setContentsMargins(0, 0, 0, 0)
    return form
