"""The settings of a new search, with the library's defaults."""

from collections.abc import Mapping, Sequence
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QWidget,
)

from tfstab.gui.dialogs import ask_to_open
from tfstab.gui.widgets.jobs.engine_settings import EngineSettings, offered
from tfstab.gui.widgets.jobs.forms import MOST, plain_form, spin
from tfstab.gui.widgets.jobs.kind_settings import KindSettings
from tfstab.gui.widgets.jobs.source_picker import PICTURES
from tfstab.gui.widgets.path_line import PathLine
from tfstab.gui.widgets.tips import plain
from tfstab.search.engine import Variant
from tfstab.search.norm import NORMS, get_norm
from tfstab.search.refine import FULL, LEAST

MOST_GRADIENTS = 10_000
TOOL_TIP = Qt.ItemDataRole.ToolTipRole


class SearchSettings(KindSettings):
    """Settings of a search: engine, norm, budget, refinement, target class, mask and seed."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.engine = QComboBox()
        self.engine.setAccessibleName("Engine")
        for _, variant in offered():
            self.engine.addItem(variant.title)
            self.engine.setItemData(self.engine.count() - 1, plain(variant.about), TOOL_TIP)
        self._make_norm()
        refinement = self._make_refinement()
        self.own = EngineSettings()
        budget = offered()[0][1].max_queries
        self.queries = spin("Budget, degraded images scored for each image", 100, MOST, budget, 1_000)
        self.queries.setSuffix(" scored images each")
        refine_label = QLabel("&Refine:")
        refine_label.setBuddy(self.refine)
        self.target = QComboBox(editable=True, insertPolicy=QComboBox.InsertPolicy.NoInsert)
        self.target.setAccessibleName("Target class, by name or number; empty for any wrong class")
        self.target.setToolTip("The class that the noise must lead to; images of this class are left out")
        self.target.setLineEdit(QLineEdit(placeholderText="any wrong class"))
        self.target.setMaximumWidth(260)
        self.mask_file = PathLine(placeholderText="all pixels may change")
        self.mask_file.setAccessibleName("Mask, an image file; empty for none")
        self.mask_file.setToolTip("An image as large as the model's, white where pixels may change")
        self.mask_file.dropped.connect(self.mask_file.setText)
        self.browse_mask = QPushButton("Browse…", autoDefault=False)
        self.browse_mask.setAccessibleName("Choose the mask")
        self.seed = spin("Seed", 0, MOST, 0)
        mask, mask_label = QHBoxLayout(), QLabel("Mas&k:")
        mask.addWidget(self.mask_file, 1)
        mask.addWidget(self.browse_mask)
        mask_label.setBuddy(self.mask_file)
        form = plain_form(self)
        form.addRow("&Engine:", self.engine)
        form.addRow("Nor&m:", self.norm)
        form.addRow("&Budget:", self.queries)
        form.addRow(self.own)
        form.addRow(refine_label, refinement)
        form.addRow("&Target:", self.target)
        form.addRow(mask_label, mask)
        form.addRow("Seed:", self.seed)
        self.engine.currentIndexChanged.connect(self._follow_engine)
        self.browse_mask.clicked.connect(self._ask_for_mask)
        for signal in (
            self.queries.valueChanged,
            self.norm.currentIndexChanged,
            self.refine.toggled,
            self.gradients.valueChanged,
            self.target.currentTextChanged,
            self.mask_file.textChanged,
            self.seed.valueChanged,
        ):
            signal.connect(lambda _: self.changed.emit())
        self.own.changed.connect(self.changed)
        self.own.show_variant(*offered()[0])

    def _make_norm(self) -> None:
        self.norm = QComboBox()
        self.norm.setAccessibleName("Norm of the noise to minimise")
        self.norm.setToolTip(
            "L2: Euclidean length; Linf: largest change of a value; L1: sum of all changes; L0: number of values that "
            "change"
        )
        self.norm.setMaximumWidth(260)
        for name in NORMS:
            self.norm.addItem(get_norm(name).title, name)

    def _make_refinement(self) -> QHBoxLayout:
        """Make the fields of the refinement; return them in one row."""
        self.refine = QCheckBox("then walk along the boundary, with")
        self.refine.setAccessibleName("Refine")
        self.gradients = spin("Gradients of the refinement, at most, for each image", LEAST, MOST_GRADIENTS, FULL, 10)
        self.gradients.setSuffix(" gradients each")
        self.gradients.setEnabled(False)
        self.refine.toggled.connect(self.gradients.setEnabled)
        refinement = QHBoxLayout()
        refinement.addWidget(self.refine)
        refinement.addWidget(self.gradients)
        refinement.addStretch(1)
        return refinement

    @property
    def settings(self) -> dict[str, Any]:
        """The arguments of SearchConfig."""
        engine, variant = offered()[self.engine.currentIndex()]
        gradients = self.gradients.value()
        refine = self.refine.isChecked() and (gradients == FULL or gradients)
        common = {"max_queries": self.queries.value(), "seed": self.seed.value(), "refine": refine}
        common |= {"norm": self.norm.currentData()}
        return {"engine": engine, **variant.settings, **self.own.settings, **common}

    @property
    def goal(self) -> tuple[str | None, str | None]:
        """The target class and the mask's file."""
        return self.target.currentText().strip() or None, self.mask_file.text().strip() or None

    def fill(self, values: Mapping[str, Any]) -> None:
        """Fill in values as `settings` and `goal` return them."""
        if "engine" in values:
            fits = [k for k, (engine, variant) in enumerate(offered()) if _is_variant(engine, variant, values)]
            self.engine.setCurrentIndex(fits[-1] if fits else 0)
        self.own.fill(values)
        self.queries.setValue(values.get("max_queries") or self.queries.value())
        self.norm.setCurrentIndex(max(self.norm.findData(values.get("norm")), 0))
        refine = values.get("refine", False)
        self.refine.setChecked(bool(refine))
        if not isinstance(refine, bool):
            self.gradients.setValue(refine)
        self.target.setEditText(values.get("target") or "")
        self.mask_file.setText(values.get("mask") or "")
        self.seed.setValue(values.get("seed", 0))

    def offer_classes(self, names: Sequence[str]) -> None:
        """List these as targets, keeping what was typed."""
        typed = self.target.currentText()
        self.target.clear()
        self.target.addItems(["", *names])
        self.target.setEditText(typed)

    def _ask_for_mask(self) -> None:
        ask_to_open(self, "Choose a mask, white where pixels may change", PICTURES, self.mask_file.setText)

    def _follow_engine(self, place: int) -> None:
        """Show the settings of the chosen engine, and its default budget unless another one was entered."""
        engine, variant = offered()[place]
        self.own.show_variant(engine, variant)
        if self.queries.value() in {other.max_queries for _, other in offered()}:
            self.queries.setValue(variant.max_queries)
        self.changed.emit()


def _is_variant(engine: str, variant: Variant, values: Mapping[str, Any]) -> bool:
    """Return True if settings are those of an engine's variant."""
    return engine == values["engine"] and all(values.get(key) == value for key, value in variant.settings.items())
