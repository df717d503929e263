"""Options for a user's own model: those of the command line that go with --model."""

from collections.abc import Mapping
from functools import partial
from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QCheckBox, QComboBox, QFormLayout, QHBoxLayout, QLabel, QLineEdit, QPushButton, QWidget

from tfstab.classifier.own_scale import is_own_scale
from tfstab.classifier.preprocess import ABOUT, FAMILIES
from tfstab.gui.dialogs import ask_to_open
from tfstab.gui.widgets.elided import ElidedBox
from tfstab.gui.widgets.jobs.run_settings import TOOL_TIP
from tfstab.gui.widgets.path_line import PathLine
from tfstab.gui.widgets.tips import plain

OUTPUTS: tuple[tuple[str, str | None], ...] = (
    ("detected from its layers", None),
    ("scores", "scores"),
    ("logits", "logits"),
)
OWN = "mean="  # the entry for a mean and deviation, and how a form begins that is refused until they are typed
OWN_TIP = (
    "--preprocess mean=M/std=S: mean and standard deviation in grey levels 0..255, or after unit/ of values 0..1; one "
    "number each, or three for red, green and blue"
)
NARROW = 70  # pixels of a field for one number
SHOWN = 16  # characters of the chosen preprocessing for which there is room in any case
THRESHOLD_TIP = (
    "--threshold: for one sigmoid output or two outputs, class 1, the second one, is predicted if its score is above "
    "this, such as 0.3; for a threshold t of class 0, give 1 - t"
)
TRUST_TIP = (
    "--trust: let the model's file run code. HDF5 files, SavedModel folders and Lambda layers can run any code; do "
    "this only if you trust the author of the file"
)
IMPORT_TIP = (
    "--import: names of installed modules or .py files, separated by commas. They are run when the job starts, to "
    "register custom layers of the model or degradations of your own. Type the names of such degradations in the field "
    "for degradations"
)
MODULES = "Python modules (*.py)"


class ModelSettings(QWidget):
    """Preprocessing, kind of outputs, decision threshold, trust, and modules to import."""

    changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.preprocess = ElidedBox()
        self.preprocess.setAccessibleName("Preprocessing: the form in which the model takes grey levels")
        self._offer(None, "default: its JSON file, or none", "As the JSON file beside the model says, if there is one")
        for form, about in ABOUT.items():
            self._offer(form, f"{form}: {about}", "--preprocess: for a model without a layer that scales its images")
        self._offer(OWN, "your own mean and standard deviation", OWN_TIP)
        for family, form in FAMILIES.items():
            self._offer(family, family, f"As keras.applications.{family} expects it: {ABOUT[form]}")
        self.own_scale = QLineEdit(placeholderText="mean=125.3,123,113.9/std=63,62.1,66.7")
        self.own_scale.setAccessibleName("Mean and standard deviation that the model needs")
        self.own_scale.setToolTip(plain(OWN_TIP))
        # The longest form would widen the dialog beyond a small screen; the list below the box shows it all.
        self.preprocess.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.preprocess.setMinimumContentsLength(SHOWN)
        texts = [self.preprocess.itemText(k) for k in range(self.preprocess.count())]
        longest = max(map(self.preprocess.fontMetrics().horizontalAdvance, texts))
        self.preprocess.view().setMinimumWidth(longest + NARROW)
        self.outputs = QComboBox()
        self.outputs.setAccessibleName("Outputs of the model")
        for text, value in OUTPUTS:
            self.outputs.addItem(text, value)
        self.threshold = QLineEdit(placeholderText="0.5")
        self.threshold.setMaximumWidth(NARROW)
        self.threshold.setAccessibleName("Decision threshold of a model for two classes")
        self.threshold.setToolTip(plain(THRESHOLD_TIP))
        self.trust = QCheckBox("&Trust the file")
        self.trust.setToolTip(plain(TRUST_TIP))
        self.imports = PathLine(placeholderText="Python modules with custom layers or degradations")
        self.imports.setAccessibleName("Python modules with custom layers or degradations, separated by commas")
        self.imports.setToolTip(plain(IMPORT_TIP))
        self.browse = QPushButton("Browse…", autoDefault=False)
        self.browse.setAccessibleName("Choose a module")
        self.browse.clicked.connect(partial(ask_to_open, self, "Choose a module", MODULES, self._add_module))
        self.imports.dropped.connect(self._add_module)
        self.classes = QLineEdit(placeholderText="as those of the images; name them only if their order differs")
        self.classes.setAccessibleName("Names of the model's outputs")
        self.classes.setToolTip(
            plain("--classes: names of the outputs in their order, or of some as NAME=OUTPUT, with commas")
        )
        self.classes.textChanged.connect(lambda _: self.changed.emit())
        self._arrange()
        self.preprocess.currentIndexChanged.connect(self._follow_preprocess)
        self.own_scale.textChanged.connect(lambda _: self.changed.emit())
        self.outputs.currentIndexChanged.connect(lambda _: self.changed.emit())
        self.threshold.textChanged.connect(lambda _: self.changed.emit())
        self.trust.toggled.connect(lambda _: self.changed.emit())
        self.imports.textChanged.connect(lambda _: self.changed.emit())

    @property
    def options(self) -> dict[str, Any]:
        """Options that differ from their defaults, by the names of a RunOrder's fields."""
        modules = [name.strip() for name in self.imports.text().split(",")]
        chosen = {
            "preprocess": self.own_scale.text().strip() or OWN if self._is_own_scale else self.preprocess.currentData(),
            "outputs": self.outputs.currentData(),
            "threshold": _number(self.threshold.text().strip()),
            "trust": self.trust.isChecked(),
            "imports": [name for name in modules if name],
            "classes": self.classes.text().strip(),
        }
        return {name: value for name, value in chosen.items() if value}

    def fill(self, options: Mapping[str, Any]) -> None:
        """Fill in options as `options` returns them."""
        form = options.get("preprocess")
        own = isinstance(form, str) and is_own_scale(form)
        self.own_scale.setText(form if own and form != OWN else "")
        self.preprocess.setCurrentIndex(max(self.preprocess.findData(OWN if own else form), 0))
        self.outputs.setCurrentIndex(max(self.outputs.findData(options.get("outputs")), 0))
        self.threshold.setText(str(options.get("threshold", "")))
        self.trust.setChecked(bool(options.get("trust")))
        self.imports.setText(", ".join(options.get("imports", ())))
        self.classes.setText(options.get("classes", ""))

    def _offer(self, value: str | None, text: str, about: str) -> None:
        self.preprocess.addItem(text, value)
        self.preprocess.setItemData(self.preprocess.count() - 1, plain(about), TOOL_TIP)

    @property
    def _is_own_scale(self) -> bool:
        """Whether a mean and standard deviation are typed in place of the choice of a form."""
        return bool(self.preprocess.currentData() == OWN)

    def _follow_preprocess(self) -> None:
        """Show the field for mean and standard deviation if they are to be typed."""
        self._form.setRowVisible(self.own_scale, self._is_own_scale)
        self.changed.emit()

    def _add_module(self, path: str) -> None:
        before = self.imports.text().strip().rstrip(",")
        self.imports.setText(f"{before}, {path}" if before else path)

    def _arrange(self) -> None:
        wants, code = QHBoxLayout(), QHBoxLayout()
        gives, above = QLabel("output&s:"), QLabel("t&hreshold:")
        gives.setBuddy(self.outputs)
        above.setBuddy(self.threshold)
        for part in (self.preprocess, gives, self.outputs, above, self.threshold):
            wants.addWidget(part, 1 if part is self.preprocess else 0)
        for widget in (self.trust, self.imports, self.browse):
            code.addWidget(widget, 1 if widget is self.imports else 0)
        form, wants_label = QFormLayout(self), QLabel("&Preprocessing:", alignment=Qt.AlignmentFlag.AlignVCenter)
        wants_label.setBuddy(self.preprocess)
        self._form = form
        form.setContentsMargins(0, 0, 0, 0)
        form.addRow(wants_label, wants)
        form.addRow("Mean, std:", self.own_scale)
        form.setRowVisible(self.own_scale, False)
        form.addRow("Code:", code)
        form.addRow("Cl&asses:", self.classes)


def _number(text: str) -> float | str:
    """Return a text as a number; the text itself if it is none, which the check of the options tells."""
    try:
        return float(text)
    except ValueError:
        return text
